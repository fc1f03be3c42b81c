/**
 * The control plane of one switch: opens the ports, starts the data plane, and keeps the two in
 * step while the world changes under them. No frame comes through here.
 */

import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { PortSpec, SwitchConfig } from '../config/schema';
import type { Logger } from '../config/logger';
import { DataPlane } from '../dataplane/data-plane';
import type { OwnAddressState } from '../dataplane/messages';
import type { PortCounters } from '../l2/counters';
import type { BridgeEvent } from '../l2/event-log';
import type { FdbEntry } from '../l2/fdb';
import { type MacWords, parseMac } from '../l2/mac';
import { deriveMac } from './switch-mac';
import { StartError } from './start-error';
import { type PortChange, type PortState, TapPort } from './tap-port';

/** Port ids; the memory for their counters costs nothing until it is used. */
const MAX_PORTS = 16_384;
/** From one look at the ports' devices to the next. */
const LOOK_INTERVAL_MS = 400;

interface TapSwitchEvents {
  /** The data plane died: the switch is no more. */
  failed: [error: Error];
}

export interface PortInfo {
  readonly id: number;
  readonly port: string;
  readonly state: PortState;
  readonly mtuBytes: number;
  readonly counters: PortCounters;
}

export class TapSwitch extends EventEmitter<TapSwitchEvents> {
  readonly mac: MacWords;
  private readonly ports = new Map<number, TapPort>();
  private readonly dataPlane: DataPlane;
  private lookTimer: NodeJS.Timeout | undefined;
  private readonly undecided = new Set<string>();
  private allDecided: (() => void) | undefined;

  private constructor(
    readonly config: SwitchConfig,
    private readonly log: Logger,
    ports: readonly TapPort[],
  ) {
    super();
    this.mac = ownMac(config);
    this.dataPlane = new DataPlane(
      {
        mac: this.mac,
        ageingMs: config.ageingMs,
        fdbMax: config.fdbMax,
        fdbMaxPerPort: config.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
        reserved: config.reserved,
        maxPorts: MAX_PORTS,
        seed: randomBytes(4).readInt32LE(),
      },
      config.busyPollMicros,
    );
    for (const port of ports) this.ports.set(port.id, port);
  }

  /**
   * Opens every port and starts forwarding. Resolves when every address is claimed, or known to be
   * somebody else's.
   * @throws StartError when the system refuses; nothing of what was made is left then.
   */
  static async start(config: SwitchConfig, log: Logger): Promise<TapSwitch> {
    const ports = openPorts(config);
    let started: TapSwitch | undefined;
    try {
      started = new TapSwitch(config, log, ports);
      await started.run();
      return started;
    } catch (error) {
      await started?.dataPlane.stop();
      for (const port of ports) port.close();
      throw error instanceof StartError ? error : new StartError((error as Error).message);
    }
  }

  /** What the ports are called, in the order in which they were asked for. */
  get portLabels(): string[] {
    return [...this.ports.values()].map((port) => port.label);
  }

  portInfos(): PortInfo[] {
    return [...this.ports.values()].map((port) => ({
      id: port.id,
      port: port.label,
      state: port.state,
      mtuBytes: port.mtuBytes,
      counters: this.dataPlane.counters.read(port.id),
    }));
  }

  stations(): Promise<FdbEntry[]> {
    return this.dataPlane.copyFdb();
  }

  ownAddresses(): Promise<OwnAddressState[]> {
    return this.dataPlane.listAddresses();
  }

  /** Stops forwarding and lets go of the ports. */
  async stop(): Promise<void> {
    clearInterval(this.lookTimer);
    await this.dataPlane.stop();
    for (const port of this.ports.values()) port.close();
  }

  private async run(): Promise<void> {
    const { dataPlane } = this;
    dataPlane.on('stations', (events, lost) => this.logStations(events, lost));
    dataPlane.on('gone', () => this.look());
    dataPlane.on('claimed', (address) => {
      this.log.info('address claimed', { address });
      this.decided(address);
    });
    dataPlane.on('conflict', ({ address, mac, port, outcome }) => {
      this.log.warn('address conflict', { address, mac, port: this.labelOf(port), outcome });
      this.decided(address);
    });
    dataPlane.on('failed', (error) => this.emit('failed', error));
    await Promise.all([...this.ports.values()].map((port) => this.plugIn(port)));
    await this.claimAddresses();
    this.lookTimer = setInterval(() => this.look(), LOOK_INTERVAL_MS);
  }

  private async plugIn(port: TapPort): Promise<void> {
    await this.dataPlane.order({
      kind: 'add-port',
      port: port.id,
      fd: port.fd,
      hasVnetHeader: port.hasVnetHeader,
      settings: {
        name: port.label,
        mtuBytes: port.mtuBytes,
        takesOffloads: port.hasVnetHeader,
        isUp: port.state === 'up',
      },
    });
  }

  private async claimAddresses(): Promise<void> {
    const decided = new Promise<void>((resolve) => {
      this.allDecided = resolve;
    });
    for (const { address } of this.config.addresses) {
      this.undecided.add(address);
      await this.dataPlane.order({ kind: 'add-address', address });
    }
    if (this.undecided.size > 0) await decided;
  }

  private decided(address: string): void {
    this.undecided.delete(address);
    if (this.undecided.size === 0) this.allDecided?.();
  }

  private look(): void {
    for (const port of this.ports.values()) {
      const label = port.label;
      if (port.findAgain()) this.cameBack(port);
      else this.follow(port, label, port.look());
    }
  }

  private cameBack(port: TapPort): void {
    this.log.info('port is back', { port: port.label });
    const { id, fd, hasVnetHeader } = port;
    this.tell({ kind: 'attach-port', port: id, fd, hasVnetHeader });
    this.tell({ kind: 'set-port-mtu', port: id, mtuBytes: port.mtuBytes });
    this.tell({ kind: 'set-port-up', port: id, isUp: port.state === 'up' });
  }

  private follow(port: TapPort, label: string, change: PortChange): void {
    const { id } = port;
    if (change.renamedTo !== undefined) {
      this.log.info('interface renamed', { port: label, to: change.renamedTo });
    }
    if (change.mtuBytes !== undefined) {
      this.log.info('MTU changed', { port: label, mtu: change.mtuBytes });
      this.tell({ kind: 'set-port-mtu', port: id, mtuBytes: change.mtuBytes });
    }
    if (change.state === undefined) return;
    this.log[change.state === 'up' ? 'info' : 'warn'](`port is ${change.state}`, { port: label });
    if (change.state === 'gone') this.tell({ kind: 'detach-port', port: id });
    else this.tell({ kind: 'set-port-up', port: id, isUp: change.state === 'up' });
  }

  /** An order whose refusal is nobody's to wait for. */
  private tell(command: Parameters<DataPlane['order']>[0]): void {
    this.dataPlane.order(command).catch((error: unknown) => {
      this.log.error(`${command.kind}: ${(error as Error).message}`);
    });
  }

  private logStations(events: readonly BridgeEvent[], lost: number): void {
    for (const { event, mac, port, fromPort } of events) {
      const fields = {
        mac,
        port: this.labelOf(port),
        ...(fromPort >= 0 && { from: this.labelOf(fromPort) }),
      };
      switch (event) {
        case 'flapping':
          this.log.warn('station moves back and forth: a loop, or a MAC used twice', fields);
          break;
        case 'own-source':
          this.log.warn(
            "a host sends with the switch's own MAC: a loop, or a MAC used twice",
            fields,
          );
          break;
        case 'offload-refused':
          this.log.warn('the kernel refuses offloads on this port; it gets plain frames', fields);
          break;
        default:
          this.log.debug(`station ${event}`, fields);
      }
    }
    if (lost > 0) this.log.debug('station events lost', { lost });
  }

  private labelOf(id: number): string {
    return this.ports.get(id)?.label ?? `#${id}`;
  }
}

function openPorts(config: SwitchConfig): TapPort[] {
  const opened: TapPort[] = [];
  try {
    for (const [id, spec] of config.ports.entries()) opened.push(openPort(id, spec, config));
    return opened;
  } catch (error) {
    for (const port of opened) port.close();
    throw error;
  }
}

function openPort(id: number, spec: PortSpec, config: SwitchConfig): TapPort {
  if (id >= MAX_PORTS) throw new StartError(`${MAX_PORTS} ports at most`);
  return TapPort.open(id, spec, config.offload);
}

function ownMac(config: SwitchConfig): MacWords {
  const given = config.mac === undefined ? undefined : parseMac(config.mac);
  return given ?? deriveMac(config.name);
}
