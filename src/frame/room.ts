/**
 * A protocol room: the part of the switch that understands one protocol, such as ARP or DHCP. The
 * bridge keeps a list of rooms and hands each the frames that it wants. A room answers with a
 * verdict. It sends frames of the switch's own through the outbox and touches no device.
 *
 * Time is an argument: a room reads no clock and starts no timer. The bridge calls `tick` when
 * `dueMs` has come.
 */

import type { Outbox } from './outbox';
import type { Verdict } from './verdict';

/** A counter as people see it: its name in `stats` and in metrics, and one sentence about it. */
export interface CounterText {
  readonly name: string;
  readonly meaning: string;
}

/** The frames that a room wants to see. A frame that matches any of these is handed to the room. */
export interface RoomTraffic {
  /** EtherTypes behind all tags, as numbers of host order: 0x0806 for ARP. */
  readonly etherTypes?: readonly number[];
  /**
   * Last bytes of reserved addresses 01-80-C2-00-00-0X, as a bit mask: bit 0 for STP. A room sees
   * these frames on every port that is up, also where the port state forbids forwarding.
   */
  readonly reservedMask?: number;
}

export interface Room {
  /** Name of the protocol, as traces print it. */
  readonly name: string;
  /** Counters that the bridge keeps for the room, for each port. */
  readonly counters: readonly CounterText[];
  /** Reasons for which the room denies a frame, counted for each ingress port. */
  readonly drops: readonly CounterText[];
  readonly wants: RoomTraffic;

  /** Deals with one received frame that the room wants. Its length is not yet checked. */
  receive(frame: number, outbox: Outbox): Verdict;

  /** Monotonic milliseconds at which `tick` has something to do; `Infinity` for never. */
  readonly dueMs: number;
  tick(nowMs: number, outbox: Outbox): void;

  /** Called after the state of a port has changed: it went up or down. */
  portChanged(port: number): void;
  /** Called before the id of a port is given away again. */
  portRemoved(port: number): void;
}

/** Listens to a trace. Rooms and bridge tell it each decision, where there is one. */
export interface TraceReporter {
  /** Takes one sentence about a decision, in the order of the trip. */
  step(sentence: string): void;
}
