/**
 * Parts of a bridge: makes them from the options and connects them. Each part gets those that it uses.
 */

import { Burst } from '../frame/burst';
import type { PortControl } from '../frame/port-control';
import type { MacWords } from '../wire/mac';
import { Admission } from './admission';
import { Ageing } from './ageing';
import { Counter, Counters } from './counters';
import { Egress } from './egress';
import { EventLog } from './event-log';
import { FastPorts } from './fast/fast-ports';
import { Fdb } from './fdb/table';
import { Flooding } from './flooding';
import { Learning } from './learning';
import { Mirrors } from './mirrors';
import type { BridgeOptions } from './options';
import { Output } from './output';
import { OwnSource } from './own-source';
import { PortManager } from './port-manager';
import { PortSecurity } from './port-security';
import { PortTable } from './port-table';
import { ReservedGroups } from './reserved-groups';
import { ROOM_LIST, type RoomNews } from './room-list';
import { Rooms } from './rooms';
import { Stations } from './stations';
import { StormControl } from './storm';
import { VlanEgress } from './vlan-egress';
import { VlanFiltering } from './vlan-filtering';
import { VlanIngress } from './vlan-ingress';
import { VlanTable } from './vlan-table';

const DEFAULT_AGEING_MS = 300_000;
const DEFAULT_FDB_MAX = 65_536;
const DEFAULT_MAX_PORTS = 1_024;
/** VID of untagged frames by default, as on a Linux bridge. */
const DEFAULT_PVID = 1;
/** 02:00:00:00:00:00: MAC of a bridge in a test that needs none. */
const DEFAULT_MAC: MacWords = { hi16: 0x0002, lo32: 0 };

export class BridgeParts {
  readonly maxPorts: number;
  readonly mac: MacWords;
  readonly news: (news: RoomNews) => void;
  // Tables.
  readonly burst: Burst;
  readonly ports: PortTable;
  readonly vlans: VlanTable;
  readonly counters: Counters;
  readonly events = new EventLog();
  readonly fdb: Fdb;
  readonly mirrors = new Mirrors();
  readonly storm: StormControl;
  readonly security: PortSecurity;
  // Steps of the trip.
  readonly vlanIngress: VlanIngress;
  readonly vlanEgress: VlanEgress;
  readonly egress: Egress;
  readonly output: Output;
  readonly rooms: Rooms;
  readonly learning: Learning;
  readonly admission: Admission;
  readonly ownSource: OwnSource;
  readonly reservedGroups: ReservedGroups;
  readonly flooding: Flooding;
  // What the control plane changes.
  readonly ageing: Ageing;
  readonly stations: Stations;
  readonly fastPorts: FastPorts;
  readonly vlanFiltering: VlanFiltering;
  readonly portManager: PortManager;

  constructor(options: BridgeOptions) {
    const { maxPorts = DEFAULT_MAX_PORTS, fdbMaxPerPort = Infinity } = options;
    this.maxPorts = maxPorts;
    // A copy: V8 would compile anew for an object that came from another thread.
    const { hi16, lo32 } = options.mac ?? DEFAULT_MAC;
    this.mac = { hi16, lo32 };
    this.news = options.news ?? ((): void => undefined);
    this.burst = new Burst(options.burst);
    this.ports = new PortTable(maxPorts);
    this.vlans = new VlanTable(maxPorts, DEFAULT_PVID);
    const roomList = { ...ROOM_LIST, ...options.extraRooms };
    this.counters = new Counters(maxPorts, options.counterMemory, roomList);
    this.fdb = new Fdb({
      ageingMs: options.ageingMs ?? DEFAULT_AGEING_MS,
      maxDynamic: options.fdbMax ?? DEFAULT_FDB_MAX,
      maxDynamicPerPort: fdbMaxPerPort,
      evicts: options.fdbEviction !== 'none',
      maxPorts,
      seed: options.seed ?? 0,
      ...(options.fdbTotalsMemory !== undefined && { totalsMemory: options.fdbTotalsMemory }),
    });
    this.storm = new StormControl(maxPorts);
    this.security = new PortSecurity(this.fdb, fdbMaxPerPort, maxPorts);

    this.vlanIngress = new VlanIngress(this.burst, this.vlans, this.mac);
    this.vlanEgress = new VlanEgress(this.burst, this.ports, this.vlans);
    this.egress = new Egress(this.burst, this.ports, this.vlans);
    this.output = new Output(this);
    this.rooms = this.makeRooms(options);
    this.learning = new Learning(this);
    this.admission = new Admission(this, (port) => this.portManager.setShut(port, true));
    this.ownSource = new OwnSource(this);
    this.reservedGroups = new ReservedGroups(this, options.reserved !== 'strict');
    this.flooding = new Flooding(this);

    this.ageing = new Ageing(this);
    this.stations = new Stations(this);
    this.fastPorts = new FastPorts(this);
    this.vlanFiltering = new VlanFiltering(this);
    this.portManager = new PortManager(this);
  }

  private makeRooms(options: BridgeOptions): Rooms {
    const { burst, counters, fdb, mac, maxPorts, ports, vlans } = this;
    const surroundings = {
      burst,
      mac,
      counters,
      topology: {
        portOf: (hi16: number, lo32: number, vlan: number) =>
          fdb.peek(hi16, lo32, vlan, burst.nowTicks),
        joins: (ingress: number, egress: number, vlan: number) =>
          ports.forwards(ingress) &&
          ports.forwards(egress) &&
          (!vlans.isFiltering || vlans.isMember(egress, vlan)) &&
          !ports.areApart(ingress, egress),
        placementOf: (hi16: number, lo32: number, vlan: number) =>
          fdb.placementOf(hi16, lo32, vlan),
        audience: () => ports.beganCount,
        requestListeners: () => ports.requestListeners,
      },
      ports: this.portControl(),
      portName: (port: number) => ports.name(port),
      traffic: {
        frames: (port: number) => counters.get(port, Counter.RxFrames),
        hasStation: (port: number) =>
          fdb.dynamicCountOn(port) > 0 || this.stations.isPlacedOn(port),
      },
      maxPorts,
      seed: options.seed ?? 0,
    };
    return new Rooms(options, surroundings);
  }

  /** What rooms may do to ports. The port manager is made after the rooms. */
  private portControl(): PortControl {
    return {
      setState: (port, state) => this.portManager.setState(port, state),
      forgetStations: (port) => this.portManager.forgetStations(port),
      topologyChanged: () => this.portManager.topologyChanged(),
      limitAgeing: (limitMs) => this.portManager.limitAgeing(limitMs),
    };
  }
}
