/**
 * The trip of a frame through ARP or ND, which differ in bytes and not in steps.
 *
 * A message about the switch's own address is answered and travels on, as on a Linux bridge; one to
 * the switch's own MAC ends here. A request for a host that the switch knows may be answered for it,
 * when everybody knows the asker.
 * What is malformed is counted and otherwise left alone, unless inspection refuses it.
 */

import type { ClaimTimes } from './claim';
import type { OwnAddressEvents } from './own-addresses';
import type { Burst } from '../frame/burst';
import type { MacWords } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import { KEPT_BY_SWITCH } from '../frame/trace-reporter';
import { CONSUMED, PASS } from '../frame/verdict';
import type { Verdict } from '../frame/verdict';
import { macHi16, macLo32 } from '../wire/ethernet';
import { ResolutionCounter } from './counters';
import type { ResolutionCounterSink } from './counters';
import type { Inspection } from './inspection';
import type { Inspector } from './inspector';
import type { KnownHosts, KnownHostsOptions } from './known-hosts';

export interface ResolutionOptions extends KnownHostsOptions {
  readonly counters: ResolutionCounterSink;
  /** Told of claims and conflicts of the switch's own addresses. */
  readonly events: OwnAddressEvents;
  readonly claimTimes?: ClaimTimes;
}

/** The switch's own addresses. */
interface OwnPart {
  readonly dueMs: number;
  tick(nowMs: number, outbox: Outbox): void;
  /** Whether the sender of a believable frame uses an address of the switch as its own. */
  isContestedBy(burst: Burst, frame: number): boolean;
  /** Deals with a believable frame. @returns whether it was about an address of the switch */
  receive(frame: number, nowMs: number, outbox: Outbox): boolean;
}

/** The hosts that the switch knows. */
interface KnownPart {
  readonly hosts: KnownHosts;
  /** Learns from a believable frame. */
  observe(burst: Burst, frame: number, nowMs: number): void;
  /** What becomes of a believable frame that is not about an address of the switch. */
  decide(frame: number, nowMs: number, outbox: Outbox): Verdict;
  /** Notes that a believable frame was forwarded as it would be without this room. */
  passed(burst: Burst, frame: number, nowMs: number): void;
}

export abstract class Resolution<Own extends OwnPart, Known extends KnownPart> {
  private readonly mac: MacWords;
  private readonly counters: ResolutionCounterSink;
  /** Absent: every port is believed. */
  private inspector: Inspector | undefined;

  protected constructor(
    { mac, counters }: ResolutionOptions,
    readonly own: Own,
    readonly known: Known,
  ) {
    this.mac = mac;
    this.counters = counters;
  }

  /** From now on has hosts inspected, or believes every port. */
  setInspection(inspection: Inspection | undefined): void {
    this.inspector = inspection && this.inspectorFor(inspection);
  }

  /** When `tick` has something to do next; `Infinity` for never. */
  get dueMs(): number {
    return Math.min(this.own.dueMs, this.known.hosts.neighbours.dueMs);
  }

  tick(nowMs: number, outbox: Outbox): void {
    this.own.tick(nowMs, outbox);
    this.known.hosts.neighbours.tick(nowMs, outbox);
  }

  /** Deals with one received frame of the room's EtherType. Its length is not yet checked. */
  receive(frame: number, outbox: Outbox): Verdict {
    const { burst, reporter } = outbox;
    if (this.inspector !== undefined && !this.inspector.admits(outbox, frame)) {
      return CONSUMED;
    }
    if (!this.isConcerned(burst, frame)) return PASS;
    const isForSwitch = this.isForSwitch(burst.u16, burst.offset[frame] as number);
    if (!this.isBelievable(burst, frame)) {
      this.counters.count(ResolutionCounter.Malformed, burst.ingress[frame] as number);
      reporter?.step('it is malformed, or names another sender: nothing is learned from it');
      if (!isForSwitch) return PASS;
      reporter?.step(KEPT_BY_SWITCH);
      return CONSUMED;
    }
    const { nowMs } = burst;
    if (!this.own.isContestedBy(burst, frame)) this.known.observe(burst, frame, nowMs);
    const isOurs = this.own.receive(frame, nowMs, outbox);
    if (isForSwitch) {
      reporter?.step(KEPT_BY_SWITCH);
      return CONSUMED;
    }
    if (isOurs) reporter?.step('it is about an address of the switch, and travels on all the same');
    const verdict = isOurs ? PASS : this.known.decide(frame, nowMs, outbox);
    if (verdict === PASS) this.known.passed(burst, frame, nowMs);
    else this.known.hosts.copyToListeners(frame, verdict, outbox);
    return verdict;
  }

  protected abstract inspectorFor(inspection: Inspection): Inspector;

  /** Whether a frame of the EtherType is of the protocol at all. */
  protected abstract isConcerned(burst: Burst, frame: number): boolean;

  /** Whether it is well formed, and from the one host that it names as its sender. */
  protected abstract isBelievable(burst: Burst, frame: number): boolean;

  private isForSwitch(u16: Uint16Array, at: number): boolean {
    return macLo32(u16, at) === this.mac.lo32 && macHi16(u16, at) === this.mac.hi16;
  }
}
