/**
 * Groups of `decide` and `group-memory`: hosts that join them at a switch that snoops and asks, and a burst whose frames
 * are to one group after the other. Group n is 239.1.0.0 + n.
 */

import { BURST_FRAMES, macOf } from './burst-writer';
import type { Stage } from './patterns';

export const GROUPS = 1_000;
/** Members of each group: a look-up costs the same for 2 and for 256, but the copies would not. */
export const MEMBERS = 2;

const IPV4 = [0x08, 0x00];
/** Time in which hosts answer the switch before it uses its table, ms. */
export const ANSWERS_MS = 11_000;
/** Step from group to group, coprime with GROUPS. */
const STEP = 617;
const IGMP_PROTOCOL = 2;
const UDP_PROTOCOL = 17;
/** Router alert of RFC 2113. */
const ROUTER_ALERT = [0x94, 0x04, 0, 0];
const FRAME_BYTES = 60;

const bytesOf = (word: number): number[] => [word >> 8, word & 0xff];
const groupOf = (number: number): number[] => [239, 1, ...bytesOf(number)];

/** Internet checksum of RFC 1071. */
function checksum(bytes: readonly number[]): number[] {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes[at]! * 256 + bytes[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return bytesOf(~sum & 0xffff);
}

/** A frame to a group from the station behind a port. */
function toGroup(
  port: number,
  group: readonly number[],
  protocol: number,
  options: readonly number[],
  payload: readonly number[],
): Uint8Array {
  const headerBytes = 20 + options.length;
  const first = [0x40 + headerBytes / 4, 0, ...bytesOf(headerBytes + payload.length)];
  const start = [...first, 0, 0, 0, 0, 1, protocol];
  const end = [198, 18, ...bytesOf(port + 1), ...group, ...options];
  const header = [...start, ...checksum([...start, 0, 0, ...end]), ...end];
  const mac = [0x01, 0x00, 0x5e, group[1]! & 0x7f, group[2]!, group[3]!];
  const bytes = [...mac, ...macOf(port + 1), ...IPV4, ...header, ...payload];
  return Uint8Array.from({ length: FRAME_BYTES }, (_, at) => bytes[at] ?? 0);
}

/** IGMPv2 report. */
export function join(port: number, number: number): Uint8Array {
  const group = groupOf(number);
  const message = [0x16, 0, ...checksum([0x16, 0, 0, 0, ...group]), ...group];
  return toGroup(port, group, IGMP_PROTOCOL, ROUTER_ALERT, message);
}

const UDP = [0x0f, 0xa0, 0, 9, 0, 26, 0, 0, ...Array.from({ length: 18 }, () => 0)];

/** Has members join every group, and waits until the switch uses its table. */
export function joinAll({ writer, ports, forward, wait }: Stage): void {
  wait(0);
  for (let number = 0; number < GROUPS; number++) {
    for (let member = 0; member < MEMBERS; member++) {
      const port = 1 + ((number * MEMBERS + member) % (ports.length - 1));
      writer.putAll(port, join(port, number));
      forward();
    }
  }
  wait(ANSWERS_MS);
}

/** A frame of UDP to a group from the station behind port 0. */
export function dataTo(number: number): Uint8Array {
  return toGroup(0, groupOf(number), UDP_PROTOCOL, [], UDP);
}

/** Writes the burst. `rewriteGroups` gives each frame its group. */
export function layOutGroups({ writer }: Stage): void {
  writer.putAll(0, dataTo(0));
}

/** Gives each frame another group. */
export function rewriteGroups({ writer }: Stage, burst: number): void {
  for (let index = 0; index < BURST_FRAMES; index++) {
    writer.setGroup(index, ((burst * BURST_FRAMES + index) * STEP) % GROUPS);
  }
}
