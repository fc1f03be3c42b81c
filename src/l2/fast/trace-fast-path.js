"use strict";
/**
 * The step of a trace about the fast path: whether the kernel redirects such a frame, or why the switch gets
 * it. It checks the same as the program in the kernel (`device/fast-program.ts`), in the same order.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.fastPathStep = fastPathStep;
const mac_1 = require("../../wire/mac");
const ethernet_1 = require("../../wire/ethernet");
const vlan_1 = require("../../wire/vlan");
const protocols_1 = require("./protocols");
/**
 * @param from port that the frame comes from
 * @param frame bytes from the destination address to the end
 * @returns one sentence; undefined if no port has a fast path
 */
function fastPathStep(ports, stations, from, frame) {
    if (frame.length < ethernet_1.ETHERNET_HEADER_BYTES)
        return undefined;
    if (!ports.some(({ fastLeg }) => fastLeg !== undefined && fastLeg !== null))
        return undefined;
    const reason = reasonAgainst(ports, stations, from, frame);
    return reason === undefined
        ? 'fast path: the kernel redirects such a frame, and the switch does not get it'
        : `no fast path: ${reason}`;
}
function reasonAgainst(ports, stations, from, frame) {
    // A copy with aligned words.
    const words = new Uint16Array(Uint8Array.from(frame.subarray(0, ethernet_1.ETHERNET_HEADER_BYTES)).buffer);
    if ((0, ethernet_1.isGroup)((0, ethernet_1.macHi16)(words, ethernet_1.DESTINATION)))
        return 'it goes to a group';
    const protocol = (0, protocols_1.slowProtocol)(frame);
    if (protocol !== undefined)
        return `the switch sees every frame that is ${protocol}`;
    const ingress = ports.find(({ id }) => id === from);
    if (ingress?.fastObstacle !== undefined)
        return `${ingress.label}: ${ingress.fastObstacle}`;
    const portOf = (at) => {
        const mac = (0, mac_1.formatMac)((0, ethernet_1.macHi16)(words, at), (0, ethernet_1.macLo32)(words, at));
        const station = stations.find((entry) => entry.mac === mac && entry.vlan === vlan_1.NO_VLAN);
        return ports.find(({ id }) => id === station?.port);
    };
    if (portOf(ethernet_1.SOURCE)?.id !== from)
        return 'its source is not known on this port';
    const egress = portOf(ethernet_1.DESTINATION);
    if (egress === undefined)
        return 'its destination is not known';
    if (egress.id === from)
        return 'its destination is on the same port';
    if (egress.fastObstacle !== undefined)
        return `${egress.label}: ${egress.fastObstacle}`;
    if (ingress?.isolated === true && egress.isolated === true)
        return 'both ports are isolated';
    if (egress.fastLeg?.domain !== ingress?.fastLeg?.domain) {
        return 'the interfaces are in two network namespaces';
    }
    const longest = egress.mtuBytes + ethernet_1.ETHERNET_HEADER_BYTES + ethernet_1.VLAN_TAG_BYTES;
    return frame.length > longest ? `it is too long for ${egress.label}` : undefined;
}
