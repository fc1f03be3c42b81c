/** What the programs load. Each bundle that a start does not load saves ten milliseconds and more. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { run } from './support/command';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';

const DIST = join(__dirname, '../../dist');
const PRELOAD = join(__dirname, 'support/note_loads.cjs');

interface Load {
  readonly thread: 'main' | 'lane';
  readonly bundle?: string;
  readonly isBytecodeTaken?: boolean;
  readonly file?: string;
}

const folder = mkdtempSync(join(tmpdir(), 'tapswitch-bundles-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** A program of `dist` that notes what it loads, and a function that reads the notes. */
function noting(program: string) {
  const notes = join(folder, `${++count}`);
  const command = ['env', `LOADS=${notes}`, process.execPath, '--require', PRELOAD] as const;
  const loads = (): Load[] =>
    readFileSync(notes, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Load);
  return { command: [...command, join(DIST, program)] as const, loads };
}

/** Names of the bundles that a thread has loaded, in order. Each must have come from its bytecode. */
function bundlesOf(loads: readonly Load[], thread: Load['thread']): string[] {
  const ofThread = loads.filter((load) => load.thread === thread && load.bundle !== undefined);
  expect(ofThread.filter(({ isBytecodeTaken }) => isBytecodeTaken !== true)).toEqual([]);
  return ofThread.map(({ bundle = '' }) => relative(join(DIST, 'bundles'), bundle));
}

/** Files that Node has loaded into the main thread, beside the bundles. */
function filesOf(loads: readonly Load[]): string[] {
  const files = loads.flatMap(({ thread, file }) => (thread === 'main' && file ? [file] : []));
  return files.map((file) => relative(DIST, file)).filter((file) => !file.endsWith('.cjs'));
}

describeNetns('what a program loads', () => {
  const noted = noting('switch.js');
  const lab = new Lab((...args) => [...noted.command, ...args]);
  afterEach(() => lab.clear());

  test('a switch loads its code, its log and the code of its lane, from bytecode', async () => {
    const [host] = await lab.hosts(1);
    const started = await lab.startSwitch('--control', 'none', host.port());
    expect(await started.stop()).toMatchObject({ status: 0 });
    const { loads } = noted;
    expect(bundlesOf(loads(), 'main')).toEqual(['run-switch.js', 'pino.js']);
    expect(bundlesOf(loads(), 'lane')).toEqual(['run-lane.js']);
    expect(filesOf(loads())).toEqual([
      'switch.js',
      'sigusr1.js',
      'early-signals.js',
      'system/descriptors.js',
      'system/bundle.js',
      'system/v8-flags.js',
      'dataplane/thread.js',
      '../build/Release/tapswitch.node',
    ]);
  });

  // The lane has set V8's flags by then: bytecode that was written without them would be refused.
  test('what is loaded while frames flow comes from bytecode, too', async () => {
    const [host] = await lab.hosts(1);
    const control = join(folder, 'control.sock');
    const started = await lab.startSwitch('--control', control, host.port());
    expect(await new Tapctl(control).run('port')).toMatchObject({ status: 0, stderr: '' });
    expect(await started.stop()).toMatchObject({ status: 0 });
    expect(bundlesOf(noted.loads(), 'main')).toContain('fastify.js');
  });

  test('the bridge is loaded into the main thread with the first trace, from bytecode', async () => {
    const [host] = await lab.hosts(1);
    const control = join(folder, 'trace.sock');
    const started = await lab.startSwitch('--control', control, host.port());
    const tapctl = new Tapctl(control);
    expect(await tapctl.run('port')).toMatchObject({ status: 0 });
    const before = bundlesOf(noted.loads(), 'main');
    const traced = await tapctl.run(`trace ${host.label} ffffffffffff02000000000188b5`);
    expect(traced).toMatchObject({ status: 0, stderr: '' });
    expect(bundlesOf(noted.loads(), 'main')).toEqual([...before, 'run-trace.js']);
    expect(before).not.toContain('run-trace.js');
    expect(await started.stop()).toMatchObject({ status: 0 });
  });

  test('tapctl loads its own code alone', async () => {
    const { command, loads } = noting('tapctl.js');
    expect(await run([...command, '--version'])).toMatchObject({ status: 0 });
    expect(bundlesOf(loads(), 'main')).toEqual(['run-tapctl.js']);
    expect(filesOf(loads())).toEqual([
      'tapctl.js',
      'sigusr1.js',
      'early-signals.js',
      'system/bundle.js',
      'system/v8-flags.js',
    ]);
  });

  test('a program compiles its code where V8 has other flags than those of the bytecode', async () => {
    const { command, loads } = noting('tapctl.js');
    const [env, ...words] = command;
    const withFlag = [
      env,
      'NODE_OPTIONS=--stack-trace-limit=11 --max-old-space-size=300',
      ...words,
    ];
    expect(await run([...withFlag, '--version'])).toMatchObject({ status: 0, stderr: '' });
    expect(loads()).toContainEqual({
      thread: 'main',
      bundle: join(DIST, 'bundles/run-tapctl.js'),
      isBytecodeTaken: false,
    });
  });
});
