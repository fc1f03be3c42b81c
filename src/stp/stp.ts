/**
 * The STP room: it brings the spanning tree of the bridge together with frames, ports and the time.
 *
 * The tree itself (`spanning-tree.ts`) is pure. The room hands it BPDUs and links, and a tick every second. It
 * carries out what the tree decides through `PortControl`, and sends its BPDUs to the link whatever the state of
 * the port is. While STP is off, the room wants no frames and every port forwards.
 *
 * A change of a port or of settings comes without an outbox. The BPDUs that follow from it wait for the next
 * tick, which is due at once.
 */

import type { Outbox } from '../frame/outbox';
import type { PortControl } from '../frame/port-control';
import type { Room, RoomSink, Wants } from '../frame/room';
import { CONSUMED, type Verdict, dropBecause } from '../frame/verdict';
import {
  BPDU_FRAME_BYTES,
  type Bpdu,
  BpduCheck,
  BpduGroup,
  newBpdu,
  readBpdu,
  writeBpdu,
} from '../wire/bpdu';
import type { MacWords } from '../wire/mac';
import { i32At } from '../wire/read';
import { StpCounter, StpDrop } from './counters';
import type { StpNews } from './news';
import { Reception, SpanningTree, type TreeActions, type TreeSettings } from './spanning-tree';
import { DEFAULT_PORT_PRIORITY, defaultPathCost, type TreePortSettings } from './tree-port';
import { type TreeState, rootId, stateWord, treeState } from './tree-state';

/** Settings of the bridge, under the names of the configuration. Times are in seconds. */
export interface StpSettings {
  /** Protocol of the spanning tree. */
  readonly stp: 'off' | 'stp' | 'rstp';
  /** Priority of the switch in the spanning tree, a multiple of 4096; the smallest becomes the root. */
  readonly stpPriority: number;
  /** Seconds from one BPDU to the next. */
  readonly stpHello: number;
  /** Seconds after which what the root said is forgotten. */
  readonly stpMaxAge: number;
  /** Seconds for which a port listens, and for which it learns, with STP. */
  readonly stpForwardDelay: number;
  /** Sort of bridge: a provider bridge (802.1ad) has BPDUs of its own, and customers' BPDUs are data. */
  readonly vlanProtocol: '802.1Q' | '802.1ad';
}

/** Settings of a port, under the names of the bridge. */
export interface StpPortSettings {
  /** Cost of the path, or 0 for the default. */
  readonly stpCost: number;
  readonly stpPortPriority: number;
  /** Speed of the link, Mb/s, from which the default cost follows; 0 if it is unknown. */
  readonly linkSpeedMbps: number;
  /** Whether the port is an edge; `auto`: the port finds out. */
  readonly stpEdge: 'auto' | 'on' | 'off';
  readonly bpduGuard: boolean;
  readonly bpduFilter: boolean;
  readonly rootGuard: boolean;
}

export interface StpOptions {
  /** The switch's own MAC, from which BPDUs come. */
  readonly mac: MacWords;
  readonly ports: PortControl;
  readonly counters: RoomSink;
  readonly news: (news: StpNews) => void;
}

interface KnownPort {
  isUp: boolean;
  settings: StpPortSettings;
}

const DEFAULT_SETTINGS: StpSettings = {
  ...{ stp: 'off', stpPriority: 32_768, stpHello: 2, stpMaxAge: 20, stpForwardDelay: 15 },
  vlanProtocol: '802.1Q',
};

const DEFAULT_PORT: StpPortSettings = {
  ...{ stpCost: 0, stpPortPriority: DEFAULT_PORT_PRIORITY, linkSpeedMbps: 0, stpEdge: 'auto' },
  ...{ bpduGuard: false, bpduFilter: false, rootGuard: false },
};

const PORT_SETTINGS = Object.keys(DEFAULT_PORT) as (keyof StpPortSettings)[];

const SECOND_MS = 1_000;
/** Seconds that the tree catches up at most, after the thread has stood still. */
const CATCH_UP_SECONDS = 3;

const NOTHING: Wants = {};

const DROP_OF: Readonly<Partial<Record<Reception, number>>> = {
  [Reception.Filtered]: StpDrop.Filtered,
  [Reception.Own]: StpDrop.Own,
  [Reception.Guarded]: StpDrop.Guarded,
};

export class Stp implements Room {
  private readonly known = new Map<number, KnownPort>();
  private settings = DEFAULT_SETTINGS;
  private tree: SpanningTree | undefined;
  /** Outbox of the call that is under way. */
  private outbox: Outbox | undefined;
  /** BPDUs that wait for an outbox. */
  private readonly waiting: { readonly port: number; readonly bpdu: Bpdu }[] = [];
  /** Time at which the next second of the tree begins; `undefined` before its first tick. */
  private nextSecondMs: number | undefined;
  private readonly changed = new Set<number>();
  private hasOtherRoot = false;
  private hasTopologyChanged = false;
  private readonly bpdu = newBpdu();

  constructor(private readonly options: StpOptions) {}

  get wants(): Wants {
    return this.tree === undefined ? NOTHING : { reserved: 1 << this.group };
  }

  /** Last byte of the address of BPDUs. */
  get group(): number {
    const isProvider = this.settings.vlanProtocol === '802.1ad';
    return isProvider ? BpduGroup.Provider : BpduGroup.Customer;
  }

  get isOn(): boolean {
    return this.tree !== undefined;
  }

  get dueMs(): number {
    if (this.tree === undefined) return Infinity;
    return this.waiting.length > 0 ? 0 : (this.nextSecondMs ?? 0);
  }

  /** State of the tree; `undefined` while STP is off. */
  get state(): TreeState | undefined {
    return this.tree === undefined ? undefined : treeState(this.tree);
  }

  /** Events whose machines did not come to rest. It stays 0. */
  get endlessCount(): number {
    return this.tree?.endlessCount ?? 0;
  }

  // Settings ------------------------------------------------------------------------------------

  /** Takes settings while frames flow. What is left out stays as it is. */
  configure(given: Partial<StpSettings>): void {
    const before = this.settings;
    const whole = { ...before, ...given };
    const { stp, stpPriority, stpHello, stpMaxAge, stpForwardDelay, vlanProtocol } = whole;
    this.settings = { stp, stpPriority, stpHello, stpMaxAge, stpForwardDelay, vlanProtocol };
    if (stp === 'off') return this.stop();
    const settings: TreeSettings = {
      ...{ protocol: stp, priority: stpPriority, helloTime: stpHello },
      ...{ maxAge: stpMaxAge, forwardDelay: stpForwardDelay },
    };
    if (this.tree !== undefined) return this.tree.configure(settings);
    this.start(settings);
  }

  /**
   * Takes settings of a port, also before the port has a link. What is left out stays as it is. BPDU guard opens a port
   * that it has shut when it is given, also with the value that it has.
   */
  configurePort(port: number, given: Partial<StpPortSettings>): void {
    const known = this.portOf(port);
    const isGiven = PORT_SETTINGS.some((name) => given[name] !== undefined);
    if (!isGiven) return;
    const own = PORT_SETTINGS.filter((name) => given[name] !== undefined);
    const values = Object.fromEntries(own.map((name) => [name, given[name]]));
    known.settings = { ...known.settings, ...values };
    this.tree?.configurePort(port, treeSettings(port, known.settings));
    if (given.bpduGuard !== undefined) this.tree?.openPort(port);
  }

  private start(settings: TreeSettings): void {
    this.tree = new SpanningTree(settings, addressOf(this.options.mac), this.actions);
    for (const [port, known] of this.known) {
      this.tree.addPort(port, treeSettings(port, known.settings));
    }
    const up = [...this.known].filter(([, { isUp }]) => isUp).map(([port]) => port);
    this.tree.setLinks(up, true);
  }

  private stop(): void {
    if (this.tree === undefined) return;
    this.tree = undefined;
    this.nextSecondMs = undefined;
    this.waiting.length = 0;
    this.changed.clear();
    this.options.ports.limitAgeing(Infinity);
    for (const port of this.known.keys()) this.options.ports.setState(port, 'forwarding');
  }

  // Frames and time -----------------------------------------------------------------------------

  /** Takes a frame to the address of STP. Its length is checked for the MAC header only. */
  receive(frame: number, outbox: Outbox): Verdict {
    const { tree, bpdu } = this;
    if (tree === undefined) return dropBecause(StpDrop.Invalid);
    const { burst } = outbox;
    const at = i32At(burst.offset, frame);
    const check = readBpdu(burst.u8, at, i32At(burst.length, frame), tree.rstpVersion, bpdu);
    if (check !== BpduCheck.Ok) return dropBecause(StpDrop.Invalid);
    const port = i32At(burst.ingress, frame);
    this.outbox = outbox;
    const reason = DROP_OF[tree.receive(port, bpdu)];
    this.outbox = undefined;
    if (reason !== undefined) return dropBecause(reason);
    this.options.counters.count(StpCounter.Received, port);
    outbox.reporter?.step('a BPDU: the spanning tree takes it, and it goes no further');
    return CONSUMED;
  }

  tick(nowMs: number, outbox: Outbox): void {
    const { tree } = this;
    if (tree === undefined) return;
    this.outbox = outbox;
    for (const { port, bpdu } of this.waiting.splice(0)) this.send(port, bpdu, outbox);
    let next = this.nextSecondMs ?? nowMs + SECOND_MS;
    if (nowMs - next > CATCH_UP_SECONDS * SECOND_MS) next = nowMs;
    while (nowMs >= next) {
      tree.tick();
      this.tell(tree);
      next += SECOND_MS;
    }
    this.nextSecondMs = next;
    this.outbox = undefined;
  }

  // Ports ---------------------------------------------------------------------------------------

  portChanged(port: number, isUp: boolean): void {
    const known = this.portOf(port);
    known.isUp = isUp;
    this.tree?.setLink(port, isUp);
  }

  portRemoved(port: number): void {
    this.known.delete(port);
    this.changed.delete(port);
    this.tree?.removePort(port);
  }

  /** Has a port find out again whether its neighbour knows RSTP. */
  checkMigration(port: number): void {
    this.tree?.checkMigration(port);
  }

  private portOf(port: number): KnownPort {
    let known = this.known.get(port);
    if (known === undefined) {
      known = { isUp: false, settings: DEFAULT_PORT };
      this.known.set(port, known);
      this.tree?.addPort(port, treeSettings(port, known.settings));
    }
    return known;
  }

  // What the tree decides -----------------------------------------------------------------------

  private readonly actions: TreeActions = {
    setState: (port, state) => {
      this.changed.add(port);
      this.options.ports.setState(port, state);
    },
    roleChanged: (port) => void this.changed.add(port),
    flush: (port) => this.options.ports.forgetStations(port),
    topologyChangeIs: (isOn, forwardDelay) =>
      this.options.ports.limitAgeing(isOn ? forwardDelay * SECOND_MS : Infinity),
    rootChanged: () => (this.hasOtherRoot = true),
    topologyChanged: () => {
      this.hasTopologyChanged = true;
      this.options.ports.topologyChanged();
    },
    shut: (port) => this.options.news({ event: 'stp-guarded', port }),
    transmit: (port, bpdu) => {
      if (this.outbox === undefined) this.waiting.push({ port, bpdu: { ...bpdu } });
      else this.send(port, bpdu, this.outbox);
    },
  };

  private send(port: number, bpdu: Bpdu, outbox: Outbox): void {
    const frame = outbox.make(BPDU_FRAME_BYTES);
    const { u8, u16, offset } = outbox.burst;
    const { hi16, lo32 } = this.options.mac;
    writeBpdu(u8, u16, i32At(offset, frame), this.group, hi16, lo32, bpdu);
    outbox.toLink(frame, port);
    this.options.counters.count(StpCounter.Sent, port);
  }

  /** Tells what changed in the last second. */
  private tell(tree: SpanningTree): void {
    const { news } = this.options;
    if (this.hasOtherRoot) {
      const port = tree.rootPort?.id;
      news({
        event: 'stp-root',
        root: rootId(tree.rootPriority),
        ...(port !== undefined && { port }),
      });
    }
    for (const id of this.changed) {
      const port = tree.port(id);
      if (port === undefined) continue;
      news({ event: 'stp-port', port: id, role: port.role, state: stateWord(port, tree) });
    }
    const noticed = tree.topologyChangePort;
    if (this.hasTopologyChanged && noticed !== undefined) {
      news({ event: 'stp-topology-change', port: noticed });
    }
    this.hasOtherRoot = this.hasTopologyChanged = false;
    this.changed.clear();
  }
}

/** Number of a port in the tree: ids begin with 0, numbers with 1. */
function treeSettings(port: number, settings: StpPortSettings): TreePortSettings {
  const { stpCost, stpPortPriority, linkSpeedMbps, stpEdge, bpduGuard, bpduFilter, rootGuard } =
    settings;
  return {
    number: port + 1,
    priority: stpPortPriority,
    cost: stpCost === 0 ? defaultPathCost(linkSpeedMbps) : stpCost,
    adminEdge: stpEdge === 'on',
    autoEdge: stpEdge === 'auto',
    pointToPoint: true,
    ...{ bpduGuard, bpduFilter, rootGuard, tcnGuard: false },
  };
}

/** The MAC as a 48-bit number in network order. */
function addressOf({ hi16, lo32 }: MacWords): number {
  const bytes = [hi16, hi16 >>> 8, lo32, lo32 >>> 8, lo32 >>> 16, lo32 >>> 24];
  return bytes.reduce((number, byte) => number * 256 + (byte & 0xff), 0);
}
