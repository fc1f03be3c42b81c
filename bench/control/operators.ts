/**
 * What operators do to a switch, all at once: they ask for every resource a hundred times a second,
 * add and remove a port every 100 ms, reload every second, capture, and listen to events, half of
 * them asleep. Its own work is kept small, because it takes the processor from what is measured.
 *
 *     node operators.js SOCKET '{"port": SPEC, "label": LABEL}'
 *
 * A line on standard input begins (a query for the capture, as JSON) or ends (an empty line) a turn.
 * Each is answered by a line: what was done since the line before.
 */

import { createInterface } from 'node:readline';
import { HttpConnection, listen } from './http-connection';

export interface OperatorsSetup {
  /** A port to add and remove, and what it is called. */
  port: string;
  label: string;
}

export interface OperatorsReport {
  /** Requests, by the status that they were answered with. */
  answers: Record<string, number>;
  /** How often a resource was read, and a port added and removed. */
  reads: number;
  portTurns: number;
  reloads: number;
  capturedBytes: number;
  /** CPU time that all this took here. */
  cpuMs: number;
  elapsedMs: number;
}

const RESOURCES = [
  '/v1/bridge',
  '/v1/ports',
  '/v1/fdb',
  '/v1/neighbours',
  '/v1/addresses',
  '/v1/stats',
  '/v1/config',
  '/v1/openapi.json',
  '/metrics',
];
/** One at a time would wait for the slowest answer. */
const READERS = 10;
const READ_INTERVAL_MS = 10;
const PORT_INTERVAL_MS = 100;
const RELOAD_INTERVAL_MS = 1000;
const LISTENERS = 10;

const [socketPath = '', setupText = '{}'] = process.argv.slice(2);
const setup = JSON.parse(setupText) as OperatorsSetup;

class Turn {
  private readonly ends: (() => void)[] = [];
  private readonly loops: Promise<void>[] = [];
  private readonly answers: Record<string, number> = {};
  private readonly startCpu = process.cpuUsage();
  private readonly startMs = performance.now();
  private isOver = false;
  private reads = 0;
  private portTurns = 0;
  private reloads = 0;
  private capturedBytes = 0;

  async begin(captureQuery: string): Promise<void> {
    for (let listener = 0; listener < LISTENERS; listener++) {
      const events = await listen(socketPath, '/v1/events');
      if (listener % 2 === 0) events.resume();
      this.ends.push(() => events.destroy());
    }
    const capture = await listen(socketPath, `/v1/capture${captureQuery}`);
    capture.on('data', (bytes) => (this.capturedBytes += bytes.length));
    this.ends.push(() => capture.destroy());
    for (let reader = 0; reader < READERS; reader++) {
      this.again(READ_INTERVAL_MS * READERS, async (ask) => {
        await ask('GET', RESOURCES[this.reads++ % RESOURCES.length]!);
      });
    }
    this.again(PORT_INTERVAL_MS, async (ask) => {
      await ask('POST', '/v1/ports', setup.port);
      await ask('DELETE', `/v1/ports/${encodeURIComponent(setup.label)}`);
      this.portTurns++;
    });
    this.again(RELOAD_INTERVAL_MS, async (ask) => {
      await ask('POST', '/v1/reload');
      this.reloads++;
    });
  }

  async end(): Promise<OperatorsReport> {
    this.isOver = true;
    const { user, system } = process.cpuUsage(this.startCpu);
    const { answers, reads, portTurns, reloads, capturedBytes } = this;
    const elapsedMs = performance.now() - this.startMs;
    const cpuMs = (user + system) / 1000;
    // Some sleep until their next turn.
    await Promise.all(this.loops);
    for (const end of this.ends) end();
    return { answers, reads, portTurns, reloads, capturedBytes, cpuMs, elapsedMs };
  }

  /** Does it again and again on a connection of its own, at that pace or as fast as it goes. */
  private again(intervalMs: number, work: (ask: HttpConnection['ask']) => Promise<void>): void {
    const connection = new HttpConnection(socketPath);
    const ask: HttpConnection['ask'] = async (...request) => {
      const status = await connection.ask(...request);
      this.answers[status] = (this.answers[status] ?? 0) + 1;
      return status;
    };
    const loop = async (): Promise<void> => {
      for (let nextMs = performance.now(); !this.isOver;) {
        await work(ask);
        nextMs = Math.max(nextMs + intervalMs, performance.now());
        await new Promise((resolve) => setTimeout(resolve, nextMs - performance.now()));
      }
      connection.close();
    };
    this.loops.push(loop());
  }
}

async function main(): Promise<void> {
  let turn: Turn | undefined;
  for await (const line of createInterface(process.stdin)) {
    let report: OperatorsReport | object = {};
    if (line === '') {
      report = (await turn?.end()) ?? {};
    } else {
      turn = new Turn();
      await turn.begin(JSON.parse(line) as string);
    }
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`operators: ${String(error)}\n`);
    process.exit(1);
  },
);
