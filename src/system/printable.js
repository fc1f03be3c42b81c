"use strict";
/**
 * Text from outside, made safe to print. Names of interfaces, namespaces, programs and users can hold
 * nearly any byte, and a terminal acts on some of them.
 *
 * Characters that move the cursor, change the direction of the text or cannot be seen are written as
 * JSON escapes, such as `\u001b`. The result is one line.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.printable = printable;
exports.escapeUnprintable = escapeUnprintable;
exports.printableLines = printableLines;
/**
 * Controls (ISO 6429, C0 and C1), format characters (bidirectional, zero-width), lone surrogates and
 * characters for private use or unassigned (UAX #44, General_Category C); characters that are
 * invisible by default (Default_Ignorable_Code_Point); line and paragraph separators; every blank
 * except the space.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;
/** Plain ASCII. Most text is, and needs no search through the tables of Unicode. */
const PLAIN = /^[\x20-\x7e]*$/;
const SHORT = {
    '\b': '\\b',
    '\t': '\\t',
    '\n': '\\n',
    '\f': '\\f',
    '\r': '\\r',
};
/**
 * @returns the text on one line, with `\uXXXX` for each character that must not reach a terminal.
 *   JSON that is made printable parses to the same value.
 */
function printable(text) {
    return escapeUnprintable(text, escapeForJson);
}
/** @param escape writes one character, of one or two UTF-16 units */
function escapeUnprintable(text, escape) {
    return PLAIN.test(text) ? text : text.replace(UNPRINTABLE, escape);
}
/** `printable` for each line of a text, such as a stack trace. */
function printableLines(text) {
    return text.split('\n').map(printable).join('\n');
}
function escapeForJson(character) {
    return SHORT[character] ?? character.split('').map(unitOf).join('');
}
function unitOf(unit) {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
