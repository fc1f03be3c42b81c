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
const END_OF_OPTIONS_BYTES = 4;
const COUNT_BYTES = 8;
/** The length again, at the end of a block. */
const SIZE_BYTES = 4;

/** Bits 0 and 1 of epb_flags; in and out are the switch's. */
export const Direction = { In: 1, Out: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

export interface Packet {
  /** Counts the interfaces of the section from zero. */
  readonly interfaceId: number;
  readonly direction: Direction;
  /** Since 1970. */
  readonly timeNs: bigint;
  /** Of the frame on the wire, bytes. */
  readonly lengthBytes: number;
  /** The frame, or its first bytes. */
  readonly bytes: Uint8Array;
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

/** In one piece: a saturated port makes a hundred thousand of these a second. */
export function enhancedPacket(packet: Packet): Buffer {
  const { interfaceId, direction, timeNs, lengthBytes, bytes, lostCount } = packet;
  const paddedBytes = (bytes.length + 3) & ~3;
  const lossBytes = lostCount > 0 ? OPTION_HEAD_BYTES + COUNT_BYTES : 0;
  const flagsAt = EPB_FIXED_BYTES + paddedBytes;
  const lossAt = flagsAt + OPTION_HEAD_BYTES + EPB_FLAGS_BYTES;
  const endAt = lossAt + lossBytes;
  const sizeBytes = endAt + END_OF_OPTIONS_BYTES + SIZE_BYTES;
  const into = Buffer.allocUnsafe(sizeBytes);
  into.writeUInt32LE(ENHANCED_PACKET_BLOCK, 0);
  into.writeUInt32LE(sizeBytes, 4);
  into.writeUInt32LE(interfaceId, 8);
  writeTime(into, timeNs, 12);
  into.writeUInt32LE(bytes.length, 20);
  into.writeUInt32LE(lengthBytes, 24);
  into.set(bytes, EPB_FIXED_BYTES);
  into.fill(0, EPB_FIXED_BYTES + bytes.length, flagsAt);
  into.writeUInt16LE(EPB_FLAGS, flagsAt);
  into.writeUInt16LE(EPB_FLAGS_BYTES, flagsAt + 2);
  into.writeUInt32LE(direction, flagsAt + OPTION_HEAD_BYTES);
  if (lostCount > 0) option(EPB_DROPCOUNT, count(lostCount)).copy(into, lossAt);
  into.writeUInt32LE(0, endAt);
  into.writeUInt32LE(sizeBytes, endAt + END_OF_OPTIONS_BYTES);
  return into;
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
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** The upper half comes first, whatever the byte order. */
function writeTime(into: Buffer, timeNs: bigint, at: number): void {
  into.writeUInt32LE(Number(timeNs >> 32n), at);
  into.writeUInt32LE(Number(timeNs & 0xffffffffn), at + 4);
}
