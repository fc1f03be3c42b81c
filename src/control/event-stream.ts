/**
 * The events for one reader, as lines of JSON. A reader that is slower than the switch loses the
 * oldest events and is told how many; it costs the switch a bounded queue and nothing else.
 */

import { Readable } from 'node:stream';
import type { Journal, SwitchEvent } from './journal';

const QUEUE_EVENTS = 1000;
/** What Node holds besides the queue. */
const BUFFER_BYTES = 4096;

export class EventStream extends Readable {
  private readonly queue: string[] = [];
  private lostCount = 0;
  private isWanted = false;
  private readonly stopListening: () => void;

  constructor(journal: Journal) {
    super({ highWaterMark: BUFFER_BYTES });
    this.stopListening = journal.listen((event) => this.offer(event));
  }

  override _read(): void {
    this.isWanted = true;
    this.hand();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.stopListening();
    this.queue.length = 0;
    done(error);
  }

  private offer(event: SwitchEvent): void {
    if (this.queue.length === QUEUE_EVENTS) {
      this.queue.shift();
      this.lostCount++;
    }
    this.queue.push(`${JSON.stringify(event)}\n`);
    this.hand();
  }

  private hand(): void {
    while (this.isWanted && this.queue.length > 0) {
      if (this.lostCount > 0) {
        const lost = { event: 'lost', lost: this.lostCount };
        this.lostCount = 0;
        this.isWanted = this.push(`${JSON.stringify(lost)}\n`);
        continue;
      }
      this.isWanted = this.push(this.queue.shift());
    }
  }
}
