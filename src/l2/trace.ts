/**
 * The road that a frame would take, step by step, and why.
 *
 * The code that decides is the bridge's own. It runs on a twin of the bridge, on the main thread:
 * the same options, ports, addresses, entries, neighbours and leases, and no descriptors. So a trace
 * changes nothing and costs the data plane nothing, not even the types that its engine has seen.
 *
 * The twin does not know how much was sent lately: no rate limit holds it up.
 */

import { NO_PORT } from '../frame/port-id';
import { parseIpAddress } from '../wire/ip-text';
import { ipKeyOf } from '../wire/ip-key';
import { Bridge, type BridgeOptions } from './bridge';
import { HEADROOM_BYTES } from '../frame/burst';
import { DROP_REASONS, type DropReason } from './drop-reason';
import { type FdbEntry } from './fdb/entry';
import { type MacWords, formatMac, parseMac } from '../wire/mac';
import { NO_VLAN } from '../wire/vlan';
import { toTicks } from '../frame/time';
import { CONSUMED, PASS, type Verdict } from '../frame/verdict';
import {
  DESTINATION,
  ETHER_TYPE,
  MIN_FRAME_BYTES,
  SOURCE,
  getI32,
  isBroadcast,
  isGroup,
  macHi16,
  macLo32,
} from '../wire/ethernet';
import { REFUSAL_REASONS, type Refusal } from '../hosts/inspection';
import type { Lease } from '../hosts/leases';
import type { KnownHost } from '../hosts/known-hosts';
import { type Neighbour, RouterFlag } from '../hosts/neighbours';

/** What the twin must know of a port. */
export interface TracedPort {
  readonly id: number;
  readonly label: string;
  readonly mtuBytes: number;
  readonly isUp: boolean;
  readonly takesOffloads: boolean;
  readonly isTrusted: boolean;
  /** Whether it hears every ARP and ND request. */
  readonly hearsRequests?: boolean;
}

/** A binding that is good: fresh, or static. */
export type TracedNeighbour = Omit<Neighbour, 'heardAgoMs'> &
  Partial<Pick<KnownHost, 'isAnnounced'>>;

/** What the switch is at the moment of the trace. */
export interface TracedState {
  readonly options: Pick<BridgeOptions, 'mac' | 'ageingMs' | 'reserved' | 'arp' | 'inspects'>;
  readonly ports: readonly TracedPort[];
  readonly stations: readonly FdbEntry[];
  /** Those that the switch holds, as text. */
  readonly addresses: readonly string[];
  /** The hosts that the switch may answer for. */
  readonly neighbours: readonly TracedNeighbour[];
  /** What inspection believes because a DHCP server said so. */
  readonly leases: readonly Lease[];
}

export interface Trace {
  /** One sentence each, in the order of the trip. */
  readonly steps: readonly string[];
  /** Labels of the ports that the frame leaves from. */
  readonly egress: readonly string[];
  /** Why it, or a copy of it, goes no further. */
  readonly drops: readonly { readonly port: string; readonly reason: string }[];
}

/** Later than any entry is old, and long enough for the twin to claim its addresses. */
const CLAIMING_MS = 10_000;
const CLAIM_STEP_MS = 50;

const IPV4_BYTES = 4;

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [0x0800, 'IPv4'],
  [0x0806, 'ARP'],
  [0x86dd, 'IPv6'],
  [0x8100, 'a VLAN tag'],
  [0x88a8, 'a service VLAN tag'],
  [0x88cc, 'LLDP'],
]);

/**
 * @param port id of the port that the frame comes from
 * @param frame from the destination address to the end, no longer than a TAP gives
 */
export function traceFrame(state: TracedState, port: number, frame: Uint8Array): Trace {
  const twin = new TracingBridge(state);
  return twin.trace(port, frame);
}

class TracingBridge extends Bridge {
  private readonly steps: string[] = [];
  private readonly egressLabels: string[] = [];
  private readonly drops: { port: string; reason: string }[] = [];
  private readonly labels: ReadonlyMap<number, string>;
  /** What inspection has refused since this was last looked at. */
  private readonly refusals: Refusal[];

  constructor(state: TracedState) {
    const ids = state.ports.map(({ id }) => id);
    const refusals: Refusal[] = [];
    super({
      ...state.options,
      maxPorts: Math.max(0, ...ids) + 1,
      fdbMax: state.stations.length + 1,
      neighbours: { maxEntries: state.neighbours.length + 1 },
      onRefusal: (refusal) => refusals.push(refusal),
    });
    this.refusals = refusals;
    this.labels = new Map(state.ports.map(({ id, label }) => [id, label]));
    this.connect({ transmit: () => 0 });
    for (const { id, label, isTrusted, ...settings } of state.ports) {
      this.addPort(id, { name: label, ...settings });
      this.rooms.setTrusted(id, isTrusted);
    }
    const now = Math.max(0, ...state.stations.map(({ updatedAgoMs }) => updatedAgoMs));
    this.claim(state.addresses, now);
    this.enter(state.stations, now + CLAIMING_MS);
    this.bind(state.neighbours);
    this.lease(state.leases);
    this.forgetWhatWasSaid();
  }

  trace(port: number, frame: Uint8Array): Trace {
    const { burst } = this;
    burst.u8.set(frame, HEADROOM_BYTES);
    burst.offset[0] = HEADROOM_BYTES;
    burst.length[0] = frame.length;
    burst.ingress[0] = port;
    burst.begin(1);
    this.forward();
    return { steps: this.steps, egress: this.egressLabels, drops: this.drops };
  }

  // The trip, each step told ------------------------------------------------------------------

  protected override forwardFrame(frame: number): void {
    const { offset, length, ingress, u8 } = this.burst;
    const at = offset[frame] as number;
    const bytes = length[frame] as number;
    const label = this.label(ingress[frame] as number);
    if (bytes < MIN_FRAME_BYTES) {
      this.tell(`${bytes} bytes come from ${label}`);
    } else {
      const type = ((u8[at + ETHER_TYPE] as number) << 8) | (u8[at + ETHER_TYPE + 1] as number);
      const protocol = PROTOCOLS.get(type) ?? 'another protocol';
      this.tell(
        `${bytes} bytes come from ${label}: ${this.macAt(at + SOURCE)} to ` +
          `${this.macAt(at + DESTINATION)}, type 0x${type.toString(16).padStart(4, '0')}, ${protocol}`,
      );
    }
    super.forwardFrame(frame);
  }

  protected override learn(hi16: number, lo32: number, port: number): void {
    const mac = formatMac(hi16, lo32);
    const before = this.fdb.peek(hi16, lo32, NO_VLAN, this.ticks);
    super.learn(hi16, lo32, port);
    const after = this.fdb.peek(hi16, lo32, NO_VLAN, this.ticks);
    if (after === NO_PORT) this.tell(`${mac} is not learned: this switch learns nothing`);
    else if (after !== port) {
      this.tell(`${mac} stays on ${this.label(after)}: that entry is static or sticky`);
    } else if (before === port) this.tell(`${mac} is known on ${this.label(port)}: refreshed`);
    else if (before === NO_PORT) this.tell(`${mac} is learned on ${this.label(port)}`);
    else this.tell(`${mac} moves from ${this.label(before)} to ${this.label(port)}`);
  }

  protected override askRooms(frame: number, type: number, toSwitch: boolean): Verdict {
    const verdict = super.askRooms(frame, type, toSwitch);
    const refusal = this.refusals.pop();
    if (refusal !== undefined) this.tellOf(refusal);
    else if (verdict === CONSUMED) {
      this.tell(
        toSwitch
          ? 'it is for the switch, which keeps it'
          : 'the switch answers in the name of the host, and floods nothing',
      );
    } else if (verdict !== PASS) {
      this.tell(`the switch knows who it is for: ${this.label(verdict)} alone`);
    }
    return verdict;
  }

  private tellOf({ reason, port }: Refusal): void {
    const { name, meaning } = REFUSAL_REASONS[reason] as (typeof REFUSAL_REASONS)[number];
    this.tell(`inspection refuses it at ${this.label(port)}, ${name}: ${meaning}`);
    this.drops.push({ port: this.label(port), reason: name });
  }

  protected override flood(frame: number, ingress: number): void {
    const at = this.burst.offset[frame] as number;
    const { u16 } = this.burst;
    const hi16 = macHi16(u16, at + DESTINATION);
    const lo32 = macLo32(u16, at + DESTINATION);
    const why = isBroadcast(hi16, lo32)
      ? 'it is a broadcast'
      : isGroup(hi16)
        ? 'it goes to a group'
        : `${formatMac(hi16, lo32)} is not in the forwarding database`;
    this.tell(`${why}: to every other port`);
    super.flood(frame, ingress);
  }

  protected override egress(frame: number, port: number, segmentsMax?: number): void {
    if (this.burst.ingress[frame] === NO_PORT) {
      this.tell(`the switch itself says something to ${this.label(port)}`);
    }
    super.egress(frame, port, segmentsMax);
  }

  protected override segment(frame: number, port: number, segmentsMax: number): boolean {
    this.tell(`${this.label(port)} takes no offloads: cut into plain frames`);
    return super.segment(frame, port, segmentsMax);
  }

  protected override append(frame: number, port: number): void {
    const isAnswer = this.burst.ingress[frame] === NO_PORT;
    this.tell(`${isAnswer ? 'the answer' : 'it'} leaves from ${this.label(port)}`);
    if (!isAnswer) this.egressLabels.push(this.label(port));
    super.append(frame, port);
  }

  protected override drop(port: number, reason: DropReason): void {
    const { name, meaning } = DROP_REASONS[reason] as (typeof DROP_REASONS)[number];
    this.tell(`dropped at ${this.label(port)}, ${name}: ${meaning}`);
    this.drops.push({ port: this.label(port), reason: name });
    super.drop(port, reason);
  }

  // The twin ----------------------------------------------------------------------------------

  /** Claims the addresses as the switch did, with nobody there to object. */
  private claim(addresses: readonly string[], fromMs: number): void {
    for (const address of addresses) {
      const bytes = bytesOf(address);
      if (bytes.length === IPV4_BYTES) this.rooms.arp.own.add(getI32(bytes, 0), fromMs);
      else this.rooms.nd.own.add(ipKeyOf(bytes), fromMs);
    }
    for (let ms = fromMs; ms <= fromMs + CLAIMING_MS; ms += CLAIM_STEP_MS) {
      this.burst.clock[0] = ms;
      this.burst.begin(0);
      this.tick();
      this.flush();
    }
  }

  private enter(stations: readonly FdbEntry[], nowMs: number): void {
    for (const { mac, vlan, port, isStatic, isSticky, updatedAgoMs } of stations) {
      const { hi16, lo32 } = parseMac(mac) as MacWords;
      const heard = toTicks(nowMs - updatedAgoMs);
      if (isStatic) this.fdb.addStatic(hi16, lo32, vlan, port, heard);
      else if (isSticky) this.fdb.addSticky(hi16, lo32, vlan, port, heard);
      else this.fdb.learn(hi16, lo32, vlan, port, heard);
    }
  }

  /** Those that were learned are good, and so as if they had been heard just now. */
  private bind(bindings: readonly TracedNeighbour[]): void {
    for (const { address, mac, vlan, port, state, isRouter, isAnnounced } of bindings) {
      const bytes = bytesOf(address);
      const key = ipKeyOf(bytes);
      const { hi16, lo32 } = parseMac(mac) as MacWords;
      const { known } = bytes.length === IPV4_BYTES ? this.rooms.arp : this.rooms.nd;
      const { neighbours } = known.hosts;
      if (state === 'permanent') neighbours.addStatic(key, vlan, hi16, lo32, port);
      else neighbours.observe(key, vlan, hi16, lo32, port, this.traceMs);
      if (isAnnounced === true) known.hosts.restoreAnnounced(key, hi16, lo32, this.traceMs);
      if (isRouter === undefined) continue;
      neighbours.setRouter(key, vlan, isRouter ? RouterFlag.Router : RouterFlag.Host);
    }
  }

  private lease(leases: readonly Lease[]): void {
    for (const { address, mac, vlan, port, expiresInMs } of leases) {
      const key = ipKeyOf(bytesOf(address));
      const { hi16, lo32 } = parseMac(mac) as MacWords;
      this.rooms.inspection?.leases.grant(key, vlan, hi16, lo32, port, expiresInMs, this.traceMs);
    }
  }

  private forgetWhatWasSaid(): void {
    this.steps.length = 0;
    this.egressLabels.length = 0;
    this.drops.length = 0;
  }

  private get traceMs(): number {
    return this.burst.clock[0] as number;
  }

  private get ticks(): number {
    return toTicks(this.traceMs);
  }

  private label(port: number): string {
    return this.labels.get(port) ?? `#${port}`;
  }

  private macAt(at: number): string {
    return formatMac(macHi16(this.burst.u16, at), macLo32(this.burst.u16, at));
  }

  private tell(step: string): void {
    this.steps.push(step);
  }
}

function bytesOf(address: string): Uint8Array {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) throw new TypeError(`${address} is no IP address`);
  return bytes;
}
