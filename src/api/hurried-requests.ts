/**
 * A request that comes after a pause runs at the priority of the data plane: a person waits for it. Below it, the first
 * command on a busy switch, which loads the API, takes seconds. Programs that ask all the time, streams and long
 * answers run below the data plane.
 */

import type { EventEmitter } from 'node:events';
import { hurry } from '../system/priority';

/** Milliseconds without a request after which the next one is hurried. */
const PAUSE_MS = 100;
/** Milliseconds for which a request is hurried at most. */
const HURRY_MS = 2_000;

export class HurriedRequests {
  /** Time of the last beginning or end of a request, as `performance.now`. */
  private latestMs = -Infinity;
  private hurried = 0;

  /** @param set gives the thread the priority of the data plane, or takes it back; false where it may not */
  constructor(private readonly set: (isHurried: boolean) => boolean = hurry) {}

  /** A request begins. @param answer emits `close` at its end */
  begin(answer: EventEmitter): void {
    const isAfterPause = this.touch() >= PAUSE_MS;
    answer.once('close', () => this.touch());
    if (!isAfterPause || (this.hurried === 0 && !this.set(true))) return;
    this.hurried++;
    const end = (): void => {
      clearTimeout(limit);
      answer.off('close', end);
      if (--this.hurried === 0) this.set(false);
    };
    const limit = setTimeout(end, HURRY_MS).unref();
    answer.once('close', end);
  }

  /** @returns milliseconds since the last time */
  private touch(): number {
    const [beforeMs, nowMs] = [this.latestMs, performance.now()];
    this.latestMs = nowMs;
    return nowMs - beforeMs;
  }
}
