/**
 * Super-frames for the tests of src/frame/segment.ts. The frames and their expected segments are made
 * from one description, one by one, in the slow and obvious way. The code under test is not used, so
 * that the two results can be compared.
 *
 * Source of what a segment looks like: net/ipv4/tcp_offload.c, net/ipv4/udp_offload.c.
 */

export interface SuperFrame {
  readonly ipVersion: 4 | 6;
  readonly transport: 'tcp' | 'udp';
  /** Size of the payload, which is a pattern unless `payload` is given. */
  readonly payloadBytes?: number;
  readonly payload?: readonly number[];
  readonly gsoSizeBytes: number;
  /** (TPID, TCI) pairs, the outermost first. */
  readonly tags?: readonly (readonly [tpid: number, tci: number])[];
  /** A multiple of four bytes. */
  readonly ipv4Options?: readonly number[];
  readonly identification?: number;
  readonly dontFragment?: boolean;
  /** Chained as they stand; each has its own type and a body without its first two bytes. */
  readonly ipv6Extensions?: readonly { readonly type: number; readonly body: readonly number[] }[];
  readonly trafficClass?: number;
  /** A multiple of four bytes. */
  readonly tcpOptions?: readonly number[];
  readonly tcpFlags?: number;
  readonly sequence?: number;
  /** Where the pseudo header's destination is not the header's, behind a routing header. */
  readonly finalDestination?: readonly number[];
  /** The sender leaves the checksum to the device: always so in Linux. */
  readonly needsChecksum?: boolean;
}

export interface Bytes {
  readonly vnet: Uint8Array;
  readonly frame: Uint8Array;
}

export const TCP_FLAG = { fin: 1, syn: 2, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

const DESTINATION = [0x02, 0, 0, 0, 0, 0x0b];
const SOURCE = [0x02, 0, 0, 0, 0, 0x0a];
const IPV4_SOURCE = [192, 0, 2, 1];
const IPV4_DESTINATION = [198, 51, 100, 2];
const IPV6_SOURCE = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const IPV6_DESTINATION = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

/** The super-frame as a TAP with `IFF_VNET_HDR` delivers it. */
export function buildSuperFrame(spec: SuperFrame): Bytes {
  const packet = buildPacket(spec, payloadOf(spec), {
    sequence: spec.sequence ?? 1,
    flags: spec.tcpFlags ?? TCP_FLAG.ack,
    identification: spec.identification ?? 0x1234,
    complete: false,
  });
  const isTcp = spec.transport === 'tcp';
  const cwr = isTcp && ((spec.tcpFlags ?? 0) & TCP_FLAG.cwr) !== 0 ? 0x80 : 0;
  const vnet = vnetHeader({
    flags: (spec.needsChecksum ?? true) ? 1 : 0,
    gsoType: isTcp ? (spec.ipVersion === 4 ? 1 : 4) | cwr : 5,
    headerBytes: packet.headerBytes,
    gsoSizeBytes: spec.gsoSizeBytes,
    csumStart: packet.transportAt,
    csumOffset: isTcp ? 16 : 6,
  });
  return { vnet, frame: Uint8Array.from(packet.bytes) };
}

/** The frames that a network card would send for it. */
export function expectedSegments(spec: SuperFrame): Uint8Array[] {
  const payload = payloadOf(spec);
  const segments: Uint8Array[] = [];
  const flags = spec.tcpFlags ?? TCP_FLAG.ack;
  for (let from = 0; from === 0 || from < payload.length; from += spec.gsoSizeBytes) {
    const isFirst = from === 0;
    const isLast = from + spec.gsoSizeBytes >= payload.length;
    const notFirst = isFirst ? 0 : TCP_FLAG.cwr;
    const notLast = isLast ? 0 : TCP_FLAG.fin | TCP_FLAG.psh;
    const packet = buildPacket(spec, payload.slice(from, from + spec.gsoSizeBytes), {
      sequence: ((spec.sequence ?? 1) + from) >>> 0,
      flags: flags & ~notFirst & ~notLast,
      identification: ((spec.identification ?? 0x1234) + segments.length) & 0xffff,
      complete: true,
    });
    segments.push(Uint8Array.from(packet.bytes));
  }
  return segments;
}

export interface VnetFields {
  readonly flags?: number;
  readonly gsoType?: number;
  readonly headerBytes?: number;
  readonly gsoSizeBytes?: number;
  readonly csumStart?: number;
  readonly csumOffset?: number;
}

/** `struct virtio_net_hdr`, little endian: linux/virtio_net.h. */
export function vnetHeader(fields: VnetFields): Uint8Array {
  const view = new DataView(new ArrayBuffer(10));
  view.setUint8(0, fields.flags ?? 0);
  view.setUint8(1, fields.gsoType ?? 0);
  view.setUint16(2, fields.headerBytes ?? 0, true);
  view.setUint16(4, fields.gsoSizeBytes ?? 0, true);
  view.setUint16(6, fields.csumStart ?? 0, true);
  view.setUint16(8, fields.csumOffset ?? 0, true);
  return new Uint8Array(view.buffer);
}

/** Sum of RFC 1071 as its text has it: big-endian words, folded carries. The caller complements it. */
export function onesComplementSum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

/** Fields that differ between a super-frame and its segments. */
interface Variant {
  readonly sequence: number;
  readonly flags: number;
  readonly identification: number;
  /** Whether the checksum covers everything, or the pseudo header only. */
  readonly complete: boolean;
}

interface Packet {
  readonly bytes: number[];
  readonly transportAt: number;
  readonly headerBytes: number;
}

function buildPacket(spec: SuperFrame, payload: readonly number[], variant: Variant): Packet {
  const header = transportHeader(spec, payload.length, variant);
  const checksumAt = spec.transport === 'tcp' ? 16 : 6;
  const transport = [...header, ...payload];
  let sum = onesComplementSum([
    ...pseudoHeader(spec, transport.length),
    ...(variant.complete ? transport : []),
  ]);
  if (variant.complete) {
    sum = ~sum & 0xffff;
    if (sum === 0 && spec.transport === 'udp') sum = 0xffff;
  }
  transport.splice(checksumAt, 2, ...word(sum));

  const ethernet = [...DESTINATION, ...SOURCE, ...(spec.tags ?? []).flat().flatMap(word)];
  ethernet.push(...word(spec.ipVersion === 4 ? 0x0800 : 0x86dd));
  const network =
    spec.ipVersion === 4
      ? ipv4Header(spec, transport.length, variant.identification)
      : ipv6Header(spec, transport.length);
  const transportAt = ethernet.length + network.length;
  return {
    bytes: [...ethernet, ...network, ...transport],
    transportAt,
    headerBytes: transportAt + header.length,
  };
}

function transportHeader(spec: SuperFrame, payloadBytes: number, variant: Variant): number[] {
  const ports = [...word(40000), ...word(5201)];
  if (spec.transport === 'udp') return [...ports, ...word(8 + payloadBytes), 0, 0];
  const options = spec.tcpOptions ?? [];
  const dataOffset = (20 + options.length) / 4;
  const acknowledgment = [0x11, 0x22, 0x33, 0x44];
  const window = word(501);
  const urgent = word(0);
  return [
    ...ports,
    ...word(variant.sequence >>> 16),
    ...word(variant.sequence & 0xffff),
    ...acknowledgment,
    dataOffset << 4,
    variant.flags,
    ...window,
    0,
    0,
    ...urgent,
    ...options,
  ];
}

function ipv4Header(spec: SuperFrame, transportBytes: number, identification: number): number[] {
  const options = spec.ipv4Options ?? [];
  const headerBytes = 20 + options.length;
  const header = [
    0x40 | (headerBytes / 4),
    spec.trafficClass ?? 0,
    ...word(headerBytes + transportBytes),
    ...word(identification),
    ...word((spec.dontFragment ?? true) ? 0x4000 : 0),
    64,
    protocolOf(spec),
    0,
    0,
    ...IPV4_SOURCE,
    ...IPV4_DESTINATION,
    ...options,
  ];
  header.splice(10, 2, ...word(~onesComplementSum(header) & 0xffff));
  return header;
}

function ipv6Header(spec: SuperFrame, transportBytes: number): number[] {
  const extensions = spec.ipv6Extensions ?? [];
  const following = [...extensions.slice(1).map(({ type }) => type), protocolOf(spec)];
  const chain = extensions.flatMap(({ body }, index) => [
    following[index] ?? 0,
    (body.length + 2) / 8 - 1,
    ...body,
  ]);
  const trafficClass = spec.trafficClass ?? 0;
  return [
    0x60 | (trafficClass >> 4),
    (trafficClass << 4) & 0xf0,
    0xbe,
    0xef,
    ...word(chain.length + transportBytes),
    extensions[0]?.type ?? protocolOf(spec),
    64,
    ...IPV6_SOURCE,
    ...IPV6_DESTINATION,
    ...chain,
  ];
}

function pseudoHeader(spec: SuperFrame, transportBytes: number): number[] {
  const isIpv4 = spec.ipVersion === 4;
  return [
    ...(isIpv4 ? IPV4_SOURCE : IPV6_SOURCE),
    ...(spec.finalDestination ?? (isIpv4 ? IPV4_DESTINATION : IPV6_DESTINATION)),
    0,
    protocolOf(spec),
    ...word(transportBytes),
  ];
}

/** A pattern whose period does not match the length of a segment. */
function payloadOf(spec: SuperFrame): readonly number[] {
  const { payload, payloadBytes = 0 } = spec;
  return payload ?? Array.from({ length: payloadBytes }, (_, i) => (i * 7 + (i >> 8) * 31) & 0xff);
}

function protocolOf(spec: SuperFrame): number {
  return spec.transport === 'tcp' ? 6 : 17;
}

function word(value: number): [number, number] {
  return [value >>> 8, value & 0xff];
}
