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
  findOption,
} from '../wire/pcapng';

const INTERFACE_AT = 8;
const KEPT_LENGTH_AT = 20;

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

function countOption(block: Buffer, optionsAt: number, code: number): number | undefined {
  const value = findOption(block, optionsAt, code);
  return value && Number(value.readBigUInt64LE(0));
}
