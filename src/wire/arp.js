"use strict";
/**
 * ARP packets for IPv4 on Ethernet. Offsets count from the first byte of the frame. Call
 * `isEthernetIpv4` once per frame; the accessors cannot fail after that.
 *
 *    0  destination   6  source         12 EtherType 0x0806
 *   14  hardware type (1)               16 protocol type (0x0800)
 *   18  lengths (6, 4)                  20 operation
 *   22  sender hardware address         28 sender protocol address
 *   32  target hardware address         38 target protocol address
 *
 * Source: RFC 826; RFC 5227 1.1 (probe, announcement).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.REPLY = exports.REQUEST = exports.ARP_FRAME_BYTES = void 0;
exports.isEthernetIpv4 = isEthernetIpv4;
exports.isFromSender = isFromSender;
exports.operation = operation;
exports.senderHi16 = senderHi16;
exports.senderLo32 = senderLo32;
exports.senderAddress = senderAddress;
exports.targetHi16 = targetHi16;
exports.targetLo32 = targetLo32;
exports.targetAddress = targetAddress;
exports.putOperation = putOperation;
exports.putSender = putSender;
exports.putTarget = putTarget;
const ethernet_1 = require("./ethernet");
const read_1 = require("./read");
exports.ARP_FRAME_BYTES = 42;
const HARDWARE_TYPE = 14;
const PROTOCOL_TYPE = 16;
const ADDRESS_LENGTHS = 18;
const OPERATION = 20;
const SENDER_HARDWARE = 22;
const SENDER_PROTOCOL = 28;
const TARGET_HARDWARE = 32;
const TARGET_PROTOCOL = 38;
/** 16-bit fields as they lie in memory: network order, read as a little-endian word. */
const HARDWARE_ETHERNET = 0x0100;
const PROTOCOL_IPV4 = 0x0008;
const LENGTHS_6_AND_4 = 0x0406;
exports.REQUEST = 0x0100;
exports.REPLY = 0x0200;
/** Whether the frame is a whole request or reply, about IPv4 on Ethernet. */
function isEthernetIpv4(u16, at, lengthBytes) {
    if (lengthBytes < exports.ARP_FRAME_BYTES)
        return false;
    const op = operation(u16, at);
    return (u16[(at + HARDWARE_TYPE) >> 1] === HARDWARE_ETHERNET &&
        u16[(at + PROTOCOL_TYPE) >> 1] === PROTOCOL_IPV4 &&
        u16[(at + ADDRESS_LENGTHS) >> 1] === LENGTHS_6_AND_4 &&
        (op === exports.REQUEST || op === exports.REPLY));
}
/** Whether the sender hardware address is a station's address and equals the Ethernet source. */
function isFromSender(u16, at) {
    const hi16 = senderHi16(u16, at);
    const lo32 = senderLo32(u16, at);
    return (hi16 === (0, ethernet_1.macHi16)(u16, at + ethernet_1.SOURCE) &&
        lo32 === (0, ethernet_1.macLo32)(u16, at + ethernet_1.SOURCE) &&
        (hi16 & ethernet_1.GROUP_BIT) === 0 &&
        (hi16 | lo32) !== 0);
}
/** `REQUEST` or `REPLY`. */
function operation(u16, at) {
    return (0, read_1.u16At)(u16, (at + OPERATION) >> 1);
}
function senderHi16(u16, at) {
    return (0, ethernet_1.macHi16)(u16, at + SENDER_HARDWARE);
}
function senderLo32(u16, at) {
    return (0, ethernet_1.macLo32)(u16, at + SENDER_HARDWARE);
}
function senderAddress(u8, at) {
    return (0, ethernet_1.getI32)(u8, at + SENDER_PROTOCOL);
}
function targetHi16(u16, at) {
    return (0, ethernet_1.macHi16)(u16, at + TARGET_HARDWARE);
}
function targetLo32(u16, at) {
    return (0, ethernet_1.macLo32)(u16, at + TARGET_HARDWARE);
}
function targetAddress(u8, at) {
    return (0, ethernet_1.getI32)(u8, at + TARGET_PROTOCOL);
}
/** Writes EtherType and everything up to the operation. `putMac` writes the Ethernet destination. */
function putOperation(u16, at, op) {
    u16[(at + ethernet_1.ETHER_TYPE) >> 1] = ethernet_1.ETHER_TYPE_ARP;
    u16[(at + HARDWARE_TYPE) >> 1] = HARDWARE_ETHERNET;
    u16[(at + PROTOCOL_TYPE) >> 1] = PROTOCOL_IPV4;
    u16[(at + ADDRESS_LENGTHS) >> 1] = LENGTHS_6_AND_4;
    u16[(at + OPERATION) >> 1] = op;
}
/** Writes the sender, and the Ethernet source, which is the same station. */
function putSender(u8, u16, at, hi16, lo32, address) {
    (0, ethernet_1.putMac)(u16, at + ethernet_1.SOURCE, hi16, lo32);
    (0, ethernet_1.putMac)(u16, at + SENDER_HARDWARE, hi16, lo32);
    (0, ethernet_1.putI32)(u8, at + SENDER_PROTOCOL, address);
}
function putTarget(u8, u16, at, hi16, lo32, address) {
    (0, ethernet_1.putMac)(u16, at + TARGET_HARDWARE, hi16, lo32);
    (0, ethernet_1.putI32)(u8, at + TARGET_PROTOCOL, address);
}
