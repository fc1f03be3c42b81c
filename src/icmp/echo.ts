/**
 * Answers pings of the switch's own IPv4 addresses, so that a host that resolves the switch can also reach
 * it. It gets the IPv4 frames whose destination is the switch's MAC.
 *
 * The answer goes to the MAC and the port of the request, because the switch has no routes. The switch does
 * not reassemble packets, so it refuses fragments. It sends "fragment reassembly time exceeded" to the sender,
 * like a host with a timeout of zero, at a bounded rate.
 *
 * Source: RFC 792 (echo, time exceeded), RFC 1122 3.2.2 and 3.2.2.6.
 * Departure: IPv4 options of the request are not echoed. RFC 1122 asks for it, but RFC 7126 advises against
 * such packets.
 */

import { i32At, u8At } from '../wire/read';
import { addWords, complement, isChecksumPartial, sumHolds } from '../wire/checksum';
import {
  DESTINATION_ADDRESS,
  DONT_FRAGMENT,
  FLAGS_AND_FRAGMENT,
  HEADER_CHECKSUM,
  IDENTIFICATION,
  IPV4_HEADER_BYTES,
  PROTOCOL,
  PROTOCOL_ICMP,
  SOURCE_ADDRESS,
  TIME_TO_LIVE,
  TOTAL_LENGTH,
  TYPE_OF_SERVICE,
  VERSION_AND_LENGTH,
  checkIpv4Header,
  isFirstFragment,
  isFragment,
  isHostIpv4,
} from '../wire/ipv4';
import { newIpKey, setIpv4Key } from '../wire/ip-key';
import type { MacWords } from '../wire/mac';
import { payloadBytesOf, payloadOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { CONSUMED, PASS } from '../frame/verdict';
import type { Verdict } from '../frame/verdict';
import { getI32, getU16, putI32, putU16 } from '../wire/ethernet';
import { IcmpCounter } from './counters';
import type { IcmpCounterSink } from './counters';
import { type AddressOwner, ERROR_INTERVAL_MS, HOPS, makeReplyFrame } from './reply';
import {
  CHECKSUM,
  CODE,
  ECHO_REPLY,
  ECHO_REQUEST,
  ICMP_HEADER_BYTES,
  REASSEMBLY,
  REST_OF_HEADER,
  TIME_EXCEEDED,
  TYPE,
} from '../wire/icmp';

/** Bytes of the packet that an error quotes after its header (RFC 792). */
const QUOTED_PAYLOAD_BYTES = 8;
export class EchoResponder {
  private lastErrorMs = -Infinity;
  private readonly key = newIpKey();

  constructor(
    private readonly mac: MacWords,
    private readonly addresses: AddressOwner,
    private readonly counters: IcmpCounterSink,
  ) {}

  /** @returns `CONSUMED` for a frame that was answered or refused, `PASS` for any other */
  receive(frame: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    const { u8, u16 } = burst;
    const ip = payloadOf(burst, frame);
    const vlan = i32At(burst.vlan, frame);
    const headerBytes = checkIpv4Header(u8, u16, ip, payloadBytesOf(burst, frame));
    if (headerBytes < 0) return this.settle(IcmpCounter.Malformed, frame, outbox);
    if (u8[ip + PROTOCOL] !== PROTOCOL_ICMP) return PASS;
    if (!this.owns(getI32(u8, ip + DESTINATION_ADDRESS), vlan)) return PASS;
    const sender = getI32(u8, ip + SOURCE_ADDRESS);
    if (!isHostIpv4(sender) || this.owns(sender, vlan)) {
      return this.settle(IcmpCounter.Malformed, frame, outbox);
    }
    if (isFragment(u8, ip)) {
      if (isFirstFragment(u8, ip)) this.explainRefusal(frame, headerBytes, outbox);
      return this.settle(IcmpCounter.FragmentRefused, frame, outbox);
    }
    return this.receiveMessage(frame, headerBytes, outbox);
  }

  /** Handles a whole packet for the switch with a valid IPv4 header. */
  private receiveMessage(frame: number, headerBytes: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    const { u8, u16 } = burst;
    const at = i32At(burst.offset, frame);
    const ip = payloadOf(burst, frame);
    const icmp = ip + headerBytes;
    const icmpBytes = getU16(u8, ip + TOTAL_LENGTH) - headerBytes;
    if (icmpBytes < ICMP_HEADER_BYTES || !isChecksumRight(u8, u16, at, icmp, icmpBytes)) {
      return this.settle(IcmpCounter.Malformed, frame, outbox);
    }
    if (u8[icmp + TYPE] !== ECHO_REQUEST || u8[icmp + CODE] !== 0) return PASS;
    this.echo(frame, icmp, icmpBytes, outbox);
    return this.settle(IcmpCounter.EchoAnswered, frame, outbox);
  }

  private echo(request: number, icmp: number, icmpBytes: number, outbox: Outbox): void {
    const reply = this.makeReply(request, icmpBytes, outbox);
    if (reply < 0) return;
    const { u8 } = outbox.burst;
    const message = payloadOf(outbox.burst, reply) + IPV4_HEADER_BYTES;
    u8.copyWithin(message, icmp, icmp + icmpBytes);
    u8[message + TYPE] = ECHO_REPLY;
    send(reply, icmpBytes, request, outbox);
  }

  /** Sends an error to the sender of a first fragment: the switch does not wait for the rest. */
  private explainRefusal(fragment: number, headerBytes: number, outbox: Outbox): void {
    const { nowMs } = outbox.burst;
    if (nowMs - this.lastErrorMs < ERROR_INTERVAL_MS) return;
    this.lastErrorMs = nowMs;
    const { u8 } = outbox.burst;
    const ip = payloadOf(outbox.burst, fragment);
    const totalBytes = getU16(u8, ip + TOTAL_LENGTH);
    const quotedBytes = Math.min(totalBytes, headerBytes + QUOTED_PAYLOAD_BYTES);
    const reply = this.makeReply(fragment, ICMP_HEADER_BYTES + quotedBytes, outbox);
    if (reply < 0) return;
    const message = payloadOf(outbox.burst, reply) + IPV4_HEADER_BYTES;
    u8[message + TYPE] = TIME_EXCEEDED;
    u8[message + CODE] = REASSEMBLY;
    putI32(u8, message + REST_OF_HEADER, 0);
    u8.copyWithin(message + ICMP_HEADER_BYTES, ip, ip + quotedBytes);
    send(reply, ICMP_HEADER_BYTES + quotedBytes, fragment, outbox);
  }

  /**
   * Makes a packet to the sender of `request`, with room for `icmpBytes`, which the caller writes.
   * @returns the frame, or -1 if there is no room for it
   */
  private makeReply(request: number, icmpBytes: number, outbox: Outbox): number {
    const reply = makeReplyFrame(outbox, request, this.mac, IPV4_HEADER_BYTES + icmpBytes);
    if (reply < 0) return reply;
    const { burst } = outbox;
    const ip = payloadOf(burst, reply);
    putReplyHeader(burst.u8, burst.u16, ip, payloadOf(burst, request), icmpBytes);
    return reply;
  }

  private owns(address: number, vlan: number): boolean {
    setIpv4Key(this.key, address);
    return this.addresses.owns(this.key, vlan);
  }

  private settle(counter: IcmpCounter, frame: number, outbox: Outbox): Verdict {
    this.counters.count(counter, i32At(outbox.burst.ingress, frame));
    return CONSUMED;
  }
}

function isChecksumRight(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  icmp: number,
  icmpBytes: number,
): boolean {
  return (
    isChecksumPartial(u8, u16, at, icmp - at, CHECKSUM) ||
    sumHolds(addWords(u8, u16, icmp, icmpBytes))
  );
}

/**
 * Writes the header of an answer to the packet at `request`: with exchanged addresses, the same type of
 * service (RFC 1122 3.2.1.6), and "do not fragment", so that it needs no identification (RFC 6864 4.1).
 */
function putReplyHeader(
  u8: Uint8Array,
  u16: Uint16Array,
  ip: number,
  request: number,
  payloadBytes: number,
): void {
  u8[ip + VERSION_AND_LENGTH] = 0x45;
  u8[ip + TYPE_OF_SERVICE] = u8At(u8, request + TYPE_OF_SERVICE);
  putU16(u8, ip + TOTAL_LENGTH, IPV4_HEADER_BYTES + payloadBytes);
  putU16(u8, ip + IDENTIFICATION, 0);
  putU16(u8, ip + FLAGS_AND_FRAGMENT, DONT_FRAGMENT);
  u8[ip + TIME_TO_LIVE] = HOPS;
  u8[ip + PROTOCOL] = PROTOCOL_ICMP;
  putU16(u8, ip + HEADER_CHECKSUM, 0);
  putI32(u8, ip + SOURCE_ADDRESS, getI32(u8, request + DESTINATION_ADDRESS));
  putI32(u8, ip + DESTINATION_ADDRESS, getI32(u8, request + SOURCE_ADDRESS));
  u16[(ip + HEADER_CHECKSUM) >> 1] = complement(addWords(u8, u16, ip, IPV4_HEADER_BYTES));
}

/** Completes the checksum of a reply and sends it to the sender of `request`. */
function send(reply: number, icmpBytes: number, request: number, outbox: Outbox): void {
  const { u8, u16, ingress } = outbox.burst;
  const message = payloadOf(outbox.burst, reply) + IPV4_HEADER_BYTES;
  putU16(u8, message + CHECKSUM, 0);
  u16[(message + CHECKSUM) >> 1] = complement(addWords(u8, u16, message, icmpBytes));
  outbox.toPort(reply, i32At(ingress, request));
}
