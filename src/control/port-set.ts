/**
 * The ports of one switch: opens them, plugs them into the data plane, and keeps the two in step
 * while the world changes under them.
 */

import { type PortSettings, type PortSpec, portIdentity, portLabel } from '../config/port-spec';
import type { DataPlane } from '../dataplane/data-plane';
import type { Command } from '../dataplane/messages';
import type { PortCounters } from '../l2/counters';
import type { Journal } from './journal';
import { Refusal } from './refusal';
import { StartError } from './start-error';
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
    return this.all.find((port) => port.label === label);
  }

  /** The port that is called so, or was when somebody asked for it. */
  findAsked(label: string): TapPort | undefined {
    return this.find(label) ?? this.all.find(({ spec }) => portLabel(spec) === label);
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
    const identity = portIdentity(spec);
    if (identity !== undefined && this.find(identity) !== undefined) {
      throw new Refusal('conflict', `${identity} is a port of this switch already`);
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

  /** Ids of the ports that inspection believes. */
  get trusted(): number[] {
    return this.all.filter(({ trusted }) => trusted).map(({ id }) => id);
  }

  /** Changes a port, and its interface. @throws StartError; nothing has changed then. */
  async set(port: TapPort, { trusted, ...settings }: PortSettings): Promise<void> {
    const isForInterface = Object.values(settings).some((value) => value !== undefined);
    if (isForInterface) await this.setInterface(port, settings);
    if (trusted === undefined) return;
    port.setTrusted(trusted);
    this.tell({ kind: 'set-port-trusted', port: port.id, isTrusted: trusted });
  }

  private async setInterface(port: TapPort, settings: PortSettings): Promise<void> {
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
    this.look();
  }

  private async setOffload(port: TapPort, offload: boolean): Promise<void> {
    if (offload === port.offload) return;
    port.setOffload(offload);
    const { id, takesOffloads } = port;
    await this.dataPlane.order({ kind: 'set-port-offloads', port: id, takesOffloads });
  }

  private attach(port: TapPort): void {
    const { id, fd, hasVnetHeader, takesOffloads, mtuBytes, state } = port;
    this.tell({ kind: 'attach-port', port: id, fd, hasVnetHeader });
    this.tell({ kind: 'set-port-offloads', port: id, takesOffloads });
    this.tell({ kind: 'set-port-mtu', port: id, mtuBytes });
    this.tell({ kind: 'set-port-up', port: id, isUp: state === 'up' });
  }

  /**
   * Opens a port's device. No frame flows before `plugIn`.
   * @throws StartError with a sentence for the person who wants the port.
   */
  open(spec: PortSpec): TapPort {
    const port = TapPort.open(this.freeId(), spec, this.offloadByDefault);
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
      },
    });
  }

  /** Asks the kernel what has become of the devices, and tells the data plane. */
  look(): void {
    for (const port of this.ports.values()) {
      const label = port.label;
      if (port.findAgain()) this.cameBack(port);
      else this.follow(port, label, port.look());
    }
  }

  /** Lets go of every device. */
  async close(): Promise<void> {
    const ports = this.all;
    this.ports.clear();
    await TapPort.close(ports);
  }

  private freeId(): number {
    let id = 0;
    while (this.ports.has(id) || this.leaving.has(id)) id++;
    if (id >= MAX_PORTS) throw new StartError(`${MAX_PORTS} ports at most`);
    return id;
  }

  private cameBack(port: TapPort): void {
    this.journal.note('port-back', { port: port.label });
    this.attach(port);
  }

  private follow(port: TapPort, label: string, change: PortChange): void {
    const { id } = port;
    if (change.renamedTo !== undefined) {
      this.journal.note('port-renamed', { port: label, to: change.renamedTo });
      this.tell({ kind: 'set-port-name', port: id, name: port.label });
    }
    if (change.mtuBytes !== undefined) {
      this.journal.note('port-mtu', { port: label, mtu: change.mtuBytes });
      this.tell({ kind: 'set-port-mtu', port: id, mtuBytes: change.mtuBytes });
    }
    if (change.state === undefined) return;
    this.journal.note(`port-${change.state}`, { port: label });
    if (change.state === 'gone') this.tell({ kind: 'detach-port', port: id });
    else this.tell({ kind: 'set-port-up', port: id, isUp: change.state === 'up' });
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
