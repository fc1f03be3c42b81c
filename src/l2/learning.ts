/**
 * Learning: enters the source of a frame into the FDB, and counts and reports what is new: a station that was
 * learned, one that moved, one that moves back and forth, and a table that is full.
 *
 * Source: IEEE 802.1Q-2022 8.7; `br_fdb_update` in net/bridge/br_fdb.c.
 */

import type { Burst } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import type { LoopGuard } from '../loop/loop-guard';
import { formatMac } from '../wire/mac';
import { Counter, type Counters } from './counters';
import { EventKind, type EventLog } from './event-log';
import { type Fdb, LearnResult } from './fdb/table';
import { FlapDetector } from './flap-detector';
import type { Output } from './output';
import { tellLearning } from './trace-steps';
import { REPORT_INTERVAL_MS } from './turn';

export interface LearningParts {
  readonly burst: Burst;
  readonly fdb: Fdb;
  readonly counters: Counters;
  readonly events: EventLog;
  readonly output: Output;
  readonly rooms: { readonly loop: LoopGuard };
}

export class Learning {
  private readonly burst: Burst;
  private readonly fdb: Fdb;
  private readonly counters: Counters;
  private readonly events: EventLog;
  private readonly output: Output;
  private readonly loop: LoopGuard;
  private readonly flaps = new FlapDetector();
  /** `crowdedCount` of the FDB when it was last read. */
  private crowdedCount = 0;
  /** Time before which no full table is reported, milliseconds. */
  private quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ burst, fdb, counters, events, output, rooms }: LearningParts) {
    this.burst = burst;
    this.fdb = fdb;
    this.counters = counters;
    this.events = events;
    this.output = output;
    this.loop = rooms.loop;
  }

  learn(hi16: number, lo32: number, vlan: number, port: number): void {
    const result = this.fdb.learn(hi16, lo32, vlan, port, this.burst.nowTicks);
    if (this.output.reporter !== undefined) this.tell(result, hi16, lo32, vlan, port);
    if (result !== LearnResult.Refreshed) this.note(result, hi16, lo32, vlan, port);
  }

  /** Counts and reports what is new. */
  private note(result: LearnResult, hi16: number, lo32: number, vlan: number, port: number): void {
    const { counters, events, fdb } = this;
    const { nowMs } = this.burst;
    if (result === LearnResult.Learned) {
      counters.add(port, Counter.Learned, 1);
      events.add(EventKind.Learn, port, NO_PORT, hi16, lo32, vlan, nowMs);
    } else if (result === LearnResult.Moved) {
      const from = fdb.movedFrom;
      counters.add(port, Counter.MovedHere, 1);
      this.loop.noteMove(from, port, vlan);
      events.add(EventKind.Move, port, from, hi16, lo32, vlan, nowMs);
      if (this.flaps.moved(hi16, lo32, nowMs, vlan)) {
        events.add(EventKind.Flapping, port, from, hi16, lo32, vlan, nowMs);
      }
    }
    if (fdb.crowdedCount > this.crowdedCount) this.noteLimit(hi16, lo32, vlan, port);
  }

  private noteLimit(hi16: number, lo32: number, vlan: number, port: number): void {
    const { nowMs } = this.burst;
    this.crowdedCount = this.fdb.crowdedCount;
    if (nowMs < this.quietUntilMs) return;
    this.quietUntilMs = nowMs + REPORT_INTERVAL_MS;
    this.events.add(EventKind.Limit, port, NO_PORT, hi16, lo32, vlan, nowMs);
  }

  private tell(result: LearnResult, hi16: number, lo32: number, vlan: number, port: number): void {
    const { burst, fdb, output } = this;
    const knownPort = fdb.peek(hi16, lo32, vlan, burst.nowTicks);
    if (output.reporter === undefined) return;
    tellLearning(output.reporter, fdb, result, formatMac(hi16, lo32), port, knownPort);
  }
}
