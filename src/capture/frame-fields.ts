/**
 * The fields of one frame that filters compare. They are read once per frame, however many
 * comparisons there are. A field is `ABSENT` where the frame is too short for it or does not have it.
 *
 * The fields of a tagged frame are those behind its tags. Like tcpdump, the switch does not follow
 * extension headers of IPv6. Only the first fragment of an IPv4 datagram has ports.
 */

import { getI32, getU16 } from '../wire/ethernet';
import { u8At } from '../wire/read';

/** Index of each field in `values`. An IPv4 address takes the first word of the address only. */
export const Field = {
  EtherType: 0,
  IsTagged: 1,
  Vid: 2,
  SourceMacHigh: 3,
  SourceMacLow: 4,
  DestinationMacHigh: 5,
  DestinationMacLow: 6,
  /** `IPV4_FAMILY` or `IPV6_FAMILY` where the frame has the whole address. */
  SourceFamily: 7,
  DestinationFamily: 8,
  Source: 9,
  Destination: 13,
  Protocol: 17,
  SourcePort: 18,
  DestinationPort: 19,
} as const;
export type Field = number;

const FIELD_COUNT = 20;

/** Value that equals no field of a frame: types, VIDs, protocols and ports are not negative. */
export const ABSENT = -1;

export const IPV4_FAMILY = 4;
export const IPV6_FAMILY = 6;

export const IPV4 = 0x0800;
export const ARP = 0x0806;
export const IPV6 = 0x86dd;
const CUSTOMER_TAG = 0x8100;
const SERVICE_TAG = 0x88a8;

export const TCP = 6;
export const UDP = 17;

const MAC_BYTES = 6;
const TYPE_AT = 12;
const TYPE_BYTES = 2;
const TAG_BYTES = 4;
/** Most tags that are skipped. Real stacks have two; a guest may send a frame of nothing but tags. */
const TAGS_MAX = 4;

const IPV4_BYTES = 4;
const IPV4_FRAGMENT_AT = 6;
const IPV4_OFFSET_MASK = 0x1fff;
const IPV4_PROTOCOL_AT = 9;
const IPV4_SOURCE_AT = 12;
const IPV4_DESTINATION_AT = 16;
const IPV6_BYTES = 16;
const IPV6_PROTOCOL_AT = 6;
const IPV6_SOURCE_AT = 8;
const IPV6_DESTINATION_AT = 24;
const IPV6_HEADER_BYTES = 40;
const ARP_SENDER_AT = 14;
const ARP_TARGET_AT = 24;
const PORT_BYTES = 2;

/** Bits for the fields that are read besides EtherType and tag, only where the filter compares them. */
export const Part = { Macs: 1, Addresses: 2, Ports: 4 } as const;

export class FrameFields {
  readonly values = new Int32Array(FIELD_COUNT).fill(ABSENT);
  private bytes: Uint8Array = new Uint8Array(0);
  private end = 0;

  /**
   * Reads the fields of a frame.
   * @param bytes memory that holds the frame
   * @param start offset of the destination address
   * @param end offset behind the last byte
   * @param parts bits of `Part`; fields of other parts may be left from an earlier frame
   */
  read(bytes: Uint8Array, start: number, end: number, parts: number): void {
    this.bytes = bytes;
    this.end = end;
    const payloadAt = this.readType(start + TYPE_AT);
    if ((parts & Part.Macs) !== 0) {
      this.readMac(start, Field.DestinationMacHigh);
      this.readMac(start + MAC_BYTES, Field.SourceMacHigh);
    }
    if ((parts & Part.Addresses) !== 0) this.readAddresses(payloadAt);
    if ((parts & Part.Ports) !== 0) this.readPorts(payloadAt);
  }

  /** @returns offset of the payload behind the EtherType */
  private readType(typeAt: number): number {
    const { bytes, end, values } = this;
    let at = typeAt;
    let type = this.word(at);
    const isTagged = isTag(type);
    values[Field.IsTagged] = isTagged ? 1 : 0;
    const hasVid = isTagged && at + TAG_BYTES <= end;
    values[Field.Vid] = hasVid ? getU16(bytes, at + TYPE_BYTES) & 0xfff : ABSENT;
    for (let tags = 0; tags < TAGS_MAX && isTag(type); tags++) {
      at += TAG_BYTES;
      type = this.word(at);
    }
    values[Field.EtherType] = type;
    return at + TYPE_BYTES;
  }

  private readMac(at: number, field: Field): void {
    const { bytes, values } = this;
    const isThere = at + MAC_BYTES <= this.end;
    values[field] = isThere ? getU16(bytes, at) : ABSENT;
    values[field + 1] = isThere ? getI32(bytes, at + 2) : ABSENT;
  }

  private readAddresses(at: number): void {
    const { values } = this;
    switch (values[Field.EtherType]) {
      case IPV4:
        this.readIpv4(at + IPV4_SOURCE_AT, Field.SourceFamily, Field.Source);
        this.readIpv4(at + IPV4_DESTINATION_AT, Field.DestinationFamily, Field.Destination);
        break;
      case ARP:
        this.readIpv4(at + ARP_SENDER_AT, Field.SourceFamily, Field.Source);
        this.readIpv4(at + ARP_TARGET_AT, Field.DestinationFamily, Field.Destination);
        break;
      case IPV6:
        this.readIpv6(at + IPV6_SOURCE_AT, Field.SourceFamily, Field.Source);
        this.readIpv6(at + IPV6_DESTINATION_AT, Field.DestinationFamily, Field.Destination);
        break;
      default:
        values[Field.SourceFamily] = ABSENT;
        values[Field.DestinationFamily] = ABSENT;
    }
  }

  private readIpv4(at: number, familyField: Field, field: Field): void {
    const isThere = at + IPV4_BYTES <= this.end;
    this.values[familyField] = isThere ? IPV4_FAMILY : ABSENT;
    if (isThere) this.values[field] = getI32(this.bytes, at);
  }

  private readIpv6(at: number, familyField: Field, field: Field): void {
    const { bytes, values } = this;
    const isThere = at + IPV6_BYTES <= this.end;
    values[familyField] = isThere ? IPV6_FAMILY : ABSENT;
    if (!isThere) return;
    for (let word = 0; word < 4; word++) values[field + word] = getI32(bytes, at + 4 * word);
  }

  private readPorts(at: number): void {
    const { values } = this;
    const type = values[Field.EtherType];
    const isIpv4 = type === IPV4;
    const protocol = isIpv4
      ? this.byte(at + IPV4_PROTOCOL_AT)
      : type === IPV6
        ? this.byte(at + IPV6_PROTOCOL_AT)
        : ABSENT;
    values[Field.Protocol] = protocol;
    const hasPorts =
      (protocol === TCP || protocol === UDP) &&
      !(isIpv4 && (this.word(at + IPV4_FRAGMENT_AT) & IPV4_OFFSET_MASK) !== 0);
    const portsAt = at + (isIpv4 ? (this.byte(at) & 0xf) * 4 : IPV6_HEADER_BYTES);
    values[Field.SourcePort] = hasPorts ? this.word(portsAt) : ABSENT;
    values[Field.DestinationPort] = hasPorts ? this.word(portsAt + PORT_BYTES) : ABSENT;
  }

  private byte(at: number): number {
    return at < this.end ? u8At(this.bytes, at) : ABSENT;
  }

  private word(at: number): number {
    return at + 1 < this.end ? getU16(this.bytes, at) : ABSENT;
  }
}

function isTag(type: number): boolean {
  return type === CUSTOMER_TAG || type === SERVICE_TAG;
}
