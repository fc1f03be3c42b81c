"use strict";
/**
 * Answers pings of the switch's own IPv6 addresses, as `echo.ts` does for IPv4. It gets the IPv6 frames whose
 * destination is the switch's MAC.
 *
 * Source: RFC 4443 section 4 (echo), 3.3 (time exceeded), 2.4(c) (how much an error quotes).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.EchoResponderIpv6 = void 0;
const read_1 = require("../wire/read");
const checksum_1 = require("../wire/checksum");
const ipv6_1 = require("../wire/ipv6");
const ip_key_1 = require("../wire/ip-key");
const burst_1 = require("../frame/burst");
const verdict_1 = require("../frame/verdict");
const ethernet_1 = require("../wire/ethernet");
const counters_1 = require("./counters");
const reply_1 = require("./reply");
const icmp_1 = require("../wire/icmp");
/** Offset of the message after a header without extensions. */
const MESSAGE = ipv6_1.IPV6_HEADER_BYTES;
const TRAFFIC_CLASS = 0x0ff00000;
/** Maximum size of an error: the MTU that every link has, RFC 8200 section 5. */
const MIN_MTU_BYTES = 1280;
const MAX_QUOTED_BYTES = MIN_MTU_BYTES - ipv6_1.IPV6_HEADER_BYTES - icmp_1.ICMP_HEADER_BYTES;
const FRAGMENT_HEADER_BYTES = 8;
const FRAGMENT_OFFSET = 2;
const FRAGMENT_OFFSET_MASK = 0xfff8;
class EchoResponderIpv6 {
    mac;
    addresses;
    counters;
    lastErrorMs = -Infinity;
    key = (0, ip_key_1.newIpKey)();
    constructor(mac, addresses, counters) {
        this.mac = mac;
        this.addresses = addresses;
        this.counters = counters;
    }
    /** @returns `CONSUMED` for a frame that was answered or refused, `PASS` for any other */
    receive(frame, outbox) {
        const { burst } = outbox;
        const { u8 } = burst;
        const ip = (0, burst_1.payloadOf)(burst, frame);
        const payloadBytes = (0, ipv6_1.checkIpv6Header)(u8, ip, (0, burst_1.payloadBytesOf)(burst, frame));
        if (payloadBytes < 0)
            return this.settle(counters_1.IcmpCounter.Malformed, frame, outbox);
        const type = u8[ip + ipv6_1.NEXT_HEADER];
        if (type !== ipv6_1.NEXT_HEADER_ICMPV6 && type !== ipv6_1.NEXT_HEADER_FRAGMENT)
            return verdict_1.PASS;
        const vlan = (0, read_1.i32At)(burst.vlan, frame);
        if (!this.ownsAt(u8, ip + ipv6_1.DESTINATION_ADDRESS, vlan))
            return verdict_1.PASS;
        const source = ip + ipv6_1.SOURCE_ADDRESS;
        if (!(0, ipv6_1.isHostIpv6At)(u8, source) || this.ownsAt(u8, source, vlan)) {
            return this.settle(counters_1.IcmpCounter.Malformed, frame, outbox);
        }
        return type === ipv6_1.NEXT_HEADER_FRAGMENT
            ? this.refuseFragment(frame, payloadBytes, outbox)
            : this.receiveMessage(frame, payloadBytes, outbox);
    }
    /** Handles a whole packet for the switch with a valid IPv6 header. */
    receiveMessage(frame, icmpBytes, outbox) {
        const { burst } = outbox;
        const { u8, u16 } = burst;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const ip = (0, burst_1.payloadOf)(burst, frame);
        const icmp = ip + MESSAGE;
        const isChecksumRight = (0, checksum_1.isChecksumPartial)(u8, u16, at, icmp - at, icmp_1.CHECKSUM) ||
            (0, checksum_1.sumHolds)((0, ipv6_1.addIpv6Payload)(u8, u16, ip, icmpBytes));
        if (icmpBytes < icmp_1.ICMP_HEADER_BYTES || !isChecksumRight) {
            return this.settle(counters_1.IcmpCounter.Malformed, frame, outbox);
        }
        if (u8[icmp + icmp_1.TYPE] !== icmp_1.ECHO_REQUEST_V6 || u8[icmp + icmp_1.CODE] !== 0)
            return verdict_1.PASS;
        const reply = this.makeReply(frame, icmpBytes, outbox);
        if (reply >= 0) {
            const message = (0, burst_1.payloadOf)(burst, reply) + MESSAGE;
            u8.copyWithin(message, icmp, icmp + icmpBytes);
            u8[message + icmp_1.TYPE] = icmp_1.ECHO_REPLY_V6;
            send(reply, icmpBytes, frame, outbox);
        }
        return this.settle(counters_1.IcmpCounter.EchoAnswered, frame, outbox);
    }
    /** Sends an error to the sender of a first fragment: the switch does not wait for the rest. */
    refuseFragment(frame, payloadBytes, outbox) {
        const { u8 } = outbox.burst;
        const header = (0, burst_1.payloadOf)(outbox.burst, frame) + MESSAGE;
        if (payloadBytes < FRAGMENT_HEADER_BYTES) {
            return this.settle(counters_1.IcmpCounter.Malformed, frame, outbox);
        }
        if (u8[header] !== ipv6_1.NEXT_HEADER_ICMPV6)
            return verdict_1.PASS;
        const isFirst = ((0, ethernet_1.getU16)(u8, header + FRAGMENT_OFFSET) & FRAGMENT_OFFSET_MASK) === 0;
        const { nowMs } = outbox.burst;
        if (isFirst && nowMs - this.lastErrorMs >= reply_1.ERROR_INTERVAL_MS) {
            this.lastErrorMs = nowMs;
            this.explainRefusal(frame, ipv6_1.IPV6_HEADER_BYTES + payloadBytes, outbox);
        }
        return this.settle(counters_1.IcmpCounter.FragmentRefused, frame, outbox);
    }
    explainRefusal(fragment, packetBytes, outbox) {
        const quotedBytes = Math.min(packetBytes, MAX_QUOTED_BYTES);
        const icmpBytes = icmp_1.ICMP_HEADER_BYTES + quotedBytes;
        const reply = this.makeReply(fragment, icmpBytes, outbox);
        if (reply < 0)
            return;
        const { u8 } = outbox.burst;
        const ip = (0, burst_1.payloadOf)(outbox.burst, fragment);
        const message = (0, burst_1.payloadOf)(outbox.burst, reply) + MESSAGE;
        u8[message + icmp_1.TYPE] = icmp_1.TIME_EXCEEDED_V6;
        u8[message + icmp_1.CODE] = icmp_1.REASSEMBLY;
        (0, ethernet_1.putI32)(u8, message + icmp_1.REST_OF_HEADER, 0);
        u8.copyWithin(message + icmp_1.ICMP_HEADER_BYTES, ip, ip + quotedBytes);
        send(reply, icmpBytes, fragment, outbox);
    }
    /**
     * Makes a packet to the sender of `request`, with room for `icmpBytes`, which the caller writes.
     * @returns the frame, or -1 if there is no room for it
     */
    makeReply(request, icmpBytes, outbox) {
        const reply = (0, reply_1.makeReplyFrame)(outbox, request, this.mac, MESSAGE + icmpBytes);
        if (reply < 0)
            return reply;
        const { burst } = outbox;
        putReplyHeader(burst.u8, (0, burst_1.payloadOf)(burst, reply), (0, burst_1.payloadOf)(burst, request), icmpBytes);
        return reply;
    }
    ownsAt(u8, at, vlan) {
        (0, ip_key_1.setIpv6Key)(this.key, u8, at);
        return this.addresses.owns(this.key, vlan);
    }
    settle(counter, frame, outbox) {
        this.counters.count(counter, (0, read_1.i32At)(outbox.burst.ingress, frame));
        return verdict_1.CONSUMED;
    }
}
exports.EchoResponderIpv6 = EchoResponderIpv6;
/** Writes the header of an answer to the packet at `request`: exchanged addresses, same traffic class. */
function putReplyHeader(u8, ip, request, payloadBytes) {
    (0, ethernet_1.putI32)(u8, ip, ipv6_1.VERSION_6 | ((0, ethernet_1.getI32)(u8, request) & TRAFFIC_CLASS));
    (0, ethernet_1.putU16)(u8, ip + ipv6_1.PAYLOAD_LENGTH, payloadBytes);
    u8[ip + ipv6_1.NEXT_HEADER] = ipv6_1.NEXT_HEADER_ICMPV6;
    u8[ip + ipv6_1.HOP_LIMIT] = reply_1.HOPS;
    const source = request + ipv6_1.SOURCE_ADDRESS;
    const destination = request + ipv6_1.DESTINATION_ADDRESS;
    u8.copyWithin(ip + ipv6_1.SOURCE_ADDRESS, destination, destination + ipv6_1.IPV6_ADDRESS_BYTES);
    u8.copyWithin(ip + ipv6_1.DESTINATION_ADDRESS, source, source + ipv6_1.IPV6_ADDRESS_BYTES);
}
/** Completes the checksum of a reply and sends it to the sender of `request`. */
function send(reply, icmpBytes, request, outbox) {
    const { u8, u16, ingress } = outbox.burst;
    const ip = (0, burst_1.payloadOf)(outbox.burst, reply);
    const checksum = ip + MESSAGE + icmp_1.CHECKSUM;
    (0, ethernet_1.putU16)(u8, checksum, 0);
    u16[checksum >> 1] = (0, checksum_1.complement)((0, ipv6_1.addIpv6Payload)(u8, u16, ip, icmpBytes));
    outbox.toPort(reply, (0, read_1.i32At)(ingress, request));
}
