/** A limit on the clients that read something expensive at the same time. */

import type { ServerResponse } from 'node:http';
import { Refusal } from '../system/refusal';

export class Limit {
  private count = 0;

  constructor(
    private readonly max: number,
    /** Name of what the clients read, for the message. */
    private readonly what: string,
  ) {}

  /** Counts a client until its answer ends. @throws Refusal where there are too many. */
  enter(answer: ServerResponse): void {
    if (this.count >= this.max) {
      throw new Refusal('busy', `${this.max} clients read the ${this.what}; try again later`);
    }
    this.count++;
    answer.once('close', () => {
      this.count--;
    });
  }
}
