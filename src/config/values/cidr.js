"use strict";
/**
 * An address of the switch itself, with the length of its network's prefix: `192.0.2.1/24`.
 *
 * Only an address that one host can have on an Ethernet is accepted. The address of the network
 * (`192.0.2.0/24`) is a mistake: no host would ever ask for it.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.cidrText = exports.cidr = void 0;
exports.formatCidr = formatCidr;
exports.addressIn = addressIn;
exports.faultOfAddress = faultOfAddress;
const ip_text_1 = require("../../wire/ip-text");
const rule_1 = require("./rule");
const WHAT = 'the address of a host with its prefix length, such as 192.0.2.1/24 or 2001:db8::1/64';
/** Reads `ADDRESS/PREFIXLENGTH`. */
exports.cidr = (0, rule_1.textRule)(WHAT, (text) => {
    const [, addressText = '', lengthText = ''] = /^([^/]*)\/([1-9]\d{0,2})$/.exec(text) ?? [];
    const bytes = (0, ip_text_1.parseIpAddress)(addressText);
    const prefixLength = Number(lengthText);
    if (bytes === undefined || prefixLength > bytes.length * 8)
        return undefined;
    const fault = faultOfAddress(bytes) ?? faultInPrefix(bytes, prefixLength);
    if (fault !== undefined)
        throw (0, rule_1.expected)(WHAT, text, fault);
    return {
        address: (0, ip_text_1.canonicalIpAddress)(addressText),
        prefixLength,
        family: bytes.length === 4 ? 4 : 6,
    };
});
/** Text from which {@link cidr} reads the same. */
function formatCidr({ address, prefixLength }) {
    return `${address}/${prefixLength}`;
}
/** An address with its prefix length as a text in canonical form, for keys of ports. */
exports.cidrText = (0, rule_1.mapRule)(exports.cidr, formatCidr);
/** The address in such a text. */
function addressIn(text) {
    return exports.cidr.fromText(text).address;
}
/** @returns why no host on an Ethernet can have this address; `undefined` if one can. */
function faultOfAddress(bytes) {
    return bytes.length === 4 ? faultOfIpv4(bytes) : faultOfIpv6(bytes);
}
/** Source: RFC 1122 3.2.1.3, RFC 5771 (multicast). */
function faultOfIpv4(bytes) {
    const first = bytes[0] ?? 0;
    if (first === 0)
        return '"this network"';
    if (first === 127)
        return 'a loopback address';
    if (first >= 224 && first <= 239)
        return 'a multicast address';
    if (bytes.every((byte) => byte === 0xff))
        return 'the broadcast address';
    return undefined;
}
/** Source: RFC 4291 2.5.2, 2.5.3, 2.5.5.2, 2.7. */
function faultOfIpv6(bytes) {
    if (bytes[0] === 0xff)
        return 'a multicast address';
    const leadingZeros = bytes.findIndex((byte) => byte !== 0);
    if (leadingZeros === -1)
        return 'the unspecified address';
    if (leadingZeros === 15 && bytes[15] === 1)
        return 'the loopback address';
    if (leadingZeros === 10 && bytes[10] === 0xff && bytes[11] === 0xff) {
        return 'an IPv4-mapped address';
    }
    return undefined;
}
/**
 * Fault of an address that no host of its network can have: the first one and, in IPv4, the last one.
 * Networks of one or two addresses have no such address (RFC 3021, RFC 6164).
 */
function faultInPrefix(bytes, prefixLength) {
    const lengthBits = bytes.length * 8;
    if (prefixLength >= lengthBits - 1)
        return undefined;
    const hostBits = [...bytes]
        .map((byte) => byte.toString(2).padStart(8, '0'))
        .join('')
        .slice(prefixLength);
    if (!hostBits.includes('1')) {
        return lengthBits === 32 ? 'the address of the network' : 'the subnet-router anycast address';
    }
    if (lengthBits === 32 && !hostBits.includes('0'))
        return 'the broadcast address of the network';
    return undefined;
}
