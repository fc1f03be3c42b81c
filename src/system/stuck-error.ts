/**
 * Error of a switch that is held by something that nobody can end. It no longer works, and only the end of the process helps. The message
 * is one line: what, the reason, the cure.
 */

export class StuckError extends Error {
  override readonly name = 'StuckError';
}
