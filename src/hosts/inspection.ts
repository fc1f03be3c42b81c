/**
 * Inspection: what hosts on ports that are not trusted may say about addresses. The rules that ARP, ND
 * and DHCP share are here; each of those rooms knows what its frames claim.
 *
 * On a trusted port everything is believed, and while inspection is off on every port. On any other
 * port a sender must be vouched for, as (address, MAC, VLAN, port), by a static binding or by a DHCP
 * server that spoke on a trusted port, and it may speak only so often. A refused frame goes nowhere: it
 * is counted by its reason, and told at a bounded rate.
 *
 * Source: RFC 7513 (the idea); RFC 6105 (router advertisements), RFC 7610 (DHCP servers).
 */

import { formatIpKey, newIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import type { Burst } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import type { Room, WantedType, Wants } from '../frame/room';
import type { TraceReporter } from '../frame/trace-reporter';
import { CONSUMED, PASS, type Verdict } from '../frame/verdict';
import { formatMac } from '../wire/mac';
import { SOURCE, etherTypeWord, macHi16, macLo32 } from '../wire/ethernet';
import { i32At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';
import { Leases } from './leases';
import type { Neighbours } from './neighbours';
import { ANY_PORT, NO_ENTRY } from './binding-table';
import type { TableSize } from './binding-table';
import type { InspectionRefused } from './news';
import { REFUSAL_REASONS, RefusalReason } from './refusal-reason';
import { isTaggedControl, isWrapping } from './tagged';
import { TokenBuckets } from './token-buckets';

export const ADMITTED = -1;
/** What a room finds: a reason to refuse the frame, or none. */
export type Judgement = RefusalReason | typeof ADMITTED;

/**
 * Judges a frame from an untrusted port. Where it can read the address that the frame speaks for, it
 * hands that to `Inspection.claims`.
 */
export type Judge = (
  frame: number,
  burst: Burst,
  inspection: Inspection,
  neighbours: Neighbours,
) => Judgement;

export interface InspectionOptions extends Partial<TableSize> {
  readonly maxPorts: number;
  /** ARP, ND and DHCP frames that an untrusted port may send: a second, and at once. */
  readonly framesPerSecond?: number;
  readonly framesAtOnce?: number;
  /** Counts a refused frame at its ingress port. */
  readonly sink: { drop(reason: RefusalReason, port: number): void };
  readonly news: (news: InspectionRefused) => void;
}

/** The EtherTypes of frames that may wrap another. */
const WRAPPING_TYPES: readonly WantedType[] = Array.from({ length: 0x10000 }, (_, etherType) => ({
  etherType,
})).filter(({ etherType }) => isWrapping(etherTypeWord(etherType)));

const DEFAULT_FRAMES_PER_SECOND = 100;
const DEFAULT_FRAMES_AT_ONCE = 200;
const REFUSALS_TOLD_PER_SECOND = 10;
const REFUSALS_TOLD_AT_ONCE = 20;

/**
 * As a room, inspection is asked about frames that may wrap another, while it is on. ARP, ND and DHCP
 * ask it about their own.
 */
export class Inspection implements Room {
  private readonly trusted: Uint8Array;
  private readonly tellRate: TokenBuckets;
  /** What servers vouched for. Absent while inspection is off, as is the rate. */
  private currentLeases: Leases | undefined;
  private rate: TokenBuckets | undefined;
  /** The address that the frame speaks for which is being judged. */
  private readonly claimed = newIpKey();
  private isClaimRead = false;
  private untoldCount = 0;

  constructor(private readonly options: InspectionOptions) {
    this.trusted = new Uint8Array(options.maxPorts);
    this.tellRate = new TokenBuckets(1, REFUSALS_TOLD_PER_SECOND, REFUSALS_TOLD_AT_ONCE);
  }

  // On and off ----------------------------------------------------------------------------------

  get isOn(): boolean {
    return this.currentLeases !== undefined;
  }

  /** What DHCP servers vouched for. Absent while inspection is off. */
  get leases(): Leases | undefined {
    return this.currentLeases;
  }

  /** Begins to inspect, without leases. */
  begin(): void {
    const {
      maxPorts,
      framesPerSecond = DEFAULT_FRAMES_PER_SECOND,
      framesAtOnce = DEFAULT_FRAMES_AT_ONCE,
    } = this.options;
    this.currentLeases = new Leases(this.options);
    this.rate = new TokenBuckets(maxPorts, framesPerSecond, framesAtOnce);
  }

  /** Believes every port from now on, and forgets the leases. */
  end(): void {
    this.currentLeases = undefined;
    this.rate = undefined;
  }

  // Time ----------------------------------------------------------------------------------------

  get dueMs(): number {
    return this.leases?.dueMs ?? Infinity;
  }

  tick(nowMs: number): void {
    this.leases?.tick(nowMs);
  }

  // Ports ---------------------------------------------------------------------------------------

  /** Whether everything from the port is believed. */
  trusts(port: number): boolean {
    return !this.isOn || this.trusted[port] === 1;
  }

  /** Marks the port as trusted or not. The mark counts whenever inspection is on. */
  setTrusted(port: number, isTrusted: boolean): void {
    this.trusted[port] = isTrusted ? 1 : 0;
  }

  portRemoved(port: number): void {
    this.setTrusted(port, false);
    this.leases?.forgetPort(port);
  }

  // Frames --------------------------------------------------------------------------------------

  get wants(): Wants {
    return this.isOn ? { types: WRAPPING_TYPES, tagged: true } : {};
  }

  /** Deals with a frame that may wrap another. */
  receive(frame: number, outbox: Outbox): Verdict {
    return this.admitsTagged(outbox, frame) ? PASS : CONSUMED;
  }

  /**
   * Has a frame judged, where its port is not trusted.
   * @returns whether the frame may travel; one that may not has been counted
   */
  admits(frame: number, outbox: Outbox, judge: Judge, neighbours: Neighbours): boolean {
    const { burst } = outbox;
    if (this.trusts(i32At(burst.ingress, frame))) return true;
    this.isClaimRead = false;
    const judgement = judge(frame, burst, this, neighbours);
    return this.enforce(judgement, outbox, frame, this.isClaimRead ? this.claimed : undefined);
  }

  /** @returns whether a frame that may wrap another may travel; one that may not has been counted */
  admitsTagged(outbox: Outbox, frame: number): boolean {
    const { burst } = outbox;
    if (this.trusts(i32At(burst.ingress, frame))) return true;
    const judgement = isTaggedControl(burst, frame) ? RefusalReason.Disguised : ADMITTED;
    return this.enforce(judgement, outbox, frame);
  }

  /** The key of the address that the frame speaks for. The caller sets it. */
  claims(): IpKey {
    this.isClaimRead = true;
    return this.claimed;
  }

  /** Whether an untrusted port may send one more frame. */
  allowsOneMore(port: number, nowMs: number): boolean {
    return this.rate === undefined || this.rate.take(port, nowMs);
  }

  /** Whether somebody vouches for the station that sent the frame using the address in `claims`. */
  vouchesFor(burst: Burst, frame: number, neighbours: Neighbours): boolean {
    const source = i32At(burst.offset, frame) + SOURCE;
    const hi16 = macHi16(burst.u16, source);
    const lo32 = macLo32(burst.u16, source);
    const port = i32At(burst.ingress, frame);
    const entry = neighbours.findStatic(this.claimed, NO_VLAN);
    if (entry === NO_ENTRY) {
      const { leases } = this;
      return leases?.has(this.claimed, NO_VLAN, hi16, lo32, port, burst.nowMs) === true;
    }
    const boundPort = neighbours.portOf(entry);
    return (
      neighbours.lo32Of(entry) === lo32 &&
      neighbours.hi16Of(entry) === hi16 &&
      (boundPort === ANY_PORT || boundPort === port)
    );
  }

  /**
   * Carries out a judgement.
   * @param claimed the address that the frame speaks for, where that can be read
   * @returns whether the frame may travel; one that may not has been counted
   */
  enforce(judgement: Judgement, outbox: Outbox, frame: number, claimed?: IpKey): boolean {
    if (judgement === ADMITTED) return true;
    const { burst } = outbox;
    const source = i32At(burst.offset, frame) + SOURCE;
    const port = i32At(burst.ingress, frame);
    this.options.sink.drop(judgement, port);
    if (outbox.reporter !== undefined) tellRefusal(outbox.reporter, judgement, port);
    if (!this.tellRate.take(0, burst.nowMs)) {
      this.untoldCount++;
      return false;
    }
    this.options.news({
      event: 'inspection-refused',
      reason: judgement,
      port,
      mac: formatMac(macHi16(burst.u16, source), macLo32(burst.u16, source)),
      ...(claimed !== undefined && { address: formatIpKey(claimed) }),
      untold: this.untoldCount,
    });
    this.untoldCount = 0;
    return false;
  }
}

function tellRefusal(reporter: TraceReporter, reason: RefusalReason, port: number): void {
  const { name, meaning } = REFUSAL_REASONS[reason] as (typeof REFUSAL_REASONS)[number];
  reporter.step(`inspection refuses it at ${reporter.label(port)}, ${name}: ${meaning}`);
  reporter.drop(port, name);
}
