/** Runs changes that must not overlap: each begins when the one before it has ended. */

import { RequestError } from '../system/request-error';

export class Serial {
  private last: Promise<unknown> = Promise.resolve();
  private count = 0;

  /** @param max maximum number of changes that run or wait; a further one is refused */
  constructor(private readonly max: number) {}

  /** @throws RequestError if too many changes are waiting, and the errors of the change itself. */
  async run<T>(change: () => T | Promise<T>): Promise<T> {
    if (this.count >= this.max) {
      throw new RequestError('busy', `${this.max} changes are under way or wait; try again later`);
    }
    this.count++;
    const result = this.last.then(change).finally(() => this.count--);
    this.last = result.catch(() => undefined);
    return result;
  }
}
