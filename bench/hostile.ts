/**
 * The effect of a hostile port on two other ports: their round trips while the third port broadcasts
 * super-frames (super-flood.c), and after it has stopped. Each row is one shape of super-frame and one
 * number of ports without offloads.
 *
 *     node scripts/build.mjs addon typescript bench bench-programs
 *     sudo node build/bench/hostile.js [DIST-FOLDER]
 */

import { join, resolve } from 'node:path';
import { Child, inNetns, onCpu, run, GENERATOR_CPU, SWITCH_CPU, sleep } from './child';
import { table } from './control/table';
import { makeFolder } from './folder';
import { dressHosts, makeSite, removeSite, type Host } from './lab';
import { undoOnExit } from './undo';

const FLOOD = join(__dirname, 'super-flood');
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const FLOOD_MS = 5_000;
/** Milliseconds from the start of the flood until the queue is full. */
const FILL_MS = 300;
const PINGS = 300;
const PINGS_AFTER = 50;
const INTERVAL_S = '0.01';

interface Shape {
  /** Ports without offloads; the flooder's own takes them. */
  readonly ports: number;
  readonly frameBytes: number;
  readonly gsoSize: number;
}

const SHAPES: readonly Shape[] = [
  // Dropped: 1,873 segments for each port.
  { ports: 7, frameBytes: 60_000, gsoSize: 32 },
  { ports: 31, frameBytes: 60_000, gsoSize: 32 },
  // The allowed maximum.
  { ports: 7, frameBytes: 60_000, gsoSize: 850 },
  { ports: 31, frameBytes: 60_000, gsoSize: 950 },
  // Plain frames.
  { ports: 200, frameBytes: 60, gsoSize: 1460 },
];

/** Milliseconds. */
async function roundTrips(from: Host, to: Host, count: number): Promise<string> {
  const ping = ['ping', '-n', '-i', INTERVAL_S, '-c', String(count), to.address];
  const report = await run(inNetns(from.netns, onCpu(GENERATOR_CPU, ping)));
  const times = [...report.matchAll(/ time=([\d.]+) ms$/gm)].map(([, time]) => Number(time));
  times.sort((a, b) => a - b);
  const at = (share: number): string =>
    (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN).toFixed(2);
  return `${at(0.5)} / ${at(0.99)}`;
}

async function measure(dist: string, shape: Shape): Promise<string[]> {
  const site = await makeSite({ ports: shape.ports + 1, mtu: 1500 });
  const folder = makeFolder();
  const [flooder, from, to] = site.hosts as [Host, Host, Host, ...Host[]];
  const ports = site.hosts.map(
    (host) => `${host.device}@${host.netns}${host === flooder ? '' : ',offload=off'}`,
  );
  const options = ['--name', site.name, '--control', join(folder.path, 'control.sock')];
  const command = [process.execPath, join(dist, 'switch.js'), ...options, ...ports];
  const child = new Child(onCpu(SWITCH_CPU, command));
  try {
    await child.untilPrinted(/^ready/m);
    await dressHosts(site);
    const alone = await roundTrips(from, to, PINGS_AFTER);
    const sizes = [shape.frameBytes, shape.gsoSize, FLOOD_MS].map(String);
    const flood = [FLOOD, flooder.device, flooder.mac, BROADCAST, ...sizes];
    const flooding = run(inNetns(flooder.netns, onCpu(GENERATOR_CPU, flood)));
    await sleep(FILL_MS);
    const during = await roundTrips(from, to, PINGS);
    await flooding;
    const after = await roundTrips(from, to, PINGS_AFTER);
    const { ports: count, frameBytes, gsoSize } = shape;
    return [String(count), String(frameBytes), String(gsoSize), alone, during, after];
  } finally {
    await child.stop();
    await removeSite(site);
    folder.remove();
  }
}

async function main(): Promise<void> {
  undoOnExit();
  const dist = resolve(process.argv[2] ?? join(__dirname, '../../dist'));
  const head = ['ports', 'frame', 'gso_size', 'alone p50 / p99', 'beside the flood', 'after it'];
  const rows: string[][] = [];
  for (const shape of SHAPES) rows.push(await measure(dist, shape));
  process.stdout.write(`${table(head, rows).join('\n')}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`hostile: ${String(error)}\n`);
    process.exit(1);
  },
);
