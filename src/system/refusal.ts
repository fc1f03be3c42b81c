/** A request to the running switch that cannot be met, and that changed nothing. */

export type RefusalKind = 'not-found' | 'conflict' | 'busy';

export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly kind: RefusalKind,
    /** One sentence: what, why, and what would help. */
    message: string,
  ) {
    super(message);
  }
}
