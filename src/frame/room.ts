/**
 * What a protocol room is. The bridge asks a room about the frames that the room wants, and acts on its
 * verdict. A room is handed its tables, the time and an outbox; it performs no I/O and knows no other
 * room. `l2/room-list.ts` is the list of rooms, and CONTRIBUTING.md says how to add one.
 */

import type { Outbox } from './outbox';
import { CONSUMED, type Verdict } from './verdict';

/** What people read of a counter or of a drop reason. */
export interface CounterText {
  /** Name in `stats`, in traces and in metrics. */
  readonly name: string;
  /** One sentence for the person who sees the counter rise. */
  readonly meaning: string;
}

/** A room before there is one: what it counts, and how it is made. Its name is its key in the list. */
export interface RoomKind<House> {
  /** Counters of each port, in the order of their numbers. */
  readonly counters?: readonly CounterText[];
  /** Reasons for which the room drops a frame, in the order of their numbers. */
  readonly drops?: readonly CounterText[];
  /** @param house the tables and facts of the bridge that the room belongs to */
  make(house: House): Room;
}

/** Counts what a room counts, at a port. */
export interface RoomSink {
  /** @param counter index into `RoomKind.counters` */
  count(counter: number, port: number): void;
  /** @param reason index into `RoomKind.drops` */
  drop(reason: number, port: number): void;
}

export interface Room {
  /** What the room is asked about. Read when the bridge starts, and after each change of settings. */
  readonly wants: Wants;
  /** Deals with one received frame that the room wants. Its length is checked for the MAC header only. */
  receive(frame: number, outbox: Outbox): Verdict;
  /** When `tick` has something to do next, monotonic milliseconds; `Infinity`, or absent, for never. */
  readonly dueMs?: number;
  /** Called at `dueMs`, and some times a second besides. */
  tick?(nowMs: number, outbox: Outbox): void;
  /** The port was added, or went up or down, just now. */
  portChanged?(port: number, isUp: boolean): void;
  /** The port is gone, and its id will be given away again. */
  portRemoved?(port: number): void;
}

export interface Wants {
  /** Frames without a VLAN tag, by EtherType. */
  readonly types?: readonly WantedType[];
  /** Frames behind VLAN tags (802.1Q, 802.1ad), whatever is behind the tags. */
  readonly tagged?: boolean;
  /**
   * Frames to 01-80-C2-00-00-0X, whatever their EtherType: bit X of a mask. The room is asked before the
   * bridge drops them.
   */
  readonly reserved?: number;
}

export interface WantedType {
  /** The EtherType as people write it, 0x0806 for ARP. Below 0x0600 it is a length. */
  readonly etherType: number;
  /** Protocol, or first header, that the room wants of IPv4 and IPv6; without it, the room wants each. */
  readonly wantsProtocol?: (protocol: number) => boolean;
  /** Whether the room wants frames to the switch's own MAC only. */
  readonly isToSwitchOnly?: boolean;
}

/** What is said of a frame to the switch's own MAC that a room has dealt with. */
const KEPT_BY_SWITCH = 'it is for the switch, which keeps it';

/** The verdict on a frame to the switch's own MAC that the room has dealt with. */
export function keepForSwitch(outbox: Outbox): Verdict {
  outbox.reporter?.step(KEPT_BY_SWITCH);
  return CONSUMED;
}
