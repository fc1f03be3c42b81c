/**
 * Counts the frames of a pcapng stream, and those that the switch says were lost. The loss behind the last
 * frame is in the statistics of the interfaces, which stand only at the end of a stream that is complete.
 */

import {
  ENHANCED_PACKET_BLOCK,
  EPB_DROPCOUNT,
  EPB_FIXED_BYTES,
  INTERFACE_STATISTICS_BLOCK,
  ISB_FIXED_BYTES,
  ISB_IFDROP,
} from '../wire/pcapng';

const INTERFACE_AT = 8;
const KEPT_LENGTH_AT = 20;
const OPTION_HEAD_BYTES = 4;
/** Bytes of a block behind its options: the length again. */
const TAIL_BYTES = 4;

export class CaptureTally {
  frames = 0;
  /** Frames that were lost, by the number of their interface. */
  private readonly lostAt = new Map<number, number>();

  get lost(): number {
    let sum = 0;
    for (const lost of this.lostAt.values()) sum += lost;
    return sum;
  }

  /** @param block a whole block, little endian, as the switch writes it */
  add(block: Buffer): void {
    switch (block.readUInt32LE(0)) {
      case ENHANCED_PACKET_BLOCK: {
        this.frames++;
        const keptBytes = block.readUInt32LE(KEPT_LENGTH_AT);
        const lost = countOption(block, EPB_FIXED_BYTES + ((keptBytes + 3) & ~3), EPB_DROPCOUNT);
        if (lost !== undefined) this.setLost(block, this.lostOf(block) + lost);
        break;
      }
      case INTERFACE_STATISTICS_BLOCK:
        this.setLost(block, countOption(block, ISB_FIXED_BYTES, ISB_IFDROP) ?? this.lostOf(block));
        break;
      default:
    }
  }

  private lostOf(block: Buffer): number {
    return this.lostAt.get(block.readUInt32LE(INTERFACE_AT)) ?? 0;
  }

  private setLost(block: Buffer, lost: number): void {
    this.lostAt.set(block.readUInt32LE(INTERFACE_AT), lost);
  }
}

/**
 * @param optionsAt offset of the first option
 * @returns value of a 64-bit option, if the block has it
 */
function countOption(block: Buffer, optionsAt: number, code: number): number | undefined {
  const end = block.length - TAIL_BYTES;
  for (let at = optionsAt; at + OPTION_HEAD_BYTES <= end;) {
    const found = block.readUInt16LE(at);
    if (found === 0) return undefined;
    if (found === code) return Number(block.readBigUInt64LE(at + OPTION_HEAD_BYTES));
    at += OPTION_HEAD_BYTES + ((block.readUInt16LE(at + 2) + 3) & ~3);
  }
  return undefined;
}
