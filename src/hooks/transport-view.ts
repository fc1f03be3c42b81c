/** UDP, TCP and ICMP headers as hooks see them. The objects are used again and again. */

import { Cover, type FrameBytes } from './frame-bytes';
import { getI32, getU16 } from '../wire/ethernet';
import { u8At } from '../wire/read';

export const UDP_BYTES = 8;
export const TCP_BYTES = 20;
export const ICMP_BYTES = 8;

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGEMENT = 8;
const DATA_OFFSET = 12;
const DATA_OFFSET_SHIFT = 4;
const UNIT_BYTES = 4;
const FLAGS = 13;
const WINDOW = 14;
const ICMP_TYPE = 0;
const ICMP_CODE = 1;

export const TcpFlag = { Fin: 1, Syn: 2, Rst: 4, Psh: 8, Ack: 16, Urg: 32 } as const;

/** What UDP and TCP have in common. */
class PortsView {
  constructor(
    protected readonly bytes: FrameBytes,
    private readonly leastBytes: number,
  ) {}

  get sourcePort(): number {
    return getU16(this.bytes.burst.u8, this.at + SOURCE_PORT);
  }

  set sourcePort(port: number) {
    this.bytes.putWord(this.at + SOURCE_PORT, port, Cover.Transport);
  }

  get destinationPort(): number {
    return getU16(this.bytes.burst.u8, this.at + DESTINATION_PORT);
  }

  set destinationPort(port: number) {
    this.bytes.putWord(this.at + DESTINATION_PORT, port, Cover.Transport);
  }

  protected get at(): number {
    return this.bytes.transport(this.leastBytes);
  }

  protected payloadFrom(at: number): Uint8Array {
    const { bytes } = this;
    bytes.isEdited = true;
    return bytes.burst.u8.subarray(Math.min(at, bytes.packetEnd), bytes.packetEnd);
  }
}

export class UdpView extends PortsView {
  constructor(bytes: FrameBytes) {
    super(bytes, UDP_BYTES);
  }

  /** Bytes of the datagram: a view. After a change call `completeChecksums` of the frame. */
  get payload(): Uint8Array {
    return this.payloadFrom(this.at + UDP_BYTES);
  }
}

export class TcpView extends PortsView {
  constructor(bytes: FrameBytes) {
    super(bytes, TCP_BYTES);
  }

  get sequence(): number {
    return getI32(this.bytes.burst.u8, this.at + SEQUENCE) >>> 0;
  }

  set sequence(value: number) {
    this.bytes.putLong(this.at + SEQUENCE, value, Cover.Transport);
  }

  get acknowledgement(): number {
    return getI32(this.bytes.burst.u8, this.at + ACKNOWLEDGEMENT) >>> 0;
  }

  set acknowledgement(value: number) {
    this.bytes.putLong(this.at + ACKNOWLEDGEMENT, value, Cover.Transport);
  }

  /** Flags as one number: bits of `TcpFlag`. */
  get flags(): number {
    return u8At(this.bytes.burst.u8, this.at + FLAGS);
  }

  set flags(value: number) {
    this.bytes.putByte(this.at + FLAGS, value, Cover.Transport);
  }

  get isSyn(): boolean {
    return (this.flags & TcpFlag.Syn) !== 0;
  }

  get isAck(): boolean {
    return (this.flags & TcpFlag.Ack) !== 0;
  }

  get isFin(): boolean {
    return (this.flags & TcpFlag.Fin) !== 0;
  }

  get isRst(): boolean {
    return (this.flags & TcpFlag.Rst) !== 0;
  }

  get window(): number {
    return getU16(this.bytes.burst.u8, this.at + WINDOW);
  }

  set window(value: number) {
    this.bytes.putWord(this.at + WINDOW, value, Cover.Transport);
  }

  /** Bytes of the segment: a view. After a change call `completeChecksums` of the frame. */
  get payload(): Uint8Array {
    const { at } = this;
    const units = u8At(this.bytes.burst.u8, at + DATA_OFFSET) >>> DATA_OFFSET_SHIFT;
    return this.payloadFrom(at + Math.max(TCP_BYTES, units * UNIT_BYTES));
  }
}

export class IcmpView {
  constructor(private readonly bytes: FrameBytes) {}

  /** Type of ICMP or of ICMPv6, by the version of the packet: 8 or 128 is an echo request. */
  get type(): number {
    return u8At(this.bytes.burst.u8, this.at + ICMP_TYPE);
  }

  set type(value: number) {
    this.bytes.putByte(this.at + ICMP_TYPE, value, Cover.Transport);
  }

  get code(): number {
    return u8At(this.bytes.burst.u8, this.at + ICMP_CODE);
  }

  set code(value: number) {
    this.bytes.putByte(this.at + ICMP_CODE, value, Cover.Transport);
  }

  private get at(): number {
    return this.bytes.transport(ICMP_BYTES);
  }
}
