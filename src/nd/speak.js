"use strict";
/** Writes the switch's own messages of Neighbor Discovery into frames that the outbox reserves. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.answer = answer;
exports.advertiseToAll = advertiseToAll;
exports.probe = probe;
exports.poll = poll;
const read_1 = require("../wire/read");
const ip_key_1 = require("../wire/ip-key");
const ipv6_1 = require("../wire/ipv6");
const ethernet_1 = require("../wire/ethernet");
const nd_1 = require("../wire/nd");
const UNSPECIFIED = (0, ip_key_1.newIpKey)();
/** ff02::1 */
const ALL_NODES = (0, ip_key_1.ipKeyOf)([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
/** An IPv6 group's MAC is 33-33 and the last four bytes of its address (RFC 2464 section 7). */
const GROUP_HI16 = 0x3333;
/**
 * Answers the solicitation `request`, out of its ingress port: `key` is at the MAC (`hi16`, `lo32`). The
 * Ethernet source is this MAC too, as if its owner had answered.
 */
function answer(outbox, request, hi16, lo32, key, flags) {
    const reply = makeAdvertisement(outbox, hi16, lo32, key, flags);
    if (reply < 0)
        return;
    const { u8, u16, offset, ingress, vlan } = outbox.burst;
    vlan[reply] = (0, read_1.i32At)(vlan, request);
    const from = (0, read_1.i32At)(offset, request);
    const at = (0, read_1.i32At)(offset, reply);
    (0, ethernet_1.putMac)(u16, at + ethernet_1.DESTINATION, (0, ethernet_1.macHi16)(u16, from + ethernet_1.SOURCE), (0, ethernet_1.macLo32)(u16, from + ethernet_1.SOURCE));
    const asker = from + nd_1.SOURCE_ADDRESS;
    u8.copyWithin(at + nd_1.DESTINATION_ADDRESS, asker, asker + ipv6_1.IPV6_ADDRESS_BYTES);
    (0, nd_1.putChecksum)(u8, u16, at, nd_1.FRAME_BYTES);
    outbox.toPort(reply, (0, read_1.i32At)(ingress, request));
}
/** Advertises to all nodes that the switch has `key`: unsolicited, or to an asker without an address. */
function advertiseToAll(outbox, vlan, mac, key) {
    const frame = makeAdvertisement(outbox, mac.hi16, mac.lo32, key, nd_1.FLAG_OVERRIDE);
    if (frame < 0)
        return;
    const { u8, u16, offset } = outbox.burst;
    outbox.burst.vlan[frame] = vlan;
    const at = (0, read_1.i32At)(offset, frame);
    (0, ip_key_1.putIpv6Key)(u8, at + nd_1.DESTINATION_ADDRESS, ALL_NODES);
    putGroupMac(u16, at);
    (0, nd_1.putChecksum)(u8, u16, at, nd_1.FRAME_BYTES);
    outbox.toAll(frame);
}
/** Probes for `key`, which the switch wants to use: RFC 4862 5.4.2. */
function probe(outbox, vlan, mac, key) {
    const frame = makeSolicitation(outbox, nd_1.BARE_FRAME_BYTES, mac, UNSPECIFIED, key);
    if (frame < 0)
        return;
    const { u8, u16, offset } = outbox.burst;
    outbox.burst.vlan[frame] = vlan;
    const at = (0, read_1.i32At)(offset, frame);
    (0, ipv6_1.putSolicitedNode)(u8, at + nd_1.DESTINATION_ADDRESS, at + nd_1.TARGET_ADDRESS);
    putGroupMac(u16, at);
    (0, nd_1.putChecksum)(u8, u16, at, nd_1.BARE_FRAME_BYTES);
    outbox.toAll(frame);
}
/** Asks the station (`hi16`, `lo32`) behind `port` whether it has `target`: RFC 4861 7.3.1. */
function poll(outbox, vlan, hi16, lo32, port, mac, source, target) {
    const frame = makeSolicitation(outbox, nd_1.FRAME_BYTES, mac, source, target);
    if (frame < 0)
        return;
    const { u8, u16, offset } = outbox.burst;
    outbox.burst.vlan[frame] = vlan;
    const at = (0, read_1.i32At)(offset, frame);
    (0, ethernet_1.putMac)(u16, at + ethernet_1.DESTINATION, hi16, lo32);
    (0, ip_key_1.putIpv6Key)(u8, at + nd_1.DESTINATION_ADDRESS, target);
    (0, nd_1.putLinkLayerOption)(u8, u16, at, nd_1.SOURCE_LINK_LAYER, mac.hi16, mac.lo32);
    (0, nd_1.putChecksum)(u8, u16, at, nd_1.FRAME_BYTES);
    outbox.toPort(frame, port);
}
/** Writes an advertisement without its destination and checksum. @returns the frame, or -1 */
function makeAdvertisement(outbox, hi16, lo32, key, flags) {
    const frame = outbox.make(nd_1.FRAME_BYTES);
    if (frame < 0)
        return frame;
    const { u8, u16 } = outbox.burst;
    const at = (0, read_1.i32At)(outbox.burst.offset, frame);
    (0, ethernet_1.putMac)(u16, at + ethernet_1.SOURCE, hi16, lo32);
    (0, nd_1.putMessage)(u8, u16, at, nd_1.NEIGHBOUR_ADVERTISEMENT, flags, nd_1.FRAME_BYTES);
    (0, ip_key_1.putIpv6Key)(u8, at + nd_1.SOURCE_ADDRESS, key);
    (0, ip_key_1.putIpv6Key)(u8, at + nd_1.TARGET_ADDRESS, key);
    (0, nd_1.putLinkLayerOption)(u8, u16, at, nd_1.TARGET_LINK_LAYER, hi16, lo32);
    return frame;
}
/** Writes a solicitation without its destination, option and checksum. @returns the frame, or -1 */
function makeSolicitation(outbox, lengthBytes, mac, source, target) {
    const frame = outbox.make(lengthBytes);
    if (frame < 0)
        return frame;
    const { u8, u16 } = outbox.burst;
    const at = (0, read_1.i32At)(outbox.burst.offset, frame);
    (0, ethernet_1.putMac)(u16, at + ethernet_1.SOURCE, mac.hi16, mac.lo32);
    (0, nd_1.putMessage)(u8, u16, at, nd_1.NEIGHBOUR_SOLICITATION, 0, lengthBytes);
    (0, ip_key_1.putIpv6Key)(u8, at + nd_1.SOURCE_ADDRESS, source);
    (0, ip_key_1.putIpv6Key)(u8, at + nd_1.TARGET_ADDRESS, target);
    return frame;
}
/** Writes the Ethernet destination of the IPv6 group to which a frame is addressed. */
function putGroupMac(u16, at) {
    const lastBytes = at + nd_1.DESTINATION_ADDRESS + ipv6_1.IPV6_ADDRESS_BYTES - ethernet_1.MAC_BYTES;
    (0, ethernet_1.putMac)(u16, at + ethernet_1.DESTINATION, GROUP_HI16, (0, ethernet_1.macLo32)(u16, lastBytes));
}
