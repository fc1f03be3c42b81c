/**
 * The control plane of one switch: opens the ports, starts the data plane, and keeps the two consistent
 * while interfaces change. No frame passes through here.
 */

import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import type { CaptureStream } from '../capture/capture-stream';
import type { OwnCidr } from '../config/values/own-address';
import { lookUpLogin } from '../system/accounts';
import { descriptorsExhausted } from '../system/descriptors';
import type { HostAddress } from '../config/values/host-address';
import type { Logger } from '../journal/logger';
import { type PortSettings, type PortSpec, portLabel } from '../config/values/port-spec';
import { type SwitchConfig, backupOf, ownAddressObjection, sharedAddress } from '../config/schema';
import { type StaticNeighbour, neighbourIdentity } from '../config/values/static-neighbour';
import {
  type ImpairmentChoice,
  type ImpairmentSpec,
  fitsChoice,
  impairmentIdentity,
} from '../config/values/impairment';
import type { HookSpec } from '../config/values/hook-file';
import type { MirrorSpec } from '../config/values/mirror';
import { type StaticGroup, groupIdentity } from '../config/values/static-group';
import { type StaticStation, stationIdentity } from '../config/values/static-station';
import type { BurstClass } from '../dataplane/burst-sizes';
import { DataPlane } from '../dataplane/data-plane';
import type {
  GroupCounts,
  ImpairmentOrder,
  MirrorOrder,
  OwnAddressState,
  Piece,
} from '../dataplane/messages';
import type { TraceOrder } from '../dataplane/trace-order';
import type { GroupOrder } from '../dataplane/group-orders';
import type { News } from '../dataplane/news';
import type { ContextState } from '../mcast/contexts';
import type { GroupEntry, GroupFilter } from '../mcast/static-groups';
import type { FdbEntry } from '../l2/fdb/entry';
import type { ImpairmentCounts } from '../impair/impairment';
import type { HookState as LaneHookState } from '../hooks/loaded-hook';
import type { MirrorCounts } from '../l2/mirrors';
import { type MacWords, parseMac } from '../wire/mac';
import { NO_VLAN } from '../wire/vlan';
import { AddonError } from '../native/addon-error';
import { native } from '../native/native';
import type { KnownHost } from '../hosts/known-hosts';
import { Journal } from '../journal/journal';
import { noteNews, noteStations } from '../journal/lane-news';
import { MAX_PORTS, PortSet } from '../ports/port-set';
import { PortWatch } from '../ports/port-watch';
import { RequestError } from '../system/request-error';
import type { Port } from '../ports/port';
import { PORT_KINDS, type PortKinds } from '../ports/kinds';
import { refuseSameInterface, refuseUnknownValues } from '../ports/refuse-port';
import { type CaptureRequest, RunningCaptures } from './captures';
import { impairmentOrder, impairmentTable } from './impairments';
import { laneSettings } from './lane-settings';
import { type HookEntry, HookFiles } from './hooks';
import { OwnAddressList } from './own-addresses';
import { Serial } from './serial';
import type { StaticEntries } from './static-entries';
import { staticNeighbours } from './static-neighbours';
import { mirrorOrder, mirrorTable, storableMirrors } from './mirrors';
import { staticGroups } from './static-groups';
import { hostMacObjection, staticStations } from './static-stations';
import { VlanWarnings } from './vlan-warnings';
import { deriveMac, identifyMachine } from '../system/derived-mac';
import type { TreeState } from '../stp/tree-state';
import { StartError } from '../system/start-error';

/** Maximum number of changes under way. Each takes tens of milliseconds, so the last waits about a second. */
const CHANGES_MAX = 32;

interface TapSwitchEvents {
  /** The data plane has failed: the switch no longer works. */
  failed: [error: Error];
  /** The switch begins to stop: nothing new can be asked of it. */
  stopping: [];
  /** The switch has stopped, and its ports are closed. */
  stopped: [];
}

/** Static entries of a configuration. */
export type StaticConfig = Pick<
  SwitchConfig,
  'neighbours' | 'stations' | 'mirrors' | 'impairments' | 'hooks'
>;

/** A hook, its file, and what it has done. */
export type HookState = LaneHookState & Pick<HookSpec, 'file'>;

/** A mirror, and what it has done. */
export type MirrorState = Omit<MirrorSpec, 'port'> &
  Omit<MirrorCounts, 'name'> & { readonly to: string };

/** An impairment, and what it has done. */
export interface ListedImpairment {
  readonly spec: ImpairmentSpec;
  readonly counts: ImpairmentCounts;
}

/** Reads a table piece by piece. */
async function allOf<Row>(pieceFrom: (from: number) => Promise<Piece<Row>>): Promise<Row[]> {
  const all: Row[] = [];
  let from: number | undefined = 0;
  while (from !== undefined) {
    const piece: Piece<Row> = await pieceFrom(from);
    all.push(...piece.rows);
    from = piece.next;
  }
  return all;
}

export class TapSwitch extends EventEmitter<TapSwitchEvents> {
  readonly mac: MacWords;
  readonly ports: PortSet;
  readonly journal: Journal;
  private readonly staticNeighbours: StaticEntries<StaticNeighbour>;
  private readonly staticStations: StaticEntries<StaticStation>;
  private readonly staticGroups: StaticEntries<StaticGroup>;
  private readonly mirrorEntries: StaticEntries<MirrorSpec>;
  private readonly impairmentEntries: StaticEntries<ImpairmentSpec>;
  private readonly hookFiles: HookFiles;
  private readonly hookEntries: StaticEntries<HookEntry>;
  private readonly dataPlane: DataPlane;
  private watch: PortWatch | undefined;
  private readonly addresses: OwnAddressList;
  private readonly captures: RunningCaptures;
  private readonly vlanWarnings: VlanWarnings;
  private readonly changes = new Serial(CHANGES_MAX);

  private constructor(
    private current: SwitchConfig,
    log: Logger,
    thread: Worker | undefined,
    kinds: PortKinds,
  ) {
    super();
    // The addon's threads start now: later, the limit of the user or the cgroup may be reached.
    native().startThreads();
    this.journal = new Journal(log);
    const config = current;
    this.mac = ownMac(config, log);
    this.dataPlane = new DataPlane(
      {
        mac: this.mac,
        fdbMax: config.fdbMax,
        fdbMaxPerPort: config.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
        fdbEviction: config.fdbEviction,
        reserved: config.reserved,
        maxPorts: MAX_PORTS,
        seed: randomBytes(4).readInt32LE(),
        neighbours: { maxEntries: config.neighMax },
      },
      laneSettings(config),
      config.ioUring,
      thread,
    );
    const login = config.user === undefined ? undefined : lookUpLogin(config.user);
    const { offload, name } = config;
    this.ports = new PortSet(kinds, this.dataPlane, this.journal, offload, name, login);
    this.staticNeighbours = staticNeighbours(this.ports, this.dataPlane, this.mac);
    this.staticStations = staticStations(this.ports, this.dataPlane, this.mac);
    this.staticGroups = staticGroups(this.ports, this.dataPlane);
    this.mirrorEntries = mirrorTable(this.ports, this.dataPlane);
    this.impairmentEntries = impairmentTable(this.ports, this.dataPlane);
    this.hookFiles = new HookFiles(this.dataPlane);
    this.hookEntries = this.hookFiles.table(this.ports);
    this.addresses = new OwnAddressList(this.dataPlane, config.addresses);
    this.captures = new RunningCaptures(this.dataPlane);
    this.vlanWarnings = new VlanWarnings(log);
  }

  /**
   * Opens every port and starts forwarding. It resolves when each address is claimed, or found to be in
   * use by another host.
   * @param thread thread of `startThread`, if one was started ahead
   * @param kinds kinds of port
   * @throws UsageError for unknown users and groups, AddonError if there is no addon, StartError if the system
   *   refuses. Whatever was made is removed then.
   */
  static async start(
    config: SwitchConfig,
    log: Logger,
    thread?: Worker,
    kinds = PORT_KINDS,
  ): Promise<TapSwitch> {
    // The checks come before the first port is opened: a persistent TAP would stay.
    for (const spec of config.ports) {
      refuseUnknownValues(kinds.kindOf(spec), portLabel(spec), spec);
    }
    refuseSameInterface(kinds, config.ports);
    let started: TapSwitch | undefined;
    try {
      started = new TapSwitch(config, log, thread, kinds);
      await started.run();
      return started;
    } catch (error) {
      for (const port of started?.ports.all ?? []) port.forgetPersistence();
      await started?.stop();
      if (error instanceof StartError || error instanceof AddonError) throw error;
      const message = descriptorsExhausted(error) ?? (error as Error).message;
      throw new StartError(message, { cause: error });
    }
  }

  /** Configuration of the start, with all later changes but those of ports, which `ports` has. */
  get config(): SwitchConfig {
    return {
      ...this.current,
      addresses: this.addresses.all,
      neighbours: this.staticNeighbours.list(),
      stations: this.staticStations.list(),
      groups: this.staticGroups.list(),
      mirrors: storableMirrors(this.mirrorEntries.list()),
      impairments: this.impairmentEntries.list(),
      hooks: this.hookEntries.list(),
    };
  }

  /** Resolves when the counters include every frame that the ports took before the call. */
  settle(): Promise<void> {
    return this.dataPlane.order({ kind: 'settle' });
  }

  /** Numbers of bursts by size. */
  burstSizes(): BurstClass[] {
    return this.dataPlane.burstSizes.read();
  }

  /** Starts a capture; it ends when its stream does. */
  capture(request: CaptureRequest): Promise<CaptureStream> {
    return this.captures.start(request);
  }

  /** Present state of the switch, for `traceWithHooks`. */
  async traceOrder(): Promise<TraceOrder> {
    const [
      stations,
      addresses,
      neighbours,
      states,
      leases,
      groups,
      groupContexts,
      impairments,
      hooks,
    ] = await Promise.all([
      this.stations(),
      this.ownAddresses(),
      this.neighbours(),
      this.dataPlane.order({ kind: 'port-states' }),
      allOf((from) => this.dataPlane.order({ kind: 'list-leases', from })),
      this.groups(),
      this.groupContexts(),
      this.impairments(),
      this.hooks(),
    ]);
    const { current } = this;
    return {
      options: { mac: this.mac, reserved: current.reserved, ...laneSettings(current) },
      ports: this.ports.all.map((port) => ({
        ...this.ports.bridgeSettings(port),
        id: port.id,
        label: port.label,
        state: states.get(port.id) ?? 'forwarding',
        ...(port.fastObstacle !== undefined && { fastObstacle: port.fastObstacle }),
      })),
      stations,
      addresses: addresses.filter((own) => own.state === 'claimed'),
      neighbours,
      leases,
      groups,
      groupContexts,
      mirrors: this.tracedMirrors(),
      hooks: this.hookFiles.traced(hooks),
      impairments: this.tracedImpairments(impairments),
    };
  }

  private tracedImpairments(listed: readonly ListedImpairment[]): ImpairmentOrder[] {
    const active = listed.filter(({ counts }) => counts.state === 'active');
    return active.map(({ spec: { atMs, forMs, ...spec } }) => {
      void [atMs, forMs];
      return impairmentOrder(spec, this.ports.find(spec.port) as Port);
    });
  }

  private tracedMirrors(): MirrorOrder[] {
    const { ports } = this;
    return this.config.mirrors.map((mirror) =>
      mirrorOrder(ports, mirror, ports.find(mirror.port) as Port),
    );
  }

  // Spanning tree --------------------------------------------------------------------------------

  /** State of the spanning tree; `undefined` while STP is off. */
  treeState(): Promise<TreeState | undefined> {
    return this.dataPlane.order({ kind: 'tree-state' });
  }

  // Stations -------------------------------------------------------------------------------------

  stations(): Promise<FdbEntry[]> {
    return this.dataPlane.copyFdb();
  }

  /** Numbers of dynamic stations (learned and sticky) and of static ones. */
  get stationCounts(): { dynamic: number; static: number } {
    const { dynamic, static: fixed } = this.dataPlane.fdbTotals;
    return { dynamic, static: fixed };
  }

  /**
   * Places a station behind a port. The entry replaces the one that the table has of the station.
   * @throws RequestError for the switch's own MAC, and if the table is full.
   */
  addStation(station: StaticStation): Promise<void> {
    return this.staticStations.add(station);
  }

  /** @throws RequestError if there is no such entry. */
  async removeStation(mac: string, vlan?: number): Promise<void> {
    const objection = hostMacObjection(this.ports, mac);
    if (objection !== undefined) throw new RequestError('conflict', `${mac}: ${objection}`);
    if (vlan !== undefined) await this.refusePartOfStation(mac, vlan);
    const identity = stationIdentity({ mac, ...(vlan !== undefined && { vlan }) });
    // Without a VLAN, the station leaves each VLAN in which it was placed.
    const others = this.staticStations
      .list()
      .filter((entry) => vlan === undefined && entry.mac === mac && entry.vlan !== undefined);
    for (const entry of others) await this.staticStations.remove(stationIdentity(entry));
    if ((await this.staticStations.remove(identity)) || others.length > 0) return;
    throw new RequestError('not-found', `${identity} is not in the forwarding database`);
  }

  /** @throws RequestError for an entry in one VLAN that is there because the station has no VLAN of its own */
  private async refusePartOfStation(mac: string, vlan: number): Promise<void> {
    const placed = this.staticStations.list().filter((entry) => entry.mac === mac);
    const everywhere = placed.find((entry) => entry.vlan === undefined);
    if (everywhere === undefined || placed.some((entry) => entry.vlan === vlan)) return;
    const entries = await this.stations();
    const entry = entries.find((found) => found.mac === mac && found.vlan === vlan);
    if (entry === undefined || this.ports.labelOf(entry.port) !== everywhere.port) return;
    const where = `placed in each VLAN of ${everywhere.port}`;
    throw new RequestError('conflict', `${mac} vlan ${vlan}: ${where}; remove it without a VLAN`);
  }

  /**
   * Forgets the stations of one port and one VLAN, or of all, unless they are static.
   * @returns the number of entries
   */
  flushStations(port?: Port, vlan?: number): Promise<number> {
    const where = {
      ...(port !== undefined && { port: port.id }),
      ...(vlan !== undefined && { vlan }),
    };
    return this.dataPlane.order({ kind: 'flush-stations', ...where });
  }

  /**
   * Removes the static stations of one port, or of all. The host's own leg keeps its entry.
   * @param vlan VID with which they were placed; `NO_VLAN`: without one; unless given, both
   * @returns the number of stations
   */
  async flushStaticStations(port?: Port, vlan?: number): Promise<number> {
    const meant = this.staticStations
      .list()
      .filter(
        (entry) =>
          entry.kind === 'static' &&
          (port === undefined || entry.port === port.label) &&
          (vlan === undefined || (entry.vlan ?? NO_VLAN) === vlan),
      );
    for (const entry of meant) await this.staticStations.remove(stationIdentity(entry));
    return meant.length;
  }

  // Groups ---------------------------------------------------------------------------------------

  /** Number of groups in the table of groups, in all VLANs, and those that each port has joined. */
  groupCounts(): Promise<GroupCounts> {
    return this.dataPlane.order({ kind: 'count-groups' });
  }

  /** @returns VLAN → number of groups that a port has joined there */
  groupsInVlans(port: number): Promise<ReadonlyMap<number, number>> {
    return this.dataPlane.order({ kind: 'count-groups-in-vlans', port });
  }

  groups(): Promise<GroupEntry[]> {
    return allOf((from) => this.dataPlane.order({ kind: 'list-groups', from }));
  }

  /** Queriers and multicast routers of each VLAN and family. */
  groupContexts(): Promise<ContextState[]> {
    return this.dataPlane.order({ kind: 'list-routers' });
  }

  /** Adds a temporary entry. @throws RequestError that says why the entry is refused */
  async addGroup(group: GroupOrder): Promise<void> {
    const refusal = await this.dataPlane.order({ kind: 'add-groups', groups: [group] });
    if (refusal !== undefined) throw new RequestError('conflict', refusal);
  }

  /** Adds a permanent entry. @throws RequestError that says why the entry is refused */
  addStaticGroup(group: StaticGroup, isReplacing: boolean): Promise<void> {
    return this.staticGroups.add(group, isReplacing);
  }

  /**
   * Removes an entry, permanent or temporary.
   * @returns whether there was such an entry
   * @throws RequestError for one VLAN of an entry that is in each VLAN of its port
   */
  async removeGroup(group: StaticGroup): Promise<boolean> {
    const same = this.staticGroups.list().filter((entry) => isSameGroup(entry, group));
    const { vlan } = group;
    if (vlan !== undefined && same.some((entry) => entry.vlan === undefined)) {
      const where = `added in each VLAN of ${group.port}`;
      throw new RequestError(
        'conflict',
        `${group.group} vlan ${vlan}: ${where}; remove it without a VLAN`,
      );
    }
    const removed = await this.staticGroups.remove(groupIdentity(group));
    this.staticGroups.forget((entry) => vlan === undefined && isSameGroup(entry, group));
    return removed;
  }

  /** Removes each entry that matches. @returns how many */
  async flushGroups({ port, vlan, isPermanent }: GroupFilter): Promise<number> {
    const filter = {
      ...(port !== undefined && { port }),
      ...(vlan !== undefined && { vlan }),
      ...(isPermanent !== undefined && { isPermanent }),
    };
    const removed = await this.dataPlane.order({ kind: 'flush-groups', filter });
    const label = port === undefined ? undefined : this.ports.labelOf(port);
    if (isPermanent === false) return removed;
    this.staticGroups.forget(
      (entry) => entry.port === (label ?? entry.port) && entry.vlan === (vlan ?? entry.vlan),
    );
    return removed;
  }

  // Mirrors --------------------------------------------------------------------------------------

  async mirrors(): Promise<MirrorState[]> {
    const counts = await this.dataPlane.order({ kind: 'list-mirrors' });
    return this.mirrorEntries.list().map(({ port: to, ...mirror }) => {
      const { copies = 0, lost = 0 } = counts.find(({ name }) => name === mirror.name) ?? {};
      return { ...mirror, to, copies, lost };
    });
  }

  /**
   * Adds a mirror.
   * @param mirror one that `checkMirror` has let pass
   * @param isReplacing whether it may replace the one of the same name
   * @throws RequestError for a name that is taken, a port that does not exist, and for too many mirrors
   */
  async addMirror(mirror: MirrorSpec, isReplacing: boolean): Promise<void> {
    const { name } = mirror;
    if (!isReplacing && this.mirrorEntries.contains(name)) {
      throw new RequestError('conflict', `mirror: ${name}: exists; replace it, or remove it first`);
    }
    await this.mirrorEntries.add(mirror);
  }

  /** @throws RequestError if there is no such mirror. */
  async removeMirror(name: string): Promise<void> {
    if (await this.mirrorEntries.remove(name)) return;
    throw new RequestError('not-found', `${name} is no mirror of this switch`);
  }

  // Impairments ----------------------------------------------------------------------------------

  async impairments(): Promise<ListedImpairment[]> {
    const counts = await this.dataPlane.order({ kind: 'list-impairments' });
    return this.impairmentEntries.list().flatMap((spec) => {
      const found = counts.find(({ name }) => name === impairmentIdentity(spec));
      return found === undefined ? [] : [{ spec, counts: found }];
    });
  }

  /**
   * Adds an impairment, or replaces the one of the same port, direction and frames.
   * @throws RequestError for a port that does not exist, and for too many impairments
   */
  addImpairment(impairment: ImpairmentSpec): Promise<void> {
    return this.impairmentEntries.add(impairment);
  }

  /** Removes every impairment that fits. @throws RequestError if there is none */
  async removeImpairments(choice: ImpairmentChoice): Promise<void> {
    const chosen = this.impairmentEntries.list().filter((spec) => fitsChoice(spec, choice));
    for (const spec of chosen) await this.impairmentEntries.remove(impairmentIdentity(spec));
    if (chosen.length > 0) return;
    const { port, direction, match, nth, every } = choice;
    if (this.ports.find(port) === undefined) {
      throw new RequestError('not-found', this.ports.explainMissing(port), 'ERR_NO_SUCH_PORT');
    }
    const place = direction === undefined ? port : `${port} ${direction}`;
    const isAny = match === undefined && nth === undefined && every === undefined;
    const what = isAny ? 'no impairment' : 'no such impairment';
    const others = this.impairmentEntries.list().some((spec) => spec.port === port);
    const cure = others ? `; tapctl impair show lists those of ${port}` : '';
    throw new RequestError('not-found', `${place} has ${what}${cure}`);
  }

  // Hooks ----------------------------------------------------------------------------------------

  /** Hooks in the order in which frames pass them. */
  async hooks(): Promise<HookState[]> {
    const states = await this.dataPlane.order({ kind: 'list-hooks' });
    const files = new Map(this.hookEntries.list().map(({ name, file }) => [name, file]));
    return states.map((state) => ({ ...state, file: files.get(state.name) ?? '' }));
  }

  /**
   * Loads a hook from a file, in place of the one of the same name.
   * @throws RequestError for a file of somebody else, and for a module that is no hook; nothing has changed then
   */
  async addHook(hook: HookSpec): Promise<void> {
    await this.hookFiles.order(hook, () => this.hookEntries.add(hook));
  }

  /**
   * Loads the file of a hook again.
   * @throws RequestError if there is no such hook, and if the file is refused; the old one stays then
   */
  async reloadHook(name: string): Promise<void> {
    const hook = this.hookEntries.list().find((entry) => entry.name === name);
    if (hook === undefined) throw this.noHook(name);
    await this.hookFiles.load(hook);
  }

  /** @throws RequestError if there is no such hook. */
  async removeHook(name: string): Promise<void> {
    if (!(await this.hookEntries.remove(name))) throw this.noHook(name);
  }

  private noHook(name: string): RequestError {
    return new RequestError('not-found', `${name} is no hook of this switch`);
  }

  // Known hosts ----------------------------------------------------------------------------------

  async neighbours(): Promise<KnownHost[]> {
    const { dataPlane } = this;
    const families = await Promise.all(
      ([4, 6] as const).map((family) =>
        allOf((from) => dataPlane.order({ kind: 'list-neighbours', family, from })),
      ),
    );
    return families.flat();
  }

  /**
   * Binds an address to a station permanently, behind one port or behind any.
   * @throws RequestError for an address of the switch, and if the table has no room for another static binding.
   */
  async addNeighbour(neighbour: StaticNeighbour): Promise<void> {
    const { address } = neighbour;
    const objection = ownAddressObjection(this.addresses.all, address);
    if (objection !== undefined) {
      throw new RequestError('conflict', `neigh: ${address}: ${objection}`);
    }
    await this.staticNeighbours.add(neighbour);
  }

  /** @throws RequestError if there is no such binding. */
  async removeNeighbour({ text: address }: HostAddress, vlan?: number): Promise<void> {
    const identity = neighbourIdentity({ address, ...(vlan !== undefined && { vlan }) });
    if (await this.staticNeighbours.remove(identity)) return;
    throw new RequestError('not-found', `${identity} is not in the neighbour table`);
  }

  /** Forgets the learned bindings of one port or all, and of these one VLAN or all. @returns the number of bindings */
  flushNeighbours(port?: Port, vlan?: number): Promise<number> {
    const where = { ...(port && { port: port.id }), ...(vlan !== undefined && { vlan }) };
    return this.dataPlane.order({ kind: 'flush-neighbours', ...where });
  }

  // The switch's own addresses -------------------------------------------------------------------

  ownAddresses(): Promise<OwnAddressState[]> {
    return this.addresses.states();
  }

  /**
   * Starts to claim the address.
   * @param leavingCount number of other addresses that the same change will remove
   * @throws RequestError if the switch has the address already, or has too many.
   */
  async addAddress(cidr: OwnCidr, leavingCount = 0): Promise<void> {
    await this.addresses.add(cidr, leavingCount);
    this.warnOfVlans();
  }

  /** @throws RequestError if the switch does not have the address, or has it with another prefix length. */
  removeAddress(cidr: OwnCidr): Promise<void> {
    return this.addresses.remove(cidr);
  }

  /** @throws RequestError for a port that contradicts the settings of the switch, such as its addresses */
  refusePort(port: PortSpec): void {
    const complaint = sharedAddress(this.addresses.all, [port]);
    if (complaint !== undefined) throw new RequestError('conflict', complaint);
    if (this.current.ageingMs > 0 || (port['macs'] ?? 'off') === 'off') return;
    const reason = 'counts learned stations, and this switch learns none (ageing 0)';
    throw new RequestError('conflict', `macs: ${reason}; leave it out`);
  }

  /** @throws RequestError for a backup that is the port itself, or no port */
  refuseBackup(label: string, settings: PortSettings): void {
    const backup = backupOf(settings);
    if (backup === undefined) return;
    if (backup === label) {
      throw new RequestError('conflict', 'backup: a port cannot take over for itself');
    }
    if (this.ports.find(backup) === undefined) {
      throw new RequestError('conflict', `backup: ${this.ports.explainMissing(backup)}`);
    }
  }

  /** @throws RequestError if a static entry binds the address to a station */
  refuseBoundAddress({ address }: OwnCidr): void {
    const bound = this.staticNeighbours.list().find((entry) => entry.address === address);
    if (bound === undefined) return;
    const remedy = `remove it first: tapctl neigh del ${address}`;
    throw new RequestError(
      'conflict',
      `address: ${address}: bound to ${bound.mac} by a static entry; ${remedy}`,
    );
  }

  /** @throws RequestError where a port has given its interface the address */
  refuseAddressOfPort(cidr: OwnCidr): void {
    const complaint = sharedAddress(
      [cidr],
      this.ports.all.map(({ namedSpec }) => namedSpec),
    );
    if (complaint !== undefined) throw new RequestError('conflict', complaint);
  }

  // Configuration --------------------------------------------------------------------------------

  /**
   * Replaces all static neighbours, stations, mirrors, impairments and hooks by these.
   * @throws RequestError if a port does not exist, or there are too many entries. The caller must then set
   *   the former entries again.
   */
  async setStaticEntries(entries: StaticConfig): Promise<void> {
    const { neighbours, stations, mirrors, impairments, hooks } = entries;
    await this.staticNeighbours.set(neighbours);
    await this.staticStations.set(stations);
    await this.mirrorEntries.set(mirrors);
    await this.impairmentEntries.set(impairments);
    await this.hookEntries.set(hooks);
  }

  /**
   * Replaces all permanent entries of groups by these. They depend on settings of the lane, which come first.
   * @throws RequestError if an entry is refused. The caller must then set the former entries again.
   */
  async setStaticGroups(groups: readonly StaticGroup[]): Promise<void> {
    try {
      await this.staticGroups.set(groups);
    } catch (error) {
      if (!(error instanceof RequestError) || error.message.startsWith('mdb: ')) throw error;
      throw new RequestError(error.kind, `mdb: ${error.message}`);
    }
  }

  /** Adds again the static entries that the data plane may have forgotten. */
  async renewStaticEntries(): Promise<void> {
    await this.staticNeighbours.renew();
    await this.staticStations.renew();
    await this.staticGroups.renew();
  }

  /** Gives the lane those settings of a configuration that can change while it runs. */
  async configure(config: SwitchConfig): Promise<void> {
    const settings = laneSettings(config);
    await this.dataPlane.order({ kind: 'configure', settings });
    this.current = { ...this.current, ...settings };
    this.warnOfVlans();
  }

  private warnOfVlans(): void {
    const { vlanFiltering, vlanDefaultPvid } = this.current;
    const addresses = this.addresses.all;
    this.vlanWarnings.check({ vlanFiltering, vlanDefaultPvid, addresses }, this.ports.all);
  }

  /**
   * Makes changes of ports or configuration one at a time, in the order of the requests.
   * @throws RequestError if too many changes are waiting.
   */
  change<T>(make: () => T | Promise<T>): Promise<T> {
    return this.changes.run(make);
  }

  // Life -----------------------------------------------------------------------------------------

  /** Stops forwarding and closes the ports. */
  async stop(): Promise<void> {
    this.emit('stopping');
    this.watch?.close();
    await this.dataPlane.stop();
    this.captures.end();
    await this.ports.close();
    this.emit('stopped');
  }

  private async run(): Promise<void> {
    const { dataPlane, ports } = this;
    dataPlane.on('news', (news) => {
      if ('event' in news) this.take(news);
      else noteStations(this.journal, news, (port) => ports.labelOf(port));
    });
    dataPlane.on('trouble', (trouble) => ports.refreshTransport(trouble));
    dataPlane.on('failed', (error) => this.emit('failed', error));
    const { ports: specs } = this.current;
    this.watch = new PortWatch(ports);
    for (const spec of specs) ports.open(spec);
    ports.settleMtu();
    // Static entries come before the first frame, because inspection may need them.
    await this.setStaticEntries(this.current);
    await this.setStaticGroups(this.current.groups);
    await Promise.all(ports.all.map((port) => ports.plugIn(port)));
    for (const port of ports.all) ports.noteOrigin(port);
    this.warnOfVlans();
    this.watch.start();
    await this.addresses.claimAll();
    // The first steps take milliseconds each. An order of the start that came behind them would wait.
    await dataPlane.order({ kind: 'warm-up' });
  }

  private take(news: News): void {
    noteNews(this.journal, news, (port) => this.ports.labelOf(port));
    const { event } = news;
    if (event === 'port-shut') this.ports.noteShut(news.port, news.mac);
    if (event === 'address-claimed' || event === 'address-conflict') {
      this.addresses.decided(news.address);
    }
  }
}

/** Whether two entries have the same group, port and source. */
function isSameGroup(one: StaticGroup, other: StaticGroup): boolean {
  return one.group === other.group && one.port === other.port && one.source === other.source;
}

function ownMac(config: SwitchConfig, log: Logger): MacWords {
  const given = config.mac === undefined ? undefined : parseMac(config.mac);
  if (given !== undefined) return given;
  const { id, lasts } = identifyMachine();
  if (lasts !== 'for good') {
    log.warn(
      `this machine has no machine-id(5): the switch's MAC stays the same only ${lasts}; ` +
        'run systemd-machine-id-setup, or give --mac',
    );
  }
  return deriveMac(config.name, id);
}
