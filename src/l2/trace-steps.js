"use strict";
/** Sentences of a trace: one for each decision of the bridge, and a note for some. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.tellArrival = tellArrival;
exports.tellLearning = tellLearning;
exports.tellVlan = tellVlan;
exports.tellFlood = tellFlood;
exports.tellOwnWords = tellOwnWords;
exports.tellSegmenting = tellSegmenting;
exports.tellMirroring = tellMirroring;
exports.tellLeaving = tellLeaving;
exports.tellDrop = tellDrop;
exports.tellRoomDrop = tellRoomDrop;
const port_id_1 = require("../frame/port-id");
const burst_1 = require("../frame/burst");
const mac_1 = require("../wire/mac");
const ethernet_1 = require("../wire/ethernet");
const drop_reason_1 = require("./drop-reason");
const table_1 = require("./fdb/table");
const read_1 = require("../wire/read");
const vlan_1 = require("../wire/vlan");
const PROTOCOLS = new Map([
    [0x0800, 'IPv4'],
    [0x0806, 'ARP'],
    [0x86dd, 'IPv6'],
    [0x8100, 'a VLAN tag'],
    [0x88a8, 'a service VLAN tag'],
    [0x88cc, 'LLDP'],
]);
function tellArrival(reporter, burst, frame) {
    const { bytes, at, ingress } = received(burst, frame);
    const arrival = `${bytes} bytes come from ${reporter.label(ingress)}`;
    if (((0, read_1.i32At)(burst.kind, frame) & burst_1.FrameFlag.Short) !== 0)
        return reporter.step(arrival);
    const type = (0, ethernet_1.getU16)(burst.u8, at + ethernet_1.ETHER_TYPE);
    const protocol = PROTOCOLS.get(type) ?? 'another protocol';
    const addresses = `${macAt(burst, at + ethernet_1.SOURCE)} to ${macAt(burst, at + ethernet_1.DESTINATION)}`;
    const typeText = `type 0x${type.toString(16).padStart(4, '0')}, ${protocol}`;
    reporter.step(`${arrival}: ${addresses}, ${typeText}`);
}
/**
 * @param movedFrom former port of a station that has moved
 * @param knownPort present port of the station in the FDB, or `NO_PORT`
 */
function tellLearning(reporter, { ageingMs, movedFrom }, result, mac, port, knownPort) {
    const label = reporter.label(port);
    switch (result) {
        case table_1.LearnResult.Refreshed:
            return reporter.step(`${mac} is known on ${label}: refreshed`);
        case table_1.LearnResult.Learned:
            return reporter.step(`${mac} is learned on ${label}`);
        case table_1.LearnResult.Moved:
            return reporter.step(`${mac} moves from ${reporter.label(movedFrom)} to ${label}`);
        case table_1.LearnResult.Refused:
            if (knownPort !== port_id_1.NO_PORT) {
                const known = reporter.label(knownPort);
                return reporter.step(`${mac} stays on ${known}: that entry is static or sticky`);
            }
            return reporter.step(ageingMs === 0
                ? `${mac} is not learned: this switch learns nothing`
                : `${mac} is not learned: the forwarding database has no room for it`);
    }
}
function tellVlan(reporter, vid) {
    reporter.step(`it belongs to VLAN ${vid}`);
}
/**
 * @param vid VLAN of the frame, or `NO_VLAN` if the bridge does not filter
 * @param spared forwarding ports that take no such frames
 * @param closed ports that are up, and do not forward
 */
function tellFlood(reporter, burst, frame, vid, spared, closed) {
    const { at } = received(burst, frame);
    const hi16 = (0, ethernet_1.macHi16)(burst.u16, at + ethernet_1.DESTINATION);
    const lo32 = (0, ethernet_1.macLo32)(burst.u16, at + ethernet_1.DESTINATION);
    const kind = (0, read_1.i32At)(burst.kind, frame);
    const [why, key] = (kind & burst_1.FrameFlag.Broadcast) !== 0
        ? ['it is a broadcast', 'bcast-flood']
        : (kind & burst_1.FrameFlag.Group) !== 0
            ? ['it goes to a group', 'mcast-flood']
            : [`${(0, mac_1.formatMac)(hi16, lo32)} is not in the forwarding database`, 'flood'];
    const others = vid === vlan_1.NO_VLAN ? 'every other port' : `every other member of VLAN ${vid}`;
    reporter.step(`${why}: to ${others}`);
    for (const port of spared)
        reporter.step(`${reporter.label(port)} has ${key}=off: not there`);
    for (const { port, state } of closed) {
        reporter.step(`${reporter.label(port)} is ${state}: not there`);
    }
}
/** Reports a frame that the switch made. A received frame that a room sends on needs no sentence. */
function tellOwnWords(reporter, burst, frame, port) {
    if (received(burst, frame).ingress !== port_id_1.NO_PORT)
        return;
    reporter.step(`the switch sends a frame to ${reporter.label(port)}`);
}
function tellSegmenting(reporter, segments, port) {
    const outcome = segments === 1 ? 'the switch completes its checksum' : `it becomes ${segments} plain frames`;
    reporter.step(`${reporter.label(port)} takes no offloads: ${outcome}`);
}
function tellMirroring(reporter, name) {
    reporter.step(`mirror ${name} copies it`);
}
function tellLeaving(reporter, burst, frame, port) {
    const isAnswer = received(burst, frame).ingress === port_id_1.NO_PORT;
    reporter.step(`${isAnswer ? 'the answer' : 'it'} leaves from ${reporter.label(port)}`);
    if (!isAnswer)
        reporter.egress(port);
}
function tellDrop(reporter, port, reason) {
    tellRoomDrop(reporter, port, drop_reason_1.DROP_REASONS[reason]);
}
/** Reports that a room drops a frame, for a reason of its own. */
function tellRoomDrop(reporter, port, { name, meaning }) {
    reporter.step(`dropped at ${reporter.label(port)}, ${name}: ${meaning}`);
    reporter.drop(port, name);
}
function received({ length, offset, ingress }, frame) {
    return {
        bytes: (0, read_1.i32At)(length, frame),
        at: (0, read_1.i32At)(offset, frame),
        ingress: (0, read_1.i32At)(ingress, frame),
    };
}
function macAt({ u16 }, at) {
    return (0, mac_1.formatMac)((0, ethernet_1.macHi16)(u16, at), (0, ethernet_1.macLo32)(u16, at));
}
