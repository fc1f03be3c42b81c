/** The tree as its machines see it: variables of the bridge (17.18) and procedures that concern all its ports. */

import type { PriorityVector, Times } from './priority-vector';
import type { TreePort } from './tree-port';

/** Seconds for which a port keeps a protocol version (MigrateTime, table 17-1). */
export const MIGRATE_TIME = 3;

export interface TreeView {
  readonly ports: readonly TreePort[];
  /** Whether the bridge speaks RSTP (17.20.11). It speaks STP otherwise. */
  readonly rstpVersion: boolean;
  /** BPDUs that a port may send in a second. */
  readonly txHoldCount: number;
  readonly bridgeTimes: Times;
  /** Priority, and address as a 48-bit number, of the bridge itself. */
  readonly bridgePriority: number;
  readonly bridgeAddress: number;
  /** Best way to the root that the bridge knows (17.18.6). */
  readonly rootPriority: PriorityVector;
  readonly rootTimes: Times;
  /** The root port; `undefined` where the bridge is the root. */
  rootPort: TreePort | undefined;
  /** Whether a topology change is in force: 802.1D-1998 8.5.3.12. Only STP uses it. */
  readonly topologyChange: boolean;
  /** Sends a BPDU out of a port. */
  transmit(port: TreePort, kind: 'config' | 'tcn' | 'rst'): void;
  /** Counts a topology change that the port has detected or heard of. */
  noteTopologyChange(port: TreePort): void;
}

/** 17.20.6 (forwardDelay): seconds from learning to forwarding. */
export function forwardDelay(port: TreePort): number {
  const { helloTime, forwardDelay: delay } = port.designatedTimes;
  return port.sendRstp ? helloTime : delay;
}
