/**
 * Compares a TUN echo in Node with one in C. Each program sends every packet back to its sender, on one
 * CPU, while a flood on the other CPU offers more than the program can take. The result is the number
 * of packets that the interface received from the program.
 *
 *     node scripts/build.mjs typescript bench bench-programs
 *     sudo node build/bench/tun-echo.js [REPEATS]
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Child, GENERATOR_CPU, SWITCH_CPU, inNetns, ip, onCpu, run, sleep } from './child';
import { counterbalanced, summarize } from './stats';
import { undoLater, undoOnExit } from './undo';

const DEVICE = 'tun0';
const NETNS = `tun-echo-${process.pid}`;
const C_PROGRAM = join(__dirname, 'tun-echo');
const NODE_PROGRAM = join(__dirname, '../../bench/tun-echo.mjs');
/** Packet size: IPv4, UDP and 18 bytes, which make 60 bytes with an Ethernet header. */
const PACKET_BYTES = 46;
/** Milliseconds of warm-up, in which V8 compiles the hot functions. */
const WARM_UP_MS = 1000;
const TRIAL_MS = 3000;
const DEFAULT_REPEATS = 5;

const ECHOES = [
  { name: 'C, bursts of 64', command: [C_PROGRAM, 'echo', DEVICE] },
  { name: 'Node, readBurst and writeBurst', command: node('bursts') },
  { name: 'Node, for await and write', command: node('packets') },
] as const;

type Echo = (typeof ECHOES)[number];

async function main(): Promise<void> {
  undoOnExit();
  const repeats = Number(process.argv[2] ?? DEFAULT_REPEATS);
  const rates = new Map<Echo, number[]>(ECHOES.map((echo) => [echo, []]));
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const echo of counterbalanced(ECHOES, repeat)) {
      rates.get(echo)?.push(await measure(echo));
    }
  }
  const reference = summarize(rates.get(ECHOES[0])!).median;
  for (const [{ name }, readings] of rates) {
    const { median, min, max } = summarize(readings);
    const ratio = (median / reference).toFixed(2);
    process.stdout.write(
      `${name.padEnd(32)} ${mega(median)} M packets/s (${mega(min)}–${mega(max)}), ${ratio} of C\n`,
    );
  }
}

/** @returns packets per second */
async function measure({ command }: Echo): Promise<number> {
  await run(['ip', 'netns', 'add', NETNS]);
  const remove = (): void => void execFileSync('ip', ['netns', 'delete', NETNS]);
  const forget = undoLater(remove);
  const echo = new Child(inNetns(NETNS, onCpu(SWITCH_CPU, command)));
  try {
    await echo.untilPrinted(/ready/);
    await ip([`address add 198.18.0.1/24 dev ${DEVICE}`, `link set ${DEVICE} up`], NETNS);
    await flood(WARM_UP_MS);
    const before = await receivedPackets();
    await flood(TRIAL_MS);
    return ((await receivedPackets()) - before) / (TRIAL_MS / 1000);
  } finally {
    await echo.stop();
    remove();
    forget();
  }
}

async function flood(milliseconds: number): Promise<void> {
  const command = [C_PROGRAM, 'flood', DEVICE, String(milliseconds), String(PACKET_BYTES)];
  await run(inNetns(NETNS, onCpu(GENERATOR_CPU, command)));
  // Packets that are still in the queue are echoed at once.
  await sleep(20);
}

async function receivedPackets(): Promise<number> {
  const text = await run(['ip', '-n', NETNS, '-s', '-j', 'link', 'show', DEVICE]);
  const [link] = JSON.parse(text) as { stats64: { rx: { packets: number } } }[];
  return link?.stats64.rx.packets ?? 0;
}

function node(mode: string): readonly string[] {
  return [process.execPath, NODE_PROGRAM, mode, DEVICE];
}

function mega(rate: number): string {
  return (rate / 1e6).toFixed(3);
}

main().catch((error: unknown) => {
  process.stderr.write(`tun-echo: ${String(error)}\n`);
  process.exit(1);
});
