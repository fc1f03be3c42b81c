/**
 * Writes pcapng: one section, an interface for each port, frames with nanosecond stamps.
 *
 * Source: draft-ietf-opsawg-pcapng. Blocks are little endian, as their byte-order magic says.
 */

/** LINKTYPE_ETHERNET. */
const LINKTYPE_ETHERNET = 1;

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const INTERFACE_STATISTICS_BLOCK = 5;
const ENHANCED_PACKET_BLOCK = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const VERSION_MAJOR = 1;
const VERSION_MINOR = 0;
const LENGTH_UNKNOWN = -1n;

const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const ISB_IFRECV = 4;
const ISB_IFDROP = 5;
const EPB_FLAGS = 2;
const EPB_DROPCOUNT = 4;

/** 10^-9 seconds. */
const NANOSECONDS = 9;

/** Type and two times the length. */
const FRAME_BYTES = 12;
/** Of an enhanced packet block: everything in front of the frame. */
const EPB_FIXED_BYTES = 28;
const EPB_FLAGS_BYTES = 4;
const OPTION_HEAD_BYTES = 4;
const COUNT_BYTES = 8;
/** Of an enhanced packet block: epb_flags, the end of the options, the length again. */
const EPB_END_BYTES = OPTION_HEAD_BYTES + EPB_FLAGS_BYTES + 4 + 4;
const EPB_LOSS_BYTES = OPTION_HEAD_BYTES + COUNT_BYTES;
/** Heads of options as they stand in one little endian word: code and length. */
const FLAGS_HEAD = EPB_FLAGS | (EPB_FLAGS_BYTES << 16);
const LOSS_HEAD = EPB_DROPCOUNT | (COUNT_BYTES << 16);
const WORD = 2 ** 32;

/** Bits 0 and 1 of epb_flags; in and out are the switch's. */
export const Direction = { In: 1, Out: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/** All of a packet but its bytes. */
export interface PacketHead {
  /** Counts the interfaces of the section from zero. */
  readonly interfaceId: number;
  readonly direction: Direction;
  /** Nanoseconds since 1970, upper and lower half. */
  readonly timeHigh: number;
  readonly timeLow: number;
  /** Of the frame on the wire, bytes. */
  readonly lengthBytes: number;
  /** Bytes of the frame that are kept. */
  readonly keptBytes: number;
  /** Frames of this interface lost between the one before and this one. */
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

/** @param snapBytes bytes of a frame that are kept at most */
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

/** @returns bytes of an enhanced packet block */
export function enhancedPacketBytes(keptBytes: number, lostCount: number): number {
  const lossBytes = lostCount > 0 ? EPB_LOSS_BYTES : 0;
  return EPB_FIXED_BYTES + pad(keptBytes) + lossBytes + EPB_END_BYTES;
}

/**
 * Writes an enhanced packet block without the frame, for which it leaves room: a saturated port makes
 * hundreds of thousands of these a second.
 * @param words little endian, as every machine's on which there are TAPs and Node.js
 * @param at where the block begins, bytes, a multiple of four
 * @returns where the frame goes, bytes
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
  // The frame may end within this word.
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

/** What was captured at an interface, and what was lost, in all. */
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

/** @param parts what stands in the block, without the end of its options */
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

/** Everything in a block begins at a multiple of four. */
function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(pad(bytes.length) - bytes.length)]);
}

function pad(sizeBytes: number): number {
  return (sizeBytes + 3) & ~3;
}

/** The upper half comes first, whatever the byte order. */
function writeTime(into: Buffer, timeNs: bigint, at: number): void {
  into.writeUInt32LE(Number(timeNs >> 32n), at);
  into.writeUInt32LE(Number(timeNs & 0xffffffffn), at + 4);
}
