/**
 * Dice for one chance: whether something happens to a frame. With a correlation, a frame shares the fate of
 * the frame before it with that probability. So the part of the frames stays what was asked for.
 *
 * Unlike this, `get_crandom` of net/sched/sch_netem.c averages each random number with the last one. That
 * narrows the numbers, so that `loss 1% 50%` of netem loses next to nothing.
 */

import { RANDOM_RANGE, type Random } from './random';
import type { Chance } from './settings';

export class Dice {
  /** Numbers below these mean yes. */
  private readonly hit: number;
  private readonly repeat: number;
  private last: boolean;

  constructor(
    private readonly random: Random,
    { probability, correlation }: Chance,
  ) {
    this.hit = threshold(probability);
    this.repeat = threshold(correlation);
    // The frame before the first one is any frame.
    this.last = random.next() < this.hit;
  }

  throw(): boolean {
    if (this.repeat > 0 && this.random.next() < this.repeat) return this.last;
    this.last = this.random.next() < this.hit;
    return this.last;
  }
}

/** Number below which a random number falls with this probability. */
export function threshold(probability: number): number {
  return Math.round(probability * RANDOM_RANGE);
}
