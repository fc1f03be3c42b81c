/**
 * A frame as a hook sees it. There is one object for all frames: it is valid until the hook returns.
 *
 * Reading a number allocates nothing. Text and views of bytes are made when they are asked for. A setter
 * corrects the checksums that cover its field. Offsets count from the destination MAC, bytes.
 */

import type { Burst } from '../frame/burst';
import { segmentCount } from '../frame/segment';
import { ArpView } from './arp-view';
import { macText, wordsOfMac } from './field-text';
import { ABSENT, FrameBytes } from './frame-bytes';
import type { HookPorts } from './hook-ports';
import { Ipv4View, Ipv6View } from './ip-view';
import { ICMP_BYTES, IcmpView, TCP_BYTES, TcpView, UDP_BYTES, UdpView } from './transport-view';
import {
  DESTINATION,
  ETHER_TYPE_SERVICE_VLAN,
  ETHER_TYPE_VLAN,
  PAYLOAD,
  SOURCE,
  etherType,
  getI32,
  getU16,
  putMac,
} from '../wire/ethernet';
import { typeOf } from '../frame/burst';
import { asWord } from '../wire/checksum';
import { PROTOCOL_TCP } from '../frame/headers';
import { PROTOCOL_ICMP, PROTOCOL_UDP } from '../wire/ipv4';
import { NEXT_HEADER_ICMPV6 } from '../wire/ipv6';
import { i32At, u8At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';

const VID_MASK = 0xfff;

export class FrameView {
  private readonly inside: FrameBytes;
  private readonly arpView: ArpView;
  private readonly ipv4View: Ipv4View;
  private readonly ipv6View: Ipv6View;
  private readonly udpView: UdpView;
  private readonly tcpView: TcpView;
  private readonly icmpView: IcmpView;

  constructor(
    private readonly burst: Burst,
    private readonly ports: HookPorts,
  ) {
    this.inside = new FrameBytes(burst);
    this.arpView = new ArpView(this.inside);
    this.ipv4View = new Ipv4View(this.inside);
    this.ipv6View = new Ipv6View(this.inside);
    this.udpView = new UdpView(this.inside);
    this.tcpView = new TcpView(this.inside);
    this.icmpView = new IcmpView(this.inside);
  }

  /** Turns to a classified frame of the burst. The switch calls this, and no hook. */
  begin(frame: number): void {
    this.inside.begin(frame);
  }

  /** Whether the frame was changed, or may have been. */
  get isEdited(): boolean {
    return this.inside.isEdited;
  }

  // Ethernet ------------------------------------------------------------------------------------

  /** Length in bytes, from the destination MAC to the last byte of the payload. */
  get length(): number {
    return this.inside.end - this.inside.start;
  }

  /** Name of the port that the frame came from. */
  get ingress(): string {
    return this.ports.nameOf(i32At(this.burst.ingress, this.inside.frame));
  }

  get destination(): string {
    return macText(this.inside, this.inside.start + DESTINATION);
  }

  /** @throws TypeError for text that is no MAC address */
  set destination(mac: string) {
    this.putMac(DESTINATION, mac);
  }

  get source(): string {
    return macText(this.inside, this.inside.start + SOURCE);
  }

  /** @throws TypeError for text that is no MAC address */
  set source(mac: string) {
    this.putMac(SOURCE, mac);
  }

  /** EtherType behind the VLAN tags: 0x0800 for IPv4. */
  get etherType(): number {
    return asWord(typeOf(this.burst, this.inside.frame));
  }

  /**
   * VID of the VLAN that the frame belongs to. Where the switch does not filter by VLAN, that of its outer tag.
   * `undefined`: it belongs to none.
   */
  get vlan(): number | undefined {
    const vid = i32At(this.burst.vlan, this.inside.frame);
    if (vid !== NO_VLAN) return vid;
    const { start, end } = this.inside;
    const type = etherType(this.burst.u16, start);
    const isTagged = type === ETHER_TYPE_VLAN || type === ETHER_TYPE_SERVICE_VLAN;
    if (!isTagged || start + PAYLOAD + 2 > end) return undefined;
    return getU16(this.burst.u8, start + PAYLOAD) & VID_MASK;
  }

  /** Number of frames that a super-frame becomes on a wire; 1 for an ordinary frame. */
  get segments(): number {
    return this.inside.isPlain ? 1 : segmentCount(this.burst, this.inside.frame);
  }

  // Protocols -----------------------------------------------------------------------------------

  /** The ARP message; `undefined` if the frame is none. The same holds for the views below. */
  get arp(): ArpView | undefined {
    return this.inside.arp === ABSENT ? undefined : this.arpView;
  }

  get ipv4(): Ipv4View | undefined {
    return this.inside.ipv4 === ABSENT ? undefined : this.ipv4View;
  }

  get ipv6(): Ipv6View | undefined {
    return this.inside.ipv6 === ABSENT ? undefined : this.ipv6View;
  }

  /** The UDP header, over IPv4 or IPv6. Only the first fragment of a datagram has one. */
  get udp(): UdpView | undefined {
    return this.has(PROTOCOL_UDP, UDP_BYTES) ? this.udpView : undefined;
  }

  get tcp(): TcpView | undefined {
    return this.has(PROTOCOL_TCP, TCP_BYTES) ? this.tcpView : undefined;
  }

  /** The header of ICMP or ICMPv6. */
  get icmp(): IcmpView | undefined {
    const protocol = this.inside.ipv4 === ABSENT ? NEXT_HEADER_ICMPV6 : PROTOCOL_ICMP;
    return this.has(protocol, ICMP_BYTES) ? this.icmpView : undefined;
  }

  private has(protocol: number, leastBytes: number): boolean {
    const { inside } = this;
    return inside.protocol === protocol && inside.transport(leastBytes) !== ABSENT;
  }

  // Bytes ---------------------------------------------------------------------------------------

  /**
   * Bytes of the frame: a view into the memory of the switch, which the next burst overwrites. Copy it to keep
   * it. After a change call `completeChecksums`.
   */
  get bytes(): Uint8Array {
    const { start, end } = this.inside;
    this.inside.isEdited = true;
    return this.burst.u8.subarray(start, end);
  }

  /** The byte at an offset. @throws RangeError behind the end of the frame */
  u8(at: number): number {
    return u8At(this.burst.u8, this.place(at, 1));
  }

  /** The 16-bit number at an offset, in network order. @throws RangeError behind the end */
  u16(at: number): number {
    return getU16(this.burst.u8, this.place(at, 2));
  }

  /** The 32-bit number at an offset, in network order, without a sign. @throws RangeError behind the end */
  u32(at: number): number {
    return getI32(this.burst.u8, this.place(at, 4)) >>> 0;
  }

  /**
   * Computes the checksums of IPv4, UDP, TCP and ICMP anew. Call it after a change of `bytes` or of a payload.
   */
  completeChecksums(): void {
    this.inside.completeChecksums();
  }

  private place(at: number, lengthBytes: number): number {
    if (at >= 0 && at + lengthBytes <= this.length) return this.inside.start + at;
    throw new RangeError(`offset ${at}: the frame has ${this.length} bytes`);
  }

  private putMac(field: number, text: string): void {
    const { hi16, lo32 } = wordsOfMac(text);
    putMac(this.burst.u16, this.inside.start + field, hi16, lo32);
    this.inside.isEdited = true;
  }
}
