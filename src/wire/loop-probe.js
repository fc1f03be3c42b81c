"use strict";
/**
 * Loop probes: frames of the switch's own that find loops. Offsets count from the first byte of the frame.
 *
 *    0  destination 03-74-61-70-73-77, a local group that every bridge floods
 *    6  source: MAC of the switch     12  EtherType 0x88B6 (local experimental 2, IEEE 802 9.2.3)
 *   14  "LOOP"                        18  identity of the switch, 4 bytes       22  port that it left from
 *
 * No other program gives these frames a meaning. The switch that sent one knows it by its source and identity.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PROBE_BYTES = void 0;
exports.isProbe = isProbe;
exports.probePort = probePort;
exports.writeProbe = writeProbe;
const ethernet_1 = require("./ethernet");
const read_1 = require("./read");
/** The shortest frame of Ethernet. */
exports.PROBE_BYTES = 60;
const PROBE_TYPE = (0, ethernet_1.etherTypeWord)(0x88b6);
const GROUP_HI16 = 0x7403;
const GROUP_LO32 = 0x77737061;
const MARK = 14;
const IDENTITY = 18;
const PORT = 22;
/** "LOOP" */
const LOOP = 0x4c4f4f50;
const SHORTEST_BYTES = 24;
/** Whether a frame is a loop probe with this identity. Its source is the switch's, which the caller knows. */
function isProbe(u8, u16, at, lengthBytes, identity) {
    return (lengthBytes >= SHORTEST_BYTES &&
        (0, read_1.u16At)(u16, (at + ethernet_1.ETHER_TYPE) >> 1) === PROBE_TYPE &&
        (0, ethernet_1.getI32)(u8, at + MARK) === LOOP &&
        (0, ethernet_1.getI32)(u8, at + IDENTITY) === identity);
}
/** Id of the port that a probe left from. */
function probePort(u8, at) {
    return (0, ethernet_1.getU16)(u8, at + PORT);
}
/** Writes a whole frame of `PROBE_BYTES`. @param at arena offset, even */
function writeProbe(u8, u16, at, hi16, lo32, identity, port) {
    u8.fill(0, at, at + exports.PROBE_BYTES);
    (0, ethernet_1.putMac)(u16, at, GROUP_HI16, GROUP_LO32);
    (0, ethernet_1.putMac)(u16, at + ethernet_1.SOURCE, hi16, lo32);
    u16[(at + ethernet_1.ETHER_TYPE) >> 1] = PROBE_TYPE;
    (0, ethernet_1.putI32)(u8, at + MARK, LOOP);
    (0, ethernet_1.putI32)(u8, at + IDENTITY, identity);
    (0, ethernet_1.putU16)(u8, at + PORT, port);
}
