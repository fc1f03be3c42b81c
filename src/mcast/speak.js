"use strict";
/** Writes queries into frames that the outbox reserves. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.makeIgmpQuery = makeIgmpQuery;
exports.makeMldQuery = makeMldQuery;
const ethernet_1 = require("../wire/ethernet");
const ipv4_1 = require("../wire/ipv4");
const ipv6_1 = require("../wire/ipv6");
const igmp_1 = require("../wire/igmp");
const ip_key_1 = require("../wire/ip-key");
const mld_1 = require("../wire/mld");
const read_1 = require("../wire/read");
/** Makes a query of IGMP. @param group `undefined` for a general query @returns the frame, or -1 */
function makeIgmpQuery(outbox, { mac, source }, text, group, sources) {
    const frame = outbox.make(ethernet_1.PAYLOAD + (0, igmp_1.igmpQueryBytes)(text.version, sources.length));
    if (frame < 0)
        return frame;
    const { u8, u16, offset } = outbox.burst;
    const at = (0, read_1.i32At)(offset, frame);
    const ip = at + ethernet_1.PAYLOAD;
    u16[(at + ethernet_1.ETHER_TYPE) >> 1] = ethernet_1.ETHER_TYPE_IPV4;
    (0, ethernet_1.putMac)(u16, at + ethernet_1.SOURCE, mac.hi16, mac.lo32);
    const address = group === undefined ? 0 : (0, ip_key_1.ipv4OfKey)(group);
    (0, igmp_1.putIgmpQuery)(u8, u16, ip, text, (0, ip_key_1.ipv4OfKey)(source), address, sources.length);
    sources.forEach((key, index) => (0, ethernet_1.putI32)(u8, (0, igmp_1.igmpQuerySourceAt)(ip, index), (0, ip_key_1.ipv4OfKey)(key)));
    (0, igmp_1.finishIgmpQuery)(u8, u16, ip);
    // 01-00-5E and the last 23 bits of the group: RFC 1112 section 6.4.
    u8[at + ethernet_1.DESTINATION] = 0x01;
    u8[at + ethernet_1.DESTINATION + 1] = 0x00;
    u8[at + ethernet_1.DESTINATION + 2] = 0x5e;
    u8[at + ethernet_1.DESTINATION + 3] = (0, read_1.u8At)(u8, ip + ipv4_1.DESTINATION_ADDRESS + 1) & 0x7f;
    u8[at + ethernet_1.DESTINATION + 4] = (0, read_1.u8At)(u8, ip + ipv4_1.DESTINATION_ADDRESS + 2);
    u8[at + ethernet_1.DESTINATION + 5] = (0, read_1.u8At)(u8, ip + ipv4_1.DESTINATION_ADDRESS + 3);
    return frame;
}
/** The key of `::`, which stands for no group. */
const GENERAL = new Int32Array(4);
/** Makes a query of MLD. @param group `undefined` for a general query @returns the frame, or -1 */
function makeMldQuery(outbox, { mac, source }, text, group, sources) {
    const frame = outbox.make(ethernet_1.PAYLOAD + (0, mld_1.mldQueryBytes)(text.version, sources.length));
    if (frame < 0)
        return frame;
    const { u8, u16, offset } = outbox.burst;
    const at = (0, read_1.i32At)(offset, frame);
    const ip = at + ethernet_1.PAYLOAD;
    u16[(at + ethernet_1.ETHER_TYPE) >> 1] = ethernet_1.ETHER_TYPE_IPV6;
    (0, ethernet_1.putMac)(u16, at + ethernet_1.SOURCE, mac.hi16, mac.lo32);
    (0, mld_1.putMldQuery)(u8, ip, text, source, group ?? GENERAL, sources.length);
    sources.forEach((key, index) => (0, ip_key_1.putIpv6Key)(u8, (0, mld_1.mldQuerySourceAt)(ip, index), key));
    (0, mld_1.finishMldQuery)(u8, u16, ip);
    // 33-33 and the last four bytes of the group: RFC 2464 section 7.
    u8[at + ethernet_1.DESTINATION] = 0x33;
    u8[at + ethernet_1.DESTINATION + 1] = 0x33;
    const last = ip + ipv6_1.DESTINATION_ADDRESS + ipv6_1.IPV6_ADDRESS_BYTES - 4;
    u8.copyWithin(at + ethernet_1.DESTINATION + 2, last, last + 4);
    return frame;
}
