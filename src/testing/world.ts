/**
 * The switches that are linked to each other, with one time. Frames travel at once: nothing is under way
 * when a call returns.
 */

import type { MemoryIo } from './memory-port';

/** Most rounds of frames that one frame may cause: a loop without spanning tree ends here. */
const ROUNDS_MAX = 10_000;

export class World {
  private readonly members: MemoryIo[];
  /** The world that this one has become part of. */
  private successor: World | undefined = undefined;
  /** Whether a switch is at work. */
  private isBusy = false;
  /** What was sent meanwhile, which waits for its turn. */
  private readonly waiting: (() => void)[] = [];

  constructor(io: MemoryIo) {
    this.members = [io];
  }

  get nowMs(): number {
    return (this.whole.members[0] as MemoryIo).clock.nowMs;
  }

  /** Takes over the switches of another world. @throws RangeError where its time is another */
  absorb(other: World): void {
    const mine = this.whole;
    const others = other.whole;
    if (others === mine) return;
    if (others.nowMs !== mine.nowMs) {
      throw new RangeError(`cannot link a switch at ${others.nowMs} ms to one at ${mine.nowMs} ms`);
    }
    mine.members.push(...others.members);
    others.successor = mine;
  }

  /**
   * Lets something be sent, and forwards until no frame is under way.
   * @param send enqueues frames at ports
   */
  send(send: () => void): void {
    const { whole } = this;
    whole.waiting.push(send);
    whole.settle();
  }

  /** Advances the time of all switches, in the steps that their timers ask for. */
  advance(byMs: number): void {
    const { members } = this.whole;
    const endMs = this.nowMs + byMs;
    while (this.nowMs < endMs) {
      const stepMs = Math.min(endMs - this.nowMs, ...members.map((io) => io.stepMs));
      this.whole.work(() => members.forEach((io) => io.step(stepMs)));
      this.whole.settle();
    }
  }

  /** Advances the time until a condition holds. @returns whether it does within that time */
  advanceUntil(holds: () => boolean, withinMs: number): boolean {
    const endMs = this.nowMs + withinMs;
    while (!holds()) {
      if (this.nowMs >= endMs) return false;
      this.advance(Math.min(1, endMs - this.nowMs));
    }
    return true;
  }

  /** @throws Error where frames go round for ever */
  private settle(): void {
    if (this.isBusy) return;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      for (const send of this.waiting.splice(0)) send();
      const pending = this.members.filter((io) => io.hasPending);
      if (pending.length === 0) return;
      this.work(() => pending.forEach((io) => io.runBurst()));
    }
    throw new Error(`frames go round in a loop: ${ROUNDS_MAX} rounds`);
  }

  private work(task: () => void): void {
    this.isBusy = true;
    try {
      task();
    } finally {
      this.isBusy = false;
    }
  }

  private get whole(): World {
    return this.successor === undefined ? this : this.successor.whole;
  }
}
