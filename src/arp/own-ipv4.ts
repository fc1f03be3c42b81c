/**
 * The switch's own IPv4 addresses on the wire: claimed with probes, announced, answered for,
 * defended. Silent about an address until it is claimed, and while another station holds it.
 *
 * Source: RFC 826 (answers), RFC 5227 (claims), RFC 1122 2.3.2.1 (unicast polls).
 */

import type { ClaimState, ClaimTimes } from '../hosts/claim';
import { UNSPECIFIED_IPV4, formatIpv4, isLinkLocalIpv4 } from '../wire/ipv4';
import { OwnAddresses } from '../hosts/own-addresses';
import type { OwnAddress, OwnAddressEvents } from '../hosts/own-addresses';
import type { Burst } from '../frame/burst';
import type { MacWords } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import { ResolutionCounter } from '../hosts/counters';
import type { ResolutionCounterSink } from '../hosts/counters';
import { answer, broadcastRequest } from './speak';
import {
  REQUEST,
  operation,
  senderAddress,
  senderHi16,
  senderLo32,
  targetAddress,
} from '../wire/arp';

interface Ipv4 {
  readonly text: string;
  readonly value: number;
  /** The bits that all addresses of its network share. */
  readonly mask: number;
}

/** A network of one address: no other host is in it. */
const HOST_PREFIX_BITS = 32;

export class OwnIpv4 {
  private readonly addresses: OwnAddresses<Ipv4>;

  constructor(
    private readonly mac: MacWords,
    private readonly counters: ResolutionCounterSink,
    events: OwnAddressEvents,
    times?: ClaimTimes,
  ) {
    const announcer = {
      probe: ({ value }: Ipv4, outbox: Outbox): void => {
        broadcastRequest(outbox, mac, UNSPECIFIED_IPV4, value);
      },
      announce: ({ value }: Ipv4, outbox: Outbox): void => {
        broadcastRequest(outbox, mac, value, value);
      },
    };
    this.addresses = new OwnAddresses(announcer, events, times);
  }

  /**
   * Starts to claim an address with the next tick.
   * @param prefixBits of its network, 0 to 32
   * @returns whether it is new
   */
  add(value: number, nowMs: number, prefixBits = HOST_PREFIX_BITS): boolean {
    const mask = prefixBits === 0 ? 0 : -1 << (HOST_PREFIX_BITS - prefixBits);
    return this.addresses.add({ text: formatIpv4(value), value, mask }, nowMs);
  }

  /** @returns whether there was such an address */
  remove(value: number): boolean {
    return this.addresses.remove(formatIpv4(value));
  }

  list(): { address: string; state: ClaimState }[] {
    return this.addresses.list();
  }

  /** Whether the switch holds the address: it is configured, claimed, and nobody had it before. */
  owns(address: number): boolean {
    return this.find(address)?.claim.state === 'claimed';
  }

  /**
   * The address from which to ask a host for its own: one that the switch holds in the same
   * network, or else none, as in a probe. A link-local address may not ask by unicast (RFC 3927 2.5).
   */
  sourceFor(target: number): number {
    for (const { address, claim } of this.addresses.all) {
      const isSameNetwork = ((address.value ^ target) & address.mask) === 0;
      const mayAsk = claim.state === 'claimed' && !isLinkLocalIpv4(address.value);
      if (isSameNetwork && mayAsk) return address.value;
    }
    return UNSPECIFIED_IPV4;
  }

  /** When `tick` has something to do next; `Infinity` for never. */
  get dueMs(): number {
    return this.addresses.dueMs;
  }

  tick(nowMs: number, outbox: Outbox): void {
    this.addresses.tick(nowMs, outbox);
  }

  /** Whether the sender of a well-formed frame uses an address of the switch as its own. */
  isContestedBy(burst: Burst, frame: number): boolean {
    return this.find(senderAddress(burst.u8, burst.offset[frame] as number)) !== undefined;
  }

  /**
   * Looks at a well-formed frame: answers it, takes it for a conflict, or neither.
   * @returns whether it was about an address of the switch
   */
  receive(frame: number, nowMs: number, outbox: Outbox): boolean {
    const { u8, u16, offset } = outbox.burst;
    const at = offset[frame] as number;
    const sender = senderAddress(u8, at);
    const contested = this.find(sender);
    if (contested !== undefined) {
      this.conflict(contested, frame, nowMs, outbox);
      return true;
    }
    const asked = this.find(targetAddress(u8, at));
    if (asked === undefined || operation(u16, at) !== REQUEST) return asked !== undefined;
    if (asked.claim.state === 'claimed') {
      answer(outbox, frame, this.mac.hi16, this.mac.lo32, asked.address.value);
      this.counters.count(ResolutionCounter.Answered, outbox.burst.ingress[frame] as number);
    } else if (sender === UNSPECIFIED_IPV4) {
      // Two stations probe for one address at the same time: neither may have it (RFC 5227 2.1.1).
      this.conflict(asked, frame, nowMs, outbox);
    }
    return true;
  }

  private find(address: number): OwnAddress<Ipv4> | undefined {
    for (const own of this.addresses.all) if (own.address.value === address) return own;
    return undefined;
  }

  private conflict(own: OwnAddress<Ipv4>, frame: number, nowMs: number, outbox: Outbox): void {
    const { u16, offset, ingress } = outbox.burst;
    const at = offset[frame] as number;
    const port = ingress[frame] as number;
    this.counters.count(ResolutionCounter.Conflict, port);
    const hi16 = senderHi16(u16, at);
    this.addresses.conflict(own, hi16, senderLo32(u16, at), port, nowMs, outbox);
  }
}
