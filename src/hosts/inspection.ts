/**
 * Inspection: what hosts on ports that are not trusted may say about addresses. The judgement is
 * here, shared by ARP, ND and DHCP; each of those rooms knows what its frames claim.
 *
 * On a trusted port everything is believed. On any other, a sender must be vouched for, as
 * (address, MAC, VLAN, port), by a static binding or by a DHCP server that spoke on a trusted port,
 * and it may speak only so often. A refused frame goes nowhere: it is counted by its reason, and
 * told at a bounded rate.
 *
 * Source: RFC 7513 (the idea); RFC 6105 (router advertisements), RFC 7610 (DHCP servers).
 */

import { formatIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import type { Outbox } from '../frame/outbox';
import type { TraceReporter } from '../frame/trace-reporter';
import { formatMac } from '../wire/mac';
import { SOURCE, macHi16, macLo32 } from '../wire/ethernet';
import type { Leases } from './leases';
import type { Neighbours } from './neighbours';
import { ANY_PORT, NO_ENTRY } from './binding-table';
import { isTaggedControl } from './tagged';
import { TokenBuckets } from './token-buckets';

export const RefusalReason = {
  Malformed: 0,
  SourceMismatch: 1,
  SenderUnbound: 2,
  ReplyMisaddressed: 3,
  RouterUntrusted: 4,
  DhcpServerUntrusted: 5,
  RateExceeded: 6,
  Disguised: 7,
} as const;
export type RefusalReason = (typeof RefusalReason)[keyof typeof RefusalReason];

export const ADMITTED = -1;
/** What a room finds: a reason to refuse the frame, or none. */
export type Judgement = RefusalReason | typeof ADMITTED;

/** Name and meaning, indexed by `RefusalReason`. */
export const REFUSAL_REASONS: readonly {
  readonly name: string;
  readonly meaning: string;
  /** What to do where the frame was right. */
  readonly advice: string;
}[] = [
  {
    name: 'inspect-malformed',
    meaning: 'Malformed ARP, ND or DHCP from an untrusted port.',
    advice: 'look at it with tapctl capture; if it must pass, make the port trusted',
  },
  {
    name: 'inspect-source-mismatch',
    meaning: 'The sender that ARP or ND names is not the Ethernet source.',
    advice: 'if the host speaks for others (a proxy, a bridge), make the port trusted',
  },
  {
    name: 'inspect-sender-unbound',
    meaning: 'The sender uses an address that neither a static binding nor DHCP gave it.',
    advice: 'bind it with --neigh or tapctl neigh add, or make the port trusted',
  },
  {
    name: 'inspect-reply-misaddressed',
    meaning: 'An ARP reply goes to another station than the one that it names as its target.',
    advice: 'if the host must do so, make the port trusted',
  },
  {
    name: 'inspect-router-untrusted',
    meaning: 'A router advertisement or redirect from an untrusted port.',
    advice: 'if a router is there, make the port trusted',
  },
  {
    name: 'inspect-dhcp-server-untrusted',
    meaning: 'A DHCP server speaks on an untrusted port.',
    advice: 'if a DHCP server or relay is there, make the port trusted',
  },
  {
    name: 'inspect-rate-exceeded',
    meaning: 'More ARP, ND and DHCP than an untrusted port may send.',
    advice: 'if many hosts are there, make the port trusted',
  },
  {
    name: 'inspect-disguised',
    meaning:
      'ARP, ND or DHCP behind a tag, LLC, extension headers or fragments from an untrusted port.',
    advice: 'send it plain, or, if another switch is there, make the port trusted',
  },
];

/** A frame was refused. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly port: number;
  /** Ethernet source of the frame. */
  readonly mac: string;
  /** The address that it speaks for, where that can be read. */
  readonly address?: string;
  /** Refusals since the last one that was told. */
  readonly untoldCount: number;
}

export interface InspectionSink {
  count(reason: RefusalReason, port: number): void;
  refused(refusal: Refusal): void;
}

export interface InspectionOptions {
  readonly maxPorts: number;
  /** ARP, ND and DHCP frames that an untrusted port may send: a second, and at once. */
  readonly framesPerSecond?: number;
  readonly framesAtOnce?: number;
}

const DEFAULT_FRAMES_PER_SECOND = 100;
const DEFAULT_FRAMES_AT_ONCE = 200;
const REFUSALS_TOLD_PER_SECOND = 10;
const REFUSALS_TOLD_AT_ONCE = 20;

export class Inspection {
  private readonly trusted: Uint8Array;
  private readonly rate: TokenBuckets;
  private readonly tellRate: TokenBuckets;
  private untoldCount = 0;

  constructor(
    options: InspectionOptions,
    readonly leases: Leases,
    private readonly sink: InspectionSink,
  ) {
    this.trusted = new Uint8Array(options.maxPorts);
    this.rate = new TokenBuckets(
      options.maxPorts,
      options.framesPerSecond ?? DEFAULT_FRAMES_PER_SECOND,
      options.framesAtOnce ?? DEFAULT_FRAMES_AT_ONCE,
    );
    this.tellRate = new TokenBuckets(1, REFUSALS_TOLD_PER_SECOND, REFUSALS_TOLD_AT_ONCE);
  }

  trusts(port: number): boolean {
    return this.trusted[port] === 1;
  }

  setTrusted(port: number, isTrusted: boolean): void {
    this.trusted[port] = isTrusted ? 1 : 0;
  }

  /** Forgets everything about a port, whose id will be given away again. */
  forgetPort(port: number): void {
    this.setTrusted(port, false);
    this.leases.forgetPort(port);
  }

  /** Whether an untrusted port may send one more frame. */
  allowsOneMore(port: number, nowMs: number): boolean {
    return this.rate.take(port, nowMs);
  }

  /** Whether somebody vouches for the station behind `port` using the address. */
  vouchesFor(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    neighbours: Neighbours,
    nowMs: number,
  ): boolean {
    const entry = neighbours.findStatic(key, vlan);
    if (entry === NO_ENTRY) return this.leases.has(key, vlan, hi16, lo32, port, nowMs);
    const boundPort = neighbours.portOf(entry);
    return (
      neighbours.lo32Of(entry) === lo32 &&
      neighbours.hi16Of(entry) === hi16 &&
      (boundPort === ANY_PORT || boundPort === port)
    );
  }

  /** @returns whether a frame that may wrap another may travel; one that may not has been counted */
  admitsTagged(outbox: Outbox, frame: number): boolean {
    const { burst } = outbox;
    if (this.trusts(burst.ingress[frame] as number)) return true;
    const judgement = isTaggedControl(burst, frame) ? RefusalReason.Disguised : ADMITTED;
    return this.enforce(judgement, outbox, frame);
  }

  /**
   * Carries out a judgement.
   * @param claimed the address that the frame speaks for, where that can be read
   * @returns whether the frame may travel; one that may not has been counted
   */
  enforce(judgement: Judgement, outbox: Outbox, frame: number, claimed?: IpKey): boolean {
    if (judgement === ADMITTED) return true;
    const { burst } = outbox;
    const source = (burst.offset[frame] as number) + SOURCE;
    const port = burst.ingress[frame] as number;
    this.sink.count(judgement, port);
    if (outbox.reporter !== undefined) tellRefusal(outbox.reporter, judgement, port);
    if (!this.tellRate.take(0, burst.nowMs)) {
      this.untoldCount++;
      return false;
    }
    const mac = formatMac(macHi16(burst.u16, source), macLo32(burst.u16, source));
    this.sink.refused({
      reason: judgement,
      port,
      mac,
      ...(claimed !== undefined && { address: formatIpKey(claimed) }),
      untoldCount: this.untoldCount,
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
