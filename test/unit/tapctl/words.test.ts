import { describe, expect, test } from '@jest/globals';
import { readWords } from '../../../src/tapctl/words';

const vocabulary = { keywords: ['dev', 'vlan'], flags: ['static', 'sticky'] } as const;

describe('words in the style of iproute2', () => {
  test.each([
    [[], {}],
    [['dev', 'tap0'], { dev: 'tap0' }],
    [['sticky', 'vlan', '3', 'dev', 'tap0'], { sticky: true, vlan: '3', dev: 'tap0' }],
    [['dev', 'static'], { dev: 'static' }],
  ])('%j', (words, spoken) => {
    expect(readWords(words, vocabulary)).toEqual(spoken);
  });

  test.each([
    [['dve', 'tap0'], 'dve: no such word; did you mean dev?'],
    [['tap0'], 'tap0: no such word; one of dev, vlan, static, sticky'],
    [['dev'], 'dev: needs a value behind it'],
    [['dev', 'a', 'dev', 'b'], 'dev: given twice'],
    [['static', 'static'], 'static: given twice'],
  ])('%j is refused', (words, reason) => {
    expect(() => readWords(words, vocabulary)).toThrow(reason);
  });

  test('no word is proposed where none is known', () => {
    expect(() => readWords(['foo'], { keywords: [] })).toThrow('foo: no such word; leave it out');
  });
});
