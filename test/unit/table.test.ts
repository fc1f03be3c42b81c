import { afterEach, describe, expect, test } from '@jest/globals';
import { paintFor, tableLines } from '../../src/terminal/table';

const ESCAPE = String.fromCharCode(0x1b);
const noColour = process.env['NO_COLOR'];

afterEach(() => {
  if (noColour === undefined) delete process.env['NO_COLOR'];
  else process.env['NO_COLOR'] = noColour;
});

describe('a table', () => {
  test('has text on the left and numbers on the right of their columns', () => {
    expect(
      tableLines(
        ['PORT', 'MTU', 'STATE'],
        [
          ['tap0', 1500, 'up'],
          ['eth0@red', 68, 'down'],
        ],
      ),
    ).toEqual([
      'PORT       MTU  STATE', //
      'tap0      1500  up',
      'eth0@red    68  down',
    ]);
  });

  test('without rows is its head', () => {
    expect(tableLines(['MAC', 'PORT'], [])).toEqual(['MAC  PORT']);
  });

  test('does not count colours as width', () => {
    delete process.env['NO_COLOR'];
    const paint = paintFor({ isTTY: true });
    const [, first, second] = tableLines(
      ['STATE', 'X'],
      [
        [paint('green', 'up'), 'a'],
        ['gone', 'b'],
      ],
    );
    expect(first).toMatch(new RegExp(`^${ESCAPE}\\[32mup${ESCAPE}\\[39m {5}a$`));
    expect(second).toBe('gone   b');
  });
});

describe('colours', () => {
  test.each([
    ['a pipe', { isTTY: false }, undefined],
    ['a file', {}, undefined],
    ['a terminal whose user wants none', { isTTY: true }, '1'],
  ])('are not for %s', (_, output, wish) => {
    delete process.env['NO_COLOR'];
    if (wish !== undefined) process.env['NO_COLOR'] = wish;
    expect(paintFor(output)('red', 'gone')).toBe('gone');
  });
});
