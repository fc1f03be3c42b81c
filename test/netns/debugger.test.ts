/** SIGUSR1 prints the tables at any moment, and never opens Node's debugger. */

import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import type { Background, Command } from './support/command';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { SwitchProcess } from './support/switch-process';
import { parseTables } from './support/tables';
import { until } from './support/until';

const DIST = join(__dirname, '../../dist');
const SWITCH = join(DIST, 'switch.js');
const TAPCTL = join(DIST, 'tapctl.js');
/** Milliseconds from the start of a program to the signal. A start takes about 200 ms. */
const MOMENTS_MS = Array.from({ length: 9 }, (_, index) => index * 50);
/** Option in the first line of each program; contrib and `npm start` have it, too. */
const NO_DEBUGGER = '--inspect-port=[fe80::1]:0';
/** Line that Node writes to standard error for each socket of the debugger. */
const OPENED = 'Debugger listening';
/** State of a listening socket: net/ipv4/tcp_ipv4.c, TCP_LISTEN. */
const LISTEN = '0A';

/** A program that runs `script` in front of, or behind, the first lines of another. */
const nodeScript = (...script: string[]): Command => [process.execPath, '-e', script.join(';')];
const SIGNAL_ITSELF = 'process.kill(process.pid, "SIGUSR1")';

/** TCP sockets that listen in the network namespace of a process. */
function countListeners({ pid }: Background): number {
  const states = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[3]),
  );
  return states.filter((state) => state === LISTEN).length;
}

/** Sends the signal `ms` milliseconds after the process has become Node. Before that it is nsenter, then env. */
async function signalAfter(process: Background, ms: number): Promise<void> {
  const program = realpathSync(globalThis.process.execPath);
  await until(() => readlinkSync(`/proc/${process.pid}/exe`) === program, 'Node runs');
  await sleep(ms);
  process.signal('SIGUSR1');
}

describeNetns('SIGUSR1', () => {
  const lab = new Lab();
  let host: Host;
  beforeEach(async () => {
    host = await lab.host();
  });
  afterEach(() => lab.clear());

  /** A signal from before the program runs is kept for it: env(1), sigprocmask(2). */
  const heldBack = (...command: string[]): Command => [
    ...['env', '--block-signal=USR1', process.execPath, NO_DEBUGGER],
    ...command,
  ];
  const options = ['--name', 'tsw-usr1', '--control', 'none'];

  test.each(MOMENTS_MS)('at %s ms opens no debugger of a switch, which goes on', async (ms) => {
    const process = host.start(heldBack(SWITCH, ...options, INTERFACE));
    await signalAfter(process, ms);
    const running = await SwitchProcess.start(process);
    expect((await running.tables()).ports).toMatchObject([{ PORT: INTERFACE }]);
    expect(countListeners(process)).toBe(0);
    expect(process.stderr).not.toContain(OPENED);
    expect((await running.stop()).status).toBe(0);
  });

  test.each(MOMENTS_MS)('at %s ms opens no debugger of tapctl, which goes on', async (ms) => {
    const process = host.start(heldBack(TAPCTL, 'tap', 'list'));
    await signalAfter(process, ms);
    const { status, stderr } = await process.finished;
    expect(status).toBe(0);
    expect(stderr).not.toContain(OPENED);
  });

  test('behind the first line of the switch opens no debugger, and is answered', async () => {
    const argv = JSON.stringify([...options, INTERFACE]);
    const setArguments = `process.argv.push('switch.js', ...${argv})`;
    const load = `require(${JSON.stringify(SWITCH)})`;
    const process = host.start(nodeScript(setArguments, load, SIGNAL_ITSELF));
    await SwitchProcess.start(process);
    const tables = await until(() => parseTables(process.stderr), 'the tables');
    expect(tables.ports).toMatchObject([{ PORT: INTERFACE }]);
    expect(countListeners(process)).toBe(0);
    expect(process.stderr).not.toContain(OPENED);
  });

  test('in front of the first line opens a debugger that is closed', async () => {
    const argv = JSON.stringify([...options, INTERFACE]);
    const load = `require(${JSON.stringify(SWITCH)})`;
    const script = nodeScript(SIGNAL_ITSELF, `process.argv.push('switch.js', ...${argv})`, load);
    const process = host.start(script);
    await SwitchProcess.start(process);
    await until(() => countListeners(process) === 0, 'no debugger listens');
    process.signal('SIGUSR1');
    await until(() => parseTables(process.stderr), 'the tables');
    expect(countListeners(process)).toBe(0);
  });

  test('does not close a debugger that a user has requested', async () => {
    const process = host.start([
      globalThis.process.execPath,
      '--inspect=0',
      SWITCH,
      ...options,
      INTERFACE,
    ]);
    await host.ip('link set lo up');
    await SwitchProcess.start(process);
    expect(process.stderr).toContain(OPENED);
  });
});
