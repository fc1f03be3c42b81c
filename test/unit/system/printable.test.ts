import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printable, printableLines } from '../../../src/system/printable';

/** Characters that control a terminal or are invisible, by their code points. */
const HOSTILE: readonly [name: string, code: number][] = [
  ['NUL', 0x00],
  ['ESC', 0x1b],
  ['DEL', 0x7f],
  ['CSI, of 8 bits', 0x9b],
  ['no-break space', 0xa0],
  ['soft hyphen', 0xad],
  ['combining grapheme joiner', 0x34f],
  ['em space', 0x2003],
  ['zero width space', 0x200b],
  ['right-to-left mark', 0x200f],
  ['line separator', 0x2028],
  ['right-to-left override', 0x202e],
  ['right-to-left isolate', 0x2067],
  ['blank braille pattern', 0x2800],
  ['ideographic space', 0x3000],
  ['Hangul filler', 0x3164],
  ['lone surrogate', 0xd800],
  ['variation selector', 0xfe0f],
  ['byte order mark', 0xfeff],
  ['not given out', 0xffff],
];

describe('text for people', () => {
  test.each(HOSTILE)('writes %s as JSON would', (_, code) => {
    const hex = code.toString(16).padStart(4, '0');
    expect(printable(`a${String.fromCharCode(code)}b`)).toBe(`a\\u${hex}b`);
  });

  test('writes a character beyond the first plane as its two units', () => {
    expect(printable('a\u{e0041}b')).toBe('a\\udb40\\udc41b');
  });

  test.each(['tap0@red', 'größe', 'порт', '端口', '🙂', 'a "b" \\c', '\ufffd'])(
    'leaves %s as it is',
    (text) => {
      expect(printable(text)).toBe(text);
    },
  );

  test('is on one line, unless its lines are kept', () => {
    expect(printable('a\n\tb\r')).toBe('a\\n\\tb\\r');
    expect(printableLines('a\x1b\nb')).toBe('a\\u001b\nb');
  });

  test('does not change when it is made printable again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = printable(text);
        expect(once).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]*$/u);
        expect(printable(once)).toBe(once);
      }),
    );
  });

  test('that is JSON reads as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(printable(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});
