/** An answer that is expensive to make, shared by all who ask at the same time. */

export class Shared<T> {
  private running: Promise<T> | undefined;
  private next: Promise<T> | undefined;

  constructor(private readonly make: () => Promise<T>) {}

  /**
   * Makes an answer, or shares the next one. No answer was begun before the call. At most one answer is made
   * at a time; all calls in the meantime share the one after it.
   */
  get(): Promise<T> {
    if (this.running === undefined) return this.start();
    this.next ??= this.running.then(
      () => this.startNext(),
      () => this.startNext(),
    );
    return this.next;
  }

  private startNext(): Promise<T> {
    this.next = undefined;
    return this.start();
  }

  private start(): Promise<T> {
    const running = this.make().finally(() => {
      if (this.running === running) this.running = undefined;
    });
    this.running = running;
    return running;
  }
}
