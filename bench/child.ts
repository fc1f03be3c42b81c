/**
 * Programs that the bench starts. Each ends with the bench at the latest.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { undoLater } from './undo';

export { sleep };

export type Command = readonly string[];

/** CPUs of the generator and of the switch. */
export const GENERATOR_CPU = 0;
export const SWITCH_CPU = 1;

const OUTPUT_LIMIT_BYTES = 1 << 20;
const READY_PATIENCE_MS = 10_000;
const STOP_PATIENCE_MS = 3000;

/** `command` in a network namespace. `ip netns exec` becomes the command: the process id stays. */
export const inNetns = (netns: string, command: Command): Command => [
  ...['ip', 'netns', 'exec', netns],
  ...command,
];

/** `command` on one CPU. `taskset` becomes the command, too. */
export const onCpu = (cpu: number, command: Command): Command => [
  ...['taskset', '--cpu-list', String(cpu)],
  ...command,
];

export class Child {
  /** Last megabyte of the output. */
  stdout = '';
  stderr = '';
  /** Resolves to the exit status, or null if a signal ended it. */
  readonly exited: Promise<number | null>;
  private readonly process: ChildProcess;
  private hasExited = false;

  constructor(
    private readonly command: Command,
    options: { input?: string; inputStaysOpen?: boolean } = {},
  ) {
    const [program, ...args] = command;
    const child = spawn(program!, args, { stdio: 'pipe' });
    this.process = child;
    const forget = undoLater(() => child.kill('SIGKILL'));
    child.stdout.on('data', (data) => (this.stdout = keepTail(this.stdout + String(data))));
    child.stderr.on('data', (data) => (this.stderr = keepTail(this.stderr + String(data))));
    // Ignores the error: a program that ends before it has read its input fails by its status.
    child.stdin.on('error', () => undefined);
    child.stdin.write(options.input ?? '');
    if (!options.inputStaysOpen) child.stdin.end();
    this.exited = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const end = (): void => {
      this.hasExited = true;
      forget();
    };
    this.exited.then(end, end);
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`${this.command[0]} did not start`);
    return this.process.pid;
  }

  /** Resolves when standard output matches; if the program takes too long, ends it and rejects. */
  async untilPrinted(pattern: RegExp): Promise<void> {
    for (const start = Date.now(); !pattern.test(this.stdout); await this.stillRuns()) {
      if (Date.now() - start < READY_PATIENCE_MS) continue;
      await this.stop();
      throw this.failure('was not ready in time');
    }
  }

  /** Resolves after a millisecond; rejects if the program has ended. */
  async stillRuns(): Promise<void> {
    if (this.hasExited) throw this.failure('ended before it was ready');
    await sleep(1);
  }

  /** Waits for the end of the program; resolves to its output if the status is 0. */
  async output(): Promise<string> {
    const status = await this.exited;
    if (status !== 0) throw this.failure(`ended with ${status ?? 'a signal'}`);
    return this.stdout;
  }

  /** Sends SIGTERM, then SIGKILL if the program does not end. */
  async stop(): Promise<void> {
    if (this.hasExited) return;
    this.process.kill('SIGTERM');
    const patience = setTimeout(() => this.process.kill('SIGKILL'), STOP_PATIENCE_MS);
    await this.exited;
    clearTimeout(patience);
  }

  private failure(what: string): Error {
    const lines = (this.stderr.trim() || this.stdout.trim()).split('\n');
    const said = lines.find((line) => /error/i.test(line)) ?? lines[lines.length - 1]!;
    return new Error(`'${this.command.join(' ')}' ${what}: ${said}`);
  }
}

/** Runs a command to its end and returns its standard output. Throws if it fails. */
export function run(command: Command, options: { input?: string } = {}): Promise<string> {
  return new Child(command, options).output();
}

/** Runs several `ip` commands, one a line, in one process. */
export function ip(lines: readonly string[], netns?: string): Promise<string> {
  const where = netns === undefined ? [] : ['-n', netns];
  return run(['ip', ...where, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

function keepTail(text: string): string {
  return text.length > OUTPUT_LIMIT_BYTES ? text.slice(-OUTPUT_LIMIT_BYTES) : text;
}
