import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type Cell,
  paintFor,
  painted,
  renderLine,
  tableLines as linesOf,
} from '../../../src/terminal/table';

function tableLines(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  paint = paintFor({}),
): string[] {
  return linesOf(head, rows).map((line) => renderLine(line, paint));
}

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

  test('without rows has only its head', () => {
    expect(tableLines(['MAC', 'PORT'], [])).toEqual(['MAC  PORT']);
  });

  test('does not count colours as width', () => {
    delete process.env['NO_COLOR'];
    const paint = paintFor({ isTTY: true });
    const [, first, second] = tableLines(
      ['STATE', 'X'],
      [
        [{ text: 'up', colour: 'green' }, 'a'],
        ['gone', 'b'],
      ],
      paint,
    );
    expect(first).toMatch(new RegExp(`^${ESCAPE}\\[32mup${ESCAPE}\\[39m {5}a$`));
    expect(second).toBe('gone   b');
  });
});

describe('text from others', () => {
  const RED = `${ESCAPE}[31m`;
  const name = `${RED}\u202etap0`;
  const shown = '\\u001b[31m\\u202etap0';

  test('sends no control sequences to a terminal, in a cell, a head or a line', () => {
    expect(
      tableLines(
        ['PORT', name],
        [
          [name, 'up'],
          ['tap1', { text: name, colour: 'red' }],
        ],
      ),
    ).toEqual([`PORT                  ${shown}`, `${shown}  up`, `tap1                  ${shown}`]);
    expect(renderLine(name)).toBe(shown);
    expect(renderLine([{ text: name, colour: 'bold' }, name])).toBe(shown + shown);
  });

  test('stays in its row', () => {
    expect(tableLines(['PORT', 'STATE'], [['a\ntap0  up', 'down']])).toEqual([
      'PORT         STATE',
      'a\\ntap0  up  down',
    ]);
  });

  test('does not affect colours', () => {
    delete process.env['NO_COLOR'];
    const line = renderLine(painted('bold', ['a', { text: name, colour: 'red' }]), (_, text) =>
      text.toUpperCase(),
    );
    expect(line).toBe(`A${shown.toUpperCase()}`);
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
