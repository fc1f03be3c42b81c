/**
 * Error of a call about a TUN/TAP device, user or group. The message is one line for a person: the
 * device, the reason, and the cure.
 */

export interface TunTapErrorOptions {
  /** The kernel's call, where the kernel refused it: `TUNSETIFF`, `RTM_NEWADDR`. */
  readonly syscall?: string | undefined;
  readonly cause?: unknown;
}

export class TunTapError extends Error {
  override readonly name = 'TunTapError';
  readonly syscall: string | undefined;

  /**
   * @param code an errno's name: `EBUSY` held by another program, `EEXIST` exists already, `EINVAL`
   *   wrong value, `EIO` interface is down, `ENODEV` device is gone, `ENOENT` no such user or
   *   namespace, `EPERM` and `EACCES` not allowed, …
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
