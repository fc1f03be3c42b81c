/**
 * The switch's own addresses of one family, each with its claim. ARP and ND share this bookkeeping. The
 * protocol room sends the frames: it provides an `Announcer`.
 */

import { formatIpKey, isSameIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { formatMac } from '../wire/mac';
import { NO_VLAN, inVlan } from '../wire/vlan';
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
  probe(key: IpKey, vlan: number, outbox: Outbox): void;
  announce(key: IpKey, vlan: number, outbox: Outbox): void;
}

export interface OwnAddress {
  readonly key: IpKey;
  readonly text: string;
  /** VLAN in which the switch has it; `NO_VLAN`: that of the switch itself. */
  readonly vlan: number;
  /** Length of the network's prefix, bits. */
  readonly prefixBits: number;
  readonly claim: Claim;
}

/** Own address as it is listed. */
export interface ListedAddress {
  readonly address: string;
  /** Absent for an address without a VLAN. */
  readonly vlan?: number;
  readonly state: ClaimState;
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
  private filtersVlans = false;
  /** VLAN of the switch itself. */
  private homeVlan = NO_VLAN;

  constructor(private readonly options: OwnAddressesOptions) {}

  /**
   * Sets whether the bridge filters by VLAN. If it does not, addresses with a VLAN rest.
   * @param homeVlan VLAN of addresses without one: on a Linux bridge, that of the default PVID
   */
  setVlans(filtersVlans: boolean, homeVlan: number): void {
    this.filtersVlans = filtersVlans;
    this.homeVlan = filtersVlans ? homeVlan : NO_VLAN;
  }

  /** VID of frames about an address. */
  vlanOf({ vlan }: OwnAddress): number {
    return vlan === NO_VLAN ? this.homeVlan : vlan;
  }

  /** Whether frames about an address can be sent and received now. */
  private isInUse({ vlan }: OwnAddress): boolean {
    return this.filtersVlans || vlan === NO_VLAN;
  }

  /**
   * Starts to claim an address with the next tick, and its companion with it.
   * @param key address, which must not change afterwards
   * @param prefixBits length of its network's prefix; by default, the network has no other host
   * @returns whether the address is new
   */
  add(key: IpKey, nowMs: number, prefixBits = HOST_PREFIX_BITS, vlan = NO_VLAN): boolean {
    const { companion } = this.options;
    const isCompanionNew =
      companion !== undefined && this.claim(companion, nowMs, prefixBits, vlan);
    const isCompanion = companion !== undefined && isSameIpKey(key, companion);
    return isCompanion ? isCompanionNew : this.claim(key, nowMs, prefixBits, vlan);
  }

  private claim(key: IpKey, nowMs: number, prefixBits: number, vlan: number): boolean {
    if (this.indexOf(key, vlan) >= 0) return false;
    const claim = new Claim(nowMs, this.options.claimTimes ?? CLAIM_TIMES);
    this.all.push({ key, text: formatIpKey(key), vlan, prefixBits, claim });
    return true;
  }

  private indexOf(key: IpKey, vlan: number): number {
    return this.all.findIndex((own) => own.vlan === vlan && isSameIpKey(own.key, key));
  }

  /** @returns whether there was such an address */
  remove(key: IpKey, vlan = NO_VLAN): boolean {
    const index = this.indexOf(key, vlan);
    if (index >= 0) this.all.splice(index, 1);
    return index >= 0;
  }

  list(): ListedAddress[] {
    return this.all.map(({ text, vlan, claim }) => ({
      address: text,
      ...(vlan !== NO_VLAN && { vlan }),
      state: claim.state,
    }));
  }

  /** The own address with this key in the VLAN of a frame, in any state of its claim. */
  find(key: IpKey, vlan = NO_VLAN): OwnAddress | undefined {
    for (const own of this.all) {
      if (isSameIpKey(own.key, key) && this.vlanOf(own) === vlan) return own;
    }
    return undefined;
  }

  /** Whether the switch holds the address: it is configured, claimed, and nobody had it before. */
  owns(key: IpKey, vlan = NO_VLAN): boolean {
    return this.find(key, vlan)?.claim.state === 'claimed';
  }

  /** Time of the next work of `tick`; `Infinity` for never. */
  get dueMs(): number {
    let dueMs = Infinity;
    for (const own of this.all) {
      if (this.isInUse(own)) dueMs = Math.min(dueMs, own.claim.dueMs);
    }
    return Math.max(dueMs, this.pausedUntilMs);
  }

  tick(nowMs: number, outbox: Outbox, announcer: Announcer): void {
    for (const own of this.all) {
      const { key, text, claim } = own;
      if (nowMs < claim.dueMs || !this.isInUse(own)) continue;
      if (!this.maySend(nowMs)) return;
      const step = claim.step(nowMs);
      if (step === 'probe') announcer.probe(key, this.vlanOf(own), outbox);
      if (step === 'claim' || step === 'announce') {
        announcer.announce(key, this.vlanOf(own), outbox);
      }
      if (step === 'claim') {
        this.options.news({ event: 'address-claimed', address: text, ...inVlan(this.vlanOf(own)) });
      }
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
    const whose = { address: own.text, mac, port, ...inVlan(this.vlanOf(own)) };
    this.options.news({ event: 'address-conflict', ...whose, outcome });
    return outcome === 'defended';
  }
}
