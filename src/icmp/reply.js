"use strict";
/** The frame around an answer, which both IP versions share. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ERROR_INTERVAL_MS = exports.HOPS = void 0;
exports.makeReplyFrame = makeReplyFrame;
const read_1 = require("../wire/read");
const ethernet_1 = require("../wire/ethernet");
/** Hop limit (TTL) of an answer: RFC 1700, "IP TIME TO LIVE PARAMETER". */
exports.HOPS = 64;
/** Least interval between two errors, so that a flood of fragments does not cause a flood of errors. */
exports.ERROR_INTERVAL_MS = 100;
/**
 * Makes a frame from the switch to the station that sent `request`, of the same EtherType.
 * @param payloadBytes size of the payload after the Ethernet header
 * @returns the frame, or -1 if there is no room for it
 */
function makeReplyFrame(outbox, request, mac, payloadBytes) {
    const reply = outbox.make(ethernet_1.PAYLOAD + payloadBytes);
    if (reply < 0)
        return reply;
    const { u16, offset, vlan } = outbox.burst;
    vlan[reply] = (0, read_1.i32At)(vlan, request);
    const from = (0, read_1.i32At)(offset, request);
    const at = (0, read_1.i32At)(offset, reply);
    (0, ethernet_1.putMac)(u16, at + ethernet_1.DESTINATION, (0, ethernet_1.macHi16)(u16, from + ethernet_1.SOURCE), (0, ethernet_1.macLo32)(u16, from + ethernet_1.SOURCE));
    (0, ethernet_1.putMac)(u16, at + ethernet_1.SOURCE, mac.hi16, mac.lo32);
    u16[(at + ethernet_1.ETHER_TYPE) >> 1] = (0, ethernet_1.etherType)(u16, from);
    return reply;
}
