/** Programs that use the built package, each in a process of its own. */

import { join } from 'node:path';
import { type Finished, run } from './command';

const DIST = join(__dirname, '../../../dist');

/** What each program has: the package, frames to send, and ways to print and to wait. */
const PRELUDE = `
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Duplex, PassThrough } from 'node:stream';
import * as tapswitch from '${join(DIST, 'index.js')}';
import { decode, frame, readCapture } from '${join(DIST, 'testing/index.js')}';
const { startSwitch } = tapswitch;

/** A frame between stations, by their numbers; to all unless there is a second one. */
const macOf = (station) => '02:00:00:00:00:' + station.toString(16).padStart(2, '0');
const between = (from, to, payload = new Uint8Array(46)) => Buffer.from(frame.ethernet({
  from: macOf(from), to: to === undefined ? 'ff:ff:ff:ff:ff:ff' : macOf(to), type: 0x88b5, payload,
}));
const print = (value) => console.log(JSON.stringify(value));
/** The error of a call: its class, its code and its message. */
const failure = async (call) => {
  try { await call(); } catch ({ name, code, message, errors }) { return { name, code, message, ...(errors && { errors }) }; }
  return 'no failure';
};
const until = async (holds) => { while (!(await holds())) await sleep(5); };
/** Frames of a stream, as they come. */
const collect = (stream) => { const frames = []; stream.on('data', (one) => frames.push(one)); return frames; };
/** A switch with these script ports and no others, and the program's ends of them. */
const scripted = async (names, options = {}) => {
  const ports = names.map((name) => 'script:' + name);
  const running = await startSwitch({ ports, 'loop-guard': false, ...options });
  return [running, ...await Promise.all(ports.map((port) => running.ports.stream(port)))];
};
`;

/** Runs a program to its end. @param body its statements, behind the prelude */
export function runProgram(body: string): Promise<Finished> {
  return run([process.execPath, '--input-type=module', '--eval', PRELUDE + body]);
}

/** Runs a program that must succeed. @returns the values that it has printed, one a line */
export async function valuesOf(body: string): Promise<unknown[]> {
  const { status, stdout, stderr } = await runProgram(body);
  if (status !== 0 || stderr !== '') throw new Error(`the program failed: ${stderr}${stdout}`);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as unknown);
}
