"use strict";
/**
 * ARP, ND and DHCP in an encapsulation that the switch does not interpret but a host may remove: any number
 * of VLAN tags (Linux removes those of VLAN 0), and LLC with SNAP, whose length field may be wrong. Windows
 * and others accept each of them, and bridges to wireless LANs turn SNAP into plain frames. On an untrusted
 * port they are denied.
 *
 * Source: RFC 1042 (IP in LLC and SNAP), IEEE 802.3-2022 3.2.6 (a type below 0x0600 is a length), IEEE
 * 802.1AC-2016/Cor 1-2018 (LLC behind type 0x8870), `skb_vlan_untag` in net/core/skbuff.c; CVE-2021-27853, -27854, -27861 and -27862.
 *
 * The check is coarse on purpose: all IPv6 that is neither TCP nor UDP counts as ND. This loses little,
 * because nothing else works where ARP and ND do not.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.isWrapping = isWrapping;
exports.isTaggedControl = isTaggedControl;
const read_1 = require("../wire/read");
const ipv4_1 = require("../wire/ipv4");
const ipv6_1 = require("../wire/ipv6");
const ethernet_1 = require("../wire/ethernet");
const ETHER_TYPE_BYTES = 2;
/** First bytes of the tag protocols of IEEE 802.1Q, 802.1ad, and of switches before those. */
const OLD_TAGS = [0x0091, 0x0092, 0x0093];
/** First byte of the lowest EtherType. A type below it is a length, or is invalid. */
const FIRST_TYPE_BYTE = 0x06;
/** 0x8870 in memory order: it replaces the length of a jumbo frame, which does not fit its field. LLC follows. */
const JUMBO_LLC = 0x7088;
/** Mask for DSAP and SSAP that removes the group and response bits. SNAP follows SAP 0xaa. */
const SAP_MASK = 0xfe;
const SNAP_SAP = 0xaa;
/** Bytes between a length and the type in SNAP: DSAP, SSAP, control, organisation. */
const SNAP_BYTES = 6;
const UDP_PORTS_BYTES = 4;
/** UDP ports of DHCPv4 server and client, DHCPv6 client and server. */
const DHCP_PORTS = [67, 68, 546, 547];
/** Whether a frame of this EtherType, in memory order, may encapsulate another. */
function isWrapping(type) {
    return isTag(type) || isLength(type);
}
/** Whether a frame that may encapsulate another carries ARP, ND or DHCP. */
function isTaggedControl(burst, frame) {
    const { u8, u16 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    const end = at + (0, read_1.i32At)(burst.length, frame);
    let type = at + ethernet_1.ETHER_TYPE;
    while (type + ETHER_TYPE_BYTES <= end) {
        const word = (0, read_1.u16At)(u16, type >> 1);
        if (isTag(word))
            type += ethernet_1.VLAN_TAG_BYTES;
        else if (isLength(word) && isSnap(u8, type + ETHER_TYPE_BYTES, end)) {
            type += ETHER_TYPE_BYTES + SNAP_BYTES;
        }
        else
            break;
    }
    const packet = type + ETHER_TYPE_BYTES;
    if (packet > end)
        return false;
    switch (u16[type >> 1]) {
        case ethernet_1.ETHER_TYPE_ARP:
            return true;
        case ethernet_1.ETHER_TYPE_IPV4:
            return isIpv4Control(u8, packet, end);
        case ethernet_1.ETHER_TYPE_IPV6:
            return isIpv6Control(u8, packet, end);
        default:
            return false;
    }
}
function isTag(etherType) {
    return (etherType === ethernet_1.ETHER_TYPE_VLAN ||
        etherType === ethernet_1.ETHER_TYPE_SERVICE_VLAN ||
        OLD_TAGS.includes(etherType));
}
/** Whether a type is a length. In memory order, the first byte on the wire is the low one. */
function isLength(etherType) {
    return (etherType & 0xff) < FIRST_TYPE_BYTE || etherType === JUMBO_LLC;
}
function isSnap(u8, llc, end) {
    return (llc + SNAP_BYTES <= end &&
        ((0, read_1.u8At)(u8, llc) & SAP_MASK) === SNAP_SAP &&
        ((0, read_1.u8At)(u8, llc + 1) & SAP_MASK) === SNAP_SAP);
}
function isIpv4Control(u8, ip, end) {
    if (ip + ipv4_1.IPV4_HEADER_BYTES > end || u8[ip + ipv4_1.PROTOCOL] !== ipv4_1.PROTOCOL_UDP)
        return false;
    const headerBytes = ((0, read_1.u8At)(u8, ip + ipv4_1.VERSION_AND_LENGTH) & 0x0f) * 4;
    return isDhcp(u8, ip + headerBytes, end);
}
function isIpv6Control(u8, ip, end) {
    if (ip + ipv6_1.IPV6_HEADER_BYTES > end)
        return false;
    const next = u8[ip + ipv6_1.NEXT_HEADER];
    if (next === ipv6_1.NEXT_HEADER_UDP)
        return isDhcp(u8, ip + ipv6_1.IPV6_HEADER_BYTES, end);
    return next !== ipv6_1.NEXT_HEADER_TCP;
}
function isDhcp(u8, udp, end) {
    if (udp + UDP_PORTS_BYTES > end)
        return false;
    return DHCP_PORTS.includes((0, ethernet_1.getU16)(u8, udp)) || DHCP_PORTS.includes((0, ethernet_1.getU16)(u8, udp + 2));
}
