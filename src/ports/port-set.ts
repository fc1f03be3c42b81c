/**
 * The ports of one switch: opens them, plugs them into the data plane, and keeps the two consistent while
 * interfaces change.
 */

import { isDeepStrictEqual } from 'node:util';
import {
  type PortSettings,
  type PortSpec,
  portIdentity,
  portLabel,
} from '../config/values/port-spec';
import { formatVlanList } from '../config/values/vlan-list';
import type { DataPlane } from '../dataplane/data-plane';
import type { PortTrouble } from '../dataplane/native-io';
import type { BridgePortSettings } from '../l2/port-table';
import type { PortCounters } from '../l2/counters';
import type { Journal } from '../journal/journal';
import { RequestError } from '../system/request-error';
import { netnsPath } from '../system/netns';
import { StartError } from '../system/start-error';
import { bridgeSettings, orders, refuseContradiction } from './bridge-keys';
import { portVlans, replacingVlanKeys } from './vlan-keys';
import type { PortKinds } from './kinds';
import type { Port, PortChange, PortContext, PortState } from './port';
import { portFailure, whatIs } from './refuse-port';

/** Maximum number of ports. The memory for their counters costs nothing until it is used. */
export const MAX_PORTS = 16_384;

export interface PortInfo {
  readonly id: number;
  readonly port: string;
  readonly state: PortState;
  readonly mtuBytes: number;
  readonly counters: PortCounters;
}

export class PortSet {
  /** Ports by id. */
  private readonly ports = new Map<number, Port>();
  /** Ids of removed ports that the data plane still uses. */
  private readonly leaving = new Set<number>();
  /** Ids of the ports whose transport is plugged into the data plane, or is about to be. */
  private readonly plugged = new Set<number>();
  /** Ids of the ports whose new transport is being plugged in. */
  private readonly attaching = new Set<number>();
  /** Ids of the ports whose lost transport the data plane still uses. */
  private readonly detaching = new Set<number>();
  /** Objects that several ports share: see `PortContext`. */
  private readonly shared = new Map<string, unknown>();
  /** Settings last sent to the bridge, by port id. */
  private readonly applied = new Map<number, Partial<BridgePortSettings>>();
  /** Called when a port has something to try again. */
  onTrouble: (() => void) | undefined = undefined;
  /** Counters of the ports that were removed. */
  private retired: PortCounters = { counters: {}, drops: {} };

  constructor(
    readonly kinds: PortKinds,
    private readonly dataPlane: DataPlane,
    private readonly journal: Journal,
    private readonly offloadByDefault: boolean,
    private readonly bridgeName: string,
    private readonly login?: PortContext['login'],
  ) {}

  /** Whether some port has something to try again. */
  get isTroubled(): boolean {
    return this.all.some((port) => port.isTroubled);
  }

  /** Files of the namespaces that ports name. */
  get netnsPaths(): string[] {
    return this.all.flatMap(({ spec: { netns } }) =>
      netns === undefined ? [] : [netnsPath(netns)],
    );
  }

  /** Ports in the order of the requests. */
  get all(): Port[] {
    return [...this.ports.values()];
  }

  find(label: string): Port | undefined {
    for (const port of this.ports.values()) if (port.label === label) return port;
    return undefined;
  }

  /** @returns why there is no port with this label, and which ports there are */
  explainMissing(label: string): string {
    const { all } = this;
    const labels = all.map((port) => port.label).join(', ') || 'none';
    const renamed = all.find(
      (port) => portLabel({ ...port.spec, name: port.kernelName }) === label,
    );
    const instead = renamed && `; the interface of ${renamed.label} is called so now`;
    return `no port ${label}; the ports are: ${labels}${instead ?? ''}`;
  }

  labelOf(id: number): string {
    return this.ports.get(id)?.label ?? `#${id}`;
  }

  infos(): PortInfo[] {
    return this.all.map((port) => this.info(port));
  }

  info(port: Port): PortInfo {
    return {
      id: port.id,
      port: port.label,
      state: port.shownState,
      mtuBytes: port.mtuBytes,
      counters: this.dataPlane.counters.read(port.id),
    };
  }

  /** Sum of the counters of all ports. Removed ports are included, so that the sum never falls. */
  total(infos = this.infos()): PortCounters {
    return sumCounters([this.retired, ...infos.map(({ counters }) => counters)]);
  }

  /**
   * Adds a port while frames flow.
   * @throws RequestError if the port exists already; StartError if the system refuses.
   */
  async add(spec: PortSpec): Promise<Port> {
    this.refuseSame(spec, portLabel(spec));
    const port = this.open(spec);
    try {
      await this.plugIn(port);
    } catch (error) {
      this.forget(port);
      port.forgetPersistence();
      await port.end()();
      throw error;
    }
    this.noteOrigin(port);
    this.journal.note('port-added', { port: port.label });
    this.refreshPort(port);
    this.followOthers();
    return port;
  }

  /**
   * Adds all ports of one specification, or none of them.
   * @throws as `add` does
   */
  async addAll(spec: PortSpec): Promise<Port[]> {
    const added: Port[] = [];
    try {
      for (const one of this.kinds.expand([spec])) added.push(await this.add(one));
      return added;
    } catch (error) {
      for (const port of added) {
        port.forgetPersistence();
        await this.remove(port);
      }
      throw error;
    }
  }

  /** Removes and closes a port. Its device is deleted if the switch made it and it does not persist. */
  async remove(port: Port): Promise<void> {
    const { id, label } = port;
    this.forget(port);
    this.leaving.add(id);
    try {
      await this.dataPlane.order({ kind: 'remove-port', port: id });
      this.retired = sumCounters([this.retired, this.dataPlane.counters.read(id)]);
    } finally {
      await port.end()();
      this.leaving.delete(id);
    }
    this.journal.note('port-removed', { port: label });
    await this.endBackups(label);
    this.followOthers();
  }

  /** Ends what a removed port would have taken over. Source: `nbp_backup_clear` in net/bridge/br_if.c. */
  private async endBackups(label: string): Promise<void> {
    for (const port of this.all) {
      if (port.holds('backup') === label) await this.set(port, { backup: 'off' });
    }
  }

  /**
   * Changes a port and its interface.
   * @throws ValueError for a key that the port does not have, StartError if the system refuses; nothing has
   *   changed then.
   */
  async set(port: Port, given: PortSettings): Promise<void> {
    const settings = replacingVlanKeys(given);
    this.check(port, settings);
    this.refreshPort(port);
    const before = vlanText(port);
    this.explained(port, settings, () => port.set(settings));
    await this.updateBridge(port, orders(settings));
    this.refreshPort(port);
    const vlans = vlanText(port);
    if (vlans !== before) this.journal.note('port-vlans', { port: port.label, vlans });
  }

  /** Checks settings without a change. It throws as `set` does. */
  check(port: Port, settings: PortSettings): void {
    this.kinds.refuseForeign(port.kind, settings);
    refuseContradiction((key) => settings[key] ?? port.holds(key));
    this.explained(port, settings, () => port.check?.(settings));
  }

  /** Notes that the bridge has shut a port, for the sake of a station. */
  noteShut(id: number, mac: string): void {
    const port = this.ports.get(id);
    if (port === undefined) return;
    port.shutReason = `shut by port security, because ${mac} sent; open it with shut=off`;
    this.logFailure(port, this.updateBridge(port));
  }

  /** Settings of a port that the bridge needs. */
  bridgeSettings(port: Port): BridgePortSettings {
    return {
      ...bridgeSettings((key) => port.holds(key)),
      name: port.label,
      mtuBytes: port.mtuBytes,
      linkSpeedMbps: port.linkSpeedMbps,
      takesOffloads: port.takesOffloads,
      isUp: port.state === 'up',
      hostMac: port.hostMac ?? null,
      ...(port.fastLeg !== undefined && { fastLeg: port.fastLeg }),
    };
  }

  /** Gives ports that follow the others their least MTU, before frames flow. */
  settleMtu(): void {
    for (const port of this.followLeastMtu()) port.refresh();
  }

  /** @returns the ports whose MTU was set */
  private followLeastMtu(): Port[] {
    const { all } = this;
    const others = all.filter((port) => !port.wantsLeastMtu && port.mtuBytes > 0);
    if (others.length === 0) return [];
    const least = Math.min(...others.map(({ mtuBytes }) => mtuBytes));
    return all.filter((port) => {
      if (!port.wantsLeastMtu || port.mtuBytes === least) return false;
      try {
        port.setLeastMtu?.(least);
        return true;
      } catch (error) {
        const { kind, namedSpec } = port;
        this.journal.log.warn(portFailure(kind, { ...namedSpec, mtu: least }, error).message);
        return false;
      }
    });
  }

  private followOthers(): void {
    for (const port of this.followLeastMtu()) this.refreshPort(port);
  }

  /** Sends the bridge those settings of a port that have changed since the last update, and those in `again`. */
  private async updateBridge(port: Port, again: Partial<BridgePortSettings> = {}): Promise<void> {
    const { id } = port;
    const { name, ...all } = this.bridgeSettings(port);
    void name;
    const now = { ...all, isUp: all.isUp && this.plugged.has(id) };
    const before: Readonly<Record<string, unknown>> = this.applied.get(id) ?? {};
    this.applied.set(id, now);
    const news = Object.entries(now).filter(
      ([key, value]) => key in again || !isSame(before[key], value),
    );
    if (news.length === 0) return;
    await this.dataPlane.order({ kind: 'set-port', port: id, settings: Object.fromEntries(news) });
  }

  /** Runs `change`. @throws StartError for an error of it, explained by the port's kind */
  private explained(port: Port, settings: PortSettings, change: () => void): void {
    try {
      change();
    } catch (error) {
      const { kind, namedSpec } = port;
      throw portFailure(kind, { ...namedSpec, ...settings }, error);
    }
  }

  /** Plugs in a new transport. If that fails, the next refresh tries again. */
  private attach(port: Port): void {
    const { id, transport } = port;
    if (transport === undefined || this.attaching.has(id)) return;
    const { name, ...settings } = this.bridgeSettings(port);
    void name;
    this.attaching.add(id);
    this.plugged.add(id);
    this.applied.set(id, settings);
    const end = (problem?: string): void => {
      this.attaching.delete(id);
      if (this.ports.get(id) !== port) return;
      const before = port.problem;
      port.plugProblem = problem;
      this.noteProblem(port, before);
      if (port.isTroubled) this.onTrouble?.();
    };
    this.dataPlane.order({ kind: 'attach-port', port: id, transport, settings }).then(
      () => {
        end();
        // The transport was lost meanwhile, and another may be there.
        if (this.ports.get(id) === port && !this.plugged.has(id)) this.attach(port);
      },
      (error: unknown) => {
        if (this.ports.get(id) === port) {
          this.plugged.delete(id);
          this.applied.set(id, { ...this.applied.get(id), isUp: false });
        }
        end(`cannot be plugged in: ${(error as Error).message}`);
      },
    );
  }

  /**
   * Opens a port. No frame flows before `plugIn`.
   * @throws StartError with a sentence for the operator; RequestError if there is a port of this name.
   */
  open(spec: PortSpec): Port {
    const identity = portIdentity(spec);
    if (identity !== undefined) this.refuseTaken(identity);
    const kind = this.kinds.kindOf(spec);
    const id = this.freeId();
    const { offloadByDefault, bridgeName, login, shared } = this;
    let port: Port;
    try {
      port = kind.open(spec, {
        ...{ id, offloadByDefault, bridgeName, shared, ...(login !== undefined && { login }) },
        changed: () => this.refreshId(id),
        note: (event, fields) => this.journal.note(event, { port: this.labelOf(id), ...fields }),
      });
    } catch (error) {
      throw portFailure(kind, spec, error);
    }
    try {
      this.refuseTaken(port.label, portLabel(spec));
      // The interface may have been found by another of its names.
      if (port.isRenamed) this.refuseSame({ ...spec, name: port.kernelName }, portLabel(spec));
    } catch (error) {
      port.forgetPersistence();
      this.logFailure(port, port.end()());
      throw error;
    }
    this.ports.set(id, port);
    return port;
  }

  /** Logs the origin of a port. The start does so at the end: if it fails, it logs only the reason. */
  noteOrigin({ label, origin, remarks }: Port): void {
    this.journal.note(`port-${origin}`, { port: label });
    this.logRemarks(label, remarks);
  }

  private logRemarks(label: string, remarks: readonly string[]): void {
    for (const remark of remarks) this.journal.log.warn(`${label}: ${remark}`);
  }

  /** Adds a port to the data plane. From then on, frames flow. */
  async plugIn(port: Port): Promise<void> {
    const { id, transport } = port;
    const isPlugged = transport !== undefined;
    const all = this.bridgeSettings(port);
    const settings = { ...all, isUp: all.isUp && isPlugged };
    if (isPlugged) this.plugged.add(id);
    this.applied.set(id, settings);
    const through = isPlugged ? { transport } : {};
    await this.dataPlane.order({ kind: 'add-port', port: id, ...through, settings });
    // A station that only answers would be looked for at its former place until its entry ages.
    if (port.hasMovedStations) await this.dataPlane.order({ kind: 'flush-stations' });
  }

  /** Refreshes all ports, and tells the data plane what has changed. It never throws. */
  refresh(): void {
    for (const port of this.all) this.refreshPort(port);
  }

  /** Gets what ports that are added later need of root, before the switch gives it up. */
  prepareForPlainUser(): void {
    for (const kind of this.kinds.kinds) kind.prepareForPlainUser?.(this.shared);
  }

  /** Releases the namespaces that devices were moved to, until the next refresh. */
  releaseNetns(): void {
    for (const port of this.all) port.releaseNetns();
  }

  /** Refreshes the ports of which the kernel has reported a change. */
  refreshChanged(): void {
    for (const port of this.all) if (port.hasNews) this.refreshPort(port);
  }

  /** Refreshes the ports that have something to try again. */
  refreshTroubled(): void {
    for (const port of this.all) if (port.isTroubled) this.refreshPort(port);
  }

  /** Refreshes one port, if it still exists and the data plane knows it. */
  refreshId(id: number): void {
    const port = this.ports.get(id);
    if (port !== undefined && this.applied.has(id)) this.refreshPort(port);
  }

  /** Refreshes a port whose transport had trouble. */
  refreshTransport(trouble: PortTrouble): void {
    const { port } = trouble;
    // The trouble is that of a transport that the port has released already.
    if (this.detaching.has(port)) return;
    this.ports.get(port)?.troubled?.(trouble);
    this.refreshId(port);
  }

  private refreshPort(port: Port): void {
    const { label, problem } = port;
    try {
      if (port.reopen()) this.cameBack(port);
      else this.follow(port, port.refresh());
      if (port.plugProblem !== undefined) this.attach(port);
    } catch (error) {
      // An unexpected error concerns this port alone.
      this.journal.log.error(`${label}: ${(error as Error).message}`);
    }
    this.noteProblem(port, problem);
    if (port.isTroubled) this.onTrouble?.();
  }

  /** Logs a problem of a port, or its end, once. */
  private noteProblem(port: Port, before: string | undefined): void {
    const { label, problem, state } = port;
    if (problem === before) return;
    if (problem !== undefined) this.journal.note('port-problem', { port: label, problem });
    else if (state !== 'gone') this.journal.note('port-problem-over', { port: label });
  }

  /** Closes all ports. */
  async close(): Promise<void> {
    const ports = this.all;
    for (const port of ports) this.forget(port);
    await Promise.all(ports.map((port) => port.end()()));
  }

  /** @param wanted label that was asked for, if the kernel made another of it */
  private refuseTaken(label: string, wanted = label): void {
    const holder = this.find(label);
    if (holder === undefined) return;
    const made = wanted === label ? '' : `${wanted}: the kernel chose ${label}, and `;
    const now = holder.isRenamed ? `, whose interface is called ${holder.kernelName} now` : '';
    const cure = made === '' && now === '' ? '' : '; give another name';
    throw new RequestError(
      'conflict',
      `${made}${label} is a port of this switch already${now}${cure}`,
      'ERR_PORT_EXISTS',
    );
  }

  private forget({ id }: Port): void {
    this.ports.delete(id);
    this.plugged.delete(id);
    this.applied.delete(id);
  }

  /**
   * Refuses an interface or a socket that another port has.
   * @param label of the port that is asked for
   */
  private refuseSame(spec: PortSpec, label: string): void {
    const identity = this.kinds.kindOf(spec).identity(spec);
    if (identity === undefined) return;
    const same = this.all.find((port) => identitiesOf(port).includes(identity));
    if (same === undefined || same.label === label) return;
    const reason = `is the ${whatIs(identity)} of ${same.label}, which is a port of this switch already`;
    throw new RequestError('conflict', `${label}: ${reason}`, 'ERR_PORT_EXISTS');
  }

  private freeId(): number {
    let id = 0;
    while (this.ports.has(id) || this.leaving.has(id)) id++;
    if (id >= MAX_PORTS) throw new StartError(`${MAX_PORTS} ports at most`);
    return id;
  }

  private cameBack(port: Port): void {
    if (port.tellsReturn) {
      this.journal.note('port-back', { port: port.label });
      this.logRemarks(port.label, port.remarks);
    }
    try {
      port.applyKept();
    } catch (error) {
      const why = (error as Error).message;
      this.journal.note('port-setting-refused', { port: port.label, why });
    }
    this.follow(port, port.refresh());
    this.attach(port);
  }

  private follow(port: Port, change: PortChange): void {
    const { label } = port;
    if (change.renamedTo !== undefined) {
      this.journal.note('port-renamed', { port: label, to: change.renamedTo });
    }
    if (change.state !== undefined) this.journal.note(`port-${change.state}`, { port: label });
    if (change.isLost) this.letGo(port);
    const updated = this.updateBridge(port);
    this.logFailure(port, updated);
    if (change.mtuBytes === undefined) return;
    this.noteMtu(port, change.mtuBytes, updated);
    this.followOthers();
  }

  /** Notes a new MTU when frames of that size pass: who reads the event may send them at once. */
  private noteMtu({ label }: Port, mtu: number, updated: Promise<void>): void {
    const note = (): void => this.journal.note('port-mtu', { port: label, mtu });
    updated.then(note, note);
  }

  /**
   * Closes a lost transport, after the data plane's thread has closed its own descriptor: closing the last
   * descriptor may take time, which must not stop frames.
   */
  private letGo(port: Port): void {
    const { id } = port;
    const close = port.release();
    port.plugProblem = undefined;
    this.plugged.delete(id);
    // The data plane sets the port down by itself.
    this.applied.set(id, { ...this.applied.get(id), isUp: false });
    this.detaching.add(id);
    const detached = this.dataPlane.order({ kind: 'detach-port', port: id });
    const end = (): Promise<void> => {
      this.detaching.delete(id);
      return close();
    };
    this.logFailure(port, detached.finally(end));
  }

  /** Logs the failure of work that nothing awaits. */
  private logFailure({ label }: Port, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.journal.log.error(`${label}: ${(error as Error).message}`);
    });
  }
}

/** Identities of a port by its own name, and by the one that its interface has now. */
function identitiesOf({ kind, namedSpec, kernelName, isRenamed, state }: Port): unknown[] {
  const named = kind.identity(namedSpec);
  if (!isRenamed || state === 'gone') return [named];
  return [named, kind.identity({ ...namedSpec, name: kernelName })];
}

function sumCounters(all: readonly PortCounters[]): PortCounters {
  return {
    counters: sum(all.map(({ counters }) => counters)),
    drops: sum(all.map(({ drops }) => drops)),
  };
}

function sum(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const record of records) {
    for (const [name, count] of Object.entries(record)) total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

/** Whether a setting of the bridge is the same. A list, such as that of VLANs, is made anew each time. */
function isSame(before: unknown, now: unknown): boolean {
  return before === now || (Array.isArray(now) && isDeepStrictEqual(before, now));
}

/** VLANs of a port as in `vlans=`; `default` for those of the default PVID. */
function vlanText(port: Port): string {
  const vlans = portVlans((key) => port.holds(key));
  return vlans === null ? 'default' : formatVlanList(vlans);
}
