/** IPv4 and IPv6 headers as hooks see them. The objects are used again and again. */

import { ipBytes, ipv4Text, ipv6Text } from './field-text';
import { Cover, type FrameBytes, checkNumber } from './frame-bytes';
import { getI32, getU16 } from '../wire/ethernet';
import {
  DESTINATION_ADDRESS,
  DONT_FRAGMENT,
  FLAGS_AND_FRAGMENT,
  IDENTIFICATION,
  SOURCE_ADDRESS,
  TIME_TO_LIVE,
  TYPE_OF_SERVICE,
  isFragment,
} from '../wire/ipv4';
import {
  DESTINATION_ADDRESS as IPV6_DESTINATION_ADDRESS,
  HOP_LIMIT,
  SOURCE_ADDRESS as IPV6_SOURCE_ADDRESS,
} from '../wire/ipv6';
import { u8At } from '../wire/read';

const ADDRESS_COVERS = Cover.Ipv4Header | Cover.PseudoHeader;
const DSCP_SHIFT = 2;
const DSCP_MAX = 63;
const ECN_MASK = 3;
/** Place of the traffic class in the first word of an IPv6 header. */
const CLASS_SHIFT = 4;
const CLASS_MASK = 0xff0;

export class Ipv4View {
  constructor(private readonly bytes: FrameBytes) {}

  get source(): string {
    return ipv4Text(this.bytes, this.at + SOURCE_ADDRESS);
  }

  set source(address: string) {
    this.bytes.putBytes(this.at + SOURCE_ADDRESS, ipBytes(address, 4), ADDRESS_COVERS);
  }

  get destination(): string {
    return ipv4Text(this.bytes, this.at + DESTINATION_ADDRESS);
  }

  set destination(address: string) {
    this.bytes.putBytes(this.at + DESTINATION_ADDRESS, ipBytes(address, 4), ADDRESS_COVERS);
  }

  /**
   * Source as one signed number of 32 bits, `0xc0000201 | 0` for 192.0.2.1. It allocates nothing: V8 puts a number
   * of more than 31 bits on the heap.
   */
  get sourceNumber(): number {
    return getI32(this.bytes.burst.u8, this.at + SOURCE_ADDRESS);
  }

  /** Destination as one signed number of 32 bits. */
  get destinationNumber(): number {
    return getI32(this.bytes.burst.u8, this.at + DESTINATION_ADDRESS);
  }

  /** IANA protocol number: 1 ICMP, 6 TCP, 17 UDP. */
  get protocol(): number {
    return this.bytes.protocol;
  }

  get ttl(): number {
    return u8At(this.bytes.burst.u8, this.at + TIME_TO_LIVE);
  }

  set ttl(value: number) {
    this.bytes.putByte(this.at + TIME_TO_LIVE, value, Cover.Ipv4Header);
  }

  /** Differentiated services code point (RFC 2474), 0 to 63. */
  get dscp(): number {
    return u8At(this.bytes.burst.u8, this.at + TYPE_OF_SERVICE) >>> DSCP_SHIFT;
  }

  set dscp(value: number) {
    checkNumber(value, DSCP_MAX);
    const at = this.at + TYPE_OF_SERVICE;
    const ecn = u8At(this.bytes.burst.u8, at) & ECN_MASK;
    this.bytes.putByte(at, (value << DSCP_SHIFT) | ecn, Cover.Ipv4Header);
  }

  get identification(): number {
    return getU16(this.bytes.burst.u8, this.at + IDENTIFICATION);
  }

  get dontFragment(): boolean {
    return (getU16(this.bytes.burst.u8, this.at + FLAGS_AND_FRAGMENT) & DONT_FRAGMENT) !== 0;
  }

  get isFragment(): boolean {
    return isFragment(this.bytes.burst.u8, this.at);
  }

  private get at(): number {
    return this.bytes.ipv4;
  }
}

export class Ipv6View {
  constructor(private readonly bytes: FrameBytes) {}

  get source(): string {
    return ipv6Text(this.bytes, this.at + IPV6_SOURCE_ADDRESS);
  }

  set source(address: string) {
    this.bytes.putBytes(this.at + IPV6_SOURCE_ADDRESS, ipBytes(address, 16), Cover.PseudoHeader);
  }

  get destination(): string {
    return ipv6Text(this.bytes, this.at + IPV6_DESTINATION_ADDRESS);
  }

  set destination(address: string) {
    const at = this.at + IPV6_DESTINATION_ADDRESS;
    this.bytes.putBytes(at, ipBytes(address, 16), Cover.PseudoHeader);
  }

  /** Protocol behind the extension headers: 6 TCP, 17 UDP, 58 ICMPv6. */
  get protocol(): number {
    return this.bytes.protocol;
  }

  get hopLimit(): number {
    return u8At(this.bytes.burst.u8, this.at + HOP_LIMIT);
  }

  set hopLimit(value: number) {
    this.bytes.putByte(this.at + HOP_LIMIT, value, Cover.None);
  }

  get trafficClass(): number {
    return (getU16(this.bytes.burst.u8, this.at) & CLASS_MASK) >>> CLASS_SHIFT;
  }

  set trafficClass(value: number) {
    checkNumber(value, 0xff);
    const rest = getU16(this.bytes.burst.u8, this.at) & ~CLASS_MASK;
    this.bytes.putWord(this.at, rest | (value << CLASS_SHIFT), Cover.None);
  }

  private get at(): number {
    return this.bytes.ipv6;
  }
}
