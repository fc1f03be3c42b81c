/** The other end of a datagram port, as a program of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from './command';
import { python } from './host';
import { until } from './until';

export class DatagramPeer {
  private output = '';
  private readonly child: ChildProcess;

  /** @param command command line of datagram_peer.py */
  private constructor([program = '', ...args]: Command) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
    });
  }

  /**
   * Resolves when the socket is bound.
   * @param own a path, or HOST:PORT
   * @param inside words in front of the command: where it runs
   */
  static async bind(
    own: string,
    to: string,
    { inside = [], isConnected = false }: { inside?: Command; isConnected?: boolean } = {},
  ): Promise<DatagramPeer> {
    const words = isConnected ? ['connected'] : [];
    const peer = new DatagramPeer([...inside, ...python('datagram_peer.py', own, to, ...words)]);
    await until(() => peer.output.includes('ready\n'), `a socket at ${own}`);
    return peer;
  }

  /** Datagrams that have come, as hex, and `error N` for each that could not be sent. */
  get received(): string[] {
    return this.output.split('\n').slice(1, -1);
  }

  send(...datagrams: string[]): void {
    for (const hex of datagrams) this.child.stdin?.write(`${hex}\n`);
  }

  /** Resolves once `frame` has come. @returns what came before it */
  async before(frame: string): Promise<string[]> {
    await until(
      () => this.received.includes(frame),
      () => `${frame.slice(0, 60)} comes after ${this.received.length} datagrams`,
    );
    return this.received.slice(0, this.received.indexOf(frame));
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}
