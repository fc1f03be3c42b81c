/**
 * Writes pcapng: one section, an interface for each port, frames with nanosecond timestamps. Reads again what was
 * written here.
 *
 * Source: draft-ietf-opsawg-pcapng. Blocks are little endian, as their byte-order magic says.
 */

const LINKTYPE_ETHERNET = 1;

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION_BLOCK = 1;
export const INTERFACE_STATISTICS_BLOCK = 5;
export const ENHANCED_PACKET_BLOCK = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const VERSION_MAJOR = 1;
const VERSION_MINOR = 0;
const LENGTH_UNKNOWN = -1n;

const SHB_USERAPPL = 4;
export const IF_NAME = 2;
const IF_TSRESOL = 9;
const ISB_IFRECV = 4;
export const ISB_IFDROP = 5;
export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;

/** Value of if_tsresol for timestamps in units of 10^-9 seconds. */
const NANOSECONDS = 9;

/** Bytes of a block around its body: the type, and the length twice. */
const FRAME_BYTES = 12;
/** Bytes of an enhanced packet block in front of the frame. */
export const EPB_FIXED_BYTES = 28;
/** Bytes of an interface description block in front of its options. */
export const IDB_FIXED_BYTES = 16;
/** Bytes of an interface statistics block in front of its options. */
export const ISB_FIXED_BYTES = 20;
const EPB_FLAGS_BYTES = 4;
const OPTION_HEAD_BYTES = 4;
const COUNT_BYTES = 8;
/** Bytes of an enhanced packet block behind the frame: epb_flags, end of options, length. */
const EPB_END_BYTES = OPTION_HEAD_BYTES + EPB_FLAGS_BYTES + 4 + 4;
const EPB_LOSS_BYTES = OPTION_HEAD_BYTES + COUNT_BYTES;
/** Heads of options, code and length, as one little-endian word. */
const FLAGS_HEAD = EPB_FLAGS | (EPB_FLAGS_BYTES << 16);
const LOSS_HEAD = EPB_DROPCOUNT | (COUNT_BYTES << 16);
const WORD = 2 ** 32;

/** Bits 0 and 1 of epb_flags. In means into the switch, out means out of it. */
export const Direction = { In: 1, Out: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/** Fields of an enhanced packet block besides the frame's bytes. */
export interface PacketHead {
  /** Number of the interface in the section, from zero. */
  readonly interfaceId: number;
  readonly direction: Direction;
  /** Nanoseconds since 1970, upper and lower half. */
  readonly timeHigh: number;
  readonly timeLow: number;
  /** Length of the frame on the wire, bytes. */
  readonly lengthBytes: number;
  /** Bytes of the frame that are kept. */
  readonly keptBytes: number;
  /** Frames of this interface lost between the last written one and this one. */
  readonly lostCount: number;
}

export function sectionHeader(application: string): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  fixed.writeUInt16LE(VERSION_MAJOR, 4);
  fixed.writeUInt16LE(VERSION_MINOR, 6);
  fixed.writeBigInt64LE(LENGTH_UNKNOWN, 8);
  return block(SECTION_HEADER_BLOCK, fixed, option(SHB_USERAPPL, Buffer.from(application)));
}

/** @param snapBytes most bytes of a frame that are kept */
export function interfaceDescription(name: string, snapBytes: number): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(LINKTYPE_ETHERNET, 0);
  fixed.writeUInt32LE(snapBytes, 4);
  return block(
    INTERFACE_DESCRIPTION_BLOCK,
    fixed,
    option(IF_NAME, Buffer.from(name)),
    option(IF_TSRESOL, Buffer.from([NANOSECONDS])),
  );
}

/** @returns size of an enhanced packet block, bytes */
export function enhancedPacketBytes(keptBytes: number, lostCount: number): number {
  const lossBytes = lostCount > 0 ? EPB_LOSS_BYTES : 0;
  return EPB_FIXED_BYTES + pad(keptBytes) + lossBytes + EPB_END_BYTES;
}

/**
 * Writes an enhanced packet block and leaves room in it for the frame. A saturated port makes
 * hundreds of thousands of blocks a second, so no object is made for one.
 * @param words memory of the block, little endian
 * @param at offset of the block, bytes, a multiple of four
 * @returns offset of the frame, bytes
 */
export function writePacketHead(words: Int32Array, at: number, head: PacketHead): number {
  const { keptBytes, lostCount } = head;
  const sizeBytes = enhancedPacketBytes(keptBytes, lostCount);
  let word = at / 4;
  words[word++] = ENHANCED_PACKET_BLOCK;
  words[word++] = sizeBytes;
  words[word++] = head.interfaceId;
  words[word++] = head.timeHigh;
  words[word++] = head.timeLow;
  words[word++] = keptBytes;
  words[word++] = head.lengthBytes;
  const frameAt = 4 * word;
  word += pad(keptBytes) / 4;
  // The frame may end within this word: the rest is padding, which is zero.
  if (keptBytes > 0) words[word - 1] = 0;
  words[word++] = FLAGS_HEAD;
  words[word++] = head.direction;
  if (lostCount > 0) {
    words[word++] = LOSS_HEAD;
    words[word++] = lostCount % WORD;
    words[word++] = Math.floor(lostCount / WORD);
  }
  words[word++] = 0;
  words[word] = sizeBytes;
  return frameAt;
}

/** A block with the totals of one interface: frames captured and frames lost. */
export function interfaceStatistics(
  interfaceId: number,
  timeNs: bigint,
  receivedCount: number,
  lostCount: number,
): Buffer {
  const fixed = Buffer.alloc(12);
  fixed.writeUInt32LE(interfaceId, 0);
  writeTime(fixed, timeNs, 4);
  return block(
    INTERFACE_STATISTICS_BLOCK,
    fixed,
    option(ISB_IFRECV, count(receivedCount)),
    option(ISB_IFDROP, count(lostCount)),
  );
}

/** @param parts fixed fields and options, without the end of options */
function block(type: number, ...parts: Buffer[]): Buffer {
  const endOfOptions = Buffer.alloc(4);
  const body = Buffer.concat([...parts, endOfOptions]);
  const sizeBytes = body.length + FRAME_BYTES;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(sizeBytes, 4);
  return Buffer.concat([head, body, head.subarray(4)]);
}

function option(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

function count(value: number): Buffer {
  const bytes = Buffer.alloc(COUNT_BYTES);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** Bytes padded with zeros to a multiple of four: fields of a block are aligned. */
function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(pad(bytes.length) - bytes.length)]);
}

function pad(sizeBytes: number): number {
  return (sizeBytes + 3) & ~3;
}

/** Writes a timestamp. The upper half comes first in either byte order. */
function writeTime(into: Buffer, timeNs: bigint, at: number): void {
  into.writeUInt32LE(Number(timeNs >> 32n), at);
  into.writeUInt32LE(Number(timeNs & 0xffffffffn), at + 4);
}

/** Bytes of a block behind its options: the length again. */
const TAIL_BYTES = 4;

/**
 * @param block a whole block, as this file writes it
 * @param optionsAt offset of the first option
 * @returns value of an option, if the block has it
 */
export function findOption(block: Buffer, optionsAt: number, code: number): Buffer | undefined {
  const end = block.length - TAIL_BYTES;
  for (let at = optionsAt; at + OPTION_HEAD_BYTES <= end;) {
    const found = block.readUInt16LE(at);
    const lengthBytes = block.readUInt16LE(at + 2);
    const value = at + OPTION_HEAD_BYTES;
    if (found === 0) return undefined;
    if (found === code) return block.subarray(value, value + lengthBytes);
    at = value + pad(lengthBytes);
  }
  return undefined;
}
