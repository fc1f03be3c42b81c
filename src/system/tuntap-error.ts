/**
 * What every function of this folder throws when it cannot do what it was asked. The message is one
 * line for a person: which device, why not, and what would help.
 */

export interface TunTapErrorOptions {
  /** What the kernel was asked, where it was the kernel that refused: `TUNSETIFF`, `RTM_NEWADDR`. */
  readonly syscall?: string | undefined;
  readonly cause?: unknown;
}

export class TunTapError extends Error {
  override readonly name = 'TunTapError';
  readonly syscall: string | undefined;

  /**
   * @param code as of the system: `EBUSY` held by another program, `EEXIST` made already, `EINVAL` a
   *   wrong value, `EIO` the interface is down, `ENODEV` no such device any more, `ENOENT` no such
   *   user or namespace, `EPERM` and `EACCES` not allowed, …
   */
  constructor(
    readonly code: string,
    message: string,
    { syscall, cause }: TunTapErrorOptions = {},
  ) {
    super(message, { cause });
    this.syscall = syscall;
  }
}
