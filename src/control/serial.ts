/** Changes that must not overlap: each begins when the one before it has ended. */

export class Serial {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(change: () => T | Promise<T>): Promise<T> {
    const result = this.last.then(change);
    this.last = result.catch(() => undefined);
    return result;
  }
}
