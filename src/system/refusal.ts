/** A request that the running switch refused. The request changed nothing. */

export type RefusalKind = 'not-found' | 'conflict' | 'busy';

export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly kind: RefusalKind,
    /** One sentence: what was refused, the reason, and the cure. */
    message: string,
  ) {
    super(message);
  }
}
