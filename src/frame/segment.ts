/**
 * Segmentation in software, as a network card does it, for ports that take neither super-frames nor open
 * checksums. The original frame stays as it is, for the other ports. The segments are complete frames of the
 * switch, with a zero vnet header.
 *
 *     Ethernet | VLAN tags | IP | TCP or UDP | payload, up to 64 KiB
 *     '------------- headers --------------' '- gso_size -' '- gso_size -' '- rest -'
 *
 * Each segment gets a copy of the headers and its part of the payload. The result is, byte for byte,
 * what Linux makes of the same super-frame; test/netns/offload.test.ts compares the two. As in Linux,
 * - the IPv4 identification counts up, whether or not DF is set;
 * - the last segment has FIN and PSH, the first one has CWR;
 * - a checksum starts from the sum of the pseudo-header that the sender left in the field. So it is right
 *   behind a routing header, too, where the final destination is not in the IP header.
 * Unlike Linux, a super-frame that fits one segment becomes one segment; see also `readHeaders`.
 *
 * Everything is checked before the first byte is written. A frame whose vnet header does not fit it is
 * refused as a whole. Nothing here allocates, and nothing throws.
 *
 * Source: net/ipv4/af_inet.c inet_gso_segment, net/ipv6/ip6_offload.c ipv6_gso_segment,
 * net/ipv4/tcp_offload.c tcp_gso_segment, net/ipv4/udp_offload.c __udp_gso_segment,
 * net/core/dev.c skb_checksum_help; virtio 1.2, 5.1.6.
 */

import { isPlain, type Burst } from './burst';
import type { Outbox } from './outbox';
import { AS_IT_IS } from './tag-operation';
import { getI32, getU16, putI32, putU16 } from '../wire/ethernet';
import { addWords, asWord, complement, fold } from '../wire/checksum';
import { HEADER_CHECKSUM, IDENTIFICATION, SOURCE_ADDRESS, TOTAL_LENGTH } from '../wire/ipv4';
import {
  IPV6_ADDRESS_BYTES,
  IPV6_HEADER_BYTES,
  PAYLOAD_LENGTH,
  SOURCE_ADDRESS as IPV6_SOURCE_ADDRESS,
} from '../wire/ipv6';
import { type Headers, PROTOCOL_TCP, hasChecksumField, isOrdinary, readHeaders } from './headers';
import {
  csumOffset,
  csumStart,
  GSO_NONE,
  gsoSizeBytes,
  gsoType,
  needsChecksum,
} from '../wire/virtio';
import { i32At, u16At, u8At } from '../wire/read';

/** Size of both addresses, which lie next to each other. */
const IPV4_ADDRESSES_BYTES = 8;
const IPV6_ADDRESSES_BYTES = 2 * IPV6_ADDRESS_BYTES;

const TCP_SEQUENCE = 4;
const TCP_FLAGS = 13;
const TCP_FIN = 0x01;
const TCP_PSH = 0x08;
const TCP_CWR = 0x80;
const UDP_LENGTH = 4;

const CHECKSUM_BYTES = 2;
/** Value sent for a UDP checksum of zero, because zero says that there is no checksum (RFC 768). */
const CHECKSUM_ZERO = 0xffff;

/**
 * Headers of the present super-frame. `readHeaders` fills it, and it is read before the function returns.
 * The module has one object, because an object per frame would be garbage. A lane is a thread and has its
 * own copy of the module.
 */
const headers: Headers = {
  network: 0,
  transport: 0,
  payload: 0,
  isIpv4: false,
  protocol: 0,
  checksum: 0,
};

/** Where the segments go: `make` reserves one, `toPort` takes it complete. */
export type SegmentOutbox = Pick<Outbox, 'burst' | 'make' | 'toPort'>;

/**
 * Sends `frame` out of `port` in a form that every port takes: a super-frame as its segments, in order; a
 * frame with an open checksum as a complete copy; a plain frame unchanged.
 *
 * @param tag the tag operation on each frame that leaves: see `tag-operation.ts`
 * @returns false if the vnet header does not fit the packet or names a kind of super-frame other than
 *   TCP or UDP datagrams; then nothing was sent
 */
export function segmentTo(
  frame: number,
  port: number,
  outbox: SegmentOutbox,
  tag = AS_IT_IS,
): boolean {
  const { burst } = outbox;
  if (isPlain(burst, frame)) {
    outbox.toPort(frame, port, tag);
    return true;
  }
  if (gsoType(burst.u8, i32At(burst.offset, frame)) === GSO_NONE) {
    return completeTo(frame, port, outbox, tag);
  }
  if (!readHeaders(burst, frame, headers)) return false;
  sendSegments(frame, port, outbox, tag);
  return true;
}

/**
 * Whether the switch can do the work that the vnet header of a frame asks for. Linux asks the same of a
 * writer. A frame that fails this check must not reach the TAP of another port.
 */
export function canFinish(burst: Burst, frame: number): boolean {
  const at = i32At(burst.offset, frame);
  if (gsoType(burst.u8, at) !== GSO_NONE) return readHeaders(burst, frame, headers);
  return !needsChecksum(burst.u8, at) || canComplete(burst, frame);
}

/** Whether the kernel of a port should take the frame unchanged: see `isOrdinary`. */
export function isOrdinaryOffload(burst: Burst, frame: number): boolean {
  return isOrdinary(burst, frame, headers);
}

/**
 * The length, in bytes, of the longest frame that segmentation makes of `frame`. The MTU of a port is
 * compared with it. For a plain or a malformed frame, it is the frame's own length.
 */
export function segmentBytes(burst: Burst, frame: number): number {
  const at = i32At(burst.offset, frame);
  const lengthBytes = i32At(burst.length, frame);
  if (gsoType(burst.u8, at) === GSO_NONE || !readHeaders(burst, frame, headers)) return lengthBytes;
  return Math.min(lengthBytes, headers.payload + gsoSizeBytes(burst.u16, at));
}

/** Number of frames that segmentation makes of `frame`; 1 for a plain or a malformed frame. */
export function segmentCount(burst: Burst, frame: number): number {
  const at = i32At(burst.offset, frame);
  if (gsoType(burst.u8, at) === GSO_NONE || !readHeaders(burst, frame, headers)) return 1;
  const payloadBytes = i32At(burst.length, frame) - headers.payload;
  return Math.max(1, Math.ceil(payloadBytes / gsoSizeBytes(burst.u16, at)));
}

/** Bytes of `frame` on a wire, from destination address to the end: those of its segments, with the headers of each. */
export function wireBytes(burst: Burst, frame: number): number {
  const lengthBytes = i32At(burst.length, frame);
  if (isPlain(burst, frame)) return lengthBytes;
  const segments = segmentCount(burst, frame);
  return segments === 1 ? lengthBytes : lengthBytes + (segments - 1) * headers.payload;
}

/** Sends a copy with a complete checksum: the sum from csum_start to the end, whatever the protocol. */
function completeTo(frame: number, port: number, outbox: SegmentOutbox, tag: number): boolean {
  const { burst } = outbox;
  const { u8, u16 } = burst;
  const at = i32At(burst.offset, frame);
  const lengthBytes = i32At(burst.length, frame);
  if (!canComplete(burst, frame)) return false;
  const start = csumStart(u16, at);
  const field = start + csumOffset(u16, at);

  const made = outbox.make(lengthBytes);
  const madeAt = i32At(burst.offset, made);
  u8.copyWithin(madeAt, at, at + lengthBytes);
  burst.copyKind(made, frame);
  const sum = addWords(u8, u16, madeAt + start, lengthBytes - start);
  putU16(u8, madeAt + field, asWord(complement(sum) || CHECKSUM_ZERO));
  outbox.toPort(made, port, tag);
  return true;
}

/** Whether an open checksum is within the frame, and in a place that its protocol allows. */
function canComplete(burst: Burst, frame: number): boolean {
  const { u16 } = burst;
  const at = i32At(burst.offset, frame);
  const start = csumStart(u16, at);
  const end = start + csumOffset(u16, at) + CHECKSUM_BYTES;
  return end <= i32At(burst.length, frame) && hasChecksumField(burst, frame, headers);
}

function sendSegments(frame: number, port: number, outbox: SegmentOutbox, tag: number): void {
  const { burst } = outbox;
  const { u8, u16 } = burst;
  const at = i32At(burst.offset, frame);
  const headerBytes = headers.payload;
  const payloadBytes = i32At(burst.length, frame) - headerBytes;
  const sizeBytes = gsoSizeBytes(u16, at);
  const pseudoHeader = sumPseudoHeader(burst, frame);

  let sentBytes = 0;
  for (let index = 0; index === 0 || sentBytes < payloadBytes; index++) {
    const partBytes = Math.min(sizeBytes, payloadBytes - sentBytes);
    const made = outbox.make(headerBytes + partBytes);
    // `make` may transmit. A frame that a port refuses then is segmented at once, which overwrites `headers`.
    readHeaders(burst, frame, headers);

    const madeAt = i32At(burst.offset, made);
    const from = at + headerBytes + sentBytes;
    u8.copyWithin(madeAt, at, at + headerBytes);
    u8.copyWithin(madeAt + headerBytes, from, from + partBytes);
    burst.copyKind(made, frame);
    finishNetwork(burst, made, index);
    if (headers.protocol === PROTOCOL_TCP) {
      finishTcp(u8, madeAt, sentBytes, sentBytes + partBytes === payloadBytes);
    } else {
      putU16(u8, madeAt + headers.transport + UDP_LENGTH, transportBytes(burst, made));
    }
    finishChecksum(burst, made, pseudoHeader);
    outbox.toPort(made, port, tag);
    sentBytes += partBytes;
  }
}

/** The sum of the pseudo-header without the length, because each segment has its own length. */
function sumPseudoHeader(burst: Burst, frame: number): number {
  const { u8, u16 } = burst;
  const at = i32At(burst.offset, frame);
  if (needsChecksum(u8, at)) {
    // TCP has no length field, so its sender summed the real length. UDP's sender summed the length field.
    const lengthWord =
      headers.protocol === PROTOCOL_TCP
        ? asWord(transportBytes(burst, frame))
        : u16At(u16, (at + headers.transport + UDP_LENGTH) >> 1);
    return fold(u16At(u16, (at + headers.checksum) >> 1) + complement(lengthWord));
  }
  const ip = at + headers.network;
  const protocolWord = asWord(headers.protocol);
  return headers.isIpv4
    ? fold(addWords(u8, u16, ip + SOURCE_ADDRESS, IPV4_ADDRESSES_BYTES, protocolWord))
    : fold(addWords(u8, u16, ip + IPV6_SOURCE_ADDRESS, IPV6_ADDRESSES_BYTES, protocolWord));
}

/** Writes the length fields of IP, and the fields that IPv4 has per packet. */
function finishNetwork(burst: Burst, made: number, index: number): void {
  const { u8, u16 } = burst;
  const ip = i32At(burst.offset, made) + headers.network;
  const ipBytes = i32At(burst.length, made) - headers.network;
  if (!headers.isIpv4) {
    putU16(u8, ip + PAYLOAD_LENGTH, ipBytes - IPV6_HEADER_BYTES);
    return;
  }
  putU16(u8, ip + TOTAL_LENGTH, ipBytes);
  putU16(u8, ip + IDENTIFICATION, getU16(u8, ip + IDENTIFICATION) + index);
  u16[(ip + HEADER_CHECKSUM) >> 1] = 0;
  const sum = addWords(u8, u16, ip, headers.transport - headers.network);
  u16[(ip + HEADER_CHECKSUM) >> 1] = complement(sum);
}

/** Writes the sequence number, and clears the flags that belong to the first or the last segment only. */
function finishTcp(u8: Uint8Array, madeAt: number, sentBytes: number, isLast: boolean): void {
  const tcp = madeAt + headers.transport;
  putI32(u8, tcp + TCP_SEQUENCE, getI32(u8, tcp + TCP_SEQUENCE) + sentBytes);
  let flags = u8At(u8, tcp + TCP_FLAGS);
  if (sentBytes > 0) flags &= ~TCP_CWR;
  if (!isLast) flags &= ~(TCP_FIN | TCP_PSH);
  u8[tcp + TCP_FLAGS] = flags;
}

function finishChecksum(burst: Burst, made: number, pseudoHeader: number): void {
  const { u8, u16 } = burst;
  const at = i32At(burst.offset, made);
  const lengthBytes = transportBytes(burst, made);
  const field = (at + headers.checksum) >> 1;
  u16[field] = 0;
  const partial = pseudoHeader + asWord(lengthBytes);
  const checksum = complement(addWords(u8, u16, at + headers.transport, lengthBytes, partial));
  const isUdp = headers.protocol !== PROTOCOL_TCP;
  u16[field] = checksum === 0 && isUdp ? CHECKSUM_ZERO : checksum;
}

/** Bytes from the transport header to the end of the frame. */
function transportBytes(burst: Burst, frame: number): number {
  return i32At(burst.length, frame) - headers.transport;
}
