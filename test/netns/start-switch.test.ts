/** The switch from code: `startSwitch`, as a user's program calls it. */

import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { Lab } from './support/lab';

const PACKAGE = join(__dirname, '../../dist/index.js');

/** Program that opens the ports of its command line, and prints the learned stations. */
const PROGRAM = `
const { startSwitch } = require(${JSON.stringify(PACKAGE)});
const ports = process.argv.slice(1).filter((word) => word.includes('@'));
startSwitch({ name: 'code', ports, ageingMs: 60_000 }).then((running) => {
  console.log('ready code ' + running.ports.all.map(({ label }) => label).join(' '));
  process.on('SIGTERM', async () => {
    console.log((await running.stations()).length + ' stations');
    await running.stop();
  });
});
`;

describeNetns('startSwitch', () => {
  const lab = new Lab((...args) => [process.execPath, '-e', PROGRAM, '--', ...args]);
  afterEach(() => lab.clear());

  test('forwards between hosts, and lets the program end when it is stopped', async () => {
    const [a, b] = await lab.hosts(2);
    const running = await lab.connect([a, b]);
    expect(await a.reaches(b.ipv4)).toBe(true);
    const { status, stdout } = await running.stop('SIGTERM');
    expect(stdout).toMatch(/\n2 stations\n$/);
    expect(status).toBe(0);
  });
});
