/** A request that the running switch refused. The request changed nothing. */

export type RequestErrorKind = 'not-found' | 'conflict' | 'busy';

export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly kind: RequestErrorKind,
    /** One sentence: what, why, and what would help. */
    message: string,
  ) {
    super(message);
  }
}
