/** Impairments, for programs. */

import {
  addImpairment,
  impairmentRemoval,
  listImpairments,
  newImpairment,
  removeImpairments,
} from '../control/resources/impairments';
import type { ImpairmentBody } from '../control/shapes';
import type { Requests } from './requests';

/** The impairments of a port that are meant; a key that is absent means all. */
export interface ImpairmentKey {
  readonly port: string;
  /** `in`: what the port gives the switch; `out`: what the switch gives it. */
  readonly direction?: 'in' | 'out' | undefined;
  /** Words of tcpdump; every frame without it. */
  readonly match?: string | undefined;
  /** The one frame of this number, of those that match. */
  readonly nth?: number | undefined;
  /** Each frame of this number, of those that match. */
  readonly every?: number | undefined;
}

export interface ImpairmentEntry extends ImpairmentKey {
  readonly direction: 'in' | 'out';
  /** Effects in the words of tc-netem: `delay 10ms 2ms loss 1%`. */
  readonly words: string;
  /** Time after which it begins, such as `5s`. */
  readonly at?: string | undefined;
  /** Time after which it ends, such as `10s`. */
  readonly for?: string | undefined;
  /** Seed of the fates; random unless given. */
  readonly seed?: number | undefined;
}

/** Faults that frames of ports meet. Errors: see `Switch`. */
export class Impairments {
  /** @internal */
  constructor(private readonly requests: Requests) {}

  /** Impairments, and what they have done. */
  list(): Promise<ImpairmentBody[]> {
    return this.requests.ask(listImpairments);
  }

  /** Adds an impairment, or replaces the one of the same port, direction and frames. */
  add(impairment: ImpairmentEntry): Promise<void> {
    return this.requests.run(newImpairment, impairment, addImpairment);
  }

  /** Removes the impairments that are meant; the frames that they hold go on. */
  remove(key: ImpairmentKey): Promise<void> {
    return this.requests.run(impairmentRemoval.value, key, removeImpairments);
  }
}
