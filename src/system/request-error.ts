/** A request that the running switch refused. The request changed nothing. */

export type RequestErrorKind = 'not-found' | 'conflict' | 'busy' | 'stopped';

/** Codes by kind. Two frequent reasons have codes of their own. */
export type RequestErrorCode =
  | 'ERR_NOT_FOUND'
  | 'ERR_NO_SUCH_PORT'
  | 'ERR_CONFLICT'
  | 'ERR_PORT_EXISTS'
  | 'ERR_BUSY'
  | 'ERR_SWITCH_STOPPED';

const CODES: Readonly<Record<RequestErrorKind, RequestErrorCode>> = {
  'not-found': 'ERR_NOT_FOUND',
  conflict: 'ERR_CONFLICT',
  busy: 'ERR_BUSY',
  stopped: 'ERR_SWITCH_STOPPED',
};

export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly kind: RequestErrorKind,
    /** One sentence: what, why, and what would help. */
    message: string,
    readonly code: RequestErrorCode = CODES[kind],
  ) {
    super(message);
  }
}
