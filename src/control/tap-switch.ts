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
import type { HostAddress } from '../config/values/host-address';
import { parseIpAddress } from '../wire/ip-text';
import type { Logger } from '../journal/logger';
import { packageVersion } from '../system/package-version';
import { portLabel } from '../config/values/port-spec';
import type { SwitchConfig } from '../config/schema';
import type { StaticNeighbour } from '../config/values/static-neighbour';
import type { StaticStation } from '../config/values/static-station';
import type { BurstClass } from '../dataplane/burst-sizes';
import { DataPlane } from '../dataplane/data-plane';
import type { OwnAddressState, Piece } from '../dataplane/messages';
import type { News } from '../dataplane/news';
import { MAX_OWN_ADDRESSES } from '../hosts/own-addresses';
import type { FdbEntry } from '../l2/fdb/entry';
import { type MacWords, parseMac } from '../wire/mac';
import { native } from '../native/native';
import type { KnownHost } from '../hosts/known-hosts';
import { CaptureStream, epochNs } from '../capture/capture-stream';
import { Journal } from '../journal/journal';
import { noteNews } from '../journal/lane-news';
import { MAX_PORTS, PortSet } from '../ports/port-set';
import { PortWatch } from '../ports/port-watch';
import { Refusal } from '../system/refusal';
import type { Port } from '../ports/port';
import { PORT_KINDS, type PortKinds } from '../ports/kinds';
import { refuseSameInterface, refuseUnknownValues } from '../ports/refuse-port';
import { laneSettings } from './lane-settings';
import { Serial } from './serial';
import type { StaticEntries } from './static-entries';
import { staticNeighbours } from './static-neighbours';
import { staticStations } from './static-stations';
import { deriveMac, identifyMachine } from './switch-mac';
import { StartError } from '../system/start-error';
import type { TracedState } from '../l2/trace';

/** A change takes some tens of milliseconds at most: the last to wait gets its turn within a second. */
const CHANGES_MAX = 32;

interface TapSwitchEvents {
  /** The data plane died: the switch is no more. */
  failed: [error: Error];
}

/** What a configuration says of entries for good. */
export type StaticConfig = Pick<SwitchConfig, 'neighbours' | 'stations'>;

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
  private readonly staticNeighbours: StaticEntries<StaticNeighbour>;
  private readonly staticStations: StaticEntries<StaticStation>;
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
    kinds: PortKinds,
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
        fdbMax: config.fdbMax,
        fdbMaxPerPort: config.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
        reserved: config.reserved,
        maxPorts: MAX_PORTS,
        seed: randomBytes(4).readInt32LE(),
        neighbours: { maxEntries: config.neighMax },
      },
      laneSettings(config),
      config.ioUring,
      thread,
    );
    this.ports = new PortSet(kinds, this.dataPlane, this.journal, config.offload);
    this.staticNeighbours = staticNeighbours(this.ports, this.dataPlane);
    this.staticStations = staticStations(this.ports, this.dataPlane, this.mac);
  }

  /**
   * Opens every port and starts forwarding. Resolves when every address is claimed, or known to be
   * somebody else's.
   * @param thread from `startThread`, where one was started ahead
   * @param kinds the kinds of port that there are
   * @throws UsageError for users and groups that there are not, StartError when the system refuses;
   *   nothing of what was made is left then.
   */
  static async start(
    config: SwitchConfig,
    log: Logger,
    thread?: Worker,
    kinds = PORT_KINDS,
  ): Promise<TapSwitch> {
    // Before anything is opened that would stay: a TAP may be made to persist.
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
      if (error instanceof StartError) throw error;
      throw new StartError(descriptorsExhausted(error) ?? (error as Error).message);
    }
  }

  /** As it was started, with what was changed since; what became of the ports is in `ports`. */
  get config(): SwitchConfig {
    return {
      ...this.current,
      neighbours: this.staticNeighbours.list(),
      stations: this.staticStations.list(),
    };
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
    const { current } = this;
    return {
      options: { mac: this.mac, reserved: current.reserved, ...laneSettings(current) },
      ports: this.ports.all.map((port) => ({
        ...this.ports.bridgeSettings(port),
        id: port.id,
        label: port.label,
      })),
      stations,
      addresses: addresses.filter((own) => own.state === 'claimed').map(({ address }) => address),
      neighbours,
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

  /**
   * Places a station behind a port, in place of what is known of it.
   * @throws Refusal for the switch's own MAC, and where no further entry fits.
   */
  addStation(station: StaticStation): Promise<void> {
    return this.staticStations.add(station);
  }

  /** @throws Refusal where there is no such entry. */
  async removeStation(mac: string): Promise<void> {
    if (await this.staticStations.remove(mac)) return;
    throw new Refusal('not-found', `${mac} is not in the forwarding database`);
  }

  /** Forgets what was learned, on one port or on all. @returns how many entries that were */
  flushStations(port?: Port): Promise<number> {
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
  addNeighbour(neighbour: StaticNeighbour): Promise<void> {
    return this.staticNeighbours.add(neighbour);
  }

  /** @throws Refusal where there is no such binding. */
  async removeNeighbour({ text }: HostAddress): Promise<void> {
    if (await this.staticNeighbours.remove(text)) return;
    throw new Refusal('not-found', `${text} is not in the neighbour table`);
  }

  /** Forgets what was learned, on one port or on all. @returns how many bindings that were */
  flushNeighbours(port?: Port): Promise<number> {
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

  /**
   * Makes these the static neighbours and stations, and no others.
   * @throws Refusal where a port is not there, or there are too many; the caller sets what was there
   *   before again.
   */
  async setStaticEntries({ neighbours, stations }: StaticConfig): Promise<void> {
    await this.staticNeighbours.set(neighbours);
    await this.staticStations.set(stations);
  }

  /** Enters the static entries again that the data plane may have forgotten. */
  async renewStaticEntries(): Promise<void> {
    await this.staticNeighbours.renew();
    await this.staticStations.renew();
  }

  /** Has the lane take the settings of a configuration: all that it can take while it runs. */
  async configure(config: SwitchConfig): Promise<void> {
    const settings = laneSettings(config);
    await this.dataPlane.order({ kind: 'configure', settings });
    this.setConfig(settings);
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
    dataPlane.on('news', (news) => this.take(news));
    dataPlane.on('gone', (port) => ports.lookAtId(port));
    dataPlane.on('capture', (id) => this.captures.get(id)?.wake());
    dataPlane.on('captureComplete', (id, counts) => this.captures.get(id)?.complete(counts));
    dataPlane.on('failed', (error) => this.emit('failed', error));
    const { ports: specs } = this.current;
    this.watch = new PortWatch(ports);
    for (const spec of specs) ports.open(spec);
    // Before the first frame, which inspection may have to judge.
    await this.setStaticEntries(this.current);
    await Promise.all(ports.all.map((port) => ports.plugIn(port)));
    for (const port of ports.all) ports.noteOrigin(port);
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

  private take(news: News): void {
    noteNews(this.journal, news, (port) => this.ports.labelOf(port));
    const { event } = news;
    if (event === 'address-claimed' || event === 'address-conflict') this.decided(news.address);
  }
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
