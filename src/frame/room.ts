/**
 * The interface of a protocol room. The bridge asks a room about the frames that the room wants, and acts
 * on its verdict. A room gets its tables, the time and an outbox as arguments. It performs no I/O and knows
 * no other room. `l2/room-list.ts` is the list of rooms, and CONTRIBUTING.md says how to add one.
 */

import type { Outbox } from './outbox';
import { CONSUMED, type Verdict } from './verdict';

/** Name and meaning of a counter or of a drop reason, for people. */
export interface CounterText {
  /** Name in `stats`, in traces and in metrics. */
  readonly name: string;
  /** One sentence for the person who sees the counter rise. */
  readonly meaning: string;
}

/** Description of a room: its counters, and how to make it. Its name is its key in the list. */
export interface RoomKind<House> {
  /** Counters of each port, in the order of their numbers. */
  readonly counters?: readonly CounterText[];
  /** Reasons for which the room drops a frame, in the order of their numbers. */
  readonly drops?: readonly CounterText[];
  /** Makes the room. @param house the tables and facts of its bridge */
  make(house: House): Room;
}

/** Counts the events of a room, per port. */
export interface RoomSink {
  /** @param counter index into `RoomKind.counters` */
  count(counter: number, port: number): void;
  /** @param reason index into `RoomKind.drops` */
  drop(reason: number, port: number): void;
}

export interface Room {
  /** Frames that the room is asked about. Read at the start, and after each change of settings. */
  readonly wants: Wants;
  /** Handles a received frame that the room wants. Its length is checked for the MAC header only. */
  receive(frame: number, outbox: Outbox): Verdict;
  /** Time of the next work of `tick`, monotonic milliseconds; `Infinity`, or absent, for never. */
  readonly dueMs?: number;
  /**
   * Does the work that is due. It is called at `dueMs`, and within 250 ms after the bridge received frames or was
   * changed.
   */
  tick?(nowMs: number, outbox: Outbox): void;
  /** Notes that the port was added, or went up or down. */
  portChanged?(port: number, isUp: boolean): void;
  /** Notes that the port was removed, and that its id will be reused. */
  portRemoved?(port: number): void;
}

export interface Wants {
  /** Frames without a VLAN tag, by EtherType. */
  readonly types?: readonly WantedType[];
  /** Whether the room wants frames behind VLAN tags (802.1Q, 802.1ad), whatever is behind the tags. */
  readonly tagged?: boolean;
  /**
   * Mask of reserved addresses: bit X stands for frames to 01-80-C2-00-00-0X, whatever their EtherType.
   * The bridge asks the room before it drops them.
   */
  readonly reserved?: number;
}

export interface WantedType {
  /** The EtherType as people write it, 0x0806 for ARP. Below 0x0600 it is a length. */
  readonly etherType: number;
  /** Whether the room wants this protocol, or first header, of IPv4 and IPv6; all of them by default. */
  readonly wantsProtocol?: (protocol: number) => boolean;
  /** Whether the room wants frames to the switch's own MAC only. */
  readonly isToSwitchOnly?: boolean;
}

/** Step of a trace: a room handled a frame to the switch's own MAC. */
const KEPT_BY_SWITCH = 'it is for the switch, which keeps it';

/** The verdict on a frame to the switch's own MAC that the room has handled. */
export function keepForSwitch(outbox: Outbox): Verdict {
  outbox.reporter?.step(KEPT_BY_SWITCH);
  return CONSUMED;
}
