/**
 * A start that the system refused. The message is one line: what, the reason, the cure. Exit
 * status 1.
 */

/** `ERR_REFUSED`: the system refuses; `ERR_SWITCH_EXISTS`: a switch of the same name runs. */
export type StartErrorCode = 'ERR_REFUSED' | 'ERR_SWITCH_EXISTS';

export interface StartErrorOptions extends ErrorOptions {
  readonly code?: StartErrorCode;
}

export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: StartErrorCode;

  constructor(message: string, { code = 'ERR_REFUSED', ...options }: StartErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
