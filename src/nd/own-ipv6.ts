/**
 * The switch's own IPv6 addresses on the wire: claimed with duplicate address detection, announced,
 * answered for, defended. Silent about an address until it is claimed, and while another station
 * holds it. Whoever has an address also has a link-local one, made from the MAC.
 *
 * Source: RFC 4861 7.2 (answers, announcements), RFC 4862 5.3 and 5.4 (link-local address, claims),
 * RFC 4291 appendix A (interface identifier).
 */

import type { ClaimState, ClaimTimes } from '../hosts/claim';
import { formatIpKey, ipKeyOf, isIpv6KeyAt } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { isUnspecifiedAt } from '../wire/ipv6';
import { OwnAddresses } from '../hosts/own-addresses';
import type { OwnAddress, OwnAddressEvents } from '../hosts/own-addresses';
import type { Burst } from '../frame/burst';
import { macToBytes } from '../wire/mac';
import type { MacWords } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import { SOURCE, macHi16, macLo32 } from '../wire/ethernet';
import { ResolutionCounter } from '../hosts/counters';
import type { ResolutionCounterSink } from '../hosts/counters';
import { advertiseToAll, answer, probe } from './speak';
import {
  FLAG_OVERRIDE,
  FLAG_SOLICITED,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_SOLICITATION,
  SOURCE_ADDRESS,
  TARGET_ADDRESS,
  messageType,
} from '../wire/nd';

interface Ipv6 {
  readonly text: string;
  readonly key: IpKey;
}

export class OwnIpv6 {
  private readonly addresses: OwnAddresses<Ipv6>;
  private readonly linkLocal: Ipv6;

  constructor(
    private readonly mac: MacWords,
    private readonly counters: ResolutionCounterSink,
    events: OwnAddressEvents,
    times?: ClaimTimes,
  ) {
    const announcer = {
      probe: ({ key }: Ipv6, outbox: Outbox): void => probe(outbox, mac, key),
      announce: ({ key }: Ipv6, outbox: Outbox): void => advertiseToAll(outbox, mac, key),
    };
    this.addresses = new OwnAddresses(announcer, events, times);
    this.linkLocal = named(linkLocalKey(mac));
  }

  /**
   * Starts to claim an address with the next tick, and a link-local one with it.
   * @param key of an IPv6 address, not to be changed after
   * @returns whether it is new
   */
  add(key: IpKey, nowMs: number): boolean {
    const isLinkLocalNew = this.addresses.add(this.linkLocal, nowMs);
    const address = named(key);
    const isLinkLocal = address.text === this.linkLocal.text;
    return isLinkLocal ? isLinkLocalNew : this.addresses.add(address, nowMs);
  }

  /** @returns whether there was such an address */
  remove(key: IpKey): boolean {
    return this.addresses.remove(formatIpKey(key));
  }

  list(): { address: string; state: ClaimState }[] {
    return this.addresses.list();
  }

  /** Whether the switch holds the address at arena offset `at`. */
  ownsAt(u8: Uint8Array, at: number): boolean {
    return this.findAt(u8, at)?.claim.state === 'claimed';
  }

  /**
   * The address from which to ask a host for its own: the link-local one, which every host on the
   * link can answer. Without one yet, starts to claim it.
   */
  sourceForPolls(nowMs: number): IpKey | undefined {
    this.addresses.add(this.linkLocal, nowMs);
    for (const { address, claim } of this.addresses.all) {
      if (claim.state === 'claimed') return address.key;
    }
    return undefined;
  }

  /** When `tick` has something to do next; `Infinity` for never. */
  get dueMs(): number {
    return this.addresses.dueMs;
  }

  tick(nowMs: number, outbox: Outbox): void {
    this.addresses.tick(nowMs, outbox);
  }

  /** Whether the sender of a valid message uses an address of the switch as its own. */
  isContestedBy(burst: Burst, frame: number): boolean {
    return this.findContested(burst, frame) !== undefined;
  }

  /**
   * Looks at a valid message: answers it, takes it for a conflict, or neither.
   * @returns whether it was about an address of the switch
   */
  receive(frame: number, nowMs: number, outbox: Outbox): boolean {
    const { burst } = outbox;
    const contested = this.findContested(burst, frame);
    if (contested !== undefined) {
      this.conflict(contested, frame, nowMs, outbox);
      return true;
    }
    const at = burst.offset[frame] as number;
    if (messageType(burst.u8, at) !== NEIGHBOUR_SOLICITATION) return false;
    const target = this.findAt(burst.u8, at + TARGET_ADDRESS);
    if (target !== undefined) this.receiveSolicitation(target, frame, nowMs, outbox);
    return target !== undefined;
  }

  /** The own address that the sender uses: as its source, or in its advertisement. */
  private findContested(burst: Burst, frame: number): OwnAddress<Ipv6> | undefined {
    const { u8 } = burst;
    const at = burst.offset[frame] as number;
    const isAdvertisement = messageType(u8, at) === NEIGHBOUR_ADVERTISEMENT;
    return (
      this.findAt(u8, at + SOURCE_ADDRESS) ??
      (isAdvertisement ? this.findAt(u8, at + TARGET_ADDRESS) : undefined)
    );
  }

  private receiveSolicitation(
    target: OwnAddress<Ipv6>,
    frame: number,
    nowMs: number,
    outbox: Outbox,
  ): void {
    const { u8, offset, ingress } = outbox.burst;
    const at = offset[frame] as number;
    const { key } = target.address;
    const isProbe = isUnspecifiedAt(u8, at + SOURCE_ADDRESS);
    if (target.claim.state !== 'claimed') {
      // Two stations probe for one address at the same time: neither may have it (RFC 4862 5.4.3).
      if (isProbe) this.conflict(target, frame, nowMs, outbox);
      return;
    }
    this.counters.count(ResolutionCounter.Answered, ingress[frame] as number);
    if (isProbe) advertiseToAll(outbox, this.mac, key);
    else answer(outbox, frame, this.mac.hi16, this.mac.lo32, key, FLAG_SOLICITED | FLAG_OVERRIDE);
  }

  private findAt(u8: Uint8Array, at: number): OwnAddress<Ipv6> | undefined {
    for (const own of this.addresses.all) if (isIpv6KeyAt(own.address.key, u8, at)) return own;
    return undefined;
  }

  private conflict(own: OwnAddress<Ipv6>, frame: number, nowMs: number, outbox: Outbox): void {
    const { u16, offset, ingress } = outbox.burst;
    const source = (offset[frame] as number) + SOURCE;
    const port = ingress[frame] as number;
    this.counters.count(ResolutionCounter.Conflict, port);
    const hi16 = macHi16(u16, source);
    this.addresses.conflict(own, hi16, macLo32(u16, source), port, nowMs, outbox);
  }
}

function named(key: IpKey): Ipv6 {
  return { text: formatIpKey(key), key };
}

/** fe80:: and the interface identifier that a MAC makes. */
export function linkLocalKey(mac: MacWords): IpKey {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macToBytes(mac.hi16, mac.lo32);
  return ipKeyOf([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
}
