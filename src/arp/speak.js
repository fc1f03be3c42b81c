"use strict";
/** Writes the switch's own ARP packets into frames that the outbox reserves. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.answer = answer;
exports.broadcastRequest = broadcastRequest;
exports.poll = poll;
const read_1 = require("../wire/read");
const port_id_1 = require("../frame/port-id");
const ipv4_1 = require("../wire/ipv4");
const ethernet_1 = require("../wire/ethernet");
const arp_1 = require("../wire/arp");
const BROADCAST_HI16 = 0xffff;
const BROADCAST_LO32 = -1;
/**
 * Answers `request`, out of its ingress port: `address` is at the MAC (`hi16`, `lo32`). The Ethernet source
 * is this MAC too, as if its owner had answered. An answer for a link-local address goes to all hosts
 * (RFC 3927 2.5), so that two hosts that chose the same address notice each other.
 * @param ownerPort port of the owner, which gets no copy of its own answer
 */
function answer(outbox, request, hi16, lo32, address, ownerPort = port_id_1.NO_PORT) {
    const { u8, u16, offset, ingress, vlan } = outbox.burst;
    const asked = (0, read_1.i32At)(offset, request);
    const askerHi16 = (0, arp_1.senderHi16)(u16, asked);
    const askerLo32 = (0, arp_1.senderLo32)(u16, asked);
    const reply = outbox.make(arp_1.ARP_FRAME_BYTES);
    if (reply < 0)
        return;
    vlan[reply] = (0, read_1.i32At)(vlan, request);
    const at = (0, read_1.i32At)(offset, reply);
    (0, arp_1.putOperation)(u16, at, arp_1.REPLY);
    (0, arp_1.putSender)(u8, u16, at, hi16, lo32, address);
    (0, arp_1.putTarget)(u8, u16, at, askerHi16, askerLo32, (0, arp_1.senderAddress)(u8, asked));
    if ((0, ipv4_1.isLinkLocalIpv4)(address)) {
        (0, ethernet_1.putMac)(u16, at + ethernet_1.DESTINATION, BROADCAST_HI16, BROADCAST_LO32);
        outbox.toAll(reply, ownerPort);
    }
    else {
        (0, ethernet_1.putMac)(u16, at + ethernet_1.DESTINATION, askerHi16, askerLo32);
        outbox.toPort(reply, (0, read_1.i32At)(ingress, request));
    }
}
/**
 * Broadcasts a request for `target`. It is a probe if `sender` is unspecified, and an announcement if
 * `sender` equals `target` (RFC 5227 1.1). The target hardware address is zero in both.
 */
function broadcastRequest(outbox, vlan, mac, sender, target) {
    const request = makeRequest(outbox, vlan, BROADCAST_HI16, BROADCAST_LO32, mac, sender, target);
    if (request >= 0)
        outbox.toAll(request);
}
/** Asks the station (`hi16`, `lo32`) behind `port` whether it has `target` (RFC 1122 2.3.2.1). */
function poll(outbox, vlan, hi16, lo32, port, mac, sender, target) {
    const request = makeRequest(outbox, vlan, hi16, lo32, mac, sender, target);
    if (request >= 0)
        outbox.toPort(request, port);
}
/** @returns the frame, or -1 if there is no room for it */
function makeRequest(outbox, vlan, hi16, lo32, mac, sender, target) {
    const request = outbox.make(arp_1.ARP_FRAME_BYTES);
    if (request < 0)
        return request;
    const { u8, u16, offset } = outbox.burst;
    outbox.burst.vlan[request] = vlan;
    const at = (0, read_1.i32At)(offset, request);
    (0, ethernet_1.putMac)(u16, at + ethernet_1.DESTINATION, hi16, lo32);
    (0, arp_1.putOperation)(u16, at, arp_1.REQUEST);
    (0, arp_1.putSender)(u8, u16, at, mac.hi16, mac.lo32, sender);
    (0, arp_1.putTarget)(u8, u16, at, 0, 0, target);
    return request;
}
