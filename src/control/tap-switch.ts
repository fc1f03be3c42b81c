/**
 * The control plane of one switch: opens the ports, starts the data plane, and keeps the two in
 * step while the world changes under them. No frame comes through here.
 */

import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import type { CaptureStream } from '../capture/capture-stream';
import type { Cidr } from '../config/values/cidr';
import { lookUpLogin } from '../system/accounts';
import { descriptorsExhausted } from '../system/descriptors';
import type { HostAddress } from '../config/values/host-address';
import type { Logger } from '../journal/logger';
import { portLabel } from '../config/values/port-spec';
import type { SwitchConfig } from '../config/schema';
import type { StaticNeighbour } from '../config/values/static-neighbour';
import type { StaticStation } from '../config/values/static-station';
import type { BurstClass } from '../dataplane/burst-sizes';
import { DataPlane } from '../dataplane/data-plane';
import type { OwnAddressState, Piece } from '../dataplane/messages';
import type { News } from '../dataplane/news';
import type { FdbEntry } from '../l2/fdb/entry';
import { type MacWords, parseMac } from '../wire/mac';
import { native } from '../native/native';
import type { KnownHost } from '../hosts/known-hosts';
import { Journal } from '../journal/journal';
import { noteNews } from '../journal/lane-news';
import { MAX_PORTS, PortSet } from '../ports/port-set';
import { PortWatch } from '../ports/port-watch';
import { RequestError } from '../system/request-error';
import type { Port } from '../ports/port';
import { PORT_KINDS, type PortKinds } from '../ports/kinds';
import { refuseSameInterface, refuseUnknownValues } from '../ports/refuse-port';
import { type CaptureRequest, RunningCaptures } from './captures';
import { laneSettings } from './lane-settings';
import { OwnAddressList } from './own-addresses';
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

export class TapSwitch extends EventEmitter<TapSwitchEvents> {
  readonly mac: MacWords;
  readonly ports: PortSet;
  readonly journal: Journal;
  private readonly staticNeighbours: StaticEntries<StaticNeighbour>;
  private readonly staticStations: StaticEntries<StaticStation>;
  private readonly dataPlane: DataPlane;
  private watch: PortWatch | undefined;
  private readonly addresses: OwnAddressList;
  private readonly captures: RunningCaptures;
  private readonly changes = new Serial(CHANGES_MAX);

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
    const login = config.user === undefined ? undefined : lookUpLogin(config.user);
    this.ports = new PortSet(kinds, this.dataPlane, this.journal, config.offload, login);
    this.staticNeighbours = staticNeighbours(this.ports, this.dataPlane);
    this.staticStations = staticStations(this.ports, this.dataPlane, this.mac);
    this.addresses = new OwnAddressList(this.dataPlane, config.addresses);
    this.captures = new RunningCaptures(this.dataPlane);
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
      addresses: this.addresses.all,
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
  capture(request: CaptureRequest): Promise<CaptureStream> {
    return this.captures.start(request);
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
   * @throws RequestError for the switch's own MAC, and where no further entry fits.
   */
  addStation(station: StaticStation): Promise<void> {
    return this.staticStations.add(station);
  }

  /** @throws RequestError where there is no such entry. */
  async removeStation(mac: string): Promise<void> {
    if (await this.staticStations.remove(mac)) return;
    throw new RequestError('not-found', `${mac} is not in the forwarding database`);
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
   * @throws RequestError where no further static binding fits.
   */
  addNeighbour(neighbour: StaticNeighbour): Promise<void> {
    return this.staticNeighbours.add(neighbour);
  }

  /** @throws RequestError where there is no such binding. */
  async removeNeighbour({ text }: HostAddress): Promise<void> {
    if (await this.staticNeighbours.remove(text)) return;
    throw new RequestError('not-found', `${text} is not in the neighbour table`);
  }

  /** Forgets what was learned, on one port or on all. @returns how many bindings that were */
  flushNeighbours(port?: Port): Promise<number> {
    const where = port === undefined ? {} : { port: port.id };
    return this.dataPlane.order({ kind: 'flush-neighbours', ...where });
  }

  // The switch's own addresses -------------------------------------------------------------------

  ownAddresses(): Promise<OwnAddressState[]> {
    return this.addresses.states();
  }

  /**
   * Starts to claim the address.
   * @param leavingCount how many others will be removed in the same change
   * @throws RequestError where the switch has it already, or has too many.
   */
  addAddress(cidr: Cidr, leavingCount = 0): Promise<void> {
    return this.addresses.add(cidr, leavingCount);
  }

  /** @throws RequestError where it is none of the switch's, or is with another prefix length. */
  removeAddress(cidr: Cidr): Promise<void> {
    return this.addresses.remove(cidr);
  }

  // Configuration --------------------------------------------------------------------------------

  /**
   * Makes these the static neighbours and stations, and no others.
   * @throws RequestError where a port is not there, or there are too many; the caller sets what was there
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
    this.current = { ...this.current, ...settings };
  }

  /**
   * One change of ports or configuration at a time, in the order in which they were asked for.
   * @throws RequestError where too many wait already.
   */
  change<T>(make: () => T | Promise<T>): Promise<T> {
    return this.changes.run(make);
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
    dataPlane.on('gone', (port, errno) => ports.refreshTransport(port, errno));
    dataPlane.on('failed', (error) => this.emit('failed', error));
    const { ports: specs } = this.current;
    this.watch = new PortWatch(ports);
    for (const spec of specs) ports.open(spec);
    // Before the first frame, which inspection may have to judge.
    await this.setStaticEntries(this.current);
    await Promise.all(ports.all.map((port) => ports.plugIn(port)));
    for (const port of ports.all) ports.noteOrigin(port);
    this.watch.start();
    await this.addresses.claimAll();
  }

  private take(news: News): void {
    noteNews(this.journal, news, (port) => this.ports.labelOf(port));
    const { event } = news;
    if (event === 'address-claimed' || event === 'address-conflict') {
      this.addresses.decided(news.address);
    }
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
