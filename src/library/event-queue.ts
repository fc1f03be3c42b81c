/**
 * Events of a switch as an iteration. Events that come while the program is busy wait in a queue; a program that is
 * too slow loses the oldest, and hears how many.
 */

import type { EventOf } from '../journal/event-fields';
import type { Journal } from '../journal/journal';

const QUEUE_EVENTS = 1_000;

/** Stands in the place of events that a slow reader has lost. */
export interface LostEvents {
  readonly event: 'lost';
  readonly lost: number;
}

type Item = EventOf | LostEvents;

export class EventQueue implements AsyncIterableIterator<Item, void, void> {
  private readonly queue: EventOf[] = [];
  private lostCount = 0;
  private hasEnded = false;
  private readonly readers: ((result: IteratorResult<Item, void>) => void)[] = [];
  private readonly stopListening: () => void;

  /**
   * @internal
   * @param ended called once, when the iteration has ended
   */
  constructor(
    journal: Journal,
    private readonly ended: () => void,
  ) {
    this.stopListening = journal.observe((event) => this.offer(event as EventOf));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Item, void>> {
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.hasEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.readers.push(resolve));
  }

  /** Ends the iteration: `break` in a loop calls it. */
  return(): Promise<IteratorResult<Item, void>> {
    this.queue.length = 0;
    this.lostCount = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the iteration behind the events that wait. */
  end(): void {
    this.hasEnded = true;
    this.stopListening();
    this.ended();
    for (const reader of this.readers.splice(0)) reader({ done: true, value: undefined });
  }

  private take(): Item | undefined {
    const { lostCount: lost } = this;
    this.lostCount = 0;
    return lost > 0 ? { event: 'lost', lost } : this.queue.shift();
  }

  private offer(event: EventOf): void {
    const reader = this.readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: event });
      return;
    }
    if (this.queue.length === QUEUE_EVENTS) {
      this.queue.shift();
      this.lostCount++;
    }
    this.queue.push(event);
  }
}
