/**
 * What the main thread and the data-plane worker say to each other. Commands carry a number; each
 * is answered by one `done` with the same number, in the order in which they were given.
 */

import type { AddressConflict } from '../ip/own-addresses';
import type { ClaimState } from '../ip/claim';
import type { MacWords } from '../l2/mac';
import type { BridgeEvent } from '../l2/event-log';
import type { PortSettings } from '../l2/port-table';
import type { MessagePort } from 'node:worker_threads';

/** What the worker is started with. */
export interface WorkerSetup {
  readonly commands: MessagePort;
  readonly doorbellFd: number;
  readonly counterMemory: SharedArrayBuffer;
  readonly bridge: BridgeSetup;
  readonly busyPollMicros: number;
}

export interface BridgeSetup {
  readonly mac: MacWords;
  readonly ageingMs: number;
  readonly fdbMax: number;
  readonly fdbMaxPerPort: number;
  readonly reserved: 'br0' | 'strict';
  readonly maxPorts: number;
  readonly seed: number;
}

export type Command =
  | {
      readonly kind: 'add-port';
      readonly port: number;
      readonly fd: number;
      readonly hasVnetHeader: boolean;
      readonly settings: PortSettings;
    }
  | { readonly kind: 'remove-port'; readonly port: number }
  /** The device was deleted: lets go of it. The port stays, down. */
  | { readonly kind: 'detach-port'; readonly port: number }
  /** The device is back. */
  | {
      readonly kind: 'attach-port';
      readonly port: number;
      readonly fd: number;
      readonly hasVnetHeader: boolean;
    }
  | { readonly kind: 'set-port-up'; readonly port: number; readonly isUp: boolean }
  | { readonly kind: 'set-port-mtu'; readonly port: number; readonly mtuBytes: number }
  | { readonly kind: 'add-address'; readonly address: string }
  | { readonly kind: 'remove-address'; readonly address: string }
  | { readonly kind: 'list-addresses' }
  /** Answered by `fdb-piece` reports, then `done`. */
  | { readonly kind: 'copy-fdb' }
  | { readonly kind: 'stop' };

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
  | { readonly kind: 'events'; readonly events: BridgeEvent[]; readonly lost: number }
  | { readonly kind: 'address-claimed'; readonly address: string }
  | { readonly kind: 'address-conflict'; readonly conflict: AddressConflict }
  /** The device of a port was deleted; its descriptor is no longer listened to. */
  | { readonly kind: 'port-gone'; readonly port: number }
  | { readonly kind: 'fdb-piece'; readonly id: number; readonly words: Int32Array<ArrayBuffer> };

/** What `copy-fdb` is done with: ages in the pieces count from here. */
export interface FdbCopied {
  readonly nowTicks: number;
}
