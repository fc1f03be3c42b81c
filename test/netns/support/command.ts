/** Runs other programs for the tests: to their end, or in the background until they are stopped. */

import { type ChildProcess, spawn } from 'node:child_process';

export type Command = readonly string[];

export interface Finished {
  /** Exit status; null where a signal ended the program. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Text for standard input, which ends behind it. */
  readonly input?: string;
  /** Variables that are added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds in which a program must end after SIGTERM, with time to clean up. */
const GRACE_MS = 3_000;

/** A running program, and its output so far. */
export class Background {
  /** Resolves when the program has ended and its whole output is read. Rejects if it cannot start. */
  readonly finished: Promise<Finished>;
  private readonly child: ChildProcess;
  private readonly stdoutChunks: Buffer[] = [];
  private readonly stderrChunks: Buffer[] = [];
  private hasEnded = false;

  constructor(
    readonly command: Command,
    { input, env }: CommandOptions = {},
  ) {
    const [program = '', ...args] = command;
    this.child = spawn(program, args, { env: { ...process.env, ...env } });
    this.child.stdout?.on('data', (chunk: Buffer) => this.stdoutChunks.push(chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.stderrChunks.push(chunk));
    // The error is ignored: a program that ends before it has read its input fails by its status.
    this.child.stdin?.on('error', () => undefined);
    this.child.stdin?.end(input);
    this.finished = this.follow();
    // A rejection that nobody awaits must not end the tests.
    this.finished.catch(() => undefined);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.command.join(' ')} did not start`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return !this.hasEnded;
  }

  get stdoutBytes(): Buffer {
    return Buffer.concat(this.stdoutChunks);
  }

  get stdout(): string {
    return this.stdoutBytes.toString();
  }

  get stderr(): string {
    return Buffer.concat(this.stderrChunks).toString();
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) this.child.kill(signal);
  }

  /** Waits for the end with status 0. @returns its standard output. */
  async succeeded(): Promise<string> {
    const { status, signal, stdout, stderr } = await this.finished;
    if (status === 0) return stdout;
    throw new Error(`${this.command.join(' ')}: ${signal ?? `exit ${status}`}\n${stderr}${stdout}`);
  }

  /** Sends the program a signal, and waits for its end. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    this.signal(signal);
    return this.finished;
  }

  /** Kills the program and waits for its end. For cleaning up only: the status is not checked. */
  async end(): Promise<void> {
    this.signal('SIGTERM');
    const patience = setTimeout(() => this.signal('SIGKILL'), GRACE_MS);
    await this.finished.catch(() => undefined);
    clearTimeout(patience);
  }

  private follow(): Promise<Finished> {
    return new Promise((resolve, reject) => {
      this.child.on('error', (error) => {
        this.hasEnded = true;
        reject(error);
      });
      this.child.on('close', (status, signal) => {
        this.hasEnded = true;
        resolve({ status, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }
}

/** Runs a program to its end, with any status. */
export function run(command: Command, options?: CommandOptions): Promise<Finished> {
  return new Background(command, options).finished;
}

/** Runs a program that must succeed. @returns its standard output. */
export function mustRun(command: Command, options?: CommandOptions): Promise<string> {
  return new Background(command, options).succeeded();
}
