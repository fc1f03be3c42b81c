"use strict";
/**
 * Frames that the bridge must see although it knows both stations: those that a room may want, and those that
 * may hide such a frame. The program in the kernel makes the same check (`device/fast-program.ts`); a trace
 * makes it here.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.UDP_BYTES = exports.TCP_BYTES = exports.FRAGMENT_OFFSET = exports.At = exports.DHCP_PORTS = exports.FIRST_SLOW_ICMPV6 = exports.Protocol = exports.PLAIN_IPV4 = exports.IPV6 = exports.IPV4 = exports.SLOW_TYPES = exports.FIRST_TYPE = void 0;
exports.slowProtocol = slowProtocol;
const ethernet_1 = require("../../wire/ethernet");
const read_1 = require("../../wire/read");
/** The first EtherType. A smaller number is the length of an LLC frame. */
exports.FIRST_TYPE = 0x0600;
/** EtherTypes of which the bridge sees every frame, and their names. */
exports.SLOW_TYPES = new Map([
    [0x0806, 'ARP'],
    [0x8035, 'RARP'],
    [0x8100, 'tagged'],
    [0x88a8, 'tagged'],
    // Tags from before the standard.
    [0x9100, 'tagged'],
    [0x9200, 'tagged'],
    [0x9300, 'tagged'],
    // LLC behind a jumbo length: IEEE 802.1AC-2016/Cor 1-2018.
    [0x8870, 'LLC'],
    // Slow protocols.
    [0x8809, 'LACP'],
    [0x888e, 'EAPOL'],
    [0x88cc, 'LLDP'],
]);
exports.IPV4 = 0x0800;
exports.IPV6 = 0x86dd;
exports.PLAIN_IPV4 = 0x45;
exports.Protocol = { IGMP: 2, TCP: 6, UDP: 17, ICMPV6: 58 };
/** The first type of ICMPv6 that the bridge sees: MLD and Neighbor Discovery follow, errors and ping precede. */
exports.FIRST_SLOW_ICMPV6 = 130;
/** UDP ports of DHCP and DHCPv6, in either family: inspection judges both alike (`hasDhcpPort`). */
exports.DHCP_PORTS = [67, 68, 546, 547];
/** Offsets in an untagged frame. */
exports.At = {
    ETHER_TYPE: 12,
    IPV4: 14,
    IPV4_FRAGMENT: 20,
    IPV4_PROTOCOL: 23,
    IPV4_PAYLOAD: 34,
    IPV6_NEXT_HEADER: 20,
    IPV6_PAYLOAD: 54,
};
/** Bits of the fragment's offset. */
exports.FRAGMENT_OFFSET = 0x1fff;
exports.TCP_BYTES = 20;
exports.UDP_BYTES = 8;
/** @returns name of the kind of frame that the bridge must see; undefined if it need not see the frame */
function slowProtocol(frame) {
    const type = (0, ethernet_1.getU16)(frame, exports.At.ETHER_TYPE);
    if (type === exports.IPV4)
        return slowIpv4(frame);
    if (type === exports.IPV6)
        return slowIpv6(frame);
    return type < exports.FIRST_TYPE ? 'LLC' : exports.SLOW_TYPES.get(type);
}
function slowIpv4(frame) {
    if (frame.length < exports.At.IPV4_PAYLOAD)
        return 'cut short';
    const protocol = frame[exports.At.IPV4_PROTOCOL];
    if (protocol === exports.Protocol.IGMP)
        return 'IGMP';
    if (frame[exports.At.IPV4] !== exports.PLAIN_IPV4) {
        return protocol === exports.Protocol.UDP ? 'UDP behind options' : undefined;
    }
    if (((0, ethernet_1.getU16)(frame, exports.At.IPV4_FRAGMENT) & exports.FRAGMENT_OFFSET) !== 0)
        return undefined;
    return slowTransport(frame, protocol, exports.At.IPV4_PAYLOAD);
}
function slowIpv6(frame) {
    if (frame.length < exports.At.IPV6_PAYLOAD)
        return 'cut short';
    const protocol = frame[exports.At.IPV6_NEXT_HEADER];
    if (protocol !== exports.Protocol.ICMPV6) {
        const isPlain = protocol === exports.Protocol.TCP || protocol === exports.Protocol.UDP;
        return isPlain ? slowTransport(frame, protocol, exports.At.IPV6_PAYLOAD) : 'IPv6 with another header';
    }
    if (frame.length <= exports.At.IPV6_PAYLOAD)
        return 'cut short';
    return (0, read_1.u8At)(frame, exports.At.IPV6_PAYLOAD) >= exports.FIRST_SLOW_ICMPV6
        ? 'Neighbor Discovery or MLD'
        : undefined;
}
function slowTransport(frame, protocol, at) {
    if (protocol === exports.Protocol.TCP)
        return frame.length < at + exports.TCP_BYTES ? 'cut short' : undefined;
    if (protocol !== exports.Protocol.UDP)
        return undefined;
    if (frame.length < at + exports.UDP_BYTES)
        return 'cut short';
    const ports = [(0, ethernet_1.getU16)(frame, at), (0, ethernet_1.getU16)(frame, at + 2)];
    return ports.some((port) => exports.DHCP_PORTS.includes(port)) ? 'DHCP' : undefined;
}
