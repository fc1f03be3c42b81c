/**
 * Answers pings of the switch's own IPv6 addresses, as `echo.ts` does for IPv4. It gets the IPv6 frames whose
 * destination is the switch's MAC.
 *
 * Source: RFC 4443 section 4 (echo), 3.3 (time exceeded), 2.4(c) (how much an error quotes).
 */

import { i32At } from '../wire/read';
import { complement, isChecksumPartial, sumHolds } from '../wire/checksum';
import {
  DESTINATION_ADDRESS,
  HOP_LIMIT,
  IPV6_ADDRESS_BYTES,
  IPV6_HEADER_BYTES,
  NEXT_HEADER,
  NEXT_HEADER_FRAGMENT,
  NEXT_HEADER_ICMPV6,
  PAYLOAD_LENGTH,
  SOURCE_ADDRESS,
  VERSION_6,
  addIpv6Payload,
  checkIpv6Header,
  isHostIpv6At,
} from '../wire/ipv6';
import { newIpKey, setIpv6Key } from '../wire/ip-key';
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
  ECHO_REPLY_V6,
  ECHO_REQUEST_V6,
  ICMP_HEADER_BYTES,
  REASSEMBLY,
  REST_OF_HEADER,
  TIME_EXCEEDED_V6,
  TYPE,
} from '../wire/icmp';

/** Offset of the message after a header without extensions. */
const MESSAGE = IPV6_HEADER_BYTES;
const TRAFFIC_CLASS = 0x0ff00000;

/** Maximum size of an error: the MTU that every link has, RFC 8200 section 5. */
const MIN_MTU_BYTES = 1280;
const MAX_QUOTED_BYTES = MIN_MTU_BYTES - IPV6_HEADER_BYTES - ICMP_HEADER_BYTES;

const FRAGMENT_HEADER_BYTES = 8;
const FRAGMENT_OFFSET = 2;
const FRAGMENT_OFFSET_MASK = 0xfff8;

export class EchoResponderIpv6 {
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
    const { u8 } = burst;
    const ip = payloadOf(burst, frame);
    const payloadBytes = checkIpv6Header(u8, ip, payloadBytesOf(burst, frame));
    if (payloadBytes < 0) return this.settle(IcmpCounter.Malformed, frame, outbox);
    const type = u8[ip + NEXT_HEADER];
    if (type !== NEXT_HEADER_ICMPV6 && type !== NEXT_HEADER_FRAGMENT) return PASS;
    const vlan = i32At(burst.vlan, frame);
    if (!this.ownsAt(u8, ip + DESTINATION_ADDRESS, vlan)) return PASS;
    const source = ip + SOURCE_ADDRESS;
    if (!isHostIpv6At(u8, source) || this.ownsAt(u8, source, vlan)) {
      return this.settle(IcmpCounter.Malformed, frame, outbox);
    }
    return type === NEXT_HEADER_FRAGMENT
      ? this.refuseFragment(frame, payloadBytes, outbox)
      : this.receiveMessage(frame, payloadBytes, outbox);
  }

  /** Handles a whole packet for the switch with a valid IPv6 header. */
  private receiveMessage(frame: number, icmpBytes: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    const { u8, u16 } = burst;
    const at = i32At(burst.offset, frame);
    const ip = payloadOf(burst, frame);
    const icmp = ip + MESSAGE;
    const isChecksumRight =
      isChecksumPartial(u8, u16, at, icmp - at, CHECKSUM) ||
      sumHolds(addIpv6Payload(u8, u16, ip, icmpBytes));
    if (icmpBytes < ICMP_HEADER_BYTES || !isChecksumRight) {
      return this.settle(IcmpCounter.Malformed, frame, outbox);
    }
    if (u8[icmp + TYPE] !== ECHO_REQUEST_V6 || u8[icmp + CODE] !== 0) return PASS;
    const reply = this.makeReply(frame, icmpBytes, outbox);
    if (reply >= 0) {
      const message = payloadOf(burst, reply) + MESSAGE;
      u8.copyWithin(message, icmp, icmp + icmpBytes);
      u8[message + TYPE] = ECHO_REPLY_V6;
      send(reply, icmpBytes, frame, outbox);
    }
    return this.settle(IcmpCounter.EchoAnswered, frame, outbox);
  }

  /** Sends an error to the sender of a first fragment: the switch does not wait for the rest. */
  private refuseFragment(frame: number, payloadBytes: number, outbox: Outbox): Verdict {
    const { u8 } = outbox.burst;
    const header = payloadOf(outbox.burst, frame) + MESSAGE;
    if (payloadBytes < FRAGMENT_HEADER_BYTES) {
      return this.settle(IcmpCounter.Malformed, frame, outbox);
    }
    if (u8[header] !== NEXT_HEADER_ICMPV6) return PASS;
    const isFirst = (getU16(u8, header + FRAGMENT_OFFSET) & FRAGMENT_OFFSET_MASK) === 0;
    const { nowMs } = outbox.burst;
    if (isFirst && nowMs - this.lastErrorMs >= ERROR_INTERVAL_MS) {
      this.lastErrorMs = nowMs;
      this.explainRefusal(frame, IPV6_HEADER_BYTES + payloadBytes, outbox);
    }
    return this.settle(IcmpCounter.FragmentRefused, frame, outbox);
  }

  private explainRefusal(fragment: number, packetBytes: number, outbox: Outbox): void {
    const quotedBytes = Math.min(packetBytes, MAX_QUOTED_BYTES);
    const icmpBytes = ICMP_HEADER_BYTES + quotedBytes;
    const reply = this.makeReply(fragment, icmpBytes, outbox);
    if (reply < 0) return;
    const { u8 } = outbox.burst;
    const ip = payloadOf(outbox.burst, fragment);
    const message = payloadOf(outbox.burst, reply) + MESSAGE;
    u8[message + TYPE] = TIME_EXCEEDED_V6;
    u8[message + CODE] = REASSEMBLY;
    putI32(u8, message + REST_OF_HEADER, 0);
    u8.copyWithin(message + ICMP_HEADER_BYTES, ip, ip + quotedBytes);
    send(reply, icmpBytes, fragment, outbox);
  }

  /**
   * Makes a packet to the sender of `request`, with room for `icmpBytes`, which the caller writes.
   * @returns the frame, or -1 if there is no room for it
   */
  private makeReply(request: number, icmpBytes: number, outbox: Outbox): number {
    const reply = makeReplyFrame(outbox, request, this.mac, MESSAGE + icmpBytes);
    if (reply < 0) return reply;
    const { burst } = outbox;
    putReplyHeader(burst.u8, payloadOf(burst, reply), payloadOf(burst, request), icmpBytes);
    return reply;
  }

  private ownsAt(u8: Uint8Array, at: number, vlan: number): boolean {
    setIpv6Key(this.key, u8, at);
    return this.addresses.owns(this.key, vlan);
  }

  private settle(counter: IcmpCounter, frame: number, outbox: Outbox): Verdict {
    this.counters.count(counter, i32At(outbox.burst.ingress, frame));
    return CONSUMED;
  }
}

/** Writes the header of an answer to the packet at `request`: exchanged addresses, same traffic class. */
function putReplyHeader(u8: Uint8Array, ip: number, request: number, payloadBytes: number): void {
  putI32(u8, ip, VERSION_6 | (getI32(u8, request) & TRAFFIC_CLASS));
  putU16(u8, ip + PAYLOAD_LENGTH, payloadBytes);
  u8[ip + NEXT_HEADER] = NEXT_HEADER_ICMPV6;
  u8[ip + HOP_LIMIT] = HOPS;
  const source = request + SOURCE_ADDRESS;
  const destination = request + DESTINATION_ADDRESS;
  u8.copyWithin(ip + SOURCE_ADDRESS, destination, destination + IPV6_ADDRESS_BYTES);
  u8.copyWithin(ip + DESTINATION_ADDRESS, source, source + IPV6_ADDRESS_BYTES);
}

/** Completes the checksum of a reply and sends it to the sender of `request`. */
function send(reply: number, icmpBytes: number, request: number, outbox: Outbox): void {
  const { u8, u16, ingress } = outbox.burst;
  const ip = payloadOf(outbox.burst, reply);
  const checksum = ip + MESSAGE + CHECKSUM;
  putU16(u8, checksum, 0);
  u16[checksum >> 1] = complement(addIpv6Payload(u8, u16, ip, icmpBytes));
  outbox.toPort(reply, i32At(ingress, request));
}
