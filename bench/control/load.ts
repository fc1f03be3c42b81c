/**
 * The cost of operators. A TCP stream runs as fast as it can, beside a thousand pings a second. Within
 * one stream, turns in which operators do everything at once (bench/operators.c) alternate with turns in
 * which they do nothing. The pings are paced, because a flood would take the processor time that the
 * stream leaves.
 *
 * The operators' programs and iperf3 share the processors with the switch. So the loss of throughput is
 * the cost of the switch and these programs together.
 */

import { join } from 'node:path';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Child, inNetns, sleep } from '../child';
import { receivedBytes, type Host } from '../lab';
import { threadCpuNs, stolenNs } from '../proc';
import { counterbalanced, summarize } from '../stats';
import { undoLater } from '../undo';
import { OperatedSwitch, portOf } from './switch';
import { table } from './table';

const OPERATORS = join(__dirname, '..', 'operators');
const TURN_MS = 1000;
/** Milliseconds between two turns, until the stream has its new pace. */
const SETTLE_MS = 100;
const PINGS_PER_SECOND = 1000;
/** Milliseconds of warm-up, until V8 has compiled the code of the switch and of the operators. */
const WARM_UP_MS = 3000;

const MODES = [
  { title: 'everything, the pings captured', capture: '?filter=icmp' },
  { title: 'everything, headers captured', capture: '?snaplen=128' },
  { title: 'everything, every byte captured', capture: '' },
] as const;

type Mode = (typeof MODES)[number];
/** Turns of one stream: two of each mode, each between two turns without operators. */
const TURNS = 4 * MODES.length + 1;

/** Report of `operators` about a turn. */
interface OperatorsReport {
  /** Number of reads of resources. */
  reads: number;
  /** CPU time of the program itself. */
  cpuMs: number;
  elapsedMs: number;
}

/** One turn. */
interface Reading {
  bitsPerSecond: number;
  /** Share of one CPU that the switch's first thread had. */
  serverShare: number;
  stolenShare: number;
  operators: OperatorsReport | undefined;
}

/** A turn with operators, between two without. */
interface Comparison {
  alone: readonly [Reading, Reading];
  operated: Reading;
}

/** @param repeats number of streams, each with two turns of each mode */
export async function measureLoad(repeats: number): Promise<string[]> {
  const running = await OperatedSwitch.start({ hosts: 3, ports: 2 });
  const operators = new Operators(running);
  const comparisons = new Map<Mode, Comparison[]>(MODES.map((mode) => [mode, []]));
  const pings = { sent: 0, lost: 0 };
  try {
    await operators.begin('?filter=icmp');
    await sleep(WARM_UP_MS);
    await operators.end();
    for (let repeat = 0; repeat < repeats; repeat++) {
      const modes = counterbalanced([...MODES, ...MODES], repeat);
      const counted = await withTraffic(running.hosts, async () => {
        let alone = await takeTurn(running, operators);
        for (const mode of modes) {
          const operated = await takeTurn(running, operators, mode);
          const after = await takeTurn(running, operators);
          comparisons.get(mode)!.push({ alone: [alone, after], operated });
          alone = after;
        }
      });
      pings.sent += counted.sent;
      pings.lost += counted.lost;
    }
  } finally {
    operators.stop();
    await running.stop();
  }
  return [
    ...table(
      ['operators do', 'Gb/s', 'without', 'of that', 'reads/s', 'server', 'clients', 'stolen'],
      MODES.map((mode) => describe(mode, comparisons.get(mode)!)),
    ),
    `pings lost: ${pings.lost} of ${pings.sent}`,
  ];
}

/** Runs the stream and the pings between the first two hosts. @returns result of the pings */
async function withTraffic(
  hosts: readonly Host[],
  work: () => Promise<void>,
): Promise<{ sent: number; lost: number }> {
  const [from, to] = hosts as [Host, Host];
  const server = new Child(inNetns(to.netns, ['iperf3', '--server', '--forceflush']));
  await server.untilPrinted(/listening/);
  const seconds = Math.ceil((TURNS * (TURN_MS + 2 * SETTLE_MS)) / 1000);
  const iperf3 = ['iperf3', '--client', to.address, '--time', String(2 * seconds)];
  const client = new Child(inNetns(from.netns, iperf3));
  const interval = String(1 / PINGS_PER_SECOND);
  const count = String(seconds * PINGS_PER_SECOND);
  const ping = ['ping', '-q', '-n', '-i', interval, '-c', count, to.address];
  const pings = new Child(inNetns(from.netns, ping));
  try {
    await sleep(SETTLE_MS);
    await work();
    await pings.exited;
    await client.stillRuns();
    const [, sent, received] = /^(\d+) packets transmitted, (\d+) received/m.exec(pings.stdout)!;
    return { sent: Number(sent), lost: Number(sent) - Number(received) };
  } finally {
    for (const child of [client, server, pings]) await child.stop();
  }
}

async function takeTurn(
  { hosts, pid }: OperatedSwitch,
  operators: Operators,
  mode?: Mode,
): Promise<Reading> {
  const to = hosts[1]!;
  if (mode !== undefined) await operators.begin(mode.capture);
  await sleep(SETTLE_MS);
  const look = () => ({
    ns: process.hrtime.bigint(),
    bytes: receivedBytes(to),
    server: threadCpuNs(pid, pid),
    stolen: stolenNs(),
  });
  const before = look();
  await sleep(TURN_MS);
  const after = look();
  const elapsedNs = Number(after.ns - before.ns);
  return {
    bitsPerSecond: (8e9 * (after.bytes - before.bytes)) / elapsedNs,
    serverShare: (after.server - before.server) / elapsedNs,
    stolenShare: (after.stolen - before.stolen) / elapsedNs,
    operators: mode === undefined ? undefined : await operators.end(),
  };
}

function describe({ title }: Mode, comparisons: readonly Comparison[]): string[] {
  const operated = comparisons.map((comparison) => comparison.operated);
  const reports = operated.map(({ operators }) => operators!);
  const without = comparisons.map(({ alone }) =>
    meanOf(alone.map(({ bitsPerSecond }) => bitsPerSecond)),
  );
  const median = (readings: readonly number[]): number => summarize(readings).median;
  const percent = (shares: readonly number[]): string => `${(100 * median(shares)).toFixed(1)} %`;
  const { ratio, error } = ratioOfSums(
    operated.map(({ bitsPerSecond }) => bitsPerSecond),
    without,
  );
  return [
    title,
    (meanOf(operated.map(({ bitsPerSecond }) => bitsPerSecond)) / 1e9).toFixed(1),
    (meanOf(without) / 1e9).toFixed(1),
    `${ratio.toFixed(3)} ± ${error.toFixed(3)}`,
    median(reports.map(({ reads, elapsedMs }) => (1000 * reads) / elapsedMs)).toFixed(0),
    percent(operated.map(({ serverShare }) => serverShare)),
    percent(reports.map(({ cpuMs, elapsedMs }) => cpuMs / elapsedMs)),
    percent(operated.map(({ stolenShare }) => stolenShare)),
  ];
}

const meanOf = (readings: readonly number[]): number =>
  readings.reduce((sum, reading) => sum + reading, 0) / readings.length;

/**
 * Ratio of the bytes moved in all turns with operators to the bytes in all turns without, and its
 * standard error. A median of the turns' own ratios would be no better: single turns differ by a tenth.
 */
function ratioOfSums(
  readings: readonly number[],
  others: readonly number[],
): { ratio: number; error: number } {
  const ratio = meanOf(readings) / meanOf(others);
  const offs = readings.map((reading, turn) => (reading - ratio * others[turn]!) / meanOf(others));
  const variance = offs.reduce((sum, off) => sum + off * off, 0) / (offs.length - 1);
  return { ratio, error: Math.sqrt(variance / offs.length) };
}

/** The operators' program. It runs through all turns, so that its start is in none of them. */
class Operators {
  private readonly process;
  private readonly lines;
  private readonly forget: () => void;
  private readonly ended: Promise<never>;

  constructor({ control, hosts }: OperatedSwitch) {
    const port = portOf(hosts[hosts.length - 1]!);
    const address = `/v1/ports/${encodeURIComponent(port)}`;
    this.process = spawn(OPERATORS, [control, JSON.stringify(port), address], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface(this.process.stdout);
    this.forget = undoLater(() => this.process.kill('SIGKILL'));
    this.ended = once(this.process, 'exit').then(() => {
      throw new Error('the operators have ended');
    });
    this.ended.catch(() => undefined);
  }

  async begin(captureQuery: string): Promise<void> {
    await this.say(`+${captureQuery}`);
  }

  async end(): Promise<OperatorsReport> {
    return JSON.parse(await this.say('-')) as OperatorsReport;
  }

  stop(): void {
    this.process.stdin.end();
    this.forget();
  }

  private async say(line: string): Promise<string> {
    this.process.stdin.write(`${line}\n`);
    const [answer] = (await Promise.race([once(this.lines, 'line'), this.ended])) as [string];
    return answer;
  }
}
