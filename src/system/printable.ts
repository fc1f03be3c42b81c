/**
 * Text that others chose, made fit for a person's eyes: interface names, namespaces, programs and
 * users can hold nearly any byte, and a terminal obeys some of them.
 *
 * Everything that moves the cursor, changes the direction of the text or cannot be seen is written
 * as JSON writes it, `\u001b`. What is left of it stands on one line.
 */

/**
 * Controls (ISO 6429, C0 and C1), format characters (bidirectional, zero-width), lone surrogates and
 * characters for private use or not given out (UAX #44, General_Category C); those that Unicode bids
 * not to show (Default_Ignorable_Code_Point); line and paragraph separators; every blank but the
 * space.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** Most text is plain ASCII, which takes no look at the tables of Unicode. */
const PLAIN = /^[\x20-\x7e]*$/;

const SHORT: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/**
 * @returns the text on one line, with `\uXXXX` for what must not reach a terminal. JSON that is
 *   made printable reads as the same value.
 */
export function printable(text: string): string {
  return escapeUnprintable(text, escapeForJson);
}

/** @param escape writes one character, of one or two UTF-16 units */
export function escapeUnprintable(text: string, escape: (character: string) => string): string {
  return PLAIN.test(text) ? text : text.replace(UNPRINTABLE, escape);
}

/** The same for text of several lines, such as a stack. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

function escapeForJson(character: string): string {
  return SHORT[character] ?? character.split('').map(unitOf).join('');
}

function unitOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
