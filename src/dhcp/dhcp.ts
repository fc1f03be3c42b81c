/**
 * The DHCP room: it learns leases from the servers on trusted ports, and denies messages of servers on other
 * ports. It gets UDP frames while inspection is on, and the bridge carries out its verdict.
 *
 * A lease is bound to the port of its holder at the time when the server confirms it. The room sends nothing:
 * a DHCP message passes or is denied.
 *
 * Source: RFC 2131 3.1 (messages), RFC 7610 (servers on the wrong side); RFC 8415 18.3.10.
 */

import { i32At } from '../wire/read';
import { newIpKey, setIpv4Key, setIpv6Key } from '../wire/ip-key';
import { PROTOCOL_UDP, SOURCE_ADDRESS as IPV4_SOURCE_ADDRESS, isHostIpv4 } from '../wire/ipv4';
import { SOURCE_ADDRESS as IPV6_SOURCE_ADDRESS, isHostIpv6At } from '../wire/ipv6';
import { type Burst, payloadOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import type { Room, Wants } from '../frame/room';
import { CONSUMED, PASS } from '../frame/verdict';
import type { Verdict } from '../frame/verdict';
import { DESTINATION, getI32, getU16, isGroup, macHi16, macLo32 } from '../wire/ethernet';
import { NO_VLAN } from '../wire/vlan';
import { ADMITTED, type Inspection, type Judgement } from '../hosts/inspection';
import { RefusalReason } from '../hosts/refusal-reason';
import type { Topology } from '../hosts/known-hosts';
import { checkUdp, findUdp, hasDhcpPort, isIpv4 } from '../wire/udp';
import {
  ACK,
  CLIENT_HARDWARE,
  CLIENT_PORT,
  CLIENT_PORT_V6,
  DECLINE,
  RELEASE,
  SERVER_PORT,
  SERVER_PORT_V6,
  UDP_DESTINATION_PORT,
  UDP_HEADER_BYTES,
  UDP_SOURCE_PORT,
  YOUR_ADDRESS,
  dhcpMessageType,
  givenBackAddress,
  isBootpRequest,
  isOfServer,
  isOfServerV6,
  isReplyV6,
  leaseTimeMs,
  nextAddressV6,
  validLifetimeMs,
} from '../wire/dhcp';

/** UDP over IPv4 and IPv6. */
const UDP: Wants = {
  types: [0x0800, 0x86dd].map((etherType) => ({
    etherType,
    wantsProtocol: (protocol) => protocol === PROTOCOL_UDP,
  })),
};

export interface DhcpOptions {
  readonly inspection: Inspection;
  /** Topology of the bridge, which has the port of a lease's holder. */
  readonly topology: Topology;
}

export class Dhcp implements Room {
  private readonly key = newIpKey();
  /** VLAN of the present message. */
  private vlan = NO_VLAN;
  private readonly inspection: Inspection;
  private readonly topology: Topology;

  constructor({ inspection, topology }: DhcpOptions) {
    this.inspection = inspection;
    this.topology = topology;
  }

  get wants(): Wants {
    return this.inspection.isOn ? UDP : {};
  }

  /** Handles a received frame, IPv4 or IPv6. Its length is not yet checked. */
  receive(frame: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    const { u8, u16 } = burst;
    const at = i32At(burst.offset, frame);
    const udp = findUdp(u8, u16, at, i32At(burst.length, frame));
    if (udp < 0 || !hasDhcpPort(u16, udp)) return PASS;
    return this.inspect(frame, udp, outbox);
  }

  private inspect(frame: number, udp: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    const { u8, u16 } = burst;
    const at = i32At(burst.offset, frame);
    const clientPort = isIpv4(u16, at) ? CLIENT_PORT : CLIENT_PORT_V6;
    const serverPort = isIpv4(u16, at) ? SERVER_PORT : SERVER_PORT_V6;
    const from = getU16(u8, udp + UDP_SOURCE_PORT);
    const to = getU16(u8, udp + UDP_DESTINATION_PORT);
    this.vlan = i32At(burst.vlan, frame);
    const isServers = from === serverPort || to === clientPort;
    if (!isServers && to !== serverPort) return PASS;
    if (this.inspection.trusts(i32At(burst.ingress, frame))) {
      if (to === clientPort) this.learn(burst, frame, udp);
      return PASS;
    }
    const judgement = this.judge(burst, frame, udp, isServers);
    this.readSender(burst, frame);
    return this.inspection.enforce(judgement, outbox, frame, this.key) ? PASS : CONSUMED;
  }

  /** Sets `key` to the source of an IP header. The frame is long enough for it. */
  private readSender(burst: Burst, frame: number): void {
    const { u8, u16, offset } = burst;
    const ip = payloadOf(burst, frame);
    const { key } = this;
    if (isIpv4(u16, i32At(offset, frame))) setIpv4Key(key, getI32(u8, ip + IPV4_SOURCE_ADDRESS));
    else setIpv6Key(key, u8, ip + IPV6_SOURCE_ADDRESS);
  }

  /** Judges a frame from an untrusted host, which may only be a client. */
  private judge(burst: Burst, frame: number, udp: number, isServers: boolean): Judgement {
    const port = i32At(burst.ingress, frame);
    if (!this.inspection.allowsOneMore(port, burst.nowMs)) return RefusalReason.RateExceeded;
    if (isServers) return RefusalReason.DhcpServerUntrusted;
    const { u8, u16 } = burst;
    const at = i32At(burst.offset, frame);
    const end = checkUdp(u8, u16, at, i32At(burst.length, frame), udp);
    if (end < 0) return RefusalReason.Malformed;
    const message = udp + UDP_HEADER_BYTES;
    // A relay may take such a message for one from a server, and forward it.
    const isOfServerHere = isIpv4(u16, at) ? isOfServer : isOfServerV6;
    if (isOfServerHere(u8, message, end)) return RefusalReason.DhcpServerUntrusted;
    if (!isIpv4(u16, at)) return ADMITTED;
    const type = dhcpMessageType(u8, message, end);
    if (type < 0) return isBootpRequest(u8, message, end) ? ADMITTED : RefusalReason.Malformed;
    if (type === DECLINE || type === RELEASE) this.giveBack(burst, frame, message, end, type);
    return ADMITTED;
  }

  private giveBack(burst: Burst, frame: number, message: number, end: number, type: number): void {
    const { u8, u16 } = burst;
    const address = givenBackAddress(u8, message, end, type);
    if (address < 0) return;
    setIpv4Key(this.key, getI32(u8, address));
    const mac = message + CLIENT_HARDWARE;
    const port = i32At(burst.ingress, frame);
    this.inspection.leases?.release(
      this.key,
      this.vlan,
      macHi16(u16, mac),
      macLo32(u16, mac),
      port,
    );
  }

  /** Learns from a message to a client from a trusted port. */
  private learn(burst: Burst, frame: number, udp: number): void {
    const { nowMs } = burst;
    const { u8, u16 } = burst;
    const at = i32At(burst.offset, frame);
    const end = checkUdp(u8, u16, at, i32At(burst.length, frame), udp);
    if (end < 0) return;
    if (isIpv4(u16, at)) this.learnIpv4(u8, u16, udp + UDP_HEADER_BYTES, end, nowMs);
    else this.learnIpv6(u8, u16, at, udp + UDP_HEADER_BYTES, end, nowMs);
  }

  private learnIpv4(
    u8: Uint8Array,
    u16: Uint16Array,
    message: number,
    end: number,
    nowMs: number,
  ): void {
    if (dhcpMessageType(u8, message, end) !== ACK) return;
    const address = getI32(u8, message + YOUR_ADDRESS);
    // A message without a lease time answers an INFORM, which leases nothing.
    const leaseMs = leaseTimeMs(u8, message, end);
    if (leaseMs <= 0 || !isHostIpv4(address)) return;
    setIpv4Key(this.key, address);
    this.grant(u16, message + CLIENT_HARDWARE, leaseMs, nowMs);
  }

  /** Learns from a DHCPv6 reply. Only its destination identifies the client. */
  private learnIpv6(
    u8: Uint8Array,
    u16: Uint16Array,
    at: number,
    message: number,
    end: number,
    nowMs: number,
  ): void {
    if (!isReplyV6(u8, message, end)) return;
    let address = nextAddressV6(u8, message, end, -1);
    while (address >= 0) {
      const leaseMs = validLifetimeMs(u8, address);
      if (leaseMs > 0 && isHostIpv6At(u8, address)) {
        setIpv6Key(this.key, u8, address);
        this.grant(u16, at + DESTINATION, leaseMs, nowMs);
      }
      address = nextAddressV6(u8, message, end, address);
    }
  }

  /** Binds `key` to the station with the MAC at offset `mac`, on the port that the FDB has. */
  private grant(u16: Uint16Array, mac: number, leaseMs: number, nowMs: number): void {
    const hi16 = macHi16(u16, mac);
    const lo32 = macLo32(u16, mac);
    const port = this.topology.portOf(hi16, lo32, this.vlan);
    if (port < 0 || isGroup(hi16)) return;
    this.inspection.leases?.grant(this.key, this.vlan, hi16, lo32, port, leaseMs, nowMs);
  }
}
