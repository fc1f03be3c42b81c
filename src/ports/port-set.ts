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
import type { Command } from '../dataplane/messages';
import type { PortCounters } from '../l2/counters';
import { native } from '../native/native';
import type { Journal } from '../journal/journal';
import { Refusal } from '../system/refusal';
import { isSameInterface } from './same-interface';
import { StartError } from '../system/start-error';
import { type PortChange, type PortState, TapPort } from './tap-port';

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
  private readonly ports = new Map<number, TapPort>();
  /** Ids that the data plane has not let go of yet. */
  private readonly leaving = new Set<number>();
  /** Ids of the ports whose device is being plugged in. */
  private readonly attaching = new Set<number>();
  /** What the ports counted that are no more. */
  private retired: PortCounters = { counters: {}, drops: {} };

  constructor(
    private readonly dataPlane: DataPlane,
    private readonly journal: Journal,
    private readonly offloadByDefault: boolean,
  ) {}

  /** In the order in which they were asked for. */
  get all(): TapPort[] {
    return [...this.ports.values()];
  }

  find(label: string): TapPort | undefined {
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

  info(port: TapPort): PortInfo {
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
   * @throws Refusal where there is such a port; StartError where the system refuses.
   */
  async add(spec: PortSpec): Promise<TapPort> {
    const same = this.all.find(({ namedSpec }) => isSameInterface(namedSpec, spec));
    if (same !== undefined && same.label !== portLabel(spec)) {
      const reason = `is the interface of ${same.label}, which is a port of this switch already`;
      throw new Refusal('conflict', `${portLabel(spec)}: ${reason}`);
    }
    const port = this.open(spec);
    try {
      await this.plugIn(port);
    } catch (error) {
      this.ports.delete(port.id);
      port.forgetPersistence();
      await TapPort.close([port]);
      throw error;
    }
    this.journal.note('port-added', { port: port.label });
    return port;
  }

  /** Lets go of a port. What the switch made goes away, unless it persists. */
  async remove(port: TapPort): Promise<void> {
    const { id, label } = port;
    this.ports.delete(id);
    this.leaving.add(id);
    try {
      await this.dataPlane.order({ kind: 'remove-port', port: id });
      this.retired = sumCounters([this.retired, this.dataPlane.counters.read(id)]);
    } finally {
      await TapPort.close([port]);
      this.leaving.delete(id);
    }
    this.journal.note('port-removed', { port: label });
  }

  /** Changes a port, and its interface. @throws StartError; nothing has changed then. */
  async set(port: TapPort, all: PortSettings): Promise<void> {
    const { trusted, 'neigh-suppress': neighSuppress, ...settings } = all;
    const isForInterface = Object.values(settings).some((value) => value !== undefined);
    if (isForInterface) await this.setInterface(port, settings);
    if (trusted !== undefined) {
      port.setTrusted(trusted);
      this.tell({ kind: 'set-port-trusted', port: port.id, isTrusted: trusted });
    }
    if (neighSuppress !== undefined) {
      port.setNeighSuppress(neighSuppress);
      const hearsRequests = !neighSuppress;
      this.tell({ kind: 'set-port-hears-requests', port: port.id, hearsRequests });
    }
  }

  private async setInterface(port: TapPort, settings: PortSettings): Promise<void> {
    this.lookAt(port);
    if (port.state === 'gone') {
      port.keep(settings);
      return;
    }
    const { offload: before } = port;
    const { offload = before } = settings;
    port.check(settings);
    await this.setOffload(port, offload);
    try {
      port.configure(settings);
    } catch (error) {
      await this.setOffload(port, before);
      throw error;
    }
    this.lookAt(port);
  }

  private async setOffload(port: TapPort, offload: boolean): Promise<void> {
    if (offload === port.offload) return;
    port.setOffload(offload);
    const { id, takesOffloads } = port;
    await this.dataPlane.order({ kind: 'set-port-offloads', port: id, takesOffloads });
  }

  /** Plugs in a device that is back. Where that fails, the next look tries it again. */
  private attach(port: TapPort): void {
    const { id, fd, hasVnetHeader, takesOffloads } = port;
    if (this.attaching.has(id)) return;
    this.attaching.add(id);
    const end = (problem?: string): void => {
      this.attaching.delete(id);
      if (this.ports.get(id) !== port) return;
      const before = port.problem;
      port.plugProblem = problem;
      this.noteProblem(port, before);
    };
    this.dataPlane.order({ kind: 'attach-port', port: id, fd, hasVnetHeader }).then(
      () => {
        end();
        this.tell({ kind: 'set-port-offloads', port: id, takesOffloads });
        this.tell({ kind: 'set-port-mtu', port: id, mtuBytes: port.mtuBytes });
        this.tell({ kind: 'set-port-up', port: id, isUp: port.state === 'up' });
      },
      (error: unknown) => end(`cannot be plugged in: ${(error as Error).message}`),
    );
  }

  /**
   * Opens a port's device. No frame flows before `plugIn`.
   * @throws StartError with a sentence for the person who wants the port; Refusal where there is a
   *   port of that name.
   */
  open(spec: PortSpec): TapPort {
    const identity = portIdentity(spec);
    if (identity !== undefined) this.refuseTaken(identity);
    const port = TapPort.open(this.freeId(), spec, this.offloadByDefault);
    try {
      this.refuseTaken(port.label, portLabel(spec));
    } catch (error) {
      port.discard();
      throw error;
    }
    this.ports.set(port.id, port);
    return port;
  }

  /** Lets frames flow. */
  async plugIn(port: TapPort): Promise<void> {
    await this.dataPlane.order({
      kind: 'add-port',
      port: port.id,
      fd: port.fd,
      hasVnetHeader: port.hasVnetHeader,
      isTrusted: port.trusted,
      settings: {
        name: port.label,
        mtuBytes: port.mtuBytes,
        takesOffloads: port.takesOffloads,
        isUp: port.state === 'up',
        hearsRequests: !port.neighSuppress,
      },
    });
  }

  /** Asks the kernel what has become of the devices, and tells the data plane. Never throws. */
  look(): void {
    for (const port of this.all) this.lookAt(port);
  }

  /** Keeps no namespace alive that a device was moved to, until the device is looked at. */
  releaseNetns(): void {
    for (const port of this.all) port.releaseNetns();
  }

  /** The same of those of which the kernel has told something. */
  lookAtNews(): void {
    for (const port of this.all) if (port.hasNews) this.lookAt(port);
  }

  /** The same of those with something to try again. */
  lookAtTroubled(): void {
    for (const port of this.all) if (port.isTroubled) this.lookAt(port);
  }

  /** The same of one, if it is still there. */
  lookAtId(id: number): void {
    const port = this.ports.get(id);
    if (port !== undefined) this.lookAt(port);
  }

  private lookAt(port: TapPort): void {
    const { label, problem } = port;
    try {
      if (port.findAgain()) this.cameBack(port);
      else this.follow(port, port.look());
      if (port.plugProblem !== undefined && port.state !== 'gone') this.attach(port);
    } catch (error) {
      // Not foreseen. It concerns this port alone.
      this.journal.log.error(`${label}: ${(error as Error).message}`);
    }
    this.noteProblem(port, problem);
  }

  /** Says once what is wrong with a port. */
  private noteProblem(port: TapPort, before: string | undefined): void {
    const { label, problem, state } = port;
    if (problem === before) return;
    if (problem !== undefined) this.journal.note('port-problem', { port: label, problem });
    else if (state !== 'gone') this.journal.note('port-problem-over', { port: label });
  }

  /** Lets go of every device. */
  async close(): Promise<void> {
    const ports = this.all;
    this.ports.clear();
    await TapPort.close(ports);
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
    throw new Refusal('conflict', `${made}${label} is a port of this switch already${now}${cure}`);
  }

  private freeId(): number {
    let id = 0;
    while (this.ports.has(id) || this.leaving.has(id)) id++;
    if (id >= MAX_PORTS) throw new StartError(`${MAX_PORTS} ports at most`);
    return id;
  }

  private cameBack(port: TapPort): void {
    this.journal.note('port-back', { port: port.label });
    try {
      port.applyKept();
    } catch (error) {
      const why = (error as Error).message;
      this.journal.note('port-setting-refused', { port: port.label, why });
    }
    this.attach(port);
  }

  private follow(port: TapPort, change: PortChange): void {
    const { id, label } = port;
    if (change.renamedTo !== undefined) {
      this.journal.note('port-renamed', { port: label, to: change.renamedTo });
    }
    if (change.mtuBytes !== undefined) {
      this.journal.note('port-mtu', { port: label, mtu: change.mtuBytes });
      this.tell({ kind: 'set-port-mtu', port: id, mtuBytes: change.mtuBytes });
    }
    if (change.state === undefined) return;
    this.journal.note(`port-${change.state}`, { port: label });
    if (change.state === 'gone') this.letGo(port);
    else this.tell({ kind: 'set-port-up', port: id, isUp: change.state === 'up' });
  }

  /**
   * Closes the device of a port that is gone, when the frames' thread has closed its own descriptor:
   * whoever closes the last one may have to wait for the kernel.
   */
  private letGo(port: TapPort): void {
    const tap = port.release();
    port.plugProblem = undefined;
    this.dataPlane
      .order({ kind: 'detach-port', port: port.id })
      .finally(() => native().closeTaps(tap === undefined ? [] : [tap]))
      .catch((error: unknown) => {
        this.journal.log.error(`${port.label}: ${(error as Error).message}`);
      });
  }

  /** An order whose refusal is nobody's to wait for. */
  private tell(command: Command): void {
    this.dataPlane.order(command).catch((error: unknown) => {
      this.journal.log.error(`${command.kind}: ${(error as Error).message}`);
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
