/**
 * A second check of whether a frame is well formed, written in another way than the switch's: one
 * DataView, one field after the other, straight from the RFCs, without regard to speed.
 */

const ETHERNET_BYTES = 14;
const IPV6_BYTES = 40;

class Reader {
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  u8(at: number): number {
    return this.view.getUint8(at);
  }

  u16(at: number): number {
    return this.view.getUint16(at);
  }

  hex(at: number, lengthBytes: number): string {
    return Buffer.from(this.bytes.subarray(at, at + lengthBytes)).toString('hex');
  }

  /** The one's complement sum of a range, 0xffff when it is right. */
  sum(at: number, lengthBytes: number, start = 0): number {
    let sum = start;
    for (let index = 0; index < lengthBytes; index++) {
      sum += index % 2 === 0 ? this.u8(at + index) * 256 : this.u8(at + index);
    }
    const remainder = sum % 0xffff;
    return remainder === 0 && sum > 0 ? 0xffff : remainder;
  }
}

/** Whether a frame is ARP for IPv4 on Ethernet (RFC 826) whose sender is the Ethernet source. */
export function isAcceptableArp(bytes: Uint8Array): boolean {
  const frame = new Reader(bytes);
  if (frame.length < 42) return false;
  const sender = frame.hex(22, 6);
  const first = frame.u8(28);
  const isNobody = frame.hex(28, 4) === '00000000';
  const isHost = first > 0 && first !== 127 && !(first >= 224 && first <= 239);
  return (
    frame.hex(14, 6) === '000108000604' &&
    [1, 2].includes(frame.u16(20)) &&
    sender === frame.hex(6, 6) &&
    sender !== '000000000000' &&
    frame.u8(22) % 2 === 0 &&
    (isNobody || (isHost && frame.hex(28, 4) !== 'ffffffff'))
  );
}

/** Whether an ND message is valid (RFC 4861 6.1, 7.1, 8.1) and names the Ethernet source's MAC. */
export function isAcceptableNd(bytes: Uint8Array): boolean {
  const frame = new Reader(bytes);
  if (!isWholeIpv6(frame) || frame.u8(20) !== 58 || frame.u8(21) !== 255) return false;
  const payloadBytes = frame.u16(18);
  const minimum = { 133: 8, 134: 16, 135: 24, 136: 24, 137: 40 }[
    payloadBytes > 0 ? frame.u8(54) : 0
  ];
  if (minimum === undefined || payloadBytes < minimum || frame.u8(55) !== 0) return false;
  if (ipv6Sum(frame, 58) !== 0xffff) return false;
  const options = optionsOf(frame, 54 + minimum, 54 + payloadBytes);
  if (options === undefined || frame.u8(22) === 0xff) return false;
  return isTypeAcceptable(frame, options);
}

function isTypeAcceptable(frame: Reader, options: Map<number, string>): boolean {
  const type = frame.u8(54);
  const isAnonymous = frame.hex(22, 16) === '0'.repeat(32);
  const named = options.get(type === 136 ? 2 : 1);
  if (named !== undefined && named !== frame.hex(6, 6)) return false;
  if (isAnonymous && options.has(1)) return false;
  const isLinkLocal = /^fe[89ab]/.test(frame.hex(22, 2));
  if ((type === 134 || type === 137) && !isLinkLocal) return false;
  if ((type === 135 || type === 136) && frame.u8(62) === 0xff) return false;
  if (type === 135 && isAnonymous) {
    return frame.hex(38, 16) === `ff0200000000000000000001ff${frame.hex(75, 3)}`;
  }
  return !(type === 136 && frame.u8(38) === 0xff && (frame.u8(58) & 0x40) !== 0);
}

/** The first MAC of each kind of option, or undefined where the options do not fit their place. */
function optionsOf(frame: Reader, from: number, end: number): Map<number, string> | undefined {
  const options = new Map<number, string>();
  let at = from;
  while (at < end) {
    if (at + 8 > end || frame.u8(at + 1) === 0) return undefined;
    if (!options.has(frame.u8(at))) options.set(frame.u8(at), frame.hex(at + 2, 6));
    at += 8 * frame.u8(at + 1);
  }
  return at === end ? options : undefined;
}

/** Whether a datagram to a DHCP client has right checksums. The unit tests check its content. */
export function isAcceptableDhcp(bytes: Uint8Array): boolean {
  const frame = new Reader(bytes);
  if (frame.length < ETHERNET_BYTES) return false;
  return frame.u16(12) === 0x0800 ? isAcceptableDhcpV4(frame) : isAcceptableDhcpV6(frame);
}

function isAcceptableDhcpV4(frame: Reader): boolean {
  if (frame.length < 34 || frame.u8(14) >> 4 !== 4 || frame.u8(23) !== 17) return false;
  const headerBytes = (frame.u8(14) & 15) * 4;
  const totalBytes = frame.u16(16);
  if (headerBytes < 20 || 14 + totalBytes > frame.length || totalBytes < headerBytes + 8) {
    return false;
  }
  const udp = 14 + headerBytes;
  const udpBytes = frame.u16(udp + 4);
  if (udpBytes < 8 + 240 || udpBytes > totalBytes - headerBytes) return false;
  if (frame.sum(14, headerBytes) !== 0xffff || (frame.u16(20) & 0x3fff) !== 0) return false;
  const pseudoHeader = frame.sum(26, 8) + 17 + udpBytes;
  const isSumRight = frame.u16(udp + 6) === 0 || frame.sum(udp, udpBytes, pseudoHeader) === 0xffff;
  return isSumRight && frame.u16(udp + 2) === 68 && frame.hex(udp + 8 + 236, 4) === '63825363';
}

function isAcceptableDhcpV6(frame: Reader): boolean {
  return (
    isWholeIpv6(frame) &&
    frame.u8(20) === 17 &&
    frame.u16(18) >= 12 &&
    frame.u16(56) === 546 &&
    frame.u8(0) % 2 === 0 &&
    frame.u8(62) === 7 &&
    ipv6Sum(frame, 17) === 0xffff
  );
}

/**
 * Corrects the checksums of a mutated frame, as far as its lengths allow, so that the checks behind
 * them are tested too.
 */
export function mendChecksums(bytes: Uint8Array): void {
  const frame = new Reader(bytes);
  const put = (at: number, sum: number): void => {
    bytes.set([(0xffff - sum) >> 8, (0xffff - sum) & 0xff], at);
  };
  if (frame.length < 34) return;
  if (frame.u16(12) === 0x0800) {
    bytes.set([0, 0], 24);
    const headerBytes = Math.min((frame.u8(14) & 15) * 4, frame.length - 14);
    put(24, frame.sum(14, headerBytes));
    if (frame.u8(23) === 17 && frame.length >= 42) bytes.set([0, 0], 40);
  } else if (frame.length >= 62 && isWholeIpv6(frame)) {
    const at = frame.u8(20) === 17 ? 60 : 56;
    bytes.set([0, 0], at);
    put(at, ipv6Sum(frame, frame.u8(20)));
  }
}

function isWholeIpv6(frame: Reader): boolean {
  if (frame.length < ETHERNET_BYTES + IPV6_BYTES || frame.u8(14) >> 4 !== 6) return false;
  return ETHERNET_BYTES + IPV6_BYTES + frame.u16(18) <= frame.length;
}

/** The sum over pseudo-header and payload. */
function ipv6Sum(frame: Reader, nextHeader: number): number {
  const payloadBytes = frame.u16(18);
  return frame.sum(54, payloadBytes, frame.sum(22, 32) + payloadBytes + nextHeader);
}
