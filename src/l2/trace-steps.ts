/** Sentences of a trace: one for each decision of the bridge, and a note for some. */

import { NO_PORT } from '../frame/port-id';
import { type Burst, FrameFlag } from '../frame/burst';
import type { CounterText } from '../frame/room';
import type { TraceReporter } from '../frame/trace-reporter';
import { formatMac } from '../wire/mac';
import { DESTINATION, ETHER_TYPE, SOURCE, getU16, macHi16, macLo32 } from '../wire/ethernet';
import { DROP_REASONS, type DropReason } from './drop-reason';
import { LearnResult } from './fdb/table';
import { i32At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [0x0800, 'IPv4'],
  [0x0806, 'ARP'],
  [0x86dd, 'IPv6'],
  [0x8100, 'a VLAN tag'],
  [0x88a8, 'a service VLAN tag'],
  [0x88cc, 'LLDP'],
]);

export function tellArrival(reporter: TraceReporter, burst: Burst, frame: number): void {
  const { bytes, at, ingress } = received(burst, frame);
  const arrival = `${bytes} bytes come from ${reporter.label(ingress)}`;
  if ((i32At(burst.kind, frame) & FrameFlag.Short) !== 0) return reporter.step(arrival);
  const type = getU16(burst.u8, at + ETHER_TYPE);
  const protocol = PROTOCOLS.get(type) ?? 'another protocol';
  const addresses = `${macAt(burst, at + SOURCE)} to ${macAt(burst, at + DESTINATION)}`;
  const typeText = `type 0x${type.toString(16).padStart(4, '0')}, ${protocol}`;
  reporter.step(`${arrival}: ${addresses}, ${typeText}`);
}

/**
 * @param movedFrom former port of a station that has moved
 * @param knownPort present port of the station in the FDB, or `NO_PORT`
 */
export function tellLearning(
  reporter: TraceReporter,
  { ageingMs, movedFrom }: { readonly ageingMs: number; readonly movedFrom: number },
  result: LearnResult,
  mac: string,
  port: number,
  knownPort: number,
): void {
  const label = reporter.label(port);
  switch (result) {
    case LearnResult.Refreshed:
      return reporter.step(`${mac} is known on ${label}: refreshed`);
    case LearnResult.Learned:
      return reporter.step(`${mac} is learned on ${label}`);
    case LearnResult.Moved:
      return reporter.step(`${mac} moves from ${reporter.label(movedFrom)} to ${label}`);
    case LearnResult.Refused:
      if (knownPort !== NO_PORT) {
        const known = reporter.label(knownPort);
        return reporter.step(`${mac} stays on ${known}: that entry is static or sticky`);
      }
      return reporter.step(
        ageingMs === 0
          ? `${mac} is not learned: this switch learns nothing`
          : `${mac} is not learned: the forwarding database has no room for it`,
      );
  }
}

export function tellVlan(reporter: TraceReporter, vid: number): void {
  reporter.step(`it belongs to VLAN ${vid}`);
}

/**
 * @param vid VLAN of the frame, or `NO_VLAN` if the bridge does not filter
 * @param spared forwarding ports that take no such frames
 * @param closed ports that are up, and do not forward
 */
export function tellFlood(
  reporter: TraceReporter,
  burst: Burst,
  frame: number,
  vid: number,
  spared: Int32Array,
  closed: readonly { readonly port: number; readonly state: string }[],
): void {
  const { at } = received(burst, frame);
  const hi16 = macHi16(burst.u16, at + DESTINATION);
  const lo32 = macLo32(burst.u16, at + DESTINATION);
  const kind = i32At(burst.kind, frame);
  const [why, key] =
    (kind & FrameFlag.Broadcast) !== 0
      ? ['it is a broadcast', 'bcast-flood']
      : (kind & FrameFlag.Group) !== 0
        ? ['it goes to a group', 'mcast-flood']
        : [`${formatMac(hi16, lo32)} is not in the forwarding database`, 'flood'];
  const others = vid === NO_VLAN ? 'every other port' : `every other member of VLAN ${vid}`;
  reporter.step(`${why}: to ${others}`);
  for (const port of spared) reporter.step(`${reporter.label(port)} has ${key}=off: not there`);
  for (const { port, state } of closed) {
    reporter.step(`${reporter.label(port)} is ${state}: not there`);
  }
}

/** Reports a frame that the switch made. A received frame that a room sends on needs no sentence. */
export function tellOwnWords(
  reporter: TraceReporter,
  burst: Burst,
  frame: number,
  port: number,
): void {
  if (received(burst, frame).ingress !== NO_PORT) return;
  reporter.step(`the switch sends a frame to ${reporter.label(port)}`);
}

export function tellSegmenting(reporter: TraceReporter, segments: number, port: number): void {
  const outcome =
    segments === 1 ? 'the switch completes its checksum' : `it becomes ${segments} plain frames`;
  reporter.step(`${reporter.label(port)} takes no offloads: ${outcome}`);
}

export function tellMirroring(reporter: TraceReporter, name: string): void {
  reporter.step(`mirror ${name} copies it`);
}

/** @param words words of an impairment that may take the frame */
export function tellImpairment(
  reporter: TraceReporter,
  port: number,
  isIn: boolean,
  words: string,
): void {
  const side = isIn ? 'from' : 'to';
  reporter.step(`an impairment of frames ${side} ${reporter.label(port)} takes it: ${words}`);
}

export function tellLeaving(
  reporter: TraceReporter,
  burst: Burst,
  frame: number,
  port: number,
): void {
  const isAnswer = received(burst, frame).ingress === NO_PORT;
  reporter.step(`${isAnswer ? 'the answer' : 'it'} leaves from ${reporter.label(port)}`);
  if (!isAnswer) reporter.egress(port);
}

export function tellDrop(reporter: TraceReporter, port: number, reason: DropReason): void {
  tellRoomDrop(reporter, port, DROP_REASONS[reason] as (typeof DROP_REASONS)[number]);
}

/** Reports that a room drops a frame, for a reason of its own. */
export function tellRoomDrop(
  reporter: TraceReporter,
  port: number,
  { name, meaning }: CounterText,
): void {
  reporter.step(`dropped at ${reporter.label(port)}, ${name}: ${meaning}`);
  reporter.drop(port, name);
}

function received(
  { length, offset, ingress }: Burst,
  frame: number,
): { bytes: number; at: number; ingress: number } {
  return {
    bytes: i32At(length, frame),
    at: i32At(offset, frame),
    ingress: i32At(ingress, frame),
  };
}

function macAt({ u16 }: Burst, at: number): string {
  return formatMac(macHi16(u16, at), macLo32(u16, at));
}
