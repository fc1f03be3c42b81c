/**
 * The switch's own addresses of one family, each with its claim. ARP and ND share this bookkeeping. The
 * protocol room sends the frames: it provides an `Announcer`.
 */

import { formatIpKey, isSameIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { formatMac } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import { CLAIM_TIMES, Claim } from './claim';
import type { ClaimState, ClaimTimes } from './claim';
import type { AddressClaimed, AddressConflict } from './news';

/** Maximum number of own addresses, of both families. Each frame of ARP or ND is compared with all of them. */
export const MAX_OWN_ADDRESSES = 64;

/**
 * Frames of claims that may be sent at once: enough to claim all addresses. Later frames are limited per
 * second, so that a client that adds and removes addresses without end cannot flood the ports.
 */
const CLAIM_FRAMES = (MAX_OWN_ADDRESSES + 1) * (CLAIM_TIMES.probeCount + CLAIM_TIMES.announceCount);
const CLAIM_FRAMES_PER_SECOND = 32;
const MS_PER_CLAIM_FRAME = 1000 / CLAIM_FRAMES_PER_SECOND;

/** Length of a prefix that contains one address only: at least as long as any address. */
const HOST_PREFIX_BITS = 128;

/** Sends the frames of a claim. */
export interface Announcer {
  probe(key: IpKey, outbox: Outbox): void;
  announce(key: IpKey, outbox: Outbox): void;
}

export interface OwnAddress {
  readonly key: IpKey;
  readonly text: string;
  /** Length of the network's prefix, bits. */
  readonly prefixBits: number;
  readonly claim: Claim;
}

export interface OwnAddressesOptions {
  readonly news: (news: AddressClaimed | AddressConflict) => void;
  readonly claimTimes?: ClaimTimes;
  /** Address that the switch claims together with any other: in IPv6, the link-local one. */
  readonly companion?: IpKey;
}

export class OwnAddresses {
  /** All own addresses. They are few enough for a linear search. */
  readonly all: OwnAddress[] = [];
  /** Number of frames that might be sent at the time `countedMs`. */
  private frames = CLAIM_FRAMES;
  private countedMs = -Infinity;
  private pausedUntilMs = -Infinity;

  constructor(private readonly options: OwnAddressesOptions) {}

  /**
   * Starts to claim an address with the next tick, and its companion with it.
   * @param key address, which must not change afterwards
   * @param prefixBits length of its network's prefix; by default, the network has no other host
   * @returns whether the address is new
   */
  add(key: IpKey, nowMs: number, prefixBits = HOST_PREFIX_BITS): boolean {
    const { companion } = this.options;
    const isCompanionNew = companion !== undefined && this.claim(companion, nowMs, prefixBits);
    const isCompanion = companion !== undefined && isSameIpKey(key, companion);
    return isCompanion ? isCompanionNew : this.claim(key, nowMs, prefixBits);
  }

  private claim(key: IpKey, nowMs: number, prefixBits: number): boolean {
    if (this.find(key) !== undefined) return false;
    const claim = new Claim(nowMs, this.options.claimTimes ?? CLAIM_TIMES);
    this.all.push({ key, text: formatIpKey(key), prefixBits, claim });
    return true;
  }

  /** @returns whether there was such an address */
  remove(key: IpKey): boolean {
    const index = this.all.findIndex((own) => isSameIpKey(own.key, key));
    if (index >= 0) this.all.splice(index, 1);
    return index >= 0;
  }

  list(): { address: string; state: ClaimState }[] {
    return this.all.map(({ text, claim }) => ({ address: text, state: claim.state }));
  }

  /** The own address with this key, in any state of its claim. */
  find(key: IpKey): OwnAddress | undefined {
    for (const own of this.all) if (isSameIpKey(own.key, key)) return own;
    return undefined;
  }

  /** Whether the switch holds the address: it is configured, claimed, and nobody had it before. */
  owns(key: IpKey): boolean {
    return this.find(key)?.claim.state === 'claimed';
  }

  /** Time of the next work of `tick`; `Infinity` for never. */
  get dueMs(): number {
    let dueMs = Infinity;
    for (const { claim } of this.all) dueMs = Math.min(dueMs, claim.dueMs);
    return Math.max(dueMs, this.pausedUntilMs);
  }

  tick(nowMs: number, outbox: Outbox, announcer: Announcer): void {
    for (const { key, text, claim } of this.all) {
      if (nowMs < claim.dueMs) continue;
      if (!this.maySend(nowMs)) return;
      const step = claim.step(nowMs);
      if (step === 'probe') announcer.probe(key, outbox);
      if (step === 'claim' || step === 'announce') announcer.announce(key, outbox);
      if (step === 'claim') this.options.news({ event: 'address-claimed', address: text });
    }
  }

  /** Counts a frame of a claim. @returns whether it may be sent; if not, the claim is delayed */
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

  /**
   * Notes that the station with this MAC, behind `port`, uses or probes for an own address.
   * @returns whether the caller must defend the address by another announcement
   */
  conflict(own: OwnAddress, hi16: number, lo32: number, port: number, nowMs: number): boolean {
    const outcome = own.claim.conflict(nowMs);
    if (outcome === 'ignored') return false;
    const mac = formatMac(hi16, lo32);
    this.options.news({ event: 'address-conflict', address: own.text, mac, port, outcome });
    return outcome === 'defended';
  }
}
