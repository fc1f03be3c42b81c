/**
 * Measures for how long a dump of the forwarding database keeps frames waiting. 100,000 entries are read
 * over and over while frames flow, and each turn of the data plane's loop is timed (time-turns.ts). The
 * measurement without dumps shows the delays of the machine itself.
 */

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { makeFolder } from '../folder';
import type { Host } from '../lab';
import { summarize } from '../stats';
import { startSending, stationsOf, teach } from '../traffic/frames';
import { OperatedSwitch } from './switch';
import { table } from './table';
import type { Spread, Took, Turns } from './time-turns';

const ENTRIES = 100_000;
const FRAMES_PER_SECOND = 100_000;
const RUN_MS = 4000;

interface Run extends Turns {
  dumps: number;
}

export async function measureDumps(repeats: number): Promise<string[]> {
  const without: Run[] = [];
  const during: Run[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    without.push(await measure(false));
    during.push(await measure(true));
  }
  const dumps = during.reduce((sum, run) => sum + run.dumps, 0);
  return table(
    ['a turn of the loop, µs', 'turns', '50 %', '99 %', '99.9 %', 'longest', 'its own at most'],
    [
      describe(
        'no dump',
        without.map(({ plain }) => plain),
      ),
      describe(
        'between the pieces of dumps',
        during.map(({ plain }) => plain),
      ),
      describe(
        `with a piece, ${dumps} dumps`,
        during.map(({ copying }) => copying),
      ),
    ],
  );
}

async function measure(hasDumps: boolean): Promise<Run> {
  const folder = makeFolder();
  const turnsFile = join(folder.path, 'turns.json');
  const preload = ['--require', join(__dirname, 'time-turns.js')];
  const running = await OperatedSwitch.start(
    { hosts: 2, ports: 2 },
    ['--fdb-max', String(2 * ENTRIES)],
    ['env', `TURNS_FILE=${turnsFile}`, process.execPath, ...preload],
  );
  const dumps = await sendFrames(running, hasDumps);
  await running.stop();
  const turns = JSON.parse(readFileSync(turnsFile, 'utf8')) as Turns;
  folder.remove();
  return { ...turns, dumps };
}

/** @returns number of complete reads of the table meanwhile */
async function sendFrames({ hosts, control }: OperatedSwitch, hasDumps: boolean): Promise<number> {
  const [from, to] = hosts as [Host, Host];
  await teach(from, to, stationsOf(from, ENTRIES));
  await teach(to, from, stationsOf(to));
  const stream = { from, source: stationsOf(from), destination: stationsOf(to) };
  const extent = { milliseconds: RUN_MS };
  const sending = startSending([{ ...stream, rate: FRAMES_PER_SECOND }], extent).output();
  let dumps = 0;
  for (const endMs = performance.now() + RUN_MS; hasDumps && performance.now() < endMs; dumps++) {
    await dump(control);
  }
  await sending;
  return dumps;
}

function dump(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/v1/fdb' }, (response) => {
      response.on('end', resolve).on('error', reject).resume();
    });
    asked.on('error', reject).end();
  });
}

/** Medians over the runs, and the longest turn of all runs by both clocks. */
function describe(title: string, runs: readonly Took[]): string[] {
  const micros = (ns: number): string => (ns / 1000).toFixed(ns < 10_000 ? 1 : 0);
  const elapsed = runs.map((took) => took.elapsed);
  const median = (key: keyof Spread): string =>
    micros(summarize(elapsed.map((spread) => spread[key])).median);
  const longest = (spreads: readonly Spread[]): string =>
    micros(Math.max(...spreads.map(({ max }) => max)));
  return [
    title,
    String(elapsed.reduce((sum, { count }) => sum + count, 0)),
    median('p50'),
    median('p99'),
    median('p999'),
    longest(elapsed),
    longest(runs.map(({ cpu }) => cpu)),
  ];
}
