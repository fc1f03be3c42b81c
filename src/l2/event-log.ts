/**
 * Events of stations: a bounded ring of numbers that the hot path writes and the control plane drains. When
 * the ring is full, the newest events are counted as lost, and the frames go on.
 */

import { formatMac } from '../wire/mac';
import { f64At } from '../wire/read';

export const EventKind = {
  Learn: 0,
  Move: 1,
  Age: 2,
  /** A station moves back and forth: the network has a loop, or two hosts have one address. */
  Flapping: 3,
  /** A host sends with the switch's own MAC address. */
  OwnSource: 4,
  /** The kernel refused an offload on this port. The port gets plain frames for a while. */
  OffloadRefused: 5,
  /** The table, or the share of the port, is full: a station was evicted for this one, or it was not learned. */
  Limit: 6,
  /** A storm limit of the port drops frames. */
  Storm: 7,
  /** A station sends from a port where it may not. */
  Violation: 8,
  /** A station of a locked port has a locked entry now, and waits for authorisation. */
  LearnLocked: 9,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

const EVENT_NAMES = [
  'learn',
  'move',
  'age',
  'flapping',
  'own-source',
  'offload-refused',
  'limit',
  'storm',
  'violation',
  'learn-locked',
] as const;
export type EventName = (typeof EVENT_NAMES)[number];

export interface BridgeEvent {
  readonly event: EventName;
  readonly atMs: number;
  /** Port id. */
  readonly port: number;
  /** Port that a station moved from; -1 if there is none. */
  readonly fromPort: number;
  readonly mac: string;
  readonly vlan: number;
}

/** Events in stored form, one after the other. */
export interface EventFields {
  readonly fields: Float64Array<ArrayBuffer>;
  readonly lost: number;
}

const KIND = 0;
const PORT = 1;
const FROM_PORT = 2;
const HI16 = 3;
const LO32 = 4;
const VLAN = 5;
const AT_MS = 6;
const FIELDS = 7;
const DEFAULT_CAPACITY = 1024;

export class EventLog {
  private readonly fields: Float64Array;
  private readonly capacity: number;
  private count = 0;
  private lostCount = 0;

  constructor(capacity = DEFAULT_CAPACITY) {
    this.capacity = capacity;
    this.fields = new Float64Array(capacity * FIELDS);
  }

  get size(): number {
    return this.count;
  }

  add(
    kind: EventKind,
    port: number,
    fromPort: number,
    hi16: number,
    lo32: number,
    vlan: number,
    atMs: number,
  ): void {
    if (this.count === this.capacity) {
      this.lostCount++;
      return;
    }
    const at = this.count * FIELDS;
    const fields = this.fields;
    fields[at + KIND] = kind;
    fields[at + PORT] = port;
    fields[at + FROM_PORT] = fromPort;
    fields[at + HI16] = hi16;
    fields[at + LO32] = lo32;
    fields[at + VLAN] = vlan;
    fields[at + AT_MS] = atMs;
    this.count++;
  }

  /** Removes all events and returns them, oldest first, with the number of events lost since the last call. */
  drain(): { events: BridgeEvent[]; lost: number } {
    const { fields, lost } = this.takeFields();
    return { events: decodeEvents(fields), lost };
  }

  /** Removes all events and returns them undecoded, for callers without time: `decodeEvents` decodes them. */
  takeFields(): EventFields {
    const fields = this.fields.slice(0, this.count * FIELDS);
    const lost = this.lostCount;
    this.count = 0;
    this.lostCount = 0;
    return { fields, lost };
  }
}

/** Number of events in stored form. */
export function countEvents(fields: Float64Array): number {
  return fields.length / FIELDS;
}

/**
 * Decodes events.
 * @param fields those of `EventLog.takeFields`
 * @param isWanted whether to decode an event of this name; every one, unless given
 */
export function decodeEvents(
  fields: Float64Array,
  isWanted: (event: EventName) => boolean = () => true,
): BridgeEvent[] {
  const events: BridgeEvent[] = [];
  for (let at = 0; at < fields.length; at += FIELDS) {
    const field = (index: number): number => f64At(fields, at + index);
    const event = EVENT_NAMES[field(KIND)] as EventName;
    if (!isWanted(event)) continue;
    events.push({
      event,
      atMs: field(AT_MS),
      port: field(PORT),
      fromPort: field(FROM_PORT),
      mac: formatMac(field(HI16), field(LO32)),
      vlan: field(VLAN),
    });
  }
  return events;
}
