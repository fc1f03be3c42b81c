/** Plays every scenario of this folder. */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { play } from './scenario';

const files = readdirSync(__dirname).filter((file) => file.endsWith('.txt'));

test.each(files)('%s', (file) => {
  const steps = play(readFileSync(join(__dirname, file), 'utf8'));
  expect(steps.length).toBeGreaterThan(1);
  expect(steps.map(({ line, actual }) => ({ line, frames: actual }))).toEqual(
    steps.map(({ line, expected }) => ({ line, frames: expected })),
  );
});
