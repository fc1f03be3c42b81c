/**
 * The switch's own addresses of one family, each with its claim. The bookkeeping that ARP and ND
 * share; what goes over the wire is the protocol room's, which is told by `Announcer`.
 */

import { formatMac } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import { CLAIM_TIMES, Claim } from './claim';
import type { ClaimState, ClaimTimes } from './claim';

/** Addresses of a switch, of both families: each frame of ARP or ND is compared with all of them. */
export const MAX_OWN_ADDRESSES = 64;

/**
 * Frames of claims that may go out at once: what it takes to claim all addresses. And a second after
 * that: who adds and removes addresses without end must not flood the ports.
 */
const CLAIM_FRAMES = (MAX_OWN_ADDRESSES + 1) * (CLAIM_TIMES.probeCount + CLAIM_TIMES.announceCount);
const CLAIM_FRAMES_PER_SECOND = 32;
const MS_PER_CLAIM_FRAME = 1000 / CLAIM_FRAMES_PER_SECOND;

/** Another station uses, or wants to use, an address of the switch. */
export interface AddressConflict {
  readonly address: string;
  readonly mac: string;
  readonly port: number;
  readonly outcome: 'defended' | 'lost';
}

/** Rare news about own addresses, each at a bounded rate. */
export interface OwnAddressEvents {
  claimed(address: string): void;
  conflict(conflict: AddressConflict): void;
}

/** Sends what a claim asks for. */
export interface Announcer<Address> {
  probe(address: Address, outbox: Outbox): void;
  announce(address: Address, outbox: Outbox): void;
}

export interface OwnAddress<Address> {
  readonly address: Address;
  readonly claim: Claim;
}

export class OwnAddresses<Address extends { readonly text: string }> {
  /** Few enough to be searched one by one. */
  readonly all: OwnAddress<Address>[] = [];
  /** Frames that may go out now, as of `countedMs`. */
  private frames = CLAIM_FRAMES;
  private countedMs = -Infinity;
  private pausedUntilMs = -Infinity;

  constructor(
    private readonly announcer: Announcer<Address>,
    private readonly events: OwnAddressEvents,
    private readonly times: ClaimTimes = CLAIM_TIMES,
  ) {}

  /** Starts to claim an address with the next tick. @returns whether it is new */
  add(address: Address, nowMs: number): boolean {
    if (this.all.some((own) => own.address.text === address.text)) return false;
    this.all.push({ address, claim: new Claim(nowMs, this.times) });
    return true;
  }

  /** @returns whether there was such an address */
  remove(text: string): boolean {
    const index = this.all.findIndex((own) => own.address.text === text);
    if (index >= 0) this.all.splice(index, 1);
    return index >= 0;
  }

  list(): { address: string; state: ClaimState }[] {
    return this.all.map(({ address, claim }) => ({ address: address.text, state: claim.state }));
  }

  /** When `tick` has something to do next; `Infinity` for never. */
  get dueMs(): number {
    let dueMs = Infinity;
    for (const { claim } of this.all) dueMs = Math.min(dueMs, claim.dueMs);
    return Math.max(dueMs, this.pausedUntilMs);
  }

  tick(nowMs: number, outbox: Outbox): void {
    for (const { address, claim } of this.all) {
      if (nowMs < claim.dueMs) continue;
      if (!this.maySend(nowMs)) return;
      const step = claim.step(nowMs);
      if (step === 'probe') this.announcer.probe(address, outbox);
      if (step === 'claim' || step === 'announce') this.announcer.announce(address, outbox);
      if (step === 'claim') this.events.claimed(address.text);
    }
  }

  /** Counts a frame of a claim. @returns whether it may go out; if not, the claim is late */
  private maySend(nowMs: number): boolean {
    const earned = (nowMs - this.countedMs) / MS_PER_CLAIM_FRAME;
    this.frames = Math.min(CLAIM_FRAMES, this.frames + earned);
    this.countedMs = nowMs;
    if (this.frames < 1) {
      this.pausedUntilMs = nowMs + (1 - this.frames) * MS_PER_CLAIM_FRAME;
      return false;
    }
    this.frames--;
    return true;
  }

  /** The station with this MAC, behind `port`, uses or probes for `own`. */
  conflict(
    own: OwnAddress<Address>,
    hi16: number,
    lo32: number,
    port: number,
    nowMs: number,
    outbox: Outbox,
  ): void {
    const outcome = own.claim.conflict(nowMs);
    if (outcome === 'ignored') return;
    if (outcome === 'defended') this.announcer.announce(own.address, outbox);
    this.events.conflict({ address: own.address.text, mac: formatMac(hi16, lo32), port, outcome });
  }
}
