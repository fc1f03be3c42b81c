/**
 * What operators cost: a TCP stream that takes all it can get, and a thousand pings a second, while
 * operators do all they may (operators.ts), and while they do nothing, in turns. The pings are
 * paced, because a flood takes more of the processor the more the stream leaves to it.
 *
 * The operators' programs share the processors with everything else, and so does iperf3: what is
 * lost is what the switch and they take together.
 */

import { join } from 'node:path';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Child, inNetns } from '../child';
import type { Host } from '../lab';
import { threadCpuNs, stolenNs } from '../proc';
import { counterbalanced, summarize } from '../stats';
import { tcp } from '../traffic/streams';
import { undoLater } from '../undo';
import type { OperatorsReport, OperatorsSetup } from './operators';
import { OperatedSwitch, portOf } from './switch';
import { table } from './table';

const OPERATORS = join(__dirname, 'operators.js');
const STREAM_SECONDS = 2;
const PINGS_PER_SECOND = 1000;
/** Until V8 has compiled what the operators and the switch do for them. */
const WARM_UP_MS = 3000;

const MODES = [
  { title: 'nothing', capture: undefined },
  { title: 'everything, the pings captured', capture: '?filter=icmp' },
  { title: 'everything, headers captured', capture: '?snaplen=128' },
  { title: 'everything, every byte captured', capture: '' },
] as const;

type Mode = (typeof MODES)[number];

interface Reading {
  bitsPerSecond: number;
  lostPings: number;
  pings: number;
  /** Share of one CPU that the switch's first thread had, that the operators had. */
  serverShare: number;
  operatorsShare: number;
  stolenShare: number;
  operators: OperatorsReport | undefined;
}

export async function measureLoad(repeats: number): Promise<string[]> {
  const running = await OperatedSwitch.start({ hosts: 3, ports: 2 });
  const operators = new Operators(running);
  const readings = new Map<Mode, Reading[]>(MODES.map((mode) => [mode, []]));
  try {
    await operators.begin('?filter=icmp');
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    await operators.end();
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const mode of counterbalanced(MODES, repeat)) {
        readings.get(mode)!.push(await measure(running, operators, mode));
      }
    }
  } finally {
    operators.stop();
    await running.stop();
  }
  const base = readings.get(MODES[0])!;
  return table(
    ['operators do', 'Gb/s', 'of nothing', 'pings lost', 'reads/s', 'server', 'clients', 'stolen'],
    MODES.map((mode) => describe(mode, readings.get(mode)!, base)),
  );
}

async function measure(
  { hosts, pid }: OperatedSwitch,
  operators: Operators,
  { capture }: Mode,
): Promise<Reading> {
  const [from, to] = hosts as [Host, Host];
  const count = String(STREAM_SECONDS * PINGS_PER_SECOND);
  const interval = String(1 / PINGS_PER_SECOND);
  const pinging = ['ping', '-q', '-n', '-i', interval, '-c', count, to.address];
  if (capture !== undefined) await operators.begin(capture);
  const pings = new Child(inNetns(from.netns, pinging));
  const before = { ns: process.hrtime.bigint(), server: threadCpuNs(pid, pid), stolen: stolenNs() };
  const { bitsPerSecond } = await tcp([from, to], STREAM_SECONDS, 1);
  const elapsedNs = Number(process.hrtime.bigint() - before.ns);
  const serverShare = (threadCpuNs(pid, pid) - before.server) / elapsedNs;
  const stolenShare = (stolenNs() - before.stolen) / elapsedNs;
  const report = capture === undefined ? undefined : await operators.end();
  await pings.exited;
  const [, sent, received] = /^(\d+) packets transmitted, (\d+) received/m.exec(pings.stdout)!;
  return {
    bitsPerSecond,
    pings: Number(sent),
    lostPings: Number(sent) - Number(received),
    serverShare,
    operatorsShare: report === undefined ? 0 : report.cpuMs / report.elapsedMs,
    stolenShare,
    operators: report,
  };
}

/** @param base the readings of the same turns with nothing to do: the machine's pace drifts */
function describe(
  { title }: Mode,
  readings: readonly Reading[],
  base: readonly Reading[],
): string[] {
  const { median, min, max } = summarize(readings.map(({ bitsPerSecond }) => bitsPerSecond));
  const ratio = summarize(
    readings.map(({ bitsPerSecond }, turn) => bitsPerSecond / base[turn]!.bitsPerSecond),
  );
  const percent = (key: 'serverShare' | 'operatorsShare' | 'stolenShare'): string =>
    `${(100 * medianOf(readings, key)).toFixed(1)} %`;
  const sum = (key: 'lostPings' | 'pings'): number =>
    readings.reduce((total, reading) => total + reading[key], 0);
  const reads = readings.map(({ operators }) =>
    operators === undefined ? 0 : (1000 * operators.reads) / operators.elapsedMs,
  );
  return [
    title,
    `${giga(median)} (${giga(min)}–${giga(max)})`,
    `${ratio.median.toFixed(3)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`,
    `${sum('lostPings')} of ${sum('pings')}`,
    summarize(reads).median.toFixed(0),
    percent('serverShare'),
    percent('operatorsShare'),
    percent('stolenShare'),
  ];
}

const medianOf = (
  readings: readonly Reading[],
  key: 'bitsPerSecond' | 'serverShare' | 'operatorsShare' | 'stolenShare',
): number => summarize(readings.map((reading) => reading[key])).median;

const giga = (bits: number): string => (bits / 1e9).toFixed(1);

/** The operators' program, which stays, so that its start is in no turn. */
class Operators {
  private readonly process;
  private readonly lines;
  private readonly forget: () => void;

  constructor({ control, hosts }: OperatedSwitch) {
    const port = portOf(hosts[hosts.length - 1]!);
    const setup: OperatorsSetup = { port, label: port };
    this.process = spawn(process.execPath, [OPERATORS, control, JSON.stringify(setup)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface(this.process.stdout);
    this.forget = undoLater(() => this.process.kill('SIGKILL'));
  }

  async begin(captureQuery: string): Promise<void> {
    await this.say(JSON.stringify(captureQuery));
  }

  async end(): Promise<OperatorsReport> {
    return JSON.parse(await this.say('')) as OperatorsReport;
  }

  stop(): void {
    this.process.stdin.end();
    this.forget();
  }

  private async say(line: string): Promise<string> {
    this.process.stdin.write(`${line}\n`);
    const [answer] = (await once(this.lines, 'line')) as [string];
    return answer;
  }
}
