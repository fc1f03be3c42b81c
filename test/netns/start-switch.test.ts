/** The switch from code: `startSwitch`, as a user's program calls it. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { Lab } from './support/lab';
import { mustTapctl } from './support/tuntap';

const PACKAGE = join(__dirname, '../../dist/index.js');

/** Program that opens the ports of its command line, and prints the learned stations. */
const PROGRAM = `
const { startSwitch } = require(${JSON.stringify(PACKAGE)});
const ports = process.argv.slice(1).filter((word) => word.includes('@'));
const control = process.argv.find((word) => word.endsWith('.sock'));
startSwitch({ name: 'code', ports, ageing: 60, control }).then(async (running) => {
  console.log('ready code ' + (await running.ports.list()).map(({ port }) => port).join(' '));
  process.on('SIGTERM', async () => {
    console.log((await running.stations.list()).length + ' stations');
    await running.stop();
  });
}, (error) => {
  console.error(error.name + ': ' + error.message);
  process.exitCode = 1;
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

  test.each([
    ['process.exit', 'process.exit(3)', 3, ''],
    ['an error', `throw new Error('of the program')`, 1, 'Error: of the program'],
  ])('lets the program end by %s while frames flow', async (_, end, status, error) => {
    const program = `
      const { startSwitch } = require(${JSON.stringify(PACKAGE)});
      startSwitch({ name: 'code', ports: ['tap0'], 'log-format': 'text' }).then(() => { ${end} });
    `;
    const host = await lab.host();
    const finished = await host.run([process.execPath, '-e', program]);
    expect(finished).toMatchObject({ status, stderr: expect.stringContaining(error) });
  });

  test('serves the given control socket, and refuses a second switch there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapswitch-'));
    try {
      const [a, b] = await lab.hosts(2);
      const socket = join(folder, 'code.sock');
      const running = await lab.startSwitch(socket, a.port());
      const show = await mustTapctl(`--control ${socket} --json port show`);
      expect(JSON.parse(show)).toMatchObject([{ port: a.label }]);
      await expect(mustTapctl(`--control ${socket} reload`)).rejects.toThrow(
        /was started by a program; there is no file to read again/,
      );
      await expect(lab.startSwitch(socket, b.port())).rejects.toThrow(/StartError: .*code\.sock/);
      expect(await running.stop('SIGTERM')).toMatchObject({ status: 0 });
      expect(existsSync(socket)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
