"use strict";
/** IP addresses as text and as bytes in wire order, for the control plane. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.parseIpAddress = parseIpAddress;
exports.canonicalIpAddress = canonicalIpAddress;
const node_net_1 = require("node:net");
/** @returns 4 or 16 bytes in wire order, or `undefined` for other text or one with a zone (`%eth0`). */
function parseIpAddress(text) {
    switch (text.includes('%') ? 0 : (0, node_net_1.isIP)(text)) {
        case 4:
            return Uint8Array.from(text.split('.'), Number);
        case 6:
            return parseIpv6(text);
        default:
            return undefined;
    }
}
/** The canonical text of an address that `isIP` accepts (RFC 5952). */
function canonicalIpAddress(text) {
    return new node_net_1.SocketAddress({ address: text, family: (0, node_net_1.isIP)(text) === 6 ? 'ipv6' : 'ipv4' }).address;
}
/** Assumes text that `isIP` accepts, so that the groups that `::` stands for can be counted. */
function parseIpv6(text) {
    const [head = [], tail] = text.split('::').map(ipv6Groups);
    const groups = [...head];
    if (tail !== undefined) {
        groups.push(...new Array(8 - head.length - tail.length).fill(0), ...tail);
    }
    return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff]));
}
/** The 16-bit groups of one side of `::`; a dotted IPv4 tail makes two. */
function ipv6Groups(side) {
    if (side === '')
        return [];
    return side.split(':').flatMap((group) => {
        if (!group.includes('.'))
            return [Number.parseInt(group, 16)];
        const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
        return [(a << 8) | b, (c << 8) | d];
    });
}
