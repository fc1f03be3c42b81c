/** Impairments of ports, for programs. */

import {
  addImpairment,
  impairmentRemoval,
  listImpairments,
  newImpairment,
  removeImpairments,
} from '../control/resources/impairments';
import type { ImpairmentBody } from '../control/shapes';
import type { Requests } from './requests';

/** Which frames of a port. */
export interface ImpairmentPlace {
  readonly port: string;
  readonly direction: 'in' | 'out';
  /** Words of tcpdump; every frame without it. */
  readonly match?: string | undefined;
  /** Only the frame of this number. */
  readonly nth?: number | undefined;
  /** Only each frame whose number is a multiple. */
  readonly every?: number | undefined;
}

export interface ImpairmentEntry extends ImpairmentPlace {
  /** Words of tc-netem: `delay 10ms 2ms loss 1%`. */
  readonly words: string;
  /** Time after which it begins: `5s`. */
  readonly at?: string | undefined;
  /** Time for which it lasts. */
  readonly for?: string | undefined;
  readonly seed?: number | undefined;
}

/** Faults that frames of ports meet: loss, delay, damage. Errors: see `Switch`. */
export class Impairments {
  constructor(private readonly requests: Requests) {}

  /** Impairments, and what they have done. */
  list(): Promise<ImpairmentBody[]> {
    return this.requests.ask(listImpairments);
  }

  /** Adds an impairment, or replaces the one of the same port, direction and frames. */
  add(impairment: ImpairmentEntry): Promise<void> {
    return this.requests.run(newImpairment, impairment, addImpairment);
  }

  /** Removes the impairments of a port that fit. */
  remove(place: Pick<ImpairmentPlace, 'port'> & Partial<ImpairmentPlace>): Promise<void> {
    return this.requests.run(impairmentRemoval.value, place, removeImpairments);
  }
}
