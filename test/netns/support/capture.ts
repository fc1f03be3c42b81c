/** The frames that reach a host, as tcpdump sees them on its interface. */

import type { Background } from './command';
import { type Command } from './command';
import { framesOf } from './pcap';
import { until } from './until';

/** Frames of a capture: their longest length, and the size of tcpdump's buffer. */
export interface FrameSizes {
  readonly longestBytes: number;
  readonly bufferKib: number;
}

/**
 * The kernel drops a frame for which the buffer has no slot, and a slot is a power of two with room for the longest
 * frame and 100 bytes. Each buffer has room for 500 frames and more. The kernel clears the whole buffer when a
 * capture starts: 64 MiB take longer than most tests.
 */
const ETHERNET: FrameSizes = { longestBytes: 2_048, bufferKib: 4_096 };
/** Frames with offloads. */
export const SUPER_FRAMES: FrameSizes = { longestBytes: 65_600, bufferKib: 65_536 };

const OPTIONS = ['-n', '-U', '--immediate-mode'];

export class Capture {
  private constructor(private readonly tcpdump: Background) {}

  /**
   * Resolves when frames are being captured.
   * @param start starts tcpdump where the interface is
   * @param filter in the words of pcap-filter(7)
   * @param sizes sizes for the frames that may come; a longer frame is an error when the frames are read
   */
  static async start(
    start: (command: Command) => Background,
    interfaceName: string,
    filter = '',
    { longestBytes, bufferKib } = ETHERNET,
  ): Promise<Capture> {
    const tcpdump = start([
      'tcpdump',
      ...OPTIONS,
      ...['-s', `${longestBytes}`, '-B', `${bufferKib}`],
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
