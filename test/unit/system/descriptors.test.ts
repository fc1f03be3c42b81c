import { describe, expect, test } from '@jest/globals';
import { descriptorsExhausted } from '../../../src/system/descriptors';

describe('descriptorsExhausted', () => {
  test.each([
    ['by code', Object.assign(new Error('accept'), { code: 'EMFILE' }), 'EMFILE'],
    ['by code, of the system', Object.assign(new Error('open'), { code: 'ENFILE' }), 'ENFILE'],
    ['by the words of dlopen', new Error('x.node: cannot open: Too many open files'), 'EMFILE'],
    ['by its cause', new Error('no', { cause: new Error('Too many open files') }), 'EMFILE'],
    ['by the words of a thread', new Error("EMFILE: too many open files, open 'a.js'"), 'EMFILE'],
  ])('tells what to do: %s', (_, error, code) => {
    expect(descriptorsExhausted(error)).toBe(
      `no file descriptor is left (${code}); raise the limit: ulimit -n`,
    );
  });

  test('returns nothing for other errors and other values', () => {
    const others = [Object.assign(new Error('no'), { code: 'EPERM' }), new Error('no'), 'text', 7];
    expect(others.map(descriptorsExhausted)).toEqual(others.map(() => undefined));
  });
});
