/**
 * Inspection: the claims that hosts on untrusted ports may make about addresses. This file has the rules
 * that ARP, ND and DHCP share. Each of these rooms reads the claims of its own frames.
 *
 * Every frame from a trusted port is accepted. While inspection is off, every port is trusted. On any other
 * port, a static binding or a DHCP server on a trusted port must confirm the sender, as (address, MAC, VLAN,
 * port), and the rate of frames is limited. A denied frame is dropped, counted by its reason, and logged at a
 * bounded rate.
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
import { inVlan } from '../wire/vlan';
import { i32At } from '../wire/read';
import { Leases } from './leases';
import type { Neighbours } from './neighbours';
import { ANY_PORT, NO_ENTRY } from './binding-table';
import type { TableSize } from './binding-table';
import type { InspectionRefused } from './news';
import { REFUSAL_REASONS, RefusalReason } from './refusal-reason';
import { isTaggedControl, isWrapping } from './tagged';
import { TokenBuckets } from './token-buckets';

export const ADMITTED = -1;
/** Judgement of a room: a reason to deny the frame, or none. */
export type Judgement = RefusalReason | typeof ADMITTED;

/**
 * Judges a frame from an untrusted port. If it can read the claimed address, it writes it to
 * `Inspection.claims`.
 */
export type Judge = (
  frame: number,
  burst: Burst,
  inspection: Inspection,
  neighbours: Neighbours,
) => Judgement;

export interface InspectionOptions extends Partial<TableSize> {
  readonly maxPorts: number;
  /** Limit on the ARP, ND and DHCP frames of an untrusted port: per second, and at once. */
  readonly framesPerSecond?: number;
  readonly framesAtOnce?: number;
  /** Counts a denied frame at its ingress port. */
  readonly sink: { drop(reason: RefusalReason, port: number): void };
  readonly news: (news: InspectionRefused) => void;
}

/** EtherTypes of frames that may encapsulate another. */
const WRAPPING_TYPES: readonly WantedType[] = Array.from({ length: 0x10000 }, (_, etherType) => ({
  etherType,
})).filter(({ etherType }) => isWrapping(etherTypeWord(etherType)));

const DEFAULT_FRAMES_PER_SECOND = 100;
const DEFAULT_FRAMES_AT_ONCE = 200;
const REFUSALS_TOLD_PER_SECOND = 10;
const REFUSALS_TOLD_AT_ONCE = 20;

/**
 * The inspection. As a room, it gets the frames that may encapsulate another while it is on. ARP, ND and
 * DHCP ask it about their own frames.
 */
export class Inspection implements Room {
  private readonly trusted: Uint8Array;
  private readonly tellRate: TokenBuckets;
  /** Bindings from DHCP servers. Absent while inspection is off, like the rate limit. */
  private currentLeases: Leases | undefined;
  private rate: TokenBuckets | undefined;
  /** Address that the frame under judgement claims. */
  private readonly claimed = newIpKey();
  private isClaimRead = false;
  private untoldCount = 0;

  constructor(private readonly options: InspectionOptions) {
    this.trusted = new Uint8Array(options.maxPorts);
    this.tellRate = new TokenBuckets(1, REFUSALS_TOLD_PER_SECOND, REFUSALS_TOLD_AT_ONCE);
  }

  // On and off ------------------------------------------------------------------------------------

  get isOn(): boolean {
    return this.currentLeases !== undefined;
  }

  /** Bindings from DHCP servers. Absent while inspection is off. */
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

  /** Ends inspection: every port is trusted from now on. Forgets the leases. */
  end(): void {
    this.currentLeases = undefined;
    this.rate = undefined;
  }

  // Time ------------------------------------------------------------------------------------------

  get dueMs(): number {
    return this.leases?.dueMs ?? Infinity;
  }

  tick(nowMs: number): void {
    this.leases?.tick(nowMs);
  }

  // Ports -----------------------------------------------------------------------------------------

  /** Whether the port is trusted. */
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

  // Frames ----------------------------------------------------------------------------------------

  get wants(): Wants {
    return this.isOn ? { types: WRAPPING_TYPES, tagged: true } : {};
  }

  /** Handles a frame that may encapsulate another. */
  receive(frame: number, outbox: Outbox): Verdict {
    return this.admitsTagged(outbox, frame) ? PASS : CONSUMED;
  }

  /**
   * Judges a frame if its port is not trusted.
   * @returns whether the frame may pass; a denied one has been counted
   */
  admits(frame: number, outbox: Outbox, judge: Judge, neighbours: Neighbours): boolean {
    const { burst } = outbox;
    if (this.trusts(i32At(burst.ingress, frame))) return true;
    this.isClaimRead = false;
    const judgement = judge(frame, burst, this, neighbours);
    return this.enforce(judgement, outbox, frame, this.isClaimRead ? this.claimed : undefined);
  }

  /** @returns whether a frame that may encapsulate another may pass; a denied one has been counted */
  admitsTagged(outbox: Outbox, frame: number): boolean {
    const { burst } = outbox;
    if (this.trusts(i32At(burst.ingress, frame))) return true;
    const judgement = isTaggedControl(burst, frame) ? RefusalReason.Disguised : ADMITTED;
    return this.enforce(judgement, outbox, frame);
  }

  /** Key of the address that the frame claims. The caller sets it. */
  claims(): IpKey {
    this.isClaimRead = true;
    return this.claimed;
  }

  /** Whether an untrusted port may send one more frame. */
  allowsOneMore(port: number, nowMs: number): boolean {
    return this.rate === undefined || this.rate.take(port, nowMs);
  }

  /** Whether a binding confirms that the sender of the frame may use the address in `claims`. */
  vouchesFor(burst: Burst, frame: number, neighbours: Neighbours): boolean {
    const source = i32At(burst.offset, frame) + SOURCE;
    const hi16 = macHi16(burst.u16, source);
    const lo32 = macLo32(burst.u16, source);
    const port = i32At(burst.ingress, frame);
    const vlan = i32At(burst.vlan, frame);
    const entry = neighbours.findStatic(this.claimed, vlan);
    if (entry === NO_ENTRY) {
      const { leases } = this;
      return leases?.has(this.claimed, vlan, hi16, lo32, port, burst.nowMs) === true;
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
   * @param claimed address that the frame claims, if it can be read
   * @returns whether the frame may pass; a denied one has been counted
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
      ...inVlan(i32At(burst.vlan, frame)),
      untold: this.untoldCount,
    });
    this.untoldCount = 0;
    return false;
  }
}

function tellRefusal(reporter: TraceReporter, reason: RefusalReason, port: number): void {
  const { name, meaning } = REFUSAL_REASONS[reason] as (typeof REFUSAL_REASONS)[number];
  reporter.step(`inspection denies it at ${reporter.label(port)}, ${name}: ${meaning}`);
  reporter.drop(port, name);
}
