/**
 * A start that the system refused. The message is one line: what, the reason, the cure. Exit
 * status 1.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}
