/**
 * The step of a trace about the fast path: whether the kernel redirects such a frame, or why the switch gets
 * it. It checks the same as the program in the kernel (`device/fast-program.ts`), in the same order.
 */

import type { FdbEntry } from '../fdb/entry';
import { formatMac } from '../../wire/mac';
import {
  DESTINATION,
  ETHERNET_HEADER_BYTES,
  SOURCE,
  VLAN_TAG_BYTES,
  isGroup,
  macHi16,
  macLo32,
} from '../../wire/ethernet';
import { NO_VLAN } from '../../wire/vlan';
import type { FastLeg } from './leg';
import { slowProtocol } from './protocols';

export interface FastPort {
  readonly id: number;
  readonly label: string;
  readonly mtuBytes: number;
  readonly fastLeg?: FastLeg | null;
  /** Reason why the frames of the port do not take the fast path; absent if they may. */
  readonly fastObstacle?: string;
  readonly isolated?: boolean;
  /** VLAN of its untagged frames: see `PortField.VLAN`. */
  readonly fastVlan?: number;
}

/**
 * @param from port that the frame comes from
 * @param frame bytes from the destination address to the end
 * @returns one sentence; undefined if no port has a fast path
 */
export function fastPathStep(
  ports: readonly FastPort[],
  stations: readonly FdbEntry[],
  from: number,
  frame: Uint8Array,
): string | undefined {
  if (frame.length < ETHERNET_HEADER_BYTES) return undefined;
  if (!ports.some(({ fastLeg }) => fastLeg !== undefined && fastLeg !== null)) return undefined;
  const reason = reasonAgainst(ports, stations, from, frame);
  return reason === undefined
    ? 'fast path: the kernel redirects such a frame, and the switch does not get it'
    : `no fast path: ${reason}`;
}

function reasonAgainst(
  ports: readonly FastPort[],
  stations: readonly FdbEntry[],
  from: number,
  frame: Uint8Array,
): string | undefined {
  // A copy with aligned words.
  const words = new Uint16Array(Uint8Array.from(frame.subarray(0, ETHERNET_HEADER_BYTES)).buffer);
  if (isGroup(macHi16(words, DESTINATION))) return 'it goes to a group';
  const protocol = slowProtocol(frame);
  if (protocol !== undefined) return `the switch sees every frame that is ${protocol}`;
  const ingress = ports.find(({ id }) => id === from);
  if (ingress?.fastObstacle !== undefined) return `${ingress.label}: ${ingress.fastObstacle}`;
  const vlan = ingress?.fastVlan ?? NO_VLAN;
  const portOf = (at: number): FastPort | undefined => {
    const mac = formatMac(macHi16(words, at), macLo32(words, at));
    const station = stations.find(
      (entry) => entry.mac === mac && entry.vlan === vlan && !entry.isLocked,
    );
    return ports.find(({ id }) => id === station?.port);
  };
  if (portOf(SOURCE)?.id !== from) return 'its source is not known on this port';
  const egress = portOf(DESTINATION);
  if (egress === undefined) return 'its destination is not known';
  if (egress.id === from) return 'its destination is on the same port';
  if (egress.fastObstacle !== undefined) return `${egress.label}: ${egress.fastObstacle}`;
  if ((egress.fastVlan ?? NO_VLAN) !== vlan) return `it leaves from ${egress.label} with a tag`;
  if (ingress?.isolated === true && egress.isolated === true) return 'both ports are isolated';
  if (egress.fastLeg?.domain !== ingress?.fastLeg?.domain) {
    return 'the interfaces are in two network namespaces';
  }
  const longest = egress.mtuBytes + ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES;
  return frame.length > longest ? `it is too long for ${egress.label}` : undefined;
}
