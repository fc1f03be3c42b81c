/** `node dist/switch.js` under test. */

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Background, Command, Finished } from './command';
import { type Row, type Tables, parseTables } from './tables';
import { until } from './until';

/** Milliseconds in which `isWarm` looks for CPU time. */
const WARM_LOOK_MS = 300;

const ROOT = join(__dirname, '../../..');
const SWITCH = join(ROOT, 'dist/switch.js');
/** Words in front of a Node command that load the addon's build with sanitizers. */
const WITH_ASAN = join(ROOT, 'scripts/with-asan.mjs');

const NANOS_PER_MS = 1e6;

/** The command line of a switch, as an array. */
export function switchCommand(...args: string[]): Command {
  return [process.execPath, SWITCH, ...args];
}

/** The command line of a switch with the addon that `npm run build:asan` makes. */
export function sanitizedSwitchCommand(...args: string[]): Command {
  return [process.execPath, WITH_ASAN, SWITCH, ...args];
}

export interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export class SwitchProcess {
  private constructor(
    readonly process: Background,
    /** Names of the ports, as in the `ready` line. */
    readonly portLabels: readonly string[],
  ) {}

  /**
   * Resolves when the switch is ready.
   * @throws Error with the switch's message, if it ends instead.
   */
  static async start(process: Background): Promise<SwitchProcess> {
    const ready = await until(
      () => {
        if (!process.isRunning) throw new Error(`the switch ended: ${process.stderr}`);
        return /^ready \S+ (.*)\n/m.exec(process.stdout)?.[1];
      },
      () => `the switch is ready: ${process.stderr}`,
    );
    return new SwitchProcess(process, ready.split(' '));
  }

  get log(): LogRecord[] {
    return this.process.stderr
      .split('\n')
      .filter((line) => /^\{.*\}$/.test(line))
      .map((line) => JSON.parse(line) as LogRecord);
  }

  /** Waits until the log has `message` for a port `count` times. */
  logged(message: string, port: string, count = 1, patienceMs?: number): Promise<LogRecord> {
    return until(
      () => this.log.filter((line) => line.message === message && line['port'] === port)[count - 1],
      () => `"${message}" of ${port} in the log: ${this.process.stderr}`,
      patienceMs,
    );
  }

  /** Tables that SIGUSR1 prints. */
  async tables(): Promise<Tables> {
    const { length } = this.process.stderr;
    this.process.signal('SIGUSR1');
    return until(() => parseTables(this.process.stderr.slice(length)), 'tables after SIGUSR1');
  }

  async port(label: string): Promise<Row> {
    const { ports } = await this.tables();
    const row = ports.find(({ PORT }) => PORT === label);
    if (row === undefined) throw new Error(`no port ${label} in ${JSON.stringify(ports)}`);
    return row;
  }

  /** The port behind which a station was learned. */
  async portOf(mac: string): Promise<string | undefined> {
    const { stations } = await this.tables();
    return stations.find(({ MAC }) => MAC === mac)?.['PORT'];
  }

  /** CPU time of the switch's threads: sched-stats, /proc/PID/task/TID/schedstat. */
  get cpuMs(): number {
    const tasks = `/proc/${this.process.pid}/task`;
    return readdirSync(tasks)
      .map((task) => readFileSync(`${tasks}/${task}/schedstat`, 'utf8'))
      .reduce((sum, stat) => sum + Number(stat.split(' ')[0]) / NANOS_PER_MS, 0);
  }

  /** Waits until the lane has warmed its code, which it does behind `ready`: until a third of a second takes next to no CPU time. */
  async isWarm(): Promise<void> {
    await until(async () => {
      const before = this.cpuMs;
      await sleep(WARM_LOOK_MS);
      return this.cpuMs - before < WARM_LOOK_MS / 10;
    }, 'the lane is warm');
  }

  /** Resident memory of the switch: proc(5), VmRSS. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Resolves when none of the switch's threads runs. */
  async pause(): Promise<void> {
    this.process.signal('SIGSTOP');
    const tasks = `/proc/${this.process.pid}/task`;
    // proc(5), stat: the state stands behind the name.
    const isStopped = (task: string): boolean =>
      /\) T /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
    await until(() => readdirSync(tasks).every(isStopped), 'every thread of the switch is stopped');
  }

  resume(): void {
    this.process.signal('SIGCONT');
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    return this.process.stop(signal);
  }
}
