/**
 * The control plane of one switch: opens the ports, starts the data plane, and keeps the two in
 * step while the world changes under them. No frame comes through here.
 */

import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import type { CaptureSetup } from '../capture/capture-writer';
import { makeRing } from '../capture/ring';
import { type Cidr, formatCidr } from '../config/values/cidr';
import { descriptorsExhausted } from '../system/descriptors';
import { type HostAddress, hostAddress } from '../config/values/host-address';
import { parseIpAddress } from '../wire/ip-text';
import type { Logger } from '../journal/logger';
import { packageVersion } from '../system/package-version';
import { portLabel } from '../config/values/port-spec';
import type { SwitchConfig } from '../config/schema';
import type { StaticNeighbour } from '../config/values/static-neighbour';
import type { BurstClass } from '../dataplane/burst-sizes';
import { DataPlane } from '../dataplane/data-plane';
import type { OwnAddressState, Piece, Station } from '../dataplane/messages';
import type { BridgeEvent } from '../l2/event-log';
import { MAX_OWN_ADDRESSES } from '../hosts/own-addresses';
import type { FdbEntry } from '../l2/fdb/entry';
import { MAX_STATIC } from '../l2/fdb/table';
import { type MacWords, formatMac, parseMac } from '../wire/mac';
import { native } from '../native/native';
import { REFUSAL_REASONS } from '../hosts/inspection';
import type { KnownHost } from '../hosts/known-hosts';
import type { NeighbourState } from '../hosts/neighbours';
import { ANY_PORT, MAX_STATIC as MAX_STATIC_NEIGHBOURS } from '../hosts/binding-table';
import { CaptureStream, epochNs } from '../capture/capture-stream';
import { Journal } from '../journal/journal';
import { MAX_PORTS, PortSet } from '../ports/port-set';
import { PortWatch } from '../ports/port-watch';
import { Refusal } from '../system/refusal';
import { refuseSameInterface } from '../ports/same-interface';
import { Serial } from './serial';
import { StaticNeighbours } from './static-neighbours';
import { deriveMac, identifyMachine } from './switch-mac';
import { StartError } from '../system/start-error';
import type { TapPort } from '../ports/tap-port';
import type { TracedState } from '../l2/trace';
import { refuseUnknownAccounts } from '../ports/unknown-accounts';

/** A change takes some tens of milliseconds at most: the last to wait gets its turn within a second. */
const CHANGES_MAX = 32;
const TOO_MANY_BINDINGS = `${MAX_STATIC_NEIGHBOURS} static bindings of a family at most`;
/** States in which the switch answers for a neighbour. */
const RELIABLE: ReadonlySet<NeighbourState> = new Set(['reachable', 'probe', 'permanent']);

interface TapSwitchEvents {
  /** The data plane died: the switch is no more. */
  failed: [error: Error];
}

export type CaptureRequest = Omit<CaptureSetup, 'ring' | 'epochNs'>;

/** Takes a table piece by piece. */
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

/** What is left of an address where no text is read. */
function wireOf({ address, prefixLength }: Cidr): { bytes: Uint8Array; prefixBits: number } {
  return { bytes: parseIpAddress(address) as Uint8Array, prefixBits: prefixLength };
}

export class TapSwitch extends EventEmitter<TapSwitchEvents> {
  readonly mac: MacWords;
  readonly ports: PortSet;
  readonly journal: Journal;
  private readonly staticNeighbours: StaticNeighbours;
  private readonly dataPlane: DataPlane;
  private watch: PortWatch | undefined;
  private readonly undecided = new Set<string>();
  private allDecided: (() => void) | undefined;
  private readonly changes = new Serial(CHANGES_MAX);
  private readonly captures = new Map<number, CaptureStream>();
  private lastCapture = 0;

  private constructor(
    private current: SwitchConfig,
    log: Logger,
    thread: Worker | undefined,
  ) {
    super();
    // While there are threads left: a guest or the cgroup may use up the others.
    native().startThreads();
    this.journal = new Journal(log);
    const config = current;
    this.mac = ownMac(config, log);
    this.dataPlane = new DataPlane(
      {
        mac: this.mac,
        ageingMs: config.ageingMs,
        fdbMax: config.fdbMax,
        fdbMaxPerPort: config.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
        reserved: config.reserved,
        maxPorts: MAX_PORTS,
        seed: randomBytes(4).readInt32LE(),
        arp: config.arp,
        neighbours: { lifeMs: config.neighLifeMs, maxEntries: config.neighMax },
        inspects: config.inspect,
      },
      { busyPollMicros: config.busyPollMicros, wantsRing: config.ioUring },
      thread,
    );
    this.ports = new PortSet(this.dataPlane, this.journal, config.offload);
    this.staticNeighbours = new StaticNeighbours(this.ports);
  }

  /**
   * Opens every port and starts forwarding. Resolves when every address is claimed, or known to be
   * somebody else's.
   * @param thread from `startThread`, where one was started ahead
   * @throws UsageError for users and groups that there are not, StartError when the system refuses;
   *   nothing of what was made is left then.
   */
  static async start(config: SwitchConfig, log: Logger, thread?: Worker): Promise<TapSwitch> {
    // Before anything is opened that would stay: a TAP may be made to persist.
    for (const spec of config.ports) refuseUnknownAccounts(portLabel(spec), spec);
    refuseSameInterface(config.ports);
    let started: TapSwitch | undefined;
    try {
      started = new TapSwitch(config, log, thread);
      await started.run();
      return started;
    } catch (error) {
      for (const port of started?.ports.all ?? []) port.forgetPersistence();
      await started?.stop();
      if (error instanceof StartError) throw error;
      throw new StartError(descriptorsExhausted(error) ?? (error as Error).message);
    }
  }

  /** As it was started, with what was changed since; what became of the ports is in `ports`. */
  get config(): SwitchConfig {
    return { ...this.current, neighbours: this.staticNeighbours.list() };
  }

  /** Resolves when the counters hold every frame that the ports took before. */
  settle(): Promise<void> {
    return this.dataPlane.order({ kind: 'settle' });
  }

  /** How many bursts of each size there were. */
  burstSizes(): BurstClass[] {
    return this.dataPlane.burstSizes.read();
  }

  /** Starts a capture; it ends when its stream does. */
  async capture(request: CaptureRequest): Promise<CaptureStream> {
    const id = ++this.lastCapture;
    const ring = makeRing();
    const stream = new CaptureStream({
      ring,
      application: `tapswitch ${packageVersion()}`,
      threadId: this.dataPlane.threadId,
      stop: () => {
        this.captures.delete(id);
        this.dataPlane.order({ kind: 'stop-capture', capture: id }).catch(() => undefined);
      },
    });
    this.captures.set(id, stream);
    const setup = { ...request, ring, epochNs: epochNs() };
    await this.dataPlane.order({ kind: 'start-capture', capture: id, setup });
    return stream;
  }

  /** What `traceFrame` needs to know of the switch as it is at this moment. */
  async tracedState(): Promise<TracedState> {
    const [stations, addresses, neighbours, leases] = await Promise.all([
      this.stations(),
      this.ownAddresses(),
      this.neighbours(),
      allOf((from) => this.dataPlane.order({ kind: 'list-leases', from })),
    ]);
    const { ageingMs, reserved, arp, inspect: inspects } = this.current;
    return {
      options: { mac: this.mac, ageingMs, reserved, arp, inspects },
      ports: this.ports.all.map((port) => ({
        id: port.id,
        label: port.label,
        mtuBytes: port.mtuBytes,
        isUp: port.state === 'up',
        takesOffloads: port.takesOffloads,
        isTrusted: port.trusted,
        hearsRequests: !port.neighSuppress,
      })),
      stations,
      addresses: addresses.filter((own) => own.state === 'claimed').map(({ address }) => address),
      neighbours: neighbours.filter(({ state }) => RELIABLE.has(state)),
      leases,
    };
  }

  // Stations -------------------------------------------------------------------------------------

  stations(): Promise<FdbEntry[]> {
    return this.dataPlane.copyFdb();
  }

  /** How many learned, sticky included, and how many static ones there are. */
  get stationCounts(): { dynamic: number; static: number } {
    const { dynamic, static: fixed } = this.dataPlane.fdbTotals;
    return { dynamic, static: fixed };
  }

  /** @throws Refusal where no further static entry fits. */
  async addStation(station: Station, port: TapPort, isStatic: boolean): Promise<void> {
    const order = { kind: 'add-station', station, port: port.id, isStatic } as const;
    if (await this.dataPlane.order(order)) return;
    throw new Refusal('conflict', `${MAX_STATIC} static entries at most; remove another first`);
  }

  /** @throws Refusal where there is no such entry. */
  async removeStation(station: Station): Promise<void> {
    if (await this.dataPlane.order({ kind: 'remove-station', station })) return;
    const mac = formatMac(station.hi16, station.lo32);
    throw new Refusal('not-found', `${mac} is not in the forwarding database`);
  }

  /** Forgets what was learned, on one port or on all. @returns how many entries that were */
  flushStations(port?: TapPort): Promise<number> {
    const where = port === undefined ? {} : { port: port.id };
    return this.dataPlane.order({ kind: 'flush-stations', ...where });
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
   * Binds an address for good, behind one port or wherever the station is.
   * @throws Refusal where no further static binding fits.
   */
  async addNeighbour({ text, bytes }: HostAddress, mac: MacWords, port?: TapPort): Promise<void> {
    const order = { kind: 'add-neighbour', bytes, mac, port: port?.id ?? ANY_PORT } as const;
    if (!(await this.dataPlane.order(order))) {
      throw new Refusal('conflict', `${TOO_MANY_BINDINGS}; remove another first`);
    }
    this.staticNeighbours.note(text, formatMac(mac.hi16, mac.lo32), port);
  }

  /** @throws Refusal where there is no such binding. */
  async removeNeighbour({ text, bytes }: HostAddress): Promise<void> {
    this.staticNeighbours.forget(text);
    if (await this.dataPlane.order({ kind: 'remove-neighbour', bytes })) return;
    throw new Refusal('not-found', `${text} is not in the neighbour table`);
  }

  /**
   * Binds these addresses for good, and no others.
   * @throws Refusal where a port is not there, or there are too many; nothing has changed then.
   */
  async setNeighbours(wanted: readonly StaticNeighbour[]): Promise<void> {
    const bindings = wanted.map((neighbour) => this.resolve(neighbour));
    for (const length of [4, 16]) {
      const count = bindings.filter(({ host }) => host.bytes.length === length).length;
      if (count > MAX_STATIC_NEIGHBOURS) {
        throw new Refusal('conflict', `neigh: ${TOO_MANY_BINDINGS}`);
      }
    }
    const kept = new Set(wanted.map(({ address }) => address));
    for (const { address } of this.staticNeighbours.list()) {
      if (!kept.has(address)) await this.removeNeighbour(hostAddress.fromText(address));
    }
    for (const { host, mac, port } of bindings) {
      if (this.staticNeighbours.has(host.text, mac, port)) continue;
      await this.addNeighbour(host, parseMac(mac) as MacWords, port);
    }
  }

  private resolve({ address, mac, port: label }: StaticNeighbour) {
    const port = label === undefined ? undefined : this.ports.find(label);
    if (label !== undefined && port === undefined) {
      throw new Refusal('conflict', `neigh: ${address}: ${this.ports.explainMissing(label)}`);
    }
    return { host: hostAddress.fromText(address), mac, port };
  }

  /** Forgets what was learned, on one port or on all. @returns how many bindings that were */
  flushNeighbours(port?: TapPort): Promise<number> {
    const where = port === undefined ? {} : { port: port.id };
    return this.dataPlane.order({ kind: 'flush-neighbours', ...where });
  }

  // The switch's own addresses -------------------------------------------------------------------

  ownAddresses(): Promise<OwnAddressState[]> {
    return this.dataPlane.order({ kind: 'list-addresses' });
  }

  /**
   * Starts to claim the address.
   * @param leavingCount how many others will be removed in the same change
   * @throws Refusal where the switch has it already, or has too many.
   */
  async addAddress(cidr: Cidr, leavingCount = 0): Promise<void> {
    const { address } = cidr;
    if (this.current.addresses.length - leavingCount >= MAX_OWN_ADDRESSES) {
      throw new Refusal(
        'conflict',
        `${MAX_OWN_ADDRESSES} addresses of the switch at most; remove another first`,
      );
    }
    if (!(await this.dataPlane.order({ kind: 'add-address', ...wireOf(cidr) }))) {
      throw new Refusal('conflict', `${address} is an address of the switch already`);
    }
    this.setConfig({ addresses: [...this.current.addresses, cidr] });
  }

  /** @throws Refusal where it is none of the switch's, or is with another prefix length. */
  async removeAddress(cidr: Cidr): Promise<void> {
    const { addresses } = this.current;
    const own = addresses.find(({ address }) => address === cidr.address);
    if (own?.prefixLength !== cidr.prefixLength) {
      const instead = own === undefined ? '' : `; ${formatCidr(own)} is`;
      throw new Refusal('not-found', `${formatCidr(cidr)} is no address of the switch${instead}`);
    }
    await this.dataPlane.order({ kind: 'remove-address', bytes: wireOf(cidr).bytes });
    this.setConfig({ addresses: addresses.filter((other) => other !== own) });
  }

  // Configuration --------------------------------------------------------------------------------

  /** Sets ageing and busy polling. */
  async setTimes({ ageingMs, busyPollMicros }: SwitchConfig): Promise<void> {
    await this.dataPlane.order({ kind: 'set-ageing', ageingMs });
    await this.dataPlane.order({ kind: 'set-busy-poll', micros: busyPollMicros });
    this.setConfig({ ageingMs, busyPollMicros });
  }

  /** Sets who is answered for, for how long, and whether ports are inspected. */
  async setNeighbourRules({ arp, neighLifeMs, inspect }: SwitchConfig): Promise<void> {
    await this.dataPlane.order({ kind: 'set-answering', mode: arp, lifeMs: neighLifeMs });
    if (inspect !== this.current.inspect) {
      const trustedPorts = this.ports.trusted;
      await this.dataPlane.order({ kind: 'set-inspection', ...(inspect && { trustedPorts }) });
    }
    this.setConfig({ arp, neighLifeMs, inspect });
  }

  /**
   * One change of ports or configuration at a time, in the order in which they were asked for.
   * @throws Refusal where too many wait already.
   */
  change<T>(make: () => T | Promise<T>): Promise<T> {
    return this.changes.run(make);
  }

  private setConfig(change: Partial<SwitchConfig>): void {
    this.current = { ...this.current, ...change };
  }

  // Life -----------------------------------------------------------------------------------------

  /** Stops forwarding and lets go of the ports. */
  async stop(): Promise<void> {
    this.watch?.close();
    await this.dataPlane.stop();
    await this.ports.close();
  }

  private async run(): Promise<void> {
    const { dataPlane, ports } = this;
    dataPlane.on('stations', (events, lost) => this.noteStations(events, lost));
    dataPlane.on('gone', (port) => ports.lookAtId(port));
    dataPlane.on('capture', (id) => this.captures.get(id)?.wake());
    dataPlane.on('captureComplete', (id, counts) => this.captures.get(id)?.complete(counts));
    dataPlane.on('ringRefused', (why) => this.journal.note('io-uring-refused', { why }));
    dataPlane.on('claimed', (address) => {
      this.journal.note('address-claimed', { address });
      this.decided(address);
    });
    dataPlane.on('conflict', ({ address, mac, port, outcome }) => {
      const fields = { address, mac, port: ports.labelOf(port), outcome };
      this.journal.note('address-conflict', fields);
      this.decided(address);
    });
    dataPlane.on('neighbour', ({ kind, port, ...news }) => {
      this.journal.note(`neighbour-${kind}`, { ...news, port: ports.labelOf(port) });
    });
    dataPlane.on('refused', ({ reason, port, mac, address, untoldCount }) => {
      const { name, advice } = REFUSAL_REASONS[reason] as (typeof REFUSAL_REASONS)[number];
      this.journal.note('inspection-refused', {
        reason: name,
        ...(address !== undefined && { address }),
        mac,
        port: ports.labelOf(port),
        advice,
        untold: untoldCount,
      });
    });
    dataPlane.on('failed', (error) => this.emit('failed', error));
    const { ports: specs, neighbours } = this.current;
    this.watch = new PortWatch(ports);
    for (const spec of specs) ports.open(spec);
    // Before the first frame, which inspection may have to judge.
    await this.setNeighbours(neighbours);
    await Promise.all(ports.all.map((port) => ports.plugIn(port)));
    this.watch.start();
    await this.claimAddresses();
  }

  private async claimAddresses(): Promise<void> {
    const decided = new Promise<void>((resolve) => {
      this.allDecided = resolve;
    });
    const { addresses } = this.config;
    for (const { address } of addresses) this.undecided.add(address);
    for (const cidr of addresses) {
      await this.dataPlane.order({ kind: 'add-address', ...wireOf(cidr) });
    }
    if (this.undecided.size > 0) await decided;
  }

  private decided(address: string): void {
    this.undecided.delete(address);
    if (this.undecided.size === 0) this.allDecided?.();
  }

  private noteStations(events: readonly BridgeEvent[], lost: number): void {
    const { journal, ports } = this;
    const bootedMs = Date.now() - monotonicMs();
    for (const { event, mac, port, fromPort, atMs } of events) {
      const from = fromPort < 0 ? {} : { from: ports.labelOf(fromPort) };
      journal.note(event, { mac, port: ports.labelOf(port), ...from }, bootedMs + atMs);
    }
    if (lost > 0) journal.note('stations-lost', { lost });
  }
}

/** The clock of the data plane. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
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
