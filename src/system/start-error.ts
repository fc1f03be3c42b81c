/**
 * The system refused what was asked: one line that says what, why, and what to do. Exit status 1.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}
