/**
 * Loop probes: frames of the switch's own that find loops. Offsets count from the first byte of the frame.
 *
 *    0  destination 03-74-61-70-73-77, a local group that every bridge floods
 *    6  source: MAC of the switch     12  EtherType 0x88B6 (local experimental 2, IEEE 802 9.2.3)
 *   14  "LOOP"                        18  number of the probe, 8 bytes, random   26  port that it left from
 *
 * No other program gives these frames a meaning. The switch that sent one knows it by its source and number. In a
 * VLAN, a tag may stand in front of the EtherType.
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
const NUMBER = 18;
/** Offset of the low word in a number. */
const LOW = 4;
const PORT = 26;
/** "LOOP" */
const LOOP = 0x4c4f4f50;
const SHORTEST_BYTES = 28;
const TYPE_BYTES = 2;

/**
 * Whether a frame is a loop probe. Its source is the switch's, which the caller knows.
 * @param payload arena offset of the first byte behind the EtherType
 * @param payloadBytes bytes from there to the end of the frame
 */
export function isProbe(
  u8: Uint8Array,
  u16: Uint16Array,
  payload: number,
  payloadBytes: number,
): boolean {
  return (
    payloadBytes >= SHORTEST_BYTES - MARK &&
    u16At(u16, (payload - TYPE_BYTES) >> 1) === PROBE_TYPE &&
    getI32(u8, payload) === LOOP
  );
}

/**
 * Number of a probe: two signed words. 64 bits, because a host that tries a million numbers a second would find one of 32
 * bits within two hours.
 */
export interface ProbeNumber {
  readonly high: number;
  readonly low: number;
}

/** Whether a probe has this number. @param payload as in `isProbe` */
export function hasNumber(u8: Uint8Array, payload: number, { high, low }: ProbeNumber): boolean {
  const at = payload + NUMBER - MARK;
  return getI32(u8, at) === high && getI32(u8, at + LOW) === low;
}

/** Id of the port that a probe left from. @param payload as in `isProbe` */
export function probePort(u8: Uint8Array, payload: number): number {
  return getU16(u8, payload + PORT - MARK);
}

/** Writes a whole frame of `PROBE_BYTES`. @param at arena offset, even */
export function writeProbe(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  hi16: number,
  lo32: number,
  { high, low }: ProbeNumber,
  port: number,
): void {
  u8.fill(0, at, at + PROBE_BYTES);
  putMac(u16, at, GROUP_HI16, GROUP_LO32);
  putMac(u16, at + SOURCE, hi16, lo32);
  u16[(at + ETHER_TYPE) >> 1] = PROBE_TYPE;
  putI32(u8, at + MARK, LOOP);
  putI32(u8, at + NUMBER, high);
  putI32(u8, at + NUMBER + LOW, low);
  putU16(u8, at + PORT, port);
}
