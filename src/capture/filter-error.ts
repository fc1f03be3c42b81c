/** A filter that was refused. The message names the word and says what would be right. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
}
