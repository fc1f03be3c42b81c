/**
 * Own source: frames that come in with the switch's own MAC as their source. A probe for loops is for the
 * loop guard. Any other such frame tells of a loop, or of a host that has the switch's MAC.
 */

import type { Burst } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import { CONSUMED } from '../frame/verdict';
import type { LoopGuard } from '../loop/loop-guard';
import type { MacWords } from '../wire/mac';
import { NO_VLAN } from '../wire/vlan';
import { DropReason } from './drop-reason';
import { EventKind, type EventLog } from './event-log';
import type { Mirrors } from './mirrors';
import type { Output } from './output';
import { REPORT_INTERVAL_MS } from './turn';

export interface OwnSourceParts {
  readonly mac: MacWords;
  readonly burst: Burst;
  readonly events: EventLog;
  readonly output: Output;
  readonly mirrors: Mirrors;
  readonly rooms: { readonly loop: LoopGuard };
}

export class OwnSource {
  private readonly mac: MacWords;
  private readonly burst: Burst;
  private readonly events: EventLog;
  private readonly output: Output;
  private readonly mirrors: Mirrors;
  private readonly loop: LoopGuard;
  /** Time before which no such frame is reported, milliseconds. */
  private quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ mac, burst, events, output, mirrors, rooms }: OwnSourceParts) {
    this.mac = mac;
    this.burst = burst;
    this.events = events;
    this.output = output;
    this.mirrors = mirrors;
    this.loop = rooms.loop;
  }

  /** Whether an address is the switch's own. */
  isOwn(hi16: number, lo32: number): boolean {
    return lo32 === this.mac.lo32 && hi16 === this.mac.hi16;
  }

  /**
   * Takes a frame of the switch itself that came back. A host at the target of a mirror sees the probes of other
   * ports, so that those which it sends prove nothing. A target that is not shared takes part in no loop.
   */
  take(frame: number, ingress: number): void {
    const { loop, mirrors, output } = this;
    if (mirrors.takesOver(ingress)) return this.drop(ingress);
    if (loop.receive(frame, output, !mirrors.isTarget(ingress)) !== CONSUMED) this.drop(ingress);
  }

  drop(ingress: number): void {
    const { nowMs } = this.burst;
    this.output.drop(ingress, DropReason.SourceIsSwitch);
    if (nowMs < this.quietUntilMs) return;
    this.quietUntilMs = nowMs + REPORT_INTERVAL_MS;
    const { hi16, lo32 } = this.mac;
    this.events.add(EventKind.OwnSource, ingress, NO_PORT, hi16, lo32, NO_VLAN, nowMs);
  }
}
