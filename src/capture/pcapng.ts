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

export function enhancedPacket(packet: Packet): Buffer {
  const { interfaceId, direction, timeNs, lengthBytes, bytes, lostCount } = packet;
  const fixed = Buffer.alloc(20);
  fixed.writeUInt32LE(interfaceId, 0);
  writeTime(fixed, timeNs, 4);
  fixed.writeUInt32LE(bytes.length, 12);
  fixed.writeUInt32LE(lengthBytes, 16);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(direction);
  return block(
    ENHANCED_PACKET_BLOCK,
    fixed,
    padded(bytes),
    option(EPB_FLAGS, flags),
    ...(lostCount > 0 ? [option(EPB_DROPCOUNT, count(lostCount))] : []),
  );
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
  const bytes = Buffer.alloc(8);
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
