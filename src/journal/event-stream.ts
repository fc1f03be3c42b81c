/**
 * A stream of events for one reader, as lines of JSON. A reader that is slower than the switch loses the
 * oldest events, and a line says how many. It costs the switch only a bounded queue.
 */

import { Readable } from 'node:stream';
import type { Journal } from './journal';

const QUEUE_EVENTS = 1000;
/** Bytes that Node buffers besides the queue. */
const BUFFER_BYTES = 4096;
/** Milliseconds for which events are gathered. They come in groups, and one write is cheaper than many. */
const GATHER_MS = 50;

export class EventStream extends Readable {
  private readonly queue: string[] = [];
  private lostCount = 0;
  private isWanted = false;
  private gathering: NodeJS.Timeout | undefined;
  private readonly stopListening: () => void;

  constructor(journal: Journal) {
    super({ highWaterMark: BUFFER_BYTES });
    this.stopListening = journal.listen((line) => this.offer(line));
  }

  override _read(): void {
    this.isWanted = true;
    if (this.gathering === undefined) this.hand();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.stopListening();
    clearTimeout(this.gathering);
    this.queue.length = 0;
    done(error);
  }

  private offer(line: string): void {
    if (this.queue.length === QUEUE_EVENTS) {
      this.queue.shift();
      this.lostCount++;
    }
    this.queue.push(line);
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.hand();
    }, GATHER_MS);
  }

  private hand(): void {
    while (this.isWanted && this.queue.length > 0) {
      let text = '';
      if (this.lostCount > 0) {
        text = `${JSON.stringify({ event: 'lost', lost: this.lostCount })}\n`;
        this.lostCount = 0;
      }
      while (this.queue.length > 0 && text.length < BUFFER_BYTES) text += this.queue.shift();
      this.isWanted = this.push(text);
    }
  }
}
