/**
 * Error of the native addon itself: it is missing, or does not fit. Only what needs a device or a socket needs the
 * addon. The message is one line: the reason and the cure.
 */

/**
 * `ERR_ADDON_MISSING`: there is none for this machine; `ERR_ADDON_UNUSABLE`: the one there cannot be loaded, or is
 * of other sources; `ERR_UNSUPPORTED_PLATFORM`: there can be none.
 */
export type AddonErrorCode =
  'ERR_ADDON_MISSING' | 'ERR_ADDON_UNUSABLE' | 'ERR_UNSUPPORTED_PLATFORM';

export class AddonError extends Error {
  override readonly name = 'AddonError';

  constructor(
    readonly code: AddonErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
