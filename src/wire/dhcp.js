"use strict";
/**
 * DHCP messages: the parts that say which client got which address, in DHCPv4 messages and DHCPv6
 * replies. Offsets count from the first byte of the UDP payload.
 *
 * Source: RFC 2131 section 2 and RFC 2132 (DHCPv4); RFC 8415 sections 8 and 21 (DHCPv6).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.RELEASE = exports.ACK = exports.DECLINE = exports.CLIENT_HARDWARE = exports.YOUR_ADDRESS = exports.CLIENT_ADDRESS = exports.SERVER_PORT_V6 = exports.CLIENT_PORT_V6 = exports.CLIENT_PORT = exports.SERVER_PORT = exports.UDP_CHECKSUM = exports.UDP_LENGTH = exports.UDP_DESTINATION_PORT = exports.UDP_SOURCE_PORT = exports.UDP_HEADER_BYTES = void 0;
exports.dhcpMessageType = dhcpMessageType;
exports.isBootpRequest = isBootpRequest;
exports.isOfServer = isOfServer;
exports.isOfServerV6 = isOfServerV6;
exports.leaseTimeMs = leaseTimeMs;
exports.givenBackAddress = givenBackAddress;
exports.isReplyV6 = isReplyV6;
exports.nextAddressV6 = nextAddressV6;
exports.validLifetimeMs = validLifetimeMs;
const ethernet_1 = require("./ethernet");
const read_1 = require("./read");
/** UDP header: RFC 768. */
exports.UDP_HEADER_BYTES = 8;
exports.UDP_SOURCE_PORT = 0;
exports.UDP_DESTINATION_PORT = 2;
exports.UDP_LENGTH = 4;
exports.UDP_CHECKSUM = 6;
exports.SERVER_PORT = 67;
exports.CLIENT_PORT = 68;
exports.CLIENT_PORT_V6 = 546;
exports.SERVER_PORT_V6 = 547;
const OPERATION = 0;
const HARDWARE_TYPE = 1;
const HARDWARE_LENGTH = 2;
exports.CLIENT_ADDRESS = 12;
exports.YOUR_ADDRESS = 16;
exports.CLIENT_HARDWARE = 28;
const SERVER_NAME = 44;
const FILE = 108;
const MAGIC_COOKIE = 236;
const OPTIONS = 240;
const BOOT_REQUEST = 1;
const BOOT_REPLY = 2;
const HARDWARE_ETHERNET = 1;
const MAC_BYTES = 6;
const COOKIE = 0x63825363;
/** Message types: RFC 2132 9.6. */
exports.DECLINE = 4;
exports.ACK = 5;
exports.RELEASE = 7;
const FROM_CLIENT = [1, 3, exports.DECLINE, exports.RELEASE, 8];
/** DHCPv6 ADVERTISE, REPLY, RECONFIGURE, RELAY-REPL: RFC 8415 7.3. */
const FROM_SERVER_V6 = [2, 7, 10, 13];
const OPTION_PAD = 0;
const OPTION_REQUESTED_ADDRESS = 50;
const OPTION_LEASE_TIME = 51;
const OPTION_OVERLOAD = 52;
const OPTION_MESSAGE_TYPE = 53;
const OPTION_END = 255;
/** Bits of option 52: fields that hold options, too (RFC 2132 9.3). */
const OVERLOADS_FILE = 1;
const OVERLOADS_SERVER_NAME = 2;
/** "Infinity": RFC 2131 section 3.3, RFC 8415 7.7. */
const FOR_EVER_S = 0xffffffff;
const MS_PER_SECOND = 1_000;
/**
 * The type of a DHCPv4 message for a host on Ethernet, or -1 if the message is malformed or comes
 * from the wrong side (client or server). Call this before the other functions.
 */
function dhcpMessageType(u8, at, end) {
    const option = isOnEthernet(u8, at, end) && hasOptions(u8, at, end)
        ? findOption(u8, at, end, OPTION_MESSAGE_TYPE, 1)
        : -1;
    if (option < 0)
        return -1;
    const type = (0, read_1.u8At)(u8, option);
    const operation = FROM_CLIENT.includes(type) ? BOOT_REQUEST : BOOT_REPLY;
    return u8[at + OPERATION] === operation ? type : -1;
}
/**
 * Whether the message is a BOOTP request of a host on Ethernet (RFC 951, RFC 1534). BOOTP has no
 * message type. The vendor's area may hold anything but a message type, option 52 and a truncated
 * option.
 */
function isBootpRequest(u8, at, end) {
    if (!isOnEthernet(u8, at, end) || u8[at + OPERATION] !== BOOT_REQUEST)
        return false;
    if (!hasOptions(u8, at, end))
        return true;
    if (findIn(u8, at + OPTIONS, end, OPTION_MESSAGE_TYPE) !== ABSENT)
        return false;
    return findIn(u8, at + OPTIONS, end, OPTION_OVERLOAD) === ABSENT;
}
/** Whether a DHCPv4 or BOOTP message comes from a server, whatever its UDP ports are. */
function isOfServer(u8, at, end) {
    return at < end && u8[at + OPERATION] === BOOT_REPLY;
}
/** Whether a DHCPv6 message comes from a server, or from a relay to a client. */
function isOfServerV6(u8, at, end) {
    return at < end && FROM_SERVER_V6.includes((0, read_1.u8At)(u8, at));
}
function isOnEthernet(u8, at, end) {
    return (end - at >= OPTIONS &&
        u8[at + HARDWARE_TYPE] === HARDWARE_ETHERNET &&
        u8[at + HARDWARE_LENGTH] === MAC_BYTES);
}
function hasOptions(u8, at, end) {
    return end - at > OPTIONS && (0, ethernet_1.getI32)(u8, at + MAGIC_COOKIE) === COOKIE;
}
/** The lease time that a message grants, milliseconds, or -1 if it grants none. */
function leaseTimeMs(u8, at, end) {
    const option = findOption(u8, at, end, OPTION_LEASE_TIME, 4);
    return option < 0 ? -1 : secondsToMs((0, ethernet_1.getI32)(u8, option) >>> 0);
}
/** The arena offset of the address that a client declines or releases, or -1. */
function givenBackAddress(u8, at, end, type) {
    if (type === exports.RELEASE)
        return at + exports.CLIENT_ADDRESS;
    return findOption(u8, at, end, OPTION_REQUESTED_ADDRESS, 4);
}
/**
 * The arena offset of the value of an option that has the given length, or -1. The options field is
 * read first, then the fields that option 52 names (RFC 2131 4.1).
 */
function findOption(u8, at, end, code, lengthBytes) {
    let found = findIn(u8, at + OPTIONS, end, code);
    if (found === ABSENT) {
        const overload = findIn(u8, at + OPTIONS, end, OPTION_OVERLOAD);
        const fields = overload >= 0 && u8[overload - 1] === 1 ? (0, read_1.u8At)(u8, overload) : 0;
        if ((fields & OVERLOADS_FILE) !== 0) {
            found = findIn(u8, at + FILE, at + MAGIC_COOKIE, code);
        }
        if (found === ABSENT && (fields & OVERLOADS_SERVER_NAME) !== 0) {
            found = findIn(u8, at + SERVER_NAME, at + FILE, code);
        }
    }
    return found >= 0 && u8[found - 1] === lengthBytes ? found : -1;
}
const ABSENT = -1;
/** A truncated option: one that reaches beyond its field. */
const CUT = -2;
/** The arena offset of an option's value, behind its length; `ABSENT` or `CUT`. RFC 2132 2. */
function findIn(u8, from, end, code) {
    let option = from;
    while (option < end && u8[option] !== OPTION_END) {
        if (u8[option] === OPTION_PAD) {
            option++;
            continue;
        }
        const value = option + 2;
        const valueBytes = option + 1 < end ? (0, read_1.u8At)(u8, option + 1) : 0;
        if (value + valueBytes > end)
            return CUT;
        if (u8[option] === code)
            return value;
        option = value + valueBytes;
    }
    return ABSENT;
}
// DHCPv6 ----------------------------------------------------------------------------------------
const REPLY_V6 = 7;
const OPTIONS_V6 = 4;
const OPTION_HEADER_BYTES_V6 = 4;
const OPTION_IA_NA = 3;
const OPTION_IA_TA = 4;
const OPTION_IA_ADDRESS = 5;
/** IAID, T1 and T2, in front of the options that an IA_NA holds. */
const IA_NA_BYTES = 12;
/** IAID, in front of the options that an IA_TA holds: temporary addresses (RFC 8415 21.5). */
const IA_TA_BYTES = 4;
/** Address, preferred lifetime and valid lifetime of an IA address. */
const IA_ADDRESS_BYTES = 24;
const VALID_LIFETIME = 20;
function isReplyV6(u8, at, end) {
    return end - at >= OPTIONS_V6 && u8[at] === REPLY_V6;
}
/**
 * The arena offset of the address in a reply that follows the one at `after` (-1: the first address).
 * -1 if no address follows or the rest is malformed.
 */
function nextAddressV6(u8, at, end, after) {
    let option = at + OPTIONS_V6;
    while (option + OPTION_HEADER_BYTES_V6 <= end) {
        const code = (0, ethernet_1.getU16)(u8, option);
        const value = option + OPTION_HEADER_BYTES_V6;
        const valueBytes = (0, ethernet_1.getU16)(u8, option + 2);
        if (value + valueBytes > end)
            return -1;
        if (code === OPTION_IA_ADDRESS && valueBytes >= IA_ADDRESS_BYTES && value > after)
            return value;
        // The walk enters an IA_NA or IA_TA, because it holds options.
        const headBytes = code === OPTION_IA_NA ? IA_NA_BYTES : code === OPTION_IA_TA ? IA_TA_BYTES : valueBytes;
        option = value + Math.min(headBytes, valueBytes);
    }
    return -1;
}
/** The valid lifetime, milliseconds, of the IA address at `address`. */
function validLifetimeMs(u8, address) {
    return secondsToMs((0, ethernet_1.getI32)(u8, address + VALID_LIFETIME) >>> 0);
}
function secondsToMs(seconds) {
    return seconds === FOR_EVER_S ? Infinity : seconds * MS_PER_SECOND;
}
