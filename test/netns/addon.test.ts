/**
 * The addon's own tests (`test/addon`), built with the address and undefined-behaviour sanitizers: how ports
 * of each kind read and write, which share of a burst each has, and when to spin. A case is a process of its
 * own, which some of them put into a network namespace of its own.
 */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { mustRun, run } from './support/command';

const SOURCES = join(__dirname, '../addon');
const PROGRAM = join(__dirname, '../../build-asan/addon-tests');
const CASE = /^CASE\(\w+,\s*"(?<name>[^"]+)"\)/gm;

const names = readdirSync(SOURCES).flatMap((file) =>
  [...readFileSync(join(SOURCES, file), 'utf8').matchAll(CASE)].map(
    ({ groups }) => groups?.['name'] as string,
  ),
);

describeNetns('in the addon', () => {
  test('every case is found', async () => {
    const listed = await mustRun([PROGRAM]);
    expect([...names].sort()).toEqual(listed.trim().split('\n').sort());
  });

  test.each(names)('%s', async (name) => {
    expect(await run([PROGRAM, name])).toMatchObject({ status: 0, stderr: '' });
  });
});
