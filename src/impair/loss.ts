/**
 * Loss: whether a frame is lost, by one of three models.
 *
 * Source: `loss_event`, `loss_gilb_ell` and `loss_4state` in net/sched/sch_netem.c; S. Salsano and others,
 * "Definition of a general and intuitive loss model for packet networks" (2012), which those follow.
 */

import { Dice, threshold } from './dice';
import type { Random } from './random';
import type { LossModel } from './settings';

export interface Loss {
  /** Decides for the next frame. */
  isLost(): boolean;
}

export function lossBy(model: LossModel, random: Random): Loss {
  switch (model.kind) {
    case 'random': {
      const dice = new Dice(random, model);
      return { isLost: () => dice.throw() };
    }
    case 'gemodel':
      return new GilbertElliott(model, random);
    case 'state':
      return new FourStates(model, random);
  }
}

type ModelOf<K extends LossModel['kind']> = Extract<LossModel, { readonly kind: K }>;

/** A line that is good for a while, then bad for a while. It is good at first. */
class GilbertElliott implements Loss {
  private isBad = false;
  private readonly toBad: number;
  private readonly toGood: number;
  private readonly lossInBad: number;
  private readonly lossInGood: number;

  constructor(
    model: ModelOf<'gemodel'>,
    private readonly random: Random,
  ) {
    this.toBad = threshold(model.toBad);
    this.toGood = threshold(model.toGood);
    this.lossInBad = threshold(model.lossInBad);
    this.lossInGood = threshold(model.lossInGood);
  }

  isLost(): boolean {
    const { isBad, random } = this;
    // The state before the change decides, as in the kernel.
    if (random.next() < (isBad ? this.toGood : this.toBad)) this.isBad = !isBad;
    return random.next() < (isBad ? this.lossInBad : this.lossInGood);
  }
}

const IN_GAP = 1;
const IN_BURST = 2;
const LOST_IN_BURST = 3;
const LOST_ALONE = 4;

class FourStates implements Loss {
  private state = IN_GAP;
  private readonly p13: number;
  private readonly p31: number;
  private readonly p32: number;
  private readonly p23: number;
  private readonly p14: number;

  constructor(
    model: ModelOf<'state'>,
    private readonly random: Random,
  ) {
    this.p13 = threshold(model.p13);
    this.p31 = threshold(model.p31);
    this.p32 = threshold(model.p32);
    this.p23 = threshold(model.p23);
    this.p14 = threshold(model.p14);
  }

  isLost(): boolean {
    this.state = this.next(this.random.next());
    return this.state >= LOST_IN_BURST;
  }

  private next(number: number): number {
    switch (this.state) {
      case IN_GAP:
        if (number < this.p14) return LOST_ALONE;
        return number < this.p14 + this.p13 ? LOST_IN_BURST : IN_GAP;
      case IN_BURST:
        return number < this.p23 ? LOST_IN_BURST : IN_BURST;
      case LOST_IN_BURST:
        if (number < this.p32) return IN_BURST;
        return number < this.p32 + this.p31 ? IN_GAP : LOST_IN_BURST;
      default:
        return IN_GAP;
    }
  }
}
