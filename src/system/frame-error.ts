/** What a program wrote to its end of a script port is no frame. The stream is destroyed by it, and the port goes. */

export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code = 'ERR_INVALID_FRAME';
}
