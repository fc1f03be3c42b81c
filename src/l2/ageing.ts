/**
 * Ageing: forgets stations that are silent for too long, and reports them. It sweeps a part of the table with
 * each tick. A pass over the whole table finds out when the next station may be due. Until then nothing is swept.
 *
 * Source: IEEE 802.1Q-2022 8.8.3.
 */

import type { Burst } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import { TICK_MS } from '../frame/time';
import { EventKind, type EventLog } from './event-log';
import type { Fdb } from './fdb/table';

/** Slots of the table that one tick examines: few enough to delay no burst. */
const SWEEP_SLOTS = 8_192;
/** Milliseconds from one part of a pass to the next, if nothing else makes a tick. */
const SWEEP_INTERVAL_MS = 250;

export interface AgeingParts {
  readonly burst: Burst;
  readonly fdb: Fdb;
  readonly events: EventLog;
}

export class Ageing {
  private readonly burst: Burst;
  private readonly fdb: Fdb;
  private readonly events: EventLog;
  /** Milliseconds after which a silent station is forgotten. */
  private ageingMs: number;
  /** Time of the next work of `tick`, milliseconds; `Infinity` for never. */
  dueMs = Infinity;
  /** Upper limit to `ageingMs` that a room has set, milliseconds. */
  private limitMs = Infinity;

  constructor({ burst, fdb, events }: AgeingParts) {
    this.burst = burst;
    this.fdb = fdb;
    this.events = events;
    this.ageingMs = fdb.ageingMs;
  }

  /** @param ageingMs 0: nothing is learned */
  configure(ageingMs: number): void {
    this.ageingMs = ageingMs;
    this.settle();
  }

  /** Sets an upper limit, milliseconds; `Infinity` for none. */
  limit(limitMs: number): void {
    this.limitMs = limitMs;
    this.settle();
  }

  tick(): void {
    const { burst, fdb } = this;
    const { nowMs, nowTicks } = burst;
    if (fdb.calmTicks(nowTicks) === 0) {
      fdb.sweep(Math.min(SWEEP_SLOTS, fdb.slots), nowTicks, this.noteAged);
    }
    const calmMs = fdb.calmTicks(nowTicks) * TICK_MS;
    this.dueMs = fdb.dynamicCount === 0 ? Infinity : nowMs + Math.max(calmMs, SWEEP_INTERVAL_MS);
  }

  private settle(): void {
    const ageingMs = Math.min(this.ageingMs, this.limitMs);
    if (ageingMs !== this.fdb.ageingMs) this.fdb.setAgeing(ageingMs);
  }

  private readonly noteAged = (hi16: number, lo32: number, vlan: number, port: number): void => {
    this.events.add(EventKind.Age, port, NO_PORT, hi16, lo32, vlan, this.burst.nowMs);
  };
}
