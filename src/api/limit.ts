/** A limit on the clients that read something expensive at the same time. */

import type { ServerResponse } from 'node:http';
import { RequestError } from '../system/request-error';

export class Limit {
  private count = 0;

  constructor(
    private readonly max: number,
    /** Name of what the clients read, for the message. */
    private readonly what: string,
  ) {}

  /** Counts a client until its answer is over. @throws RequestError where there are too many. */
  enter(answer: ServerResponse): void {
    if (this.count >= this.max) {
      throw new RequestError('busy', `${this.max} clients read the ${this.what}; try again later`);
    }
    this.count++;
    answer.once('close', () => {
      this.count--;
    });
  }
}
