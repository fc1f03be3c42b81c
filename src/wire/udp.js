"use strict";
/**
 * UDP: the parts that the DHCP room needs. `findUdp` finds a datagram without checking it, so that its
 * ports can be read. `checkUdp` checks a datagram before its payload is trusted.
 *
 * Source: RFC 768; RFC 8200 section 8.1 (checksum over IPv6).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.isIpv4 = isIpv4;
exports.findUdp = findUdp;
exports.hasDhcpPort = hasDhcpPort;
exports.checkUdp = checkUdp;
const checksum_1 = require("./checksum");
const ipv4_1 = require("./ipv4");
const ipv6_1 = require("./ipv6");
const ethernet_1 = require("./ethernet");
const dhcp_1 = require("./dhcp");
const read_1 = require("./read");
const IPV4_ADDRESSES_BYTES = 8;
const IPV4_HEADER_UNITS = 0x0f;
const IPV4_UNIT_BYTES = 4;
/** Whether the frame is IPv4. The DHCP room sees IPv4 and IPv6 only. */
function isIpv4(u16, at) {
    return (0, ethernet_1.etherType)(u16, at) === ethernet_1.ETHER_TYPE_IPV4;
}
/** The arena offset of a UDP header that is whole within the frame, or -1. Checks nothing else. */
function findUdp(u8, u16, at, lengthBytes) {
    const ip = at + ethernet_1.PAYLOAD;
    const end = at + lengthBytes;
    if (isIpv4(u16, at)) {
        if (ip + ipv4_1.IPV4_HEADER_BYTES > end || u8[ip + ipv4_1.PROTOCOL] !== ipv4_1.PROTOCOL_UDP)
            return -1;
        if (!(0, ipv4_1.isFirstFragment)(u8, ip))
            return -1;
        const udp = ip + ((0, read_1.u8At)(u8, ip) & IPV4_HEADER_UNITS) * IPV4_UNIT_BYTES;
        return udp + dhcp_1.UDP_HEADER_BYTES <= end ? udp : -1;
    }
    const udp = ip + ipv6_1.IPV6_HEADER_BYTES;
    if (udp + dhcp_1.UDP_HEADER_BYTES > end)
        return -1;
    return u8[ip + ipv6_1.NEXT_HEADER] === ipv6_1.NEXT_HEADER_UDP ? udp : -1;
}
/** Whether a UDP header has a port of DHCP, of either family. Most datagrams cost no more than this. */
function hasDhcpPort(u16, udp) {
    return isDhcpPort((0, read_1.u16At)(u16, udp >> 1)) || isDhcpPort((0, read_1.u16At)(u16, (udp >> 1) + 1));
}
/** Whether the port is 67, 68, 546 or 547, each in memory order. */
function isDhcpPort(port) {
    return port === 0x4300 || port === 0x4400 || port === 0x2202 || port === 0x2302;
}
/**
 * Checks a whole datagram, IP header included.
 * @param udp arena offset of the UDP header, from `findUdp`
 * @returns the arena offset of the datagram's end, or -1 for a malformed datagram or a fragment
 */
function checkUdp(u8, u16, at, lengthBytes, udp) {
    const ip = at + ethernet_1.PAYLOAD;
    const udpBytes = (0, ethernet_1.getU16)(u8, udp + dhcp_1.UDP_LENGTH);
    const roomBytes = isIpv4(u16, at)
        ? checkIpv4Payload(u8, u16, ip, lengthBytes - ethernet_1.PAYLOAD)
        : (0, ipv6_1.checkIpv6Header)(u8, ip, lengthBytes - ethernet_1.PAYLOAD);
    if (udpBytes < dhcp_1.UDP_HEADER_BYTES || udpBytes > roomBytes)
        return -1;
    const isRight = (0, checksum_1.isChecksumPartial)(u8, u16, at, udp - at, dhcp_1.UDP_CHECKSUM) ||
        (isIpv4(u16, at)
            ? (0, ethernet_1.getU16)(u8, udp + dhcp_1.UDP_CHECKSUM) === 0 ||
                (0, checksum_1.sumHolds)(addIpv4Datagram(u8, u16, ip, udp, udpBytes))
            : udpBytes === roomBytes && (0, checksum_1.sumHolds)((0, ipv6_1.addIpv6Payload)(u8, u16, ip, roomBytes)));
    return isRight ? udp + udpBytes : -1;
}
/** Size of the payload, bytes, of a well-formed packet; -1 for a malformed one or a fragment. */
function checkIpv4Payload(u8, u16, ip, lengthBytes) {
    const headerBytes = (0, ipv4_1.checkIpv4Header)(u8, u16, ip, lengthBytes);
    if (headerBytes < 0 || (0, ipv4_1.isFragment)(u8, ip))
        return -1;
    return (0, ethernet_1.getU16)(u8, ip + ipv4_1.TOTAL_LENGTH) - headerBytes;
}
/** The sum over pseudo-header and datagram. */
function addIpv4Datagram(u8, u16, ip, udp, udpBytes) {
    const protocol = (0, checksum_1.asWord)(ipv4_1.PROTOCOL_UDP) + (0, checksum_1.asWord)(udpBytes);
    const pseudoHeader = (0, checksum_1.addWords)(u8, u16, ip + ipv4_1.SOURCE_ADDRESS, IPV4_ADDRESSES_BYTES, protocol);
    return (0, checksum_1.addWords)(u8, u16, udp, udpBytes, pseudoHeader);
}
