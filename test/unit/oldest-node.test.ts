/** The oldest Node for the sources: each place that names it names the same one. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const read = (...path: string[]): string => readFileSync(join(__dirname, '../..', ...path), 'utf8');

const [, major = '', minor = ''] =
  /^const OLDEST_NODE = \[(\d+), (\d+)\];$/m.exec(read('scripts', 'prepare.mjs')) ?? [];
const oldest = `${major}.${minor}`;

test('the scripts require the Node that CONTRIBUTING.md names', () => {
  expect(read('CONTRIBUTING.md')).toContain(
    `Working on the sources takes Node ${oldest} or newer.`,
  );
});

test.each(['eslint', 'jest', 'prettier', 'typescript'])('it is new enough for %s', (tool) => {
  const { engines } = JSON.parse(read('node_modules', tool, 'package.json')) as {
    engines: { node: string };
  };
  // A range such as `^20.19.0 || >=24`: the part for this major version has the least minor version.
  const least = new RegExp(`(?:\\^|>=)${major}\\.(\\d+)`).exec(engines.node)?.[1] ?? '0';
  expect(Number(minor)).toBeGreaterThanOrEqual(Number(least));
});

test('the package is tested on the oldest Node that it allows', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const [, oldestAllowed = ''] = /^>=([\d.]+)$/.exec(engines.node) ?? [];
  expect(read('scripts', 'nodes.mjs')).toContain(`@${oldestAllowed}`);
});
