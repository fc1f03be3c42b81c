/**
 * Reads capture files of tcpdump, Wireshark and `tapctl capture`: pcap and pcapng with Ethernet frames, in
 * either byte order.
 *
 * Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */

import type { RecordedFrame } from './recording';

/** The file is no capture of Ethernet frames. */
export class CaptureFileError extends Error {
  override readonly name = 'CaptureFileError';
}

const PCAP_MICROSECONDS = 0xa1b2c3d4;
const PCAP_NANOSECONDS = 0xa1b23c4d;
const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const EPB_FLAGS = 2;
const LINKTYPE_ETHERNET = 1;
const DIRECTIONS = [undefined, 'in', 'out', undefined] as const;
const NS_PER_SECOND = 1_000_000_000n;
const MICROSECONDS = 6;

interface CaptureInterface {
  readonly name: string;
  /** Timestamps in a second. */
  readonly unitsPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

/**
 * @param file the bytes of a capture file
 * @returns its frames, in their order
 * @throws CaptureFileError for other bytes, and for a file that is cut off in a block
 */
export function readCapture(file: Uint8Array): RecordedFrame[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  try {
    if (bytes.readUInt32LE(0) === SECTION_HEADER) return readPcapng(bytes);
    return readPcap(bytes);
  } catch (error) {
    if (error instanceof CaptureFileError) throw error;
    throw new CaptureFileError('the capture file is cut off', { cause: error });
  }
}

// pcap ------------------------------------------------------------------------------------------

function readPcap(bytes: Buffer): RecordedFrame[] {
  const isLittle = isPcapMagic(bytes.readUInt32LE(0));
  if (!isLittle && !isPcapMagic(bytes.readUInt32BE(0))) {
    throw new CaptureFileError('the file is neither pcap nor pcapng');
  }
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  checkLinkType(u32(20) & 0xffff);
  const nsPerUnit = u32(0) === PCAP_NANOSECONDS ? 1n : 1000n;
  const frames: RecordedFrame[] = [];
  for (let at = 24; at < bytes.length; at += 16 + u32(at + 8)) {
    const timeNs = BigInt(u32(at)) * NS_PER_SECOND + BigInt(u32(at + 4)) * nsPerUnit;
    frames.push({ timeNs, port: '', bytes: slice(bytes, at + 16, u32(at + 8)) });
  }
  return frames;
}

function isPcapMagic(magic: number): boolean {
  return magic === PCAP_MICROSECONDS || magic === PCAP_NANOSECONDS;
}

// pcapng ----------------------------------------------------------------------------------------

function readPcapng(bytes: Buffer): RecordedFrame[] {
  const frames: RecordedFrame[] = [];
  let section = new Section(bytes, 0);
  let at = 0;
  while (at < bytes.length) {
    // The type of a section header is the same in both byte orders.
    if (bytes.readUInt32LE(at) === SECTION_HEADER) section = new Section(bytes, at);
    const length = section.u32(at + 4);
    if (length < 12 || length % 4 !== 0) throw new CaptureFileError('the capture file is damaged');
    if (at + length > bytes.length) throw new CaptureFileError('the capture file is cut off');
    const frame = section.readBlock(at, at + length - 4);
    if (frame !== undefined) frames.push(frame);
    at += length;
  }
  return frames;
}

/** A section: it has a byte order and interfaces of its own. */
class Section {
  private readonly isLittle: boolean;
  private readonly interfaces: CaptureInterface[] = [];

  constructor(
    private readonly bytes: Buffer,
    at: number,
  ) {
    this.isLittle = bytes.readUInt32LE(at + 8) === BYTE_ORDER_MAGIC;
  }

  u32(at: number): number {
    return this.isLittle ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  private u16(at: number): number {
    return this.isLittle ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  /** @returns the frame of a packet block; nothing of others */
  readBlock(at: number, end: number): RecordedFrame | undefined {
    const type = this.u32(at);
    if (type === INTERFACE_DESCRIPTION) this.addInterface(at + 8, end);
    if (type === SIMPLE_PACKET) {
      const length = Math.min(this.u32(at + 8), end - at - 12);
      const bytes = slice(this.bytes, at + 12, length);
      return { timeNs: 0n, port: this.interfaceOf(0).name, bytes };
    }
    return type === ENHANCED_PACKET ? this.readPacket(at + 8, end) : undefined;
  }

  private addInterface(at: number, end: number): void {
    checkLinkType(this.u16(at));
    const options = this.options(at + 8, end);
    const offset = options.get(IF_TSOFFSET);
    this.interfaces.push({
      name: options.get(IF_NAME)?.toString() ?? '',
      unitsPerSecond: unitsPerSecond(options.get(IF_TSRESOL)?.[0] ?? MICROSECONDS),
      offsetSeconds: offset === undefined ? 0n : this.i64(offset),
    });
  }

  private readPacket(at: number, end: number): RecordedFrame {
    const { name, offsetSeconds, unitsPerSecond } = this.interfaceOf(this.u32(at));
    const units = (BigInt(this.u32(at + 4)) << 32n) | BigInt(this.u32(at + 8));
    const kept = this.u32(at + 12);
    const flags = this.options(at + 20 + 4 * Math.ceil(kept / 4), end).get(EPB_FLAGS);
    const flagBits = flags === undefined ? 0 : ((this.isLittle ? flags[0] : flags[3]) ?? 0);
    const direction = DIRECTIONS[flagBits & 3];
    return {
      timeNs: offsetSeconds * NS_PER_SECOND + (units * NS_PER_SECOND) / unitsPerSecond,
      port: name,
      ...(direction !== undefined && { direction }),
      bytes: slice(this.bytes, at + 20, kept),
    };
  }

  private interfaceOf(id: number): CaptureInterface {
    const found = this.interfaces[id];
    if (found === undefined) {
      throw new CaptureFileError('a frame of an interface that is not described');
    }
    return found;
  }

  private options(from: number, end: number): Map<number, Buffer> {
    const options = new Map<number, Buffer>();
    for (let at = from; at + 4 <= end;) {
      const code = this.u16(at);
      const length = this.u16(at + 2);
      if (code === 0) break;
      options.set(code, slice(this.bytes, at + 4, length));
      at += 4 + 4 * Math.ceil(length / 4);
    }
    return options;
  }

  private i64(bytes: Buffer): bigint {
    return this.isLittle ? bytes.readBigInt64LE(0) : bytes.readBigInt64BE(0);
  }
}

/** @param resolution power of ten, or of two with the highest bit set (if_tsresol) */
function unitsPerSecond(resolution: number): bigint {
  const exponent = BigInt(resolution & 0x7f);
  return (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
}

function checkLinkType(type: number): void {
  if (type === LINKTYPE_ETHERNET) return;
  throw new CaptureFileError(`the capture has no Ethernet frames: its link type is ${type}`);
}

function slice(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length > bytes.length) throw new CaptureFileError('the capture file is cut off');
  return bytes.subarray(at, at + length);
}
