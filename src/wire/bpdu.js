"use strict";
/**
 * BPDUs: the messages of spanning trees, in an LLC frame to 01-80-C2-00-00-00, or to 01-80-C2-00-00-08 between
 * provider bridges (802.1ad). Offsets count from the first byte
 * of the frame. `readBpdu` checks a frame and decodes it; `writeBpdu` writes a whole frame.
 *
 *    0  destination          6  source              12 length of what follows, LLC header included
 *   14  DSAP 42, SSAP 42, control 03                17 protocol identifier (0)
 *   19  protocol version     20 type                21 flags
 *   22  root identifier      30 root path cost      34 bridge identifier
 *   42  port identifier      44 message age         46 max age
 *   48  hello time           50 forward delay       52 version 1 length (RST BPDU)
 *
 * A Configuration BPDU has 35 bytes behind the LLC header, an RST BPDU 36, and a TCN BPDU ends with its type.
 * Times are in units of 1/256 second on the wire, and whole seconds in `Bpdu`.
 *
 * Source: IEEE 802.1D-2004 clause 9; IEEE 802.2 (LLC).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.BPDU_FRAME_BYTES = exports.BpduCheck = exports.BpduGroup = exports.BpduFlag = exports.SenderRole = exports.BpduKind = void 0;
exports.newBpdu = newBpdu;
exports.readBpdu = readBpdu;
exports.writeBpdu = writeBpdu;
const ethernet_1 = require("./ethernet");
const read_1 = require("./read");
/** Sorts of BPDU, as the receiver has to process them. */
exports.BpduKind = { Config: 0, Tcn: 1, Rst: 2 };
/** Roles of the sending port in an RST BPDU (802.1D-2004 9.2.9). */
exports.SenderRole = { Unknown: 0, AlternateOrBackup: 1, Root: 2, Designated: 3 };
/** Bits of the flags. Configuration BPDUs have the first and the last one only. */
exports.BpduFlag = {
    TopologyChange: 0x01,
    Proposal: 0x02,
    Learning: 0x10,
    Forwarding: 0x20,
    Agreement: 0x40,
    TopologyChangeAck: 0x80,
};
/** Last byte of the address to which bridges send BPDUs, by their sort. */
exports.BpduGroup = { Customer: 0x00, Provider: 0x08 };
/** Results of `readBpdu`. */
exports.BpduCheck = {
    Ok: 0,
    /** The frame is not a BPDU: it has another LLC header. */
    NoBpdu: 1,
    /** The BPDU is invalid (802.1D-2004 9.3.4). */
    Invalid: 2,
};
const LLC_BYTES = 3;
const LLC_SAP = 0x42;
const LLC_UNNUMBERED = 0x03;
const LENGTH = 12;
const LLC = 14;
const PROTOCOL_ID = 17;
const VERSION = 19;
const TYPE = 20;
const FLAGS = 21;
const ROOT_ID = 22;
const ROOT_COST = 30;
const BRIDGE_ID = 34;
const PORT_ID = 42;
const MESSAGE_AGE = 44;
const MAX_AGE = 46;
const HELLO_TIME = 48;
const FORWARD_DELAY = 50;
const VERSION_1_LENGTH = 52;
const TYPE_CONFIG = 0x00;
const TYPE_TCN = 0x80;
const TYPE_RST = 0x02;
const VERSION_STP = 0;
const VERSION_RSTP = 2;
const TCN_BYTES = 4;
const CONFIG_BYTES = 35;
const RST_BYTES = 36;
const ROLE_SHIFT = 2;
const ROLE_MASK = 0x03;
const CONFIG_FLAGS = exports.BpduFlag.TopologyChange | exports.BpduFlag.TopologyChangeAck;
const TIME_UNITS = 256;
/** Longest times in seconds (802.1D-2004 table 17-1, and 802.1D-1998 table 8-3 for the hello time). */
const HELLO_TIME_MAX = 10;
const MAX_AGE_MAX = 40;
const FORWARD_DELAY_MAX = 30;
/** 01-80-C2-00-00-00 as the frame path has it: see `GROUP_BIT`. The last byte depends on the sort of bridge. */
const GROUP_HI16 = 0x8001;
const GROUP_LO32 = 0x000000c2;
/** Bytes of a whole frame with a BPDU: the shortest frame of Ethernet, padding included. */
exports.BPDU_FRAME_BYTES = 60;
function newBpdu() {
    const ids = { rootPriority: 0, rootAddress: 0, cost: 0, bridgePriority: 0, bridgeAddress: 0 };
    const times = { messageAge: 0, maxAge: 0, helloTime: 0, forwardDelay: 0 };
    return { kind: exports.BpduKind.Config, flags: 0, role: 0, ...ids, portId: 0, ...times };
}
/**
 * Checks and decodes the BPDU of a frame.
 * @param at arena offset of the frame, of at least 14 bytes
 * @param knowsRst whether the bridge speaks RSTP. A bridge with STP ignores every version but 0.
 * @param bpdu object to write into. It is undefined unless the result is `Ok`.
 */
function readBpdu(u8, at, lengthBytes, knowsRst, bpdu) {
    const claimedBytes = (0, ethernet_1.getU16)(u8, at + LENGTH);
    const restBytes = lengthBytes - ethernet_1.ETHERNET_HEADER_BYTES;
    if (restBytes < LLC_BYTES || claimedBytes < LLC_BYTES || claimedBytes > restBytes) {
        return exports.BpduCheck.Invalid;
    }
    if (!hasBpduLlc(u8, at))
        return exports.BpduCheck.NoBpdu;
    const bytes = claimedBytes - LLC_BYTES;
    if (bytes < TCN_BYTES || (0, ethernet_1.getU16)(u8, at + PROTOCOL_ID) !== 0)
        return exports.BpduCheck.Invalid;
    if (!knowsRst && (0, read_1.u8At)(u8, at + VERSION) !== VERSION_STP)
        return exports.BpduCheck.Invalid;
    const type = (0, read_1.u8At)(u8, at + TYPE);
    if (type === TYPE_TCN) {
        bpdu.kind = exports.BpduKind.Tcn;
        bpdu.flags = 0;
        bpdu.role = exports.SenderRole.Unknown;
        return exports.BpduCheck.Ok;
    }
    const isRst = type === TYPE_RST && knowsRst && (0, read_1.u8At)(u8, at + VERSION) >= VERSION_RSTP;
    if (type !== TYPE_CONFIG && !isRst)
        return exports.BpduCheck.Invalid;
    if (bytes < (isRst ? RST_BYTES : CONFIG_BYTES))
        return exports.BpduCheck.Invalid;
    // This also refuses a max age of zero. An RST BPDU that is too old ages at once instead (17.21.23).
    const isTooOld = (0, ethernet_1.getU16)(u8, at + MESSAGE_AGE) >= (0, ethernet_1.getU16)(u8, at + MAX_AGE);
    if (!isRst && isTooOld)
        return exports.BpduCheck.Invalid;
    readFlags(u8, at, isRst, bpdu);
    readFields(u8, at, bpdu);
    return exports.BpduCheck.Ok;
}
function hasBpduLlc(u8, at) {
    return ((0, read_1.u8At)(u8, at + LLC) === LLC_SAP &&
        (0, read_1.u8At)(u8, at + LLC + 1) === LLC_SAP &&
        (0, read_1.u8At)(u8, at + LLC + 2) === LLC_UNNUMBERED);
}
/** Decodes kind, flags and role. An RST BPDU with an unknown role counts as a Configuration BPDU (9.2.9). */
function readFlags(u8, at, isRst, bpdu) {
    const flags = (0, read_1.u8At)(u8, at + FLAGS);
    const role = (flags >> ROLE_SHIFT) & ROLE_MASK;
    const isConfig = !isRst || role === exports.SenderRole.Unknown;
    bpdu.kind = isConfig ? exports.BpduKind.Config : exports.BpduKind.Rst;
    bpdu.role = isConfig ? exports.SenderRole.Designated : role;
    bpdu.flags = isConfig ? flags & CONFIG_FLAGS : flags & ~(ROLE_MASK << ROLE_SHIFT);
}
function readFields(u8, at, bpdu) {
    bpdu.rootPriority = (0, ethernet_1.getU16)(u8, at + ROOT_ID);
    bpdu.rootAddress = getU48(u8, at + ROOT_ID + 2);
    bpdu.cost = getU32(u8, at + ROOT_COST);
    bpdu.bridgePriority = (0, ethernet_1.getU16)(u8, at + BRIDGE_ID);
    bpdu.bridgeAddress = getU48(u8, at + BRIDGE_ID + 2);
    bpdu.portId = (0, ethernet_1.getU16)(u8, at + PORT_ID);
    bpdu.messageAge = Math.round((0, ethernet_1.getU16)(u8, at + MESSAGE_AGE) / TIME_UNITS);
    bpdu.maxAge = seconds(u8, at + MAX_AGE, MAX_AGE_MAX);
    bpdu.helloTime = seconds(u8, at + HELLO_TIME, HELLO_TIME_MAX);
    bpdu.forwardDelay = seconds(u8, at + FORWARD_DELAY, FORWARD_DELAY_MAX);
}
/**
 * Reads a time. A value beyond the range of the standard counts as the nearest one that is not: no message makes a
 * bridge wait for nothing, or for minutes.
 */
function seconds(u8, at, max) {
    return Math.min(max, Math.max(1, Math.floor((0, ethernet_1.getU16)(u8, at) / TIME_UNITS)));
}
/**
 * Writes a whole frame of `BPDU_FRAME_BYTES`.
 * @param at arena offset of the frame, even
 * @param group last byte of the destination: one of `BpduGroup`
 * @param hi16 MAC of the sender, with `lo32`
 */
function writeBpdu(u8, u16, at, group, hi16, lo32, bpdu) {
    u8.fill(0, at, at + exports.BPDU_FRAME_BYTES);
    (0, ethernet_1.putMac)(u16, at, GROUP_HI16, GROUP_LO32 | (group << 24));
    (0, ethernet_1.putMac)(u16, at + 6, hi16, lo32);
    const isRst = bpdu.kind === exports.BpduKind.Rst;
    const bytes = bpdu.kind === exports.BpduKind.Tcn ? TCN_BYTES : isRst ? RST_BYTES : CONFIG_BYTES;
    (0, ethernet_1.putU16)(u8, at + LENGTH, LLC_BYTES + bytes);
    u8[at + LLC] = LLC_SAP;
    u8[at + LLC + 1] = LLC_SAP;
    u8[at + LLC + 2] = LLC_UNNUMBERED;
    u8[at + VERSION] = isRst ? VERSION_RSTP : VERSION_STP;
    u8[at + TYPE] = bpdu.kind === exports.BpduKind.Tcn ? TYPE_TCN : isRst ? TYPE_RST : TYPE_CONFIG;
    if (bpdu.kind !== exports.BpduKind.Tcn)
        writeFields(u8, at, bpdu);
}
function writeFields(u8, at, bpdu) {
    const isRst = bpdu.kind === exports.BpduKind.Rst;
    u8[at + FLAGS] = isRst ? bpdu.flags | (bpdu.role << ROLE_SHIFT) : bpdu.flags & CONFIG_FLAGS;
    (0, ethernet_1.putU16)(u8, at + ROOT_ID, bpdu.rootPriority);
    putU48(u8, at + ROOT_ID + 2, bpdu.rootAddress);
    putU32(u8, at + ROOT_COST, bpdu.cost);
    (0, ethernet_1.putU16)(u8, at + BRIDGE_ID, bpdu.bridgePriority);
    putU48(u8, at + BRIDGE_ID + 2, bpdu.bridgeAddress);
    (0, ethernet_1.putU16)(u8, at + PORT_ID, bpdu.portId);
    (0, ethernet_1.putU16)(u8, at + MESSAGE_AGE, bpdu.messageAge * TIME_UNITS);
    (0, ethernet_1.putU16)(u8, at + MAX_AGE, bpdu.maxAge * TIME_UNITS);
    (0, ethernet_1.putU16)(u8, at + HELLO_TIME, bpdu.helloTime * TIME_UNITS);
    (0, ethernet_1.putU16)(u8, at + FORWARD_DELAY, bpdu.forwardDelay * TIME_UNITS);
    u8[at + VERSION_1_LENGTH] = 0;
}
function getU32(u8, at) {
    return (0, ethernet_1.getU16)(u8, at) * 0x10000 + (0, ethernet_1.getU16)(u8, at + 2);
}
function getU48(u8, at) {
    return (0, ethernet_1.getU16)(u8, at) * 0x1_0000_0000 + getU32(u8, at + 2);
}
function putU32(u8, at, value) {
    (0, ethernet_1.putU16)(u8, at, Math.floor(value / 0x10000));
    (0, ethernet_1.putU16)(u8, at + 2, value % 0x10000);
}
function putU48(u8, at, value) {
    (0, ethernet_1.putU16)(u8, at, Math.floor(value / 0x1_0000_0000));
    putU32(u8, at + 2, value % 0x1_0000_0000);
}
