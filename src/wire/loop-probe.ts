/**
 * Loop probes: frames of the switch's own that find loops. Offsets count from the first byte of the frame.
 *
 *    0  destination 03-74-61-70-73-77, a local group that every bridge floods
 *    6  source: MAC of the switch     12  EtherType 0x88B6 (local experimental 2, IEEE 802 9.2.3)
 *   14  "LOOP"                        18  identity of the switch, 4 bytes       22  port that it left from
 *
 * No other program gives these frames a meaning. The switch that sent one knows it by its source and identity.
 */

import {
  ETHER_TYPE,
  SOURCE,
  etherTypeWord,
  getI32,
  getU16,
  putI32,
  putMac,
  putU16,
} from './ethernet';
import { u16At } from './read';

/** The shortest frame of Ethernet. */
export const PROBE_BYTES = 60;

const PROBE_TYPE = etherTypeWord(0x88b6);
const GROUP_HI16 = 0x7403;
const GROUP_LO32 = 0x77737061;
const MARK = 14;
const IDENTITY = 18;
const PORT = 22;
/** "LOOP" */
const LOOP = 0x4c4f4f50;
const SHORTEST_BYTES = 24;

/** Whether a frame is a loop probe with this identity. Its source is the switch's, which the caller knows. */
export function isProbe(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  lengthBytes: number,
  identity: number,
): boolean {
  return (
    lengthBytes >= SHORTEST_BYTES &&
    u16At(u16, (at + ETHER_TYPE) >> 1) === PROBE_TYPE &&
    getI32(u8, at + MARK) === LOOP &&
    getI32(u8, at + IDENTITY) === identity
  );
}

/** Id of the port that a probe left from. */
export function probePort(u8: Uint8Array, at: number): number {
  return getU16(u8, at + PORT);
}

/** Writes a whole frame of `PROBE_BYTES`. @param at arena offset, even */
export function writeProbe(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  hi16: number,
  lo32: number,
  identity: number,
  port: number,
): void {
  u8.fill(0, at, at + PROBE_BYTES);
  putMac(u16, at, GROUP_HI16, GROUP_LO32);
  putMac(u16, at + SOURCE, hi16, lo32);
  u16[(at + ETHER_TYPE) >> 1] = PROBE_TYPE;
  putI32(u8, at + MARK, LOOP);
  putI32(u8, at + IDENTITY, identity);
  putU16(u8, at + PORT, port);
}
