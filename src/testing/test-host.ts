/**
 * A host at a port of a switch in memory. It answers ARP, Neighbor Discovery and ping for its addresses, and
 * can ask for them itself. It has no timers and no cache that ages.
 */

import { decode } from './decoder/decode';
import type { DecodedFrame } from './decoder/decoded';
import type { Vlan } from './frames/ethernet';
import { frame } from './frames/frame';
import { canonicalIpAddress, parseIpAddress } from '../wire/ip-text';

export interface HostOptions {
  readonly mac: string;
  /** IPv4 and IPv6 addresses. */
  readonly ip?: string | readonly string[];
  /** Tag of all its frames; it hears no others. */
  readonly vlan?: Vlan;
}

/** What a host is attached to. */
export interface HostWire {
  /** Sends a frame into the switch. */
  send(bytes: Uint8Array): void;
  /** Lets time pass until a condition holds. @returns whether it does */
  waitUntil(holds: () => boolean, withinMs: number): boolean;
}

/** Time that `ping` and `resolve` wait for an answer, as those of iputils do. */
const WAIT_MS = 1_000;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const UNSPECIFIED_V4 = '0.0.0.0';

export class TestHost {
  readonly mac: string;
  readonly addresses: readonly string[];
  /** IP address → MAC address, as the host has heard. */
  readonly neighbours = new Map<string, string>();
  private readonly vlan: { readonly vlan?: Vlan };
  private readonly replies = new Set<string>();
  private sequence = 0;

  constructor(
    { ip = [], mac, vlan }: HostOptions,
    private readonly wire: HostWire,
  ) {
    this.mac = mac;
    this.vlan = vlan === undefined ? {} : { vlan };
    this.addresses = [ip].flat().map((address) => {
      if (parseIpAddress(address) === undefined) {
        throw new TypeError(`ip: not an IP address: ${address}`);
      }
      return canonicalIpAddress(address);
    });
  }

  /** Sends a frame as it is. */
  send(bytes: Uint8Array): void {
    this.wire.send(bytes);
  }

  /** Tells all hosts its addresses: gratuitous ARP (RFC 5227 2.3), unsolicited advertisements (RFC 4861 7.2.6). */
  announce(): void {
    for (const address of this.addresses) {
      if (isIpv6(address)) this.advertise(address, {});
      else this.sendArp({ senderIp: address, targetIp: address });
    }
  }

  /**
   * Asks who has an address, unless it is known.
   * @returns the MAC, or `undefined` if nobody answers within a second
   * @throws TypeError for a host without an address of that family
   */
  resolve(address: string): string | undefined {
    const asked = canonicalIpAddress(address);
    if (!this.neighbours.has(asked)) {
      const source = this.addressFor(asked);
      if (isIpv6(asked)) this.send(this.solicitation(source, asked));
      else this.sendArp({ senderIp: source, targetIp: asked });
      this.wire.waitUntil(() => this.neighbours.has(asked), WAIT_MS);
    }
    return this.neighbours.get(asked);
  }

  /** Sends a ping, after a request for the MAC. @returns whether the reply comes within a second */
  ping(address: string, payload = 'tapswitch'): boolean {
    const destination = canonicalIpAddress(address);
    const to = this.resolve(destination);
    if (to === undefined) return false;
    const sequence = ++this.sequence & 0xffff;
    const source = this.addressFor(destination);
    this.send(frame.echoRequest({ ...this.link(to), source, destination, sequence, payload }));
    const reply = `${destination} ${sequence} ${payload}`;
    return this.wire.waitUntil(() => this.replies.delete(reply), WAIT_MS);
  }

  /** Takes a frame that the switch sends to the host. */
  receive(bytes: Uint8Array): void {
    if (bytes.length < 14) return;
    const heard = decode(bytes);
    if (heard.from === this.mac || !this.isInVlan(heard)) return;
    if (heard.to !== this.mac && (parseInt(heard.to.slice(0, 2), 16) & 1) === 0) return;
    if (heard.arp !== undefined) this.hearArp(heard.arp);
    else if (heard.nd !== undefined) this.hearNd(heard, heard.nd);
    else if (heard.echo !== undefined) this.hearEcho(heard, heard.echo);
  }

  private hearArp(arp: NonNullable<DecodedFrame['arp']>): void {
    const { senderIp, senderMac, targetIp } = arp;
    const isMine = this.addresses.includes(targetIp);
    // RFC 826: a known sender is brought up to date; a new one is noted by whom it asks.
    if (senderIp !== UNSPECIFIED_V4 && (isMine || this.neighbours.has(senderIp))) {
      this.neighbours.set(senderIp, senderMac);
    }
    if (!isMine || arp.operation !== 'request') return;
    this.sendArp({
      operation: 'reply',
      senderIp: targetIp,
      targetMac: senderMac,
      targetIp: senderIp,
    });
  }

  private hearNd(heard: DecodedFrame, nd: NonNullable<DecodedFrame['nd']>): void {
    const { kind, linkLayer, target = '' } = nd;
    const source = heard.ip?.source ?? '';
    if (kind === 'neighbour-advertisement' && linkLayer !== undefined) {
      this.neighbours.set(target, linkLayer);
    }
    if (kind !== 'neighbour-solicitation' || !this.addresses.includes(target)) return;
    if (linkLayer === undefined) return this.advertise(target, {});
    this.neighbours.set(source, linkLayer);
    this.advertise(target, { to: linkLayer, destination: source });
  }

  private hearEcho(heard: DecodedFrame, echo: NonNullable<DecodedFrame['echo']>): void {
    const { destination = '', source = '' } = heard.ip ?? {};
    if (heard.to !== this.mac || !this.addresses.includes(destination)) return;
    const { identifier, kind, payload, sequence } = echo;
    if (kind === 'reply') {
      this.replies.add(`${source} ${sequence} ${Buffer.from(payload).toString()}`);
      return;
    }
    const back = { source: destination, destination: source };
    this.send(
      frame.echoReply({ ...this.link(heard.from), ...back, identifier, sequence, payload }),
    );
  }

  /** @param to the asker; an advertisement to all nodes without it */
  private advertise(target: string, to: { to?: string; destination?: string }): void {
    const flags =
      to.to === undefined ? (['override'] as const) : (['solicited', 'override'] as const);
    const { vlan, mac } = this;
    this.send(
      frame.neighbourAdvertisement({ ...vlan, from: mac, source: target, target, flags, ...to }),
    );
  }

  private solicitation(source: string, target: string): Uint8Array {
    return frame.neighbourSolicitation({ ...this.vlan, from: this.mac, source, target });
  }

  private sendArp(fields: {
    operation?: 'reply';
    senderIp: string;
    targetMac?: string;
    targetIp: string;
  }): void {
    const to = fields.targetMac ?? BROADCAST;
    this.send(frame.arp({ ...this.vlan, to, senderMac: this.mac, ...fields }));
  }

  private link(to: string): { from: string; to: string; vlan?: Vlan } {
    return { ...this.vlan, from: this.mac, to };
  }

  private addressFor(address: string): string {
    const own = this.addresses.find((candidate) => isIpv6(candidate) === isIpv6(address));
    if (own === undefined) {
      throw new TypeError(`the host has no address of the family of ${address}`);
    }
    return own;
  }

  private isInVlan({ tags }: DecodedFrame): boolean {
    const { vlan } = this.vlan;
    const own =
      vlan === undefined ? [] : typeof vlan === 'number' ? [{ vid: vlan }] : [vlan].flat();
    return own.length === tags.length && tags.every(({ vid }, index) => vid === own[index]?.vid);
  }
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}
