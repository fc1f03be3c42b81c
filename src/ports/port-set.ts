/**
 * The ports of one switch: opens them, plugs them into the data plane, and keeps the two in step
 * while the world changes under them.
 */

import {
  type PortSettings,
  type PortSpec,
  portIdentity,
  portLabel,
} from '../config/values/port-spec';
import type { DataPlane } from '../dataplane/data-plane';
import type { BridgePortSettings } from '../l2/port-table';
import type { PortCounters } from '../l2/counters';
import type { Journal } from '../journal/journal';
import { RequestError } from '../system/request-error';
import { StartError } from '../system/start-error';
import { bridgeSettings } from './bridge-keys';
import { FastLegs } from './fast-legs';
import type { PortKinds } from './kinds';
import type { Port, PortChange, PortState } from './port';
import { portFailure } from './refuse-port';

/** Port ids; the memory for their counters costs nothing until it is used. */
export const MAX_PORTS = 16_384;

export interface PortInfo {
  readonly id: number;
  readonly port: string;
  readonly state: PortState;
  readonly mtuBytes: number;
  readonly counters: PortCounters;
}

export class PortSet {
  /** By id. */
  private readonly ports = new Map<number, Port>();
  /** Ids that the data plane has not let go of yet. */
  private readonly leaving = new Set<number>();
  /** Ids of the ports whose transport the data plane has, or is about to have. */
  private readonly plugged = new Set<number>();
  /** Ids of the ports whose new transport is being plugged in. */
  private readonly attaching = new Set<number>();
  /** Settings that the bridge has of a port, by id. */
  private readonly applied = new Map<number, Partial<BridgePortSettings>>();
  private readonly fastLegs = new FastLegs();
  /** What the ports counted that are no more. */
  private retired: PortCounters = { counters: {}, drops: {} };

  constructor(
    readonly kinds: PortKinds,
    private readonly dataPlane: DataPlane,
    private readonly journal: Journal,
    private readonly offloadByDefault: boolean,
  ) {}

  /** In the order in which they were asked for. */
  get all(): Port[] {
    return [...this.ports.values()];
  }

  find(label: string): Port | undefined {
    for (const port of this.ports.values()) if (port.label === label) return port;
    return undefined;
  }

  /** Why there is no port of this label, and what there is instead. */
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
      state: port.state,
      mtuBytes: port.mtuBytes,
      counters: this.dataPlane.counters.read(port.id),
    };
  }

  /** Counters of all ports, also of those that were removed: they never fall. */
  total(infos = this.infos()): PortCounters {
    return sumCounters([this.retired, ...infos.map(({ counters }) => counters)]);
  }

  /**
   * Adds a port while frames flow.
   * @throws RequestError where there is such a port; StartError where the system refuses.
   */
  async add(spec: PortSpec): Promise<Port> {
    const same = this.withIdentityOf(spec);
    if (same !== undefined && same.label !== portLabel(spec)) {
      const reason = `is the interface of ${same.label}, which is a port of this switch already`;
      throw new RequestError('conflict', `${portLabel(spec)}: ${reason}`);
    }
    const port = this.open(spec);
    try {
      await this.plugIn(port);
    } catch (error) {
      this.forget(port);
      port.forgetPersistence();
      await port.release()();
      throw error;
    }
    this.noteOrigin(port);
    this.journal.note('port-added', { port: port.label });
    return port;
  }

  /** Lets go of a port. What the switch made goes away, unless it persists. */
  async remove(port: Port): Promise<void> {
    const { id, label } = port;
    this.forget(port);
    this.leaving.add(id);
    try {
      await this.dataPlane.order({ kind: 'remove-port', port: id });
      this.retired = sumCounters([this.retired, this.dataPlane.counters.read(id)]);
    } finally {
      await port.release()();
      this.leaving.delete(id);
    }
    this.journal.note('port-removed', { port: label });
  }

  /**
   * Changes a port, and its interface.
   * @throws ValueError for a key that the port does not have, StartError where the system refuses;
   *   nothing has changed then.
   */
  async set(port: Port, settings: PortSettings): Promise<void> {
    this.check(port, settings);
    this.refreshPort(port);
    this.explained(port, settings, () => port.set(settings));
    await this.updateBridge(port);
    this.refreshPort(port);
  }

  /** @throws as `set` does, for what can be refused without a change */
  check(port: Port, settings: PortSettings): void {
    this.kinds.refuseForeign(port.kind, settings);
    this.explained(port, settings, () => port.check?.(settings));
  }

  /** What the bridge has to know of a port. */
  bridgeSettings(port: Port): BridgePortSettings {
    return {
      ...bridgeSettings(port.spec),
      name: port.label,
      mtuBytes: port.mtuBytes,
      takesOffloads: port.takesOffloads,
      isUp: port.state === 'up',
      ...(port.fastLeg !== undefined && { fastLeg: port.fastLeg }),
    };
  }

  /** Gives the bridge the settings of a port that have changed since the last update. */
  private async updateBridge(port: Port): Promise<void> {
    const { id } = port;
    const { name, ...all } = this.bridgeSettings(port);
    void name;
    const now = { ...all, isUp: all.isUp && this.plugged.has(id) };
    const before: Readonly<Record<string, unknown>> = this.applied.get(id) ?? {};
    this.applied.set(id, now);
    const news = Object.entries(now).filter(([key, value]) => before[key] !== value);
    if (news.length === 0) return;
    await this.dataPlane.order({ kind: 'set-port', port: id, settings: Object.fromEntries(news) });
  }

  /** @throws StartError for whatever `change` throws, in the words of the port's kind. */
  private explained(port: Port, settings: PortSettings, change: () => void): void {
    try {
      change();
    } catch (error) {
      const { kind, namedSpec } = port;
      throw portFailure(kind, { ...namedSpec, ...settings }, error);
    }
  }

  /** Plugs in a transport that is new. Where that fails, the next refresh tries it again. */
  private attach(port: Port): void {
    const { id, transport } = port;
    if (transport === undefined || this.attaching.has(id)) return;
    this.attaching.add(id);
    const end = (problem?: string): void => {
      this.attaching.delete(id);
      if (this.ports.get(id) !== port) return;
      const before = port.problem;
      port.plugProblem = problem;
      this.noteProblem(port, before);
    };
    this.dataPlane.order({ kind: 'attach-port', port: id, transport }).then(
      () => {
        end();
        if (this.ports.get(id) !== port) return;
        this.plugged.add(id);
        this.applied.delete(id);
        this.logFailure(port, this.updateBridge(port));
      },
      (error: unknown) => end(`cannot be plugged in: ${(error as Error).message}`),
    );
  }

  /**
   * Opens a port. No frame flows before `plugIn`.
   * @throws StartError with a sentence for the person who wants the port; RequestError where there is a
   *   port of that name.
   */
  open(spec: PortSpec): Port {
    const identity = portIdentity(spec);
    if (identity !== undefined) this.refuseTaken(identity);
    const kind = this.kinds.kindOf(spec);
    const id = this.freeId();
    const { offloadByDefault, fastLegs } = this;
    let port: Port;
    try {
      const changed = (): void => this.refreshId(id);
      port = kind.open(spec, { id, offloadByDefault, fastLegs, changed });
    } catch (error) {
      throw portFailure(kind, spec, error);
    }
    try {
      this.refuseTaken(port.label, portLabel(spec));
    } catch (error) {
      port.forgetPersistence();
      this.logFailure(port, port.release()());
      throw error;
    }
    this.ports.set(id, port);
    return port;
  }

  /** Says what was done to have a port. A start that fails says nothing but why. */
  noteOrigin({ label, origin, remarks }: Port): void {
    this.journal.note(`port-${origin}`, { port: label });
    for (const remark of remarks) this.journal.log.warn(`${label}: ${remark}`);
  }

  /** Lets frames flow. */
  async plugIn(port: Port): Promise<void> {
    const { id, transport } = port;
    const isPlugged = transport !== undefined;
    const all = this.bridgeSettings(port);
    const settings = { ...all, isUp: all.isUp && isPlugged };
    if (isPlugged) this.plugged.add(id);
    this.applied.set(id, settings);
    const through = isPlugged ? { transport } : {};
    await this.dataPlane.order({ kind: 'add-port', port: id, ...through, settings });
  }

  /** Asks what has become of the ports, and tells the data plane. Never throws. */
  refresh(): void {
    for (const port of this.all) this.refreshPort(port);
  }

  /** Keeps no namespace alive that a device was moved to, until the device is looked at. */
  releaseNetns(): void {
    for (const port of this.all) port.releaseNetns();
  }

  /** The same for the ports of which the kernel has reported a change. */
  refreshChanged(): void {
    for (const port of this.all) if (port.hasNews) this.refreshPort(port);
  }

  /** The same for the ports that have something to try again. */
  refreshTroubled(): void {
    for (const port of this.all) if (port.isTroubled) this.refreshPort(port);
  }

  /** The same for one port, if it is still there. */
  refreshId(id: number): void {
    const port = this.ports.get(id);
    if (port !== undefined) this.refreshPort(port);
  }

  private refreshPort(port: Port): void {
    const { label, problem } = port;
    try {
      if (port.reopen()) this.cameBack(port);
      else this.follow(port, port.refresh());
      if (port.plugProblem !== undefined) this.attach(port);
    } catch (error) {
      // Not foreseen. It concerns this port alone.
      this.journal.log.error(`${label}: ${(error as Error).message}`);
    }
    this.noteProblem(port, problem);
  }

  /** Says once what is wrong with a port. */
  private noteProblem(port: Port, before: string | undefined): void {
    const { label, problem, state } = port;
    if (problem === before) return;
    if (problem !== undefined) this.journal.note('port-problem', { port: label, problem });
    else if (state !== 'gone') this.journal.note('port-problem-over', { port: label });
  }

  /** Lets go of every device. */
  async close(): Promise<void> {
    const ports = this.all;
    for (const port of ports) this.forget(port);
    await Promise.all(ports.map((port) => port.release()()));
  }

  /** @param wanted is what was asked for, where the kernel made the label of it */
  private refuseTaken(label: string, wanted = label): void {
    const holder = this.find(label);
    if (holder === undefined) return;
    const made = wanted === label ? '' : `${wanted}: the kernel chose ${label}, and `;
    const now =
      holder.kernelName === holder.namedSpec.name
        ? ''
        : `, whose interface is called ${holder.kernelName} now`;
    const cure = made === '' && now === '' ? '' : '; give another name';
    throw new RequestError(
      'conflict',
      `${made}${label} is a port of this switch already${now}${cure}`,
    );
  }

  private forget({ id }: Port): void {
    this.ports.delete(id);
    this.plugged.delete(id);
    this.applied.delete(id);
  }

  private withIdentityOf(spec: PortSpec): Port | undefined {
    const identity = this.kinds.kindOf(spec).identity(spec);
    if (identity === undefined) return undefined;
    return this.all.find(({ kind, namedSpec }) => kind.identity(namedSpec) === identity);
  }

  private freeId(): number {
    let id = 0;
    while (this.ports.has(id) || this.leaving.has(id)) id++;
    if (id >= MAX_PORTS) throw new StartError(`${MAX_PORTS} ports at most`);
    return id;
  }

  private cameBack(port: Port): void {
    this.journal.note('port-back', { port: port.label });
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
    if (change.mtuBytes !== undefined) {
      this.journal.note('port-mtu', { port: label, mtu: change.mtuBytes });
    }
    if (change.state !== undefined) this.journal.note(`port-${change.state}`, { port: label });
    if (change.isLost) this.letGo(port);
    this.logFailure(port, this.updateBridge(port));
  }

  /**
   * Closes the transport of a port that has lost it, when the frames' thread has closed its own
   * descriptor: whoever closes the last one may have to wait for the kernel.
   */
  private letGo(port: Port): void {
    const { id } = port;
    const close = port.release();
    port.plugProblem = undefined;
    this.plugged.delete(id);
    // The data plane takes it down by itself.
    this.applied.set(id, { ...this.applied.get(id), isUp: false });
    const detached = this.dataPlane.order({ kind: 'detach-port', port: id });
    this.logFailure(port, detached.finally(close));
  }

  /** For work that nobody waits for. */
  private logFailure({ label }: Port, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.journal.log.error(`${label}: ${(error as Error).message}`);
    });
  }
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
