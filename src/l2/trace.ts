/**
 * Trace: the path that a frame would take, step by step, with the reasons.
 *
 * The bridge's own code decides, and reports each decision to a reporter. It runs on a twin of the bridge, on
 * the main thread. The twin has the same options, ports, addresses, entries, neighbours and leases, but no
 * descriptors. So a trace changes nothing and costs the data plane nothing.
 *
 * The twin runs hooks that were loaded for it alone: new ones, which have seen no other frame. Their counters and timers end
 * with the twin, and their own frames are left out. Where the caller has no such hook, the twin tells only that it takes the frame.
 *
 * The twin does not know the frames of the last seconds, so no rate limit stops its frame.
 */

import { parseIpAddress } from '../wire/ip-text';
import { ipKeyOf } from '../wire/ip-key';
import { Bridge, type BridgeOptions } from './bridge';
import type { BridgeSettings } from './settings';
import { HEADROOM_BYTES } from '../frame/burst';
import type { PortStateWord } from '../frame/port-control';
import { type BridgePortSettings, PORT_STATES, type PortState } from './port-table';
import { fastPathStep } from './fast/trace-fast-path';
import { type FdbEntry } from './fdb/entry';
import { type MacWords, parseMac } from '../wire/mac';
import { toTicks } from '../frame/time';
import type { ContextState } from '../mcast/contexts';
import type { GroupEntry } from '../mcast/static-groups';
import type { TraceReporter } from '../frame/trace-reporter';
import type { Lease } from '../hosts/leases';
import type { KnownHost } from '../hosts/known-hosts';
import { Miss } from '../hosts/miss';
import type { MirrorSettings } from './mirrors';
import type { HookProgram } from '../hooks/loaded-hook';
import type { ImpairmentSettings } from '../impair/settings';
import { type Neighbour, RouterFlag } from '../hosts/neighbours';

/** Facts about a port that the twin needs. */
export interface TracedPort extends Omit<BridgePortSettings, 'name'> {
  readonly id: number;
  readonly label: string;
  /** State of the port; forwarding by default. */
  readonly state?: PortStateWord;
  /** Reason why the frames of the port do not take the fast path; absent if they may. */
  readonly fastObstacle?: string;
}

/** A binding. By default, its host was heard just now and is announced to no host. */
export type TracedNeighbour = Omit<Neighbour, 'heardAgoMs'> &
  Partial<Pick<KnownHost, 'heardAgoMs' | 'isAnnounced' | 'unannounced'>>;

/** A hook that was loaded for the twin, or only the frames that it takes, and why it does not run. */
export type TracedHook =
  HookProgram | (Pick<HookProgram, 'name' | 'accepts'> & Required<Pick<HookProgram, 'notRun'>>);

/** State of the switch at the moment of the trace. */
export interface TracedState {
  readonly options: Pick<BridgeOptions, 'mac' | 'reserved'> & Partial<BridgeSettings>;
  readonly ports: readonly TracedPort[];
  readonly stations: readonly FdbEntry[];
  /** Addresses that the switch holds, as text. */
  readonly addresses: readonly { readonly address: string; readonly vlan?: number }[];
  /** Known hosts, also those whose bindings are not reliable at this moment. */
  readonly neighbours: readonly TracedNeighbour[];
  /** Bindings from DHCP servers, which inspection uses. */
  readonly leases: readonly Lease[];
  /** Entries of the group table. */
  readonly groups?: readonly GroupEntry[];
  /** Queriers and multicast routers. */
  readonly groupContexts?: readonly ContextState[];
  readonly mirrors?: readonly MirrorSettings[];
  /** Hooks that are on, in the order in which frames meet them. */
  readonly hooks?: readonly TracedHook[];
  /** Impairments that are active. */
  readonly impairments?: readonly ImpairmentSettings[];
}

export interface Trace {
  /** Steps, one sentence each, in their order. */
  readonly steps: readonly string[];
  /** Labels of the ports that the frame leaves by. */
  readonly egress: readonly string[];
  /** Reasons why the frame, or a copy of it, goes no further. */
  readonly drops: readonly { readonly port: string; readonly reason: string }[];
}

/** Time after the age of every entry that is long enough for the twin to claim its addresses. */
const CLAIMING_MS = 10_000;
const CLAIM_STEP_MS = 50;

const IPV4_BYTES = 4;

/**
 * @param port id of the port that the frame comes from
 * @param frame bytes from the destination address to the end, no more than a TAP gives
 */
export function traceFrame(state: TracedState, port: number, frame: Uint8Array): Trace {
  const twin = makeTwin(state);
  const trace = new CollectedTrace(state.ports);
  const { burst } = twin;
  burst.u8.set(frame, HEADROOM_BYTES);
  burst.offset[0] = HEADROOM_BYTES;
  burst.length[0] = frame.length;
  burst.ingress[0] = port;
  burst.begin(1);
  twin.reporter = trace;
  twin.forward();
  const ports = state.ports.map((traced) => ({ ...traced, fastVlan: twin.fastVlanOf(traced.id) }));
  const fast = fastPathStep(ports, state.stations, port, frame);
  if (fast !== undefined) trace.step(fast);
  return { steps: trace.steps, egress: trace.leftFrom, drops: trace.drops };
}

class CollectedTrace implements TraceReporter {
  readonly steps: string[] = [];
  readonly leftFrom: string[] = [];
  readonly drops: { readonly port: string; readonly reason: string }[] = [];
  private readonly labels: ReadonlyMap<number, string>;

  constructor(ports: readonly TracedPort[]) {
    this.labels = new Map(ports.map(({ id, label }) => [id, label]));
  }

  step(sentence: string): void {
    this.steps.push(sentence);
  }

  egress(port: number): void {
    this.leftFrom.push(this.label(port));
  }

  drop(port: number, reason: string): void {
    this.drops.push({ port: this.label(port), reason });
  }

  label(port: number): string {
    return this.labels.get(port) ?? `#${port}`;
  }
}

// The twin --------------------------------------------------------------------------------------

function makeTwin(state: TracedState): Bridge {
  const twin = new Bridge({
    ...state.options,
    maxPorts: Math.max(0, ...state.ports.map(({ id }) => id)) + 1,
    fdbMax: state.stations.length + 1,
    neighbours: { maxEntries: state.neighbours.length + 1 },
  });
  twin.connect({ transmit: () => 0 });
  twin.configure(state.options);
  for (const mirror of state.mirrors ?? []) twin.addMirror(mirror);
  for (const { id, label, fastObstacle, state: portState, ...settings } of state.ports) {
    void [fastObstacle, portState];
    twin.addPort(id, { ...settings, name: label });
  }
  const now = Math.max(0, ...state.stations.map(({ updatedAgoMs }) => updatedAgoMs));
  claim(twin, state.addresses, now);
  setStates(twin, state.ports);
  for (const impairment of state.impairments ?? []) twin.addImpairment(impairment);
  for (const hook of state.hooks ?? []) load(twin, hook);
  enter(twin, state.stations, now + CLAIMING_MS);
  bind(twin, state.neighbours, now + CLAIMING_MS);
  lease(twin, state.leases, now + CLAIMING_MS);
  twin.rooms.mcast.restore(state.groups ?? [], state.groupContexts ?? [], now + CLAIMING_MS);
  return twin;
}

/** Loads a hook. The frames that its `setup` sends are thrown away. */
function load(twin: Bridge, traced: TracedHook): void {
  let { notRun } = traced;
  try {
    if ('hook' in traced) twin.loadHook(traced);
    twin.rooms.hooks.takeSends();
  } catch (error) {
    notRun = (error as Error).message;
  }
  if (notRun === undefined) return;
  twin.loadHook({ ...traced, hook: { frame: () => undefined }, notRun });
}

/** Claims the addresses as the switch did. Nobody contests a claim of the twin. */
function claim(twin: Bridge, addresses: TracedState['addresses'], fromMs: number): void {
  const { arp, nd } = twin.rooms;
  for (const { address, vlan } of addresses) {
    const bytes = bytesOf(address);
    const { addresses: own } = bytes.length === IPV4_BYTES ? arp : nd;
    own.add(ipKeyOf(bytes), fromMs, undefined, vlan);
  }
  for (let ms = fromMs; ms <= fromMs + CLAIMING_MS; ms += CLAIM_STEP_MS) {
    twin.burst.clock[0] = ms;
    twin.burst.begin(0);
    twin.tick();
    twin.flush();
  }
}

/** Sets the states that the ports have: the spanning tree of the twin knows no neighbours. */
function setStates(twin: Bridge, ports: readonly TracedPort[]): void {
  for (const { id, state = 'forwarding' } of ports) {
    twin.setPortState(id, PORT_STATES.indexOf(state) as PortState);
  }
}

function enter({ fdb }: Bridge, stations: readonly FdbEntry[], nowMs: number): void {
  for (const { mac, vlan, port, isStatic, isSticky, isLocked, updatedAgoMs } of stations) {
    const { hi16, lo32 } = parseMac(mac) as MacWords;
    const heard = toTicks(nowMs - updatedAgoMs);
    if (isStatic) fdb.addStatic(hi16, lo32, vlan, port, heard);
    else if (isSticky) fdb.addSticky(hi16, lo32, vlan, port, heard);
    else if (isLocked) fdb.learnLocked(hi16, lo32, vlan, port, heard);
    else fdb.learn(hi16, lo32, vlan, port, heard);
  }
}

function bind({ rooms }: Bridge, bindings: readonly TracedNeighbour[], nowMs: number): void {
  for (const binding of bindings) {
    const { address, mac, vlan, port, state, isRouter } = binding;
    const bytes = bytesOf(address);
    const key = ipKeyOf(bytes);
    const { hi16, lo32 } = parseMac(mac) as MacWords;
    const { hosts } = bytes.length === IPV4_BYTES ? rooms.arp : rooms.nd;
    const heardMs = nowMs - (binding.heardAgoMs ?? 0);
    hosts.neighbours.restore(key, vlan, hi16, lo32, port, state, heardMs);
    const unannounced = binding.isAnnounced === true ? Miss.None : binding.unannounced;
    if (unannounced !== undefined) {
      hosts.restoreAnnounced(key, vlan, hi16, lo32, unannounced, nowMs);
    }
    if (isRouter === undefined) continue;
    hosts.neighbours.setRouter(key, vlan, isRouter ? RouterFlag.Router : RouterFlag.Host);
  }
}

function lease({ rooms }: Bridge, leases: readonly Lease[], nowMs: number): void {
  for (const { address, mac, vlan, port, expiresInMs } of leases) {
    const key = ipKeyOf(bytesOf(address));
    const { hi16, lo32 } = parseMac(mac) as MacWords;
    rooms.inspection.leases?.grant(key, vlan, hi16, lo32, port, expiresInMs, nowMs);
  }
}

function bytesOf(address: string): Uint8Array {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) throw new TypeError(`${address} is no IP address`);
  return bytes;
}
