/** docs/counters.md lists every counter and every drop reason, in the words of the code. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { COUNTERS } from '../../../src/l2/counters';
import { DROP_REASONS } from '../../../src/l2/drop-reason';
import { REFUSAL_REASONS } from '../../../src/hosts/refusal-reason';
import { MCAST_DROPS } from '../../../src/mcast/counters';
import { STP_DROPS } from '../../../src/stp/counters';

const PAGE = readFileSync(join(__dirname, '../../../docs/counters.md'), 'utf8');

/** The cells of the table rows under a heading that begin with a name in backquotes. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = PAGE.split(`## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  const rows = body.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

test('every counter has its row, in order', () => {
  const rows = rowsUnder('Counters');
  expect(rows).toEqual(COUNTERS.map(({ name, meaning }) => [`\`${name}\``, meaning]));
});

test('every drop reason has its row, in order, with a word on what to do', () => {
  const rows = rowsUnder('Drop reasons');
  expect(rows.map((cells) => cells.slice(0, 3))).toEqual(
    DROP_REASONS.map(({ name, side, meaning }) => [`\`${name}\``, side, meaning]),
  );
  expect(rows.filter(([, , , cure = '']) => !cure.endsWith('.'))).toEqual([]);
});

test('every reason of snooping has its row, in order, with a word on what to do', () => {
  const rows = rowsUnder('Dropped by snooping');
  expect(rows.map((cells) => cells.slice(0, 2))).toEqual(
    MCAST_DROPS.map(({ name, meaning }) => [`\`${name}\``, meaning]),
  );
  expect(rows.filter(([, , cure = '']) => !cure.endsWith('.'))).toEqual([]);
});

test('every refusal has its row, in order, with a word on what to do', () => {
  const rows = rowsUnder('Denied by inspection');
  expect(rows.map((cells) => cells.slice(0, 2))).toEqual(
    REFUSAL_REASONS.map(({ name, meaning }) => [`\`${name}\``, meaning]),
  );
  expect(rows.filter(([, , cure = '']) => !cure.endsWith('.'))).toEqual([]);
});

test('every drop reason of the spanning tree has its row, in order, with a word on what to do', () => {
  const rows = rowsUnder('Denied by the spanning tree');
  expect(rows.map((cells) => cells.slice(0, 2))).toEqual(
    STP_DROPS.map(({ name, meaning }) => [`\`${name}\``, meaning]),
  );
  expect(rows.filter(([, , cure = '']) => !cure.endsWith('.'))).toEqual([]);
});
