/** Frames that were recorded at ports, with their times, and as a pcapng file. */

import {
  Direction,
  enhancedPacketBytes,
  interfaceDescription,
  sectionHeader,
  writePacketHead,
} from '../wire/pcapng';

export interface RecordedFrame {
  /** Nanoseconds since 1970, or since the start of a manual clock. */
  readonly timeNs: bigint;
  /** Name of the port, or of the interface. */
  readonly port: string;
  /** `in`: into the switch. Absent where a file does not say. */
  readonly direction?: 'in' | 'out';
  readonly bytes: Uint8Array;
}

/** Frames of a network, from the moment when the recording began. */
export class Recording {
  readonly frames: RecordedFrame[] = [];

  /** @param onStop called once, when the recording ends */
  constructor(private readonly onStop: (recording: Recording) => void) {}

  /** Ends the recording. Its frames stay. */
  stop(): void {
    this.onStop(this);
  }

  /** The frames so far as a pcapng file. */
  toPcapng(): Uint8Array {
    return toPcapng(this.frames);
  }
}

const SNAP_BYTES = 0x40000;

/** A pcapng file with an interface for each port, in the order in which they occur. */
export function toPcapng(frames: readonly RecordedFrame[]): Uint8Array {
  const ports = [...new Set(frames.map(({ port }) => port))];
  return Buffer.concat([
    sectionHeader('tapswitch/testing'),
    ...ports.map((port) => interfaceDescription(port, SNAP_BYTES)),
    ...frames.map((frame) => packetBlock(frame, ports.indexOf(frame.port))),
  ]);
}

function packetBlock({ bytes, direction, timeNs }: RecordedFrame, interfaceId: number): Uint8Array {
  const words = new Int32Array(enhancedPacketBytes(bytes.length, 0) / 4);
  const at = writePacketHead(words, 0, {
    interfaceId,
    direction: direction === 'out' ? Direction.Out : Direction.In,
    timeHigh: Number(timeNs >> 32n),
    timeLow: Number(timeNs & 0xffffffffn),
    lengthBytes: bytes.length,
    keptBytes: bytes.length,
    lostCount: 0,
  });
  const block = new Uint8Array(words.buffer);
  block.set(bytes, at);
  return block;
}
