/**
 * What the main thread and the data-plane worker say to each other. Commands carry a number; each
 * is answered by one `done` with the same number. The commands are carried out in the order in which they
 * were given. `copy-fdb` may be answered later than those behind it: the copy is taken between bursts.
 */

import type { CaptureSetup, InterfaceCounts } from '../capture/capture-writer';
import type { ClaimState } from '../hosts/claim';
import type { MacWords } from '../wire/mac';
import type { BridgePortSettings } from '../l2/port-table';
import type { BridgeSettings } from '../l2/settings';
import type { KnownHost } from '../hosts/known-hosts';
import type { Lease } from '../hosts/leases';
import type { NeighbourOptions } from '../hosts/neighbours';
import type { FRAMINGS, KINDS } from '../native/constants';
import type { MessagePort } from 'node:worker_threads';
import type { News, PackedNews } from './news';

/** What the worker begins with. */
export interface WorkerSetup {
  readonly commands: MessagePort;
  readonly doorbellFd: number;
  readonly counterMemory: SharedArrayBuffer;
  readonly burstSizeMemory: SharedArrayBuffer;
  readonly fdbTotalsMemory: SharedArrayBuffer;
  readonly bridge: BridgeSetup;
  readonly settings: LaneSettings;
  /** Whether to use io_uring where it can be had. */
  readonly wantsIoUring: boolean;
}

/** What the lane takes while it runs. At the start it takes all of it. */
export interface LaneSettings extends BridgeSettings {
  /** Microseconds for which the lane spins before it blocks; 0: never. */
  readonly busyPollMicros: number;
}

/** What stays as it is for as long as the bridge runs. */
export interface BridgeSetup {
  readonly mac: MacWords;
  readonly fdbMax: number;
  readonly fdbMaxPerPort: number;
  readonly reserved: 'br0' | 'strict';
  readonly maxPorts: number;
  readonly seed: number;
  readonly neighbours: NeighbourOptions;
}

/** The descriptor of a port, and how frames move through it. */
export interface PortTransport {
  readonly fd: number;
  /**
   * `device`: a TAP. `stream`: a stream socket, every frame behind its length. `datagram`: a connected
   * datagram socket, one frame a datagram.
   */
  readonly kind: keyof typeof KINDS;
  /** `vnet`: a virtio_net_hdr in front of each frame. A stream's length counts it. */
  readonly framing: keyof typeof FRAMINGS;
  /** Bytes of the length in front of each frame of a stream, in network order; 4 unless given. */
  readonly lengthBytes?: 2 | 4;
}

export type Command =
  | {
      readonly kind: 'add-port';
      readonly port: number;
      /** Absent for a port that has none yet. It is down. */
      readonly transport?: PortTransport;
      readonly settings: BridgePortSettings;
    }
  | { readonly kind: 'remove-port'; readonly port: number }
  /** Closes the transport, which is lost. The port stays, down. */
  | { readonly kind: 'detach-port'; readonly port: number }
  /** There is a new transport; the port is still down. */
  | { readonly kind: 'attach-port'; readonly port: number; readonly transport: PortTransport }
  /** What is left out stays as it is. */
  | {
      readonly kind: 'set-port';
      readonly port: number;
      readonly settings: Partial<BridgePortSettings>;
    }
  /** Of 4 or 16 bytes, in wire order. */
  | { readonly kind: 'add-address'; readonly bytes: Uint8Array; readonly prefixBits: number }
  | { readonly kind: 'remove-address'; readonly bytes: Uint8Array }
  | { readonly kind: 'list-addresses' }
  | { readonly kind: 'list-neighbours'; readonly family: 4 | 6; readonly from: number }
  /** Bindings that inspection takes from a DHCP server. */
  | { readonly kind: 'list-leases'; readonly from: number }
  | {
      readonly kind: 'add-neighbour';
      readonly bytes: Uint8Array;
      readonly mac: MacWords;
      /** Port id, or `ANY_PORT`. */
      readonly port: number;
    }
  | { readonly kind: 'remove-neighbour'; readonly bytes: Uint8Array }
  /** What was learned, on one port or on all. */
  | { readonly kind: 'flush-neighbours'; readonly port?: number }
  /** What is left out stays as it is. */
  | { readonly kind: 'configure'; readonly settings: Partial<LaneSettings> }
  | {
      readonly kind: 'add-station';
      readonly station: Station;
      readonly port: number;
      /** A static entry never moves nor ages; a sticky one ages. */
      readonly isStatic: boolean;
    }
  | { readonly kind: 'remove-station'; readonly station: Station }
  /** Forgets what was learned, on one port or on all. */
  | { readonly kind: 'flush-stations'; readonly port?: number }
  /** Counts what has been sent, of which the next burst would bring the news. */
  | { readonly kind: 'settle' }
  /** Reported by `capture-ready` when there is something in its capture ring, by `capture-complete` at the end. */
  | { readonly kind: 'start-capture'; readonly capture: number; readonly setup: CaptureSetup }
  | { readonly kind: 'stop-capture'; readonly capture: number }
  /** Answered by `fdb-piece` reports, then `done`. */
  | { readonly kind: 'copy-fdb' }
  | { readonly kind: 'stop' };

/** A key of the forwarding database. */
export interface Station extends MacWords {
  readonly vlan: number;
}

/** What the commands that have an answer are done with. */
interface Answers {
  /** Whether the address is new. */
  readonly 'add-address': boolean;
  /** Whether there was such an address. */
  readonly 'remove-address': boolean;
  readonly 'list-addresses': OwnAddressState[];
  readonly 'list-neighbours': Piece<KnownHost>;
  readonly 'list-leases': Piece<Lease>;
  /** False where no further static binding fits. */
  readonly 'add-neighbour': boolean;
  /** Whether there was such a binding. */
  readonly 'remove-neighbour': boolean;
  /** How many were forgotten. */
  readonly 'flush-neighbours': number;
  /** False where no further static entry fits. */
  readonly 'add-station': boolean;
  /** Whether there was such an entry. */
  readonly 'remove-station': boolean;
  /** How many were forgotten. */
  readonly 'flush-stations': number;
  readonly 'copy-fdb': FdbCopied;
}

export type AnswerTo<C extends Command> = C['kind'] extends keyof Answers
  ? Answers[C['kind']]
  : undefined;

/** A part of a table. */
export interface Piece<Row> {
  readonly rows: Row[];
  /** Where the next part begins; absent in the last. */
  readonly next?: number;
}

export type CommandOf<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

export interface Order {
  readonly id: number;
  readonly command: Command;
}

export interface OwnAddressState {
  readonly address: string;
  readonly state: ClaimState;
}

export type Report =
  | {
      readonly kind: 'done';
      readonly id: number;
      /** Why the command was refused. */
      readonly failure?: string;
      readonly result?: unknown;
    }
  /** For the journal. */
  | { readonly kind: 'news'; readonly news: News | PackedNews }
  | { readonly kind: 'capture-ready'; readonly capture: number }
  /** As many frames were captured as were asked for. */
  | {
      readonly kind: 'capture-complete';
      readonly capture: number;
      readonly counts: readonly InterfaceCounts[];
    }
  /** The thread of the data plane, as the kernel counts it. */
  | { readonly kind: 'thread'; readonly id: number }
  /**
   * Something happened to the transport of a port, which is down now: its device was deleted, or its peer
   * has hung up.
   */
  | {
      readonly kind: 'port-gone';
      readonly port: number;
      /** See `PortTrouble`. */
      readonly errno: number;
    }
  | { readonly kind: 'fdb-piece'; readonly id: number; readonly words: Int32Array<ArrayBuffer> };

/** What `copy-fdb` is done with. */
export interface FdbCopied {
  /** Ages in the pieces count from here. */
  readonly nowTicks: number;
  /** What is older, and not static, is past its time. */
  readonly ageingMs: number;
}
