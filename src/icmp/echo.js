"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.EchoResponder = void 0;
const read_1 = require("../wire/read");
const checksum_1 = require("../wire/checksum");
const ipv4_1 = require("../wire/ipv4");
const ip_key_1 = require("../wire/ip-key");
const burst_1 = require("../frame/burst");
const verdict_1 = require("../frame/verdict");
const ethernet_1 = require("../wire/ethernet");
const counters_1 = require("./counters");
const reply_1 = require("./reply");
const icmp_1 = require("../wire/icmp");
/** Bytes of the packet that an error quotes after its header (RFC 792). */
const QUOTED_PAYLOAD_BYTES = 8;
class EchoResponder {
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
        const { u8, u16 } = burst;
        const ip = (0, burst_1.payloadOf)(burst, frame);
        const vlan = (0, read_1.i32At)(burst.vlan, frame);
        const headerBytes = (0, ipv4_1.checkIpv4Header)(u8, u16, ip, (0, burst_1.payloadBytesOf)(burst, frame));
        if (headerBytes < 0)
            return this.settle(counters_1.IcmpCounter.Malformed, frame, outbox);
        if (u8[ip + ipv4_1.PROTOCOL] !== ipv4_1.PROTOCOL_ICMP)
            return verdict_1.PASS;
        if (!this.owns((0, ethernet_1.getI32)(u8, ip + ipv4_1.DESTINATION_ADDRESS), vlan))
            return verdict_1.PASS;
        const sender = (0, ethernet_1.getI32)(u8, ip + ipv4_1.SOURCE_ADDRESS);
        if (!(0, ipv4_1.isHostIpv4)(sender) || this.owns(sender, vlan)) {
            return this.settle(counters_1.IcmpCounter.Malformed, frame, outbox);
        }
        if ((0, ipv4_1.isFragment)(u8, ip)) {
            if ((0, ipv4_1.isFirstFragment)(u8, ip))
                this.explainRefusal(frame, headerBytes, outbox);
            return this.settle(counters_1.IcmpCounter.FragmentRefused, frame, outbox);
        }
        return this.receiveMessage(frame, headerBytes, outbox);
    }
    /** Handles a whole packet for the switch with a valid IPv4 header. */
    receiveMessage(frame, headerBytes, outbox) {
        const { burst } = outbox;
        const { u8, u16 } = burst;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const ip = (0, burst_1.payloadOf)(burst, frame);
        const icmp = ip + headerBytes;
        const icmpBytes = (0, ethernet_1.getU16)(u8, ip + ipv4_1.TOTAL_LENGTH) - headerBytes;
        if (icmpBytes < icmp_1.ICMP_HEADER_BYTES || !isChecksumRight(u8, u16, at, icmp, icmpBytes)) {
            return this.settle(counters_1.IcmpCounter.Malformed, frame, outbox);
        }
        if (u8[icmp + icmp_1.TYPE] !== icmp_1.ECHO_REQUEST || u8[icmp + icmp_1.CODE] !== 0)
            return verdict_1.PASS;
        this.echo(frame, icmp, icmpBytes, outbox);
        return this.settle(counters_1.IcmpCounter.EchoAnswered, frame, outbox);
    }
    echo(request, icmp, icmpBytes, outbox) {
        const reply = this.makeReply(request, icmpBytes, outbox);
        if (reply < 0)
            return;
        const { u8 } = outbox.burst;
        const message = (0, burst_1.payloadOf)(outbox.burst, reply) + ipv4_1.IPV4_HEADER_BYTES;
        u8.copyWithin(message, icmp, icmp + icmpBytes);
        u8[message + icmp_1.TYPE] = icmp_1.ECHO_REPLY;
        send(reply, icmpBytes, request, outbox);
    }
    /** Sends an error to the sender of a first fragment: the switch does not wait for the rest. */
    explainRefusal(fragment, headerBytes, outbox) {
        const { nowMs } = outbox.burst;
        if (nowMs - this.lastErrorMs < reply_1.ERROR_INTERVAL_MS)
            return;
        this.lastErrorMs = nowMs;
        const { u8 } = outbox.burst;
        const ip = (0, burst_1.payloadOf)(outbox.burst, fragment);
        const totalBytes = (0, ethernet_1.getU16)(u8, ip + ipv4_1.TOTAL_LENGTH);
        const quotedBytes = Math.min(totalBytes, headerBytes + QUOTED_PAYLOAD_BYTES);
        const reply = this.makeReply(fragment, icmp_1.ICMP_HEADER_BYTES + quotedBytes, outbox);
        if (reply < 0)
            return;
        const message = (0, burst_1.payloadOf)(outbox.burst, reply) + ipv4_1.IPV4_HEADER_BYTES;
        u8[message + icmp_1.TYPE] = icmp_1.TIME_EXCEEDED;
        u8[message + icmp_1.CODE] = icmp_1.REASSEMBLY;
        (0, ethernet_1.putI32)(u8, message + icmp_1.REST_OF_HEADER, 0);
        u8.copyWithin(message + icmp_1.ICMP_HEADER_BYTES, ip, ip + quotedBytes);
        send(reply, icmp_1.ICMP_HEADER_BYTES + quotedBytes, fragment, outbox);
    }
    /**
     * Makes a packet to the sender of `request`, with room for `icmpBytes`, which the caller writes.
     * @returns the frame, or -1 if there is no room for it
     */
    makeReply(request, icmpBytes, outbox) {
        const reply = (0, reply_1.makeReplyFrame)(outbox, request, this.mac, ipv4_1.IPV4_HEADER_BYTES + icmpBytes);
        if (reply < 0)
            return reply;
        const { burst } = outbox;
        const ip = (0, burst_1.payloadOf)(burst, reply);
        putReplyHeader(burst.u8, burst.u16, ip, (0, burst_1.payloadOf)(burst, request), icmpBytes);
        return reply;
    }
    owns(address, vlan) {
        (0, ip_key_1.setIpv4Key)(this.key, address);
        return this.addresses.owns(this.key, vlan);
    }
    settle(counter, frame, outbox) {
        this.counters.count(counter, (0, read_1.i32At)(outbox.burst.ingress, frame));
        return verdict_1.CONSUMED;
    }
}
exports.EchoResponder = EchoResponder;
function isChecksumRight(u8, u16, at, icmp, icmpBytes) {
    return ((0, checksum_1.isChecksumPartial)(u8, u16, at, icmp - at, icmp_1.CHECKSUM) ||
        (0, checksum_1.sumHolds)((0, checksum_1.addWords)(u8, u16, icmp, icmpBytes)));
}
/**
 * Writes the header of an answer to the packet at `request`: with exchanged addresses, the same type of
 * service (RFC 1122 3.2.1.6), and "do not fragment", so that it needs no identification (RFC 6864 4.1).
 */
function putReplyHeader(u8, u16, ip, request, payloadBytes) {
    u8[ip + ipv4_1.VERSION_AND_LENGTH] = 0x45;
    u8[ip + ipv4_1.TYPE_OF_SERVICE] = (0, read_1.u8At)(u8, request + ipv4_1.TYPE_OF_SERVICE);
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.TOTAL_LENGTH, ipv4_1.IPV4_HEADER_BYTES + payloadBytes);
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.IDENTIFICATION, 0);
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.FLAGS_AND_FRAGMENT, ipv4_1.DONT_FRAGMENT);
    u8[ip + ipv4_1.TIME_TO_LIVE] = reply_1.HOPS;
    u8[ip + ipv4_1.PROTOCOL] = ipv4_1.PROTOCOL_ICMP;
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.HEADER_CHECKSUM, 0);
    (0, ethernet_1.putI32)(u8, ip + ipv4_1.SOURCE_ADDRESS, (0, ethernet_1.getI32)(u8, request + ipv4_1.DESTINATION_ADDRESS));
    (0, ethernet_1.putI32)(u8, ip + ipv4_1.DESTINATION_ADDRESS, (0, ethernet_1.getI32)(u8, request + ipv4_1.SOURCE_ADDRESS));
    u16[(ip + ipv4_1.HEADER_CHECKSUM) >> 1] = (0, checksum_1.complement)((0, checksum_1.addWords)(u8, u16, ip, ipv4_1.IPV4_HEADER_BYTES));
}
/** Completes the checksum of a reply and sends it to the sender of `request`. */
function send(reply, icmpBytes, request, outbox) {
    const { u8, u16, ingress } = outbox.burst;
    const message = (0, burst_1.payloadOf)(outbox.burst, reply) + ipv4_1.IPV4_HEADER_BYTES;
    (0, ethernet_1.putU16)(u8, message + icmp_1.CHECKSUM, 0);
    u16[(message + icmp_1.CHECKSUM) >> 1] = (0, checksum_1.complement)((0, checksum_1.addWords)(u8, u16, message, icmpBytes));
    outbox.toPort(reply, (0, read_1.i32At)(ingress, request));
}
