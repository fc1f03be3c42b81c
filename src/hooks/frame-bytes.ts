/**
 * The bytes of the frame that a hook reads: where its headers are, and how a field changes so that the
 * checksums stay right. The views of the protocols stand on it.
 *
 * A field changes word by word. Each checksum that covers the word is corrected by the difference, without
 * reading the rest of the packet. A checksum that the sender left open (`FLAG_NEEDS_CSUM`) holds the sum of the
 * pseudo-header only, so it is corrected for the addresses and for nothing else. Words are in memory order,
 * in which the sum is the same (RFC 1071 section 2(B)).
 *
 * Source: RFC 1624 equation 3; `inet_proto_csum_replace4` in net/core/utils.c; RFC 768 (a UDP checksum of
 * zero); RFC 8200 4 (extension headers).
 */

import { type Burst, isPlain, payloadOf, typeOf } from '../frame/burst';
import { PROTOCOL_TCP, TCP_CHECKSUM, UDP_CHECKSUM } from '../frame/headers';
import { addWords, asWord, complement, fold, isChecksumPartial } from '../wire/checksum';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, getU16 } from '../wire/ethernet';
import {
  FLAGS_AND_FRAGMENT,
  HEADER_CHECKSUM,
  IPV4_HEADER_BYTES,
  PROTOCOL,
  PROTOCOL_ICMP,
  PROTOCOL_UDP,
  SOURCE_ADDRESS,
  TOTAL_LENGTH,
  isFirstFragment,
} from '../wire/ipv4';
import {
  IPV6_ADDRESS_BYTES,
  IPV6_HEADER_BYTES,
  NEXT_HEADER,
  NEXT_HEADER_DESTINATION_OPTIONS,
  NEXT_HEADER_FRAGMENT,
  NEXT_HEADER_HOP_BY_HOP,
  NEXT_HEADER_ICMPV6,
  NEXT_HEADER_ROUTING,
  PAYLOAD_LENGTH,
  SOURCE_ADDRESS as IPV6_SOURCE_ADDRESS,
} from '../wire/ipv6';
import { i32At, u16At, u8At } from '../wire/read';

/** Offset of a header that the frame does not have, and number of a protocol that it does not have. */
export const ABSENT = -1;

/** Checksums that cover a word: bits. */
export const Cover = { None: 0, Ipv4Header: 1, PseudoHeader: 2, Transport: 4 } as const;

const MORE_FRAGMENTS = 0x2000;
const IPV4_UNITS = 0x0f;
const IPV4_UNIT_BYTES = 4;
const EXTENSION_UNIT_BYTES = 8;
const FRAGMENT_OFFSET = 2;
const FRAGMENT_OFFSET_MASK = 0xfff8;
const ICMP_CHECKSUM = 2;
const CHECKSUM_BYTES = 2;
/** A UDP checksum that is zero is sent as this: zero says that there is none. */
const UDP_ZERO = 0xffff;
const ARP_BYTES = 28;

export class FrameBytes {
  /** Arena offset of the first byte of the frame, and of the first byte behind it. */
  start = 0;
  end = 0;
  frame = 0;
  /** Whether something was changed, or may have been. */
  isEdited = false;
  private isLocated = false;
  private packet = ABSENT;
  private type = 0;
  private transportAt = ABSENT;
  private protocolNumber = ABSENT;
  private payloadEnd = 0;
  /** Whether the transport header belongs to a fragment, whose checksum covers bytes of other frames. */
  private isPart = false;
  private sumAt = ABSENT;

  constructor(readonly burst: Burst) {}

  /** Turns to a classified frame of the burst. */
  begin(frame: number): void {
    const { burst } = this;
    this.frame = frame;
    this.start = i32At(burst.offset, frame);
    this.end = this.start + i32At(burst.length, frame);
    this.isEdited = false;
    this.isLocated = false;
  }

  get isPlain(): boolean {
    return isPlain(this.burst, this.frame);
  }

  /** Arena offset of the ARP message, or `ABSENT`. */
  get arp(): number {
    this.locate();
    const isWhole = this.type === ETHER_TYPE_ARP && this.packet + ARP_BYTES <= this.end;
    return isWhole ? this.packet : ABSENT;
  }

  /** Arena offset of the IPv4 header, or `ABSENT`. */
  get ipv4(): number {
    this.locate();
    return this.type === ETHER_TYPE_IPV4 ? this.packet : ABSENT;
  }

  /** Arena offset of the IPv6 header, or `ABSENT`. */
  get ipv6(): number {
    this.locate();
    return this.type === ETHER_TYPE_IPV6 ? this.packet : ABSENT;
  }

  /** Protocol of the packet, behind the extension headers of IPv6, or `ABSENT`. */
  get protocol(): number {
    this.locate();
    return this.protocolNumber;
  }

  /** Arena offset of the first byte behind the packet. Padding of the frame is not part of the packet. */
  get packetEnd(): number {
    this.locate();
    return this.payloadEnd;
  }

  /** Arena offset of the transport header if it has this many bytes, or `ABSENT`. */
  transport(leastBytes: number): number {
    this.locate();
    const at = this.transportAt;
    return at !== ABSENT && at + leastBytes <= this.payloadEnd ? at : ABSENT;
  }

  // Locations -----------------------------------------------------------------------------------

  private locate(): void {
    if (this.isLocated) return;
    const { burst, frame } = this;
    this.isLocated = true;
    this.type = typeOf(burst, frame);
    this.packet = payloadOf(burst, frame);
    this.transportAt = ABSENT;
    this.protocolNumber = ABSENT;
    this.payloadEnd = this.end;
    this.isPart = false;
    this.sumAt = ABSENT;
    if (this.type === ETHER_TYPE_IPV4) this.locateIpv4();
    else if (this.type === ETHER_TYPE_IPV6) this.locateIpv6();
    if (this.transportAt !== ABSENT) this.sumAt = this.locateSum();
  }

  private locateIpv4(): void {
    const { packet, end } = this;
    const { u8 } = this.burst;
    const headerBytes = packet < end ? (u8At(u8, packet) & IPV4_UNITS) * IPV4_UNIT_BYTES : 0;
    const isWhole = headerBytes >= IPV4_HEADER_BYTES && packet + headerBytes <= end;
    if (!isWhole || u8At(u8, packet) >>> 4 !== 4) return this.forgetPacket();
    this.protocolNumber = u8At(u8, packet + PROTOCOL);
    this.limitPayload(packet + Math.max(headerBytes, getU16(u8, packet + TOTAL_LENGTH)));
    this.isPart = (getU16(u8, packet + FLAGS_AND_FRAGMENT) & MORE_FRAGMENTS) !== 0;
    if (isFirstFragment(u8, packet)) this.transportAt = packet + headerBytes;
  }

  private locateIpv6(): void {
    const { packet, end } = this;
    const { u8 } = this.burst;
    if (packet + IPV6_HEADER_BYTES > end || u8At(u8, packet) >>> 4 !== 6) {
      return this.forgetPacket();
    }
    this.limitPayload(packet + IPV6_HEADER_BYTES + getU16(u8, packet + PAYLOAD_LENGTH));
    let at = packet + IPV6_HEADER_BYTES;
    let next = u8At(u8, packet + NEXT_HEADER);
    while (isExtension(next)) {
      if (at + EXTENSION_UNIT_BYTES > this.payloadEnd) return;
      const isFragment = next === NEXT_HEADER_FRAGMENT;
      const place = isFragment ? getU16(u8, at + FRAGMENT_OFFSET) : 0;
      next = u8At(u8, at);
      if (isFragment) this.isPart = true;
      if ((place & FRAGMENT_OFFSET_MASK) !== 0) {
        this.protocolNumber = next;
        return;
      }
      at += isFragment ? EXTENSION_UNIT_BYTES : (u8At(u8, at + 1) + 1) * EXTENSION_UNIT_BYTES;
    }
    this.protocolNumber = next;
    if (at <= this.payloadEnd) this.transportAt = at;
  }

  /** The length fields of a super-frame are not read: see `frame/headers.ts`. */
  private limitPayload(end: number): void {
    if (this.isPlain) this.payloadEnd = Math.min(this.end, end);
  }

  private forgetPacket(): void {
    this.type = 0;
  }

  /** Arena offset of the checksum of the transport header, or `ABSENT`. */
  private locateSum(): number {
    const offset = sumOffsetOf(this.protocolNumber, this.type === ETHER_TYPE_IPV4);
    const at = this.transportAt + offset;
    return offset === ABSENT || at + CHECKSUM_BYTES > this.payloadEnd ? ABSENT : at;
  }

  /** Whether the sender left the checksum of the transport header to the device. */
  private get isSumOpen(): boolean {
    const { burst, start, transportAt, sumAt } = this;
    return isChecksumPartial(burst.u8, burst.u16, start, transportAt - start, sumAt - transportAt);
  }

  // Changes -------------------------------------------------------------------------------------

  /**
   * Changes a word of 16 bits.
   * @param at arena offset, even
   * @param value in the order of the network
   * @param covers checksums that cover the word: bits of `Cover`
   * @throws RangeError for a number that does not fit
   */
  putWord(at: number, value: number, covers: number): void {
    checkNumber(value, 0xffff);
    const { u16 } = this.burst;
    const before = u16At(u16, at >> 1);
    const after = asWord(value);
    if (before === after) return;
    u16[at >> 1] = after;
    this.isEdited = true;
    if ((covers & Cover.Ipv4Header) !== 0) {
      this.correct(this.packet + HEADER_CHECKSUM, before, after);
    }
    if (this.sumAt === ABSENT) return;
    if (this.isSumOpen) {
      if ((covers & Cover.PseudoHeader) !== 0) this.correctOpen(before, after);
    } else if ((covers & this.transportCovers) !== 0) {
      this.correctTransport(before, after);
    }
  }

  /** Changes one byte of a word. See `putWord`. */
  putByte(at: number, value: number, covers: number): void {
    checkNumber(value, 0xff);
    const { u8 } = this.burst;
    const even = at & ~1;
    const high = at === even ? value : u8At(u8, even);
    const low = at === even ? u8At(u8, even + 1) : value;
    this.putWord(even, (high << 8) | low, covers);
  }

  /** Changes several words. @param bytes an even number of them */
  putBytes(at: number, bytes: Uint8Array, covers: number): void {
    for (let index = 0; index < bytes.length; index += 2) {
      this.putWord(at + index, getU16(bytes, index), covers);
    }
  }

  /**
   * Changes a word of 32 bits. A number that does not fit wraps, as sequence numbers do.
   * @throws RangeError for a number that is not whole
   */
  putLong(at: number, value: number, covers: number): void {
    if (!Number.isInteger(value)) throw new RangeError(`${String(value)} is no whole number`);
    this.putWord(at, value >>> 16, covers);
    this.putWord(at + 2, value & 0xffff, covers);
  }

  /** The checksum of ICMP for IPv4 covers no pseudo-header. */
  private get transportCovers(): number {
    const isIcmp = this.protocolNumber === PROTOCOL_ICMP;
    return isIcmp ? Cover.Transport : Cover.Transport | Cover.PseudoHeader;
  }

  private correct(sumAt: number, before: number, after: number): void {
    const { u16 } = this.burst;
    u16[sumAt >> 1] = complement((~u16At(u16, sumAt >> 1) & 0xffff) + (~before & 0xffff) + after);
  }

  private correctTransport(before: number, after: number): void {
    const { sumAt } = this;
    const { u16 } = this.burst;
    const isUdp = this.protocolNumber === PROTOCOL_UDP;
    if (isUdp && u16[sumAt >> 1] === 0) return;
    this.correct(sumAt, before, after);
    if (isUdp && u16[sumAt >> 1] === 0) u16[sumAt >> 1] = UDP_ZERO;
  }

  private correctOpen(before: number, after: number): void {
    const { u16 } = this.burst;
    const word = this.sumAt >> 1;
    u16[word] = fold(u16At(u16, word) + (~before & 0xffff) + after);
  }

  /**
   * Computes the checksums anew, after the bytes of a payload were changed. A checksum that covers bytes of
   * other fragments, one that is open, and a UDP checksum that is left out stay as they are.
   */
  completeChecksums(): void {
    const { burst, packet } = this;
    const { u8, u16 } = burst;
    this.locate();
    this.isEdited = true;
    if (this.type === ETHER_TYPE_IPV4) {
      const headerBytes = (u8At(u8, packet) & IPV4_UNITS) * IPV4_UNIT_BYTES;
      u16[(packet + HEADER_CHECKSUM) >> 1] = 0;
      u16[(packet + HEADER_CHECKSUM) >> 1] = complement(addWords(u8, u16, packet, headerBytes));
    }
    if (this.sumAt === ABSENT || this.isPart || this.isSumOpen) return;
    const isUdp = this.protocolNumber === PROTOCOL_UDP;
    const word = this.sumAt >> 1;
    if (isUdp && u16[word] === 0) return;
    u16[word] = 0;
    const lengthBytes = this.payloadEnd - this.transportAt;
    const sum = complement(
      addWords(u8, u16, this.transportAt, lengthBytes, this.pseudoHeader(lengthBytes)),
    );
    u16[word] = isUdp && sum === 0 ? UDP_ZERO : sum;
  }

  private pseudoHeader(lengthBytes: number): number {
    const { packet, protocolNumber } = this;
    const { u8, u16 } = this.burst;
    if (protocolNumber === PROTOCOL_ICMP) return 0;
    const sum = asWord(protocolNumber) + asWord(lengthBytes);
    return this.type === ETHER_TYPE_IPV4
      ? addWords(u8, u16, packet + SOURCE_ADDRESS, 8, sum)
      : addWords(u8, u16, packet + IPV6_SOURCE_ADDRESS, 2 * IPV6_ADDRESS_BYTES, sum);
  }
}

function isExtension(next: number): boolean {
  return (
    next === NEXT_HEADER_HOP_BY_HOP ||
    next === NEXT_HEADER_ROUTING ||
    next === NEXT_HEADER_FRAGMENT ||
    next === NEXT_HEADER_DESTINATION_OPTIONS
  );
}

/** @throws RangeError for what is no whole number from 0 to `max`: a setter would cut it to something else */
export function checkNumber(value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RangeError(`${String(value)} is no whole number from 0 to ${max}`);
}

/** Offset of the checksum in the header of a protocol, or `ABSENT`. */
function sumOffsetOf(protocol: number, isIpv4: boolean): number {
  switch (protocol) {
    case PROTOCOL_TCP:
      return TCP_CHECKSUM;
    case PROTOCOL_UDP:
      return UDP_CHECKSUM;
    case PROTOCOL_ICMP:
      return isIpv4 ? ICMP_CHECKSUM : ABSENT;
    case NEXT_HEADER_ICMPV6:
      return isIpv4 ? ABSENT : ICMP_CHECKSUM;
    default:
      return ABSENT;
  }
}
