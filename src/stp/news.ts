/**
 * News of the spanning tree for the operator. A port is an id here. `src/journal/events.ts` has the texts. Each
 * event is told once a second at most.
 */

import type { Role } from './tree-port';
import type { TreeStateWord } from './tree-state';

export type StpNews = StpPortChanged | StpRootChanged | StpTopologyChanged | StpGuarded;

/** A port has another role or state. */
export interface StpPortChanged {
  readonly event: 'stp-port';
  readonly port: number;
  readonly role: Role;
  readonly state: TreeStateWord;
}

/** The tree has another root. */
export interface StpRootChanged {
  readonly event: 'stp-root';
  /** Identifier of the root: `8000.020000000001`. */
  readonly root: string;
  /** Root port; absent where the switch itself is the root. */
  readonly port?: number;
}

/** The switch tells others of a topology change. */
export interface StpTopologyChanged {
  readonly event: 'stp-topology-change';
  /** Port that noticed it. */
  readonly port: number;
}

/** A BPDU came to a port with BPDU guard, which is shut now. */
export interface StpGuarded {
  readonly event: 'stp-guarded';
  readonly port: number;
}
