/** Reads the frames of a capture out of the pcapng stream that the switch writes. */

import {
  Direction,
  ENHANCED_PACKET_BLOCK,
  EPB_DROPCOUNT,
  EPB_FIXED_BYTES,
  EPB_FLAGS,
  IDB_FIXED_BYTES,
  IF_NAME,
  INTERFACE_DESCRIPTION_BLOCK,
  findOption,
} from '../wire/pcapng';
import { splitBlocks } from './whole-blocks';

export interface CapturedFrame {
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** Label of the port. */
  readonly port: string;
  /** `in`: the switch received the frame; `out`: it sent the frame. */
  readonly direction: 'in' | 'out';
  /** The frame, or its first bytes where `snaplen` is shorter. */
  readonly bytes: Buffer;
  /** Length of the frame on the wire, bytes. */
  readonly length: number;
  /** Frames of this port that were lost since the one before, because the reader is too slow. */
  readonly lost: number;
}

const INTERFACE_AT = 8;
const TIME_HIGH_AT = 12;
const TIME_LOW_AT = 16;
const KEPT_LENGTH_AT = 20;
const LENGTH_AT = 24;

export class CapturedFrames {
  private held: Buffer = Buffer.alloc(0);
  /** Labels of the ports by the number of their interface. */
  private readonly ports: string[] = [];

  /** @param bytes the next bytes of the stream, cut anywhere */
  *add(bytes: Buffer): Generator<CapturedFrame, void, void> {
    const { blocks, rest } = splitBlocks(Buffer.concat([this.held, bytes]));
    this.held = rest;
    for (const block of blocks) {
      const type = block.readUInt32LE(0);
      if (type === INTERFACE_DESCRIPTION_BLOCK) {
        this.ports.push(findOption(block, IDB_FIXED_BYTES, IF_NAME)?.toString() ?? '');
      }
      if (type === ENHANCED_PACKET_BLOCK) yield this.frameOf(block);
    }
  }

  private frameOf(block: Buffer): CapturedFrame {
    const keptBytes = block.readUInt32LE(KEPT_LENGTH_AT);
    const end = EPB_FIXED_BYTES + keptBytes;
    const optionsAt = EPB_FIXED_BYTES + ((keptBytes + 3) & ~3);
    const flags = findOption(block, optionsAt, EPB_FLAGS)?.readUInt32LE(0);
    const lost = findOption(block, optionsAt, EPB_DROPCOUNT)?.readBigUInt64LE(0);
    const high = BigInt(block.readUInt32LE(TIME_HIGH_AT));
    return {
      timeNs: (high << 32n) | BigInt(block.readUInt32LE(TIME_LOW_AT)),
      port: this.ports[block.readUInt32LE(INTERFACE_AT)] ?? '',
      direction: flags === Direction.Out ? 'out' : 'in',
      bytes: block.subarray(EPB_FIXED_BYTES, end),
      length: block.readUInt32LE(LENGTH_AT),
      lost: Number(lost ?? 0n),
    };
  }
}
