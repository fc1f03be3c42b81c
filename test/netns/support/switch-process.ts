/** `node dist/switch.js` under test. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Background, Command, Finished } from './command';
import { type Row, type Tables, parseTables } from './tables';
import { until } from './until';

const ROOT = join(__dirname, '../../..');
const SWITCH = join(ROOT, 'dist/switch.js');
/** Puts the addon's build with sanitizers under whatever Node program follows. */
const WITH_ASAN = join(ROOT, 'scripts/with-asan.mjs');

/** utime and stime in what follows the program's name in /proc/PID/stat, in clock ticks: proc(5) */
const UTIME_FIELD = 11;
const STIME_FIELD = 12;
const TICK_MS = 10;

/** The command line of a switch, as an array. */
export function switchCommand(...args: string[]): Command {
  return [process.execPath, SWITCH, ...args];
}

/** The same, with the addon that `npm run build:asan` makes. */
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
    /** As in the `ready` line. */
    readonly portLabels: readonly string[],
  ) {}

  /**
   * Resolves when the switch is ready.
   * @throws Error with what it complained of, if it ends instead.
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

  /** Waits until the log says `message` of a port for the `count`th time. */
  logged(message: string, port: string, count = 1, patienceMs?: number): Promise<LogRecord> {
    return until(
      () => this.log.filter((line) => line.message === message && line['port'] === port)[count - 1],
      () => `"${message}" of ${port} in the log: ${this.process.stderr}`,
      patienceMs,
    );
  }

  /** What SIGUSR1 prints. */
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

  /** What it has used of the processors, all threads. */
  get cpuMs(): number {
    const stat = readFileSync(`/proc/${this.process.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[UTIME_FIELD]) + Number(fields[STIME_FIELD])) * TICK_MS;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    return this.process.stop(signal);
  }
}
