/**
 * Messages between the main thread and the data-plane worker. A command carries a number, and one `done`
 * with the same number answers it. Commands are carried out in the order in which they were given, but
 * `copy-fdb` may be answered after later commands, because the copy is taken piece by piece between bursts.
 */

import type { FilterProgram } from '../capture/filter-program';
import type { CaptureSetup, InterfaceCounts } from '../capture/capture-writer';
import type { ListedAddress } from '../hosts/own-addresses';
import type { MacWords } from '../wire/mac';
import type { PortStateWord } from '../frame/port-control';
import type { BridgePortSettings } from '../l2/port-table';
import type { ImpairmentCounts } from '../impair/impairment';
import type { ImpairmentSettings } from '../impair/settings';
import type { MirrorCounts, MirrorSettings } from '../l2/mirrors';
import type { BridgeSettings } from '../l2/settings';
import type { ContextState } from '../mcast/contexts';
import type { GroupEntry, GroupFilter } from '../mcast/static-groups';
import type { GroupOrder } from './group-orders';
import type { HookState } from '../hooks/loaded-hook';
import type { KnownHost } from '../hosts/known-hosts';
import type { Lease } from '../hosts/leases';
import type { NeighbourOptions } from '../hosts/neighbours';
import type { TreeState } from '../stp/tree-state';
import type { FRAMINGS, KINDS } from '../native/constants';
import type { MessagePort } from 'node:worker_threads';
import type { PortTrouble } from './native-io';
import type { News, PackedNews } from './news';

/** First message to the worker. */
export interface WorkerSetup {
  readonly commands: MessagePort;
  readonly doorbellFd: number;
  readonly counterMemory: SharedArrayBuffer;
  readonly burstSizeMemory: SharedArrayBuffer;
  readonly fdbTotalsMemory: SharedArrayBuffer;
  /** Memory of the mark of hooks. */
  readonly hookMarkMemory: SharedArrayBuffer;
  /** Number under which the lane can be interrupted: no other lane of the process has it. */
  readonly key: number;
  readonly bridge: BridgeSetup;
  readonly settings: LaneSettings;
  /** Whether to use io_uring if the kernel has it. */
  readonly wantsIoUring: boolean;
}

/** Settings that can change while the lane runs. The first message has all of them. */
export interface LaneSettings extends BridgeSettings {
  /** Microseconds for which the lane spins before it blocks; 0: never. */
  readonly busyPollMicros: number;
}

/** Settings that never change while the bridge runs. */
export interface BridgeSetup {
  readonly mac: MacWords;
  readonly fdbMax: number;
  readonly fdbMaxPerPort: number;
  readonly fdbEviction: 'fair' | 'none';
  readonly reserved: 'br0' | 'strict';
  readonly maxPorts: number;
  readonly seed: number;
  readonly neighbours: NeighbourOptions;
}

/** Descriptor of a port, and how frames pass through it. */
export interface PortTransport {
  readonly fd: number;
  /**
   * Kind of descriptor. `device`: a TAP. `stream`: a stream socket, where its length precedes each frame.
   * `datagram`: a connected datagram socket, with one frame per datagram. `ring`: a doorbell, and frames in memory
   * that the other side shares.
   */
  readonly kind: keyof typeof KINDS;
  /** Framing. `vnet`: a virtio_net_hdr precedes each frame. The length in a stream includes it. */
  readonly framing: keyof typeof FRAMINGS;
  /** Size of the length before each frame of a stream, in bytes; 4 by default. Network byte order. */
  readonly lengthBytes?: 2 | 4;
  /** Only of a `ring`. A block is a frame behind its length, which is a little-endian word. */
  readonly rings?: RingTransport;
}

/** Rings of a port: see `src/frame/ring.ts`. */
export interface RingTransport {
  /** Frames that the port receives. */
  readonly incoming: SharedArrayBuffer;
  readonly outgoing: SharedArrayBuffer;
  /** Doorbell of the other side. */
  readonly peerBellFd: number;
}

export type Command =
  | {
      readonly kind: 'add-port';
      readonly port: number;
      /** Absent for a port without a transport. Such a port is down. */
      readonly transport?: PortTransport;
      readonly settings: BridgePortSettings;
    }
  | { readonly kind: 'remove-port'; readonly port: number }
  /** Closes a lost transport. The port stays, but is down. */
  | { readonly kind: 'detach-port'; readonly port: number }
  /** Gives the port a new transport, and settings at the same time: no frame of it meets a port that is down. */
  | {
      readonly kind: 'attach-port';
      readonly port: number;
      readonly transport: PortTransport;
      readonly settings: Partial<BridgePortSettings>;
    }
  /** Changes settings of a port. Settings that are left out stay as they are. */
  | {
      readonly kind: 'set-port';
      readonly port: number;
      readonly settings: Partial<BridgePortSettings>;
    }
  /** Adds an own address of 4 or 16 bytes, in wire order. */
  | {
      readonly kind: 'add-address';
      readonly bytes: Uint8Array;
      readonly prefixBits: number;
      readonly vlan: number;
    }
  | { readonly kind: 'remove-address'; readonly bytes: Uint8Array; readonly vlan: number }
  | { readonly kind: 'list-addresses' }
  | { readonly kind: 'list-neighbours'; readonly family: 4 | 6; readonly from: number }
  /** Lists the bindings that inspection takes from a DHCP server. */
  | { readonly kind: 'list-leases'; readonly from: number }
  | {
      readonly kind: 'add-neighbour';
      readonly bytes: Uint8Array;
      readonly vlan: number;
      readonly mac: MacWords;
      /** Port id, or `ANY_PORT`. */
      readonly port: number;
    }
  | { readonly kind: 'remove-neighbour'; readonly bytes: Uint8Array; readonly vlan: number }
  /** Forgets the learned bindings of one port, or of all. */
  | { readonly kind: 'flush-neighbours'; readonly port?: number; readonly vlan?: number }
  /** Adds entries of the group table, all or none. */
  | { readonly kind: 'add-groups'; readonly groups: readonly GroupOrder[] }
  | { readonly kind: 'remove-group'; readonly group: Omit<GroupOrder, 'isPermanent'> }
  /** Removes each entry of the group table that matches. */
  | { readonly kind: 'flush-groups'; readonly filter: GroupFilter }
  | { readonly kind: 'list-groups'; readonly from: number }
  /** Lists what is known of queriers and multicast routers. */
  | { readonly kind: 'list-routers' }
  | { readonly kind: 'count-groups' }
  | { readonly kind: 'count-groups-in-vlans'; readonly port: number }
  /** Asks for the state of the spanning tree. */
  | { readonly kind: 'tree-state' }
  /** Asks for the state of every port. */
  | { readonly kind: 'port-states' }
  /** Changes settings of the lane. Settings that are left out stay as they are. */
  | { readonly kind: 'configure'; readonly settings: Partial<LaneSettings> }
  | {
      readonly kind: 'add-station';
      readonly station: Station;
      readonly port: number;
      /** Whether the entry is static and never ages. Otherwise it is sticky and ages. Neither moves. */
      readonly isStatic: boolean;
    }
  | { readonly kind: 'remove-station'; readonly station: Station }
  /** Forgets the learned stations of one port and one VLAN, or of all. */
  | { readonly kind: 'flush-stations'; readonly port?: number; readonly vlan?: number }
  /** Adds a mirror, or replaces the one of the same name. */
  | { readonly kind: 'add-mirror'; readonly mirror: MirrorOrder }
  | { readonly kind: 'remove-mirror'; readonly name: string }
  | { readonly kind: 'list-mirrors' }
  /** Adds an impairment, or replaces the one of the same name. */
  | { readonly kind: 'add-impairment'; readonly impairment: ImpairmentOrder }
  | { readonly kind: 'remove-impairment'; readonly name: string }
  | { readonly kind: 'list-impairments' }
  /** Loads a hook from the text of its file, in place of the one of the same name. */
  | {
      readonly kind: 'add-hook';
      readonly name: string;
      readonly file: string;
      readonly source: string;
    }
  | { readonly kind: 'remove-hook'; readonly name: string }
  | { readonly kind: 'list-hooks' }
  /** Updates the counters with the result of the last sending, which otherwise comes with the next burst. */
  | { readonly kind: 'settle' }
  /** Starts a capture. `capture-ready` reports blocks in the capture ring, `capture-complete` the end. */
  | { readonly kind: 'start-capture'; readonly capture: number; readonly setup: CaptureSetup }
  | { readonly kind: 'stop-capture'; readonly capture: number }
  /** Copies the FDB. The answer is several `fdb-piece` reports, then `done`. */
  | { readonly kind: 'copy-fdb' }
  /** Begins to warm the frame path, a step between two bursts. The answer comes before the first step. */
  | { readonly kind: 'warm-up' }
  | { readonly kind: 'stop' };

/** A mirror as plain data. */
export interface MirrorOrder extends Omit<MirrorSettings, 'accepts'> {
  readonly filter?: FilterProgram;
}

/** An impairment as plain data. */
export interface ImpairmentOrder extends Omit<ImpairmentSettings, 'accepts'> {
  readonly filter?: FilterProgram;
}

/** Key of the forwarding database. */
export interface Station extends MacWords {
  readonly vlan: number;
}

export interface GroupCounts {
  /** Number of groups in the table, in all VLANs. */
  readonly groups: number;
  /** Port → number of groups that it has joined; absent for none. */
  readonly ports: ReadonlyMap<number, number>;
}

/** Answers to the commands that have one. */
interface Answers {
  /** Whether the address is new. */
  readonly 'add-address': boolean;
  /** Whether there was such an address. */
  readonly 'remove-address': boolean;
  readonly 'list-addresses': OwnAddressState[];
  readonly 'list-neighbours': Piece<KnownHost>;
  readonly 'list-leases': Piece<Lease>;
  /** Whether the table had room for the binding. */
  readonly 'add-neighbour': boolean;
  /** Whether there was such a binding. */
  readonly 'remove-neighbour': boolean;
  /** Reason why all entries are refused. */
  readonly 'add-groups': string | undefined;
  /** Whether there was such an entry. */
  readonly 'remove-group': boolean;
  /** Number of removed entries. */
  readonly 'flush-groups': number;
  readonly 'list-groups': Piece<GroupEntry>;
  readonly 'list-routers': ContextState[];
  readonly 'count-groups': GroupCounts;
  /** VLAN → number of groups that the port has joined there. */
  readonly 'count-groups-in-vlans': Map<number, number>;
  /** Number of forgotten bindings. */
  readonly 'flush-neighbours': number;
  /** Whether the table had room for the entry. */
  readonly 'add-station': boolean;
  /** Whether there was such an entry. */
  readonly 'remove-station': boolean;
  /** Number of forgotten stations. */
  readonly 'flush-stations': number;
  /** Whether there was room for the mirror. */
  readonly 'add-mirror': boolean;
  /** Whether there was such a mirror. */
  readonly 'remove-mirror': boolean;
  readonly 'list-mirrors': MirrorCounts[];
  /** Whether there was room for the impairment. */
  readonly 'add-impairment': boolean;
  /** Whether there was such an impairment. */
  readonly 'remove-impairment': boolean;
  readonly 'list-impairments': ImpairmentCounts[];
  /** Number of the hook, as the mark of hooks has it. */
  readonly 'add-hook': number;
  /** Whether there was such a hook. */
  readonly 'remove-hook': boolean;
  readonly 'list-hooks': HookState[];
  readonly 'copy-fdb': FdbCopied;
  /** `undefined` while STP is off. */
  readonly 'tree-state': TreeState | undefined;
  /** Port id → state. */
  readonly 'port-states': ReadonlyMap<number, PortStateWord>;
}

export type AnswerTo<C extends Command> = C['kind'] extends keyof Answers
  ? Answers[C['kind']]
  : undefined;

/** Part of a table. */
export interface Piece<Row> {
  readonly rows: Row[];
  /** Start of the next part; absent in the last one. */
  readonly next?: number;
}

export type CommandOf<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

export interface Order {
  readonly id: number;
  readonly command: Command;
}

export type OwnAddressState = ListedAddress;

export type Report =
  | {
      readonly kind: 'done';
      readonly id: number;
      /** Reason why the command was refused. */
      readonly failure?: string;
      readonly result?: unknown;
    }
  /** News for the journal. */
  | { readonly kind: 'news'; readonly news: News | PackedNews }
  | { readonly kind: 'capture-ready'; readonly capture: number }
  /** The capture has as many frames as were asked for. */
  | {
      readonly kind: 'capture-complete';
      readonly capture: number;
      readonly counts: readonly InterfaceCounts[];
    }
  /** Kernel id of the data plane's thread. */
  | { readonly kind: 'thread'; readonly id: number }
  /** A port had trouble. A port that has ended is down now. */
  | { readonly kind: 'port-trouble'; readonly trouble: PortTrouble }
  | { readonly kind: 'fdb-piece'; readonly id: number; readonly words: Int32Array<ArrayBuffer> };

/** Answer to `copy-fdb`. */
export interface FdbCopied {
  /** Present time in ticks, from which the ages of the entries count. */
  readonly nowTicks: number;
  /** Age from which an entry that is not static has expired. */
  readonly ageingMs: number;
}
