/** The frames that reach a host, as tcpdump sees them on its interface. */

import type { Background } from './command';
import { type Command } from './command';
import { framesOf } from './pcap';
import { until } from './until';

/**
 * Size of tcpdump's buffer, KiB: room for a thousand frames of the longest kind of a TAP. The kernel
 * drops a frame for which it has no slot.
 */
const LONGEST_FRAME_BYTES = '65600';
const BUFFER_KIB = '65536';
const OPTIONS = ['-n', '-U', '--immediate-mode', '-B', BUFFER_KIB, '-s', LONGEST_FRAME_BYTES];

export class Capture {
  private constructor(private readonly tcpdump: Background) {}

  /**
   * Resolves when frames are being captured.
   * @param start starts tcpdump where the interface is
   * @param filter in the words of pcap-filter(7)
   */
  static async start(
    start: (command: Command) => Background,
    interfaceName: string,
    filter = '',
  ): Promise<Capture> {
    const tcpdump = start([
      'tcpdump',
      ...OPTIONS,
      ...['-i', interfaceName, '-Q', 'in', '-w', '-'],
      filter,
    ]);
    await until(
      () => {
        if (!tcpdump.isRunning) throw new Error(`tcpdump: ${tcpdump.stderr}`);
        return tcpdump.stderr.includes('listening on');
      },
      () => `tcpdump listens: ${tcpdump.stderr}`,
    );
    return new Capture(tcpdump);
  }

  /** Frames captured so far, oldest first, as hex. */
  get frames(): string[] {
    return framesOf(this.tcpdump.stdoutBytes);
  }

  /** Resolves once `frame` is captured. */
  async has(frame: string): Promise<void> {
    await until(
      () => this.frames.includes(frame),
      () => `${frame} arrives after ${this.frames.length} frames`,
    );
  }

  /** Ends the capture once `frame` is captured. @returns the frames before it. */
  async before(frame: string): Promise<string[]> {
    await this.has(frame);
    await this.stop();
    return this.frames.slice(0, this.frames.indexOf(frame));
  }

  async stop(): Promise<void> {
    await this.tcpdump.stop('SIGINT');
  }
}
