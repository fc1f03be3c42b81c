/** State of a spanning tree for people and programs: what `tapctl stp show` prints. */

import type { PriorityVector } from './priority-vector';
import type { SpanningTree } from './spanning-tree';
import type { Role, TreePort } from './tree-port';

/** States in the words of the protocol: STP has two for a port that discards. */
export const TREE_STATES = [
  'disabled',
  'discarding',
  'blocking',
  'listening',
  'learning',
  'forwarding',
] as const;
export type TreeStateWord = (typeof TREE_STATES)[number];

export interface TreeState {
  readonly protocol: 'stp' | 'rstp';
  /** Identifiers as the kernel writes them: `8000.020000000001`. */
  readonly bridgeId: string;
  readonly rootId: string;
  readonly rootCost: number;
  /** Id of the root port; absent where the bridge is the root. */
  readonly rootPort?: number;
  /** Times of the root, in seconds. */
  readonly helloTime: number;
  readonly maxAge: number;
  readonly forwardDelay: number;
  readonly topologyChanges: number;
  /** Seconds since the last topology change began, or since the start. */
  readonly lastChangeAgo: number;
  /** Port that noticed the last topology change. */
  readonly lastChangePort?: number;
  readonly ports: readonly TreePortSnapshot[];
}

export interface TreePortSnapshot {
  readonly port: number;
  /** Priority and number: `8001`. */
  readonly portId: string;
  readonly role: Role;
  readonly state: TreeStateWord;
  readonly cost: number;
  /** Whether no bridge is behind the port. */
  readonly isEdge: boolean;
  /** Whether BPDU guard has shut the port. */
  readonly isShut: boolean;
  /** Protocol that the port speaks. */
  readonly speaks: 'stp' | 'rstp';
  readonly designatedBridge: string;
  readonly designatedPort: string;
  readonly designatedCost: number;
}

export function treeState(tree: SpanningTree): TreeState {
  const { bridgeAddress, bridgePriority, rootPriority, rootPort, rootTimes } = tree;
  const { helloTime, maxAge, forwardDelay } = rootTimes;
  const { topologyChangePort } = tree;
  return {
    protocol: tree.rstpVersion ? 'rstp' : 'stp',
    bridgeId: bridgeId(bridgePriority, bridgeAddress),
    rootId: rootId(rootPriority),
    rootCost: rootPriority.cost,
    ...(rootPort !== undefined && { rootPort: rootPort.id }),
    ...{ helloTime, maxAge, forwardDelay },
    topologyChanges: tree.topologyChangeCount,
    lastChangeAgo: tree.topologyChangeAgo,
    ...(topologyChangePort !== undefined && { lastChangePort: topologyChangePort }),
    ports: tree.ports.map((port) => portState(port, tree)),
  };
}

function portState(port: TreePort, tree: SpanningTree): TreePortSnapshot {
  const { portPriority } = port;
  return {
    port: port.id,
    portId: hex16(port.portId),
    role: port.role,
    state: stateWord(port, tree),
    cost: port.settings.cost,
    isEdge: port.operEdge,
    isShut: port.isShut,
    speaks: port.sendRstp ? 'rstp' : 'stp',
    designatedBridge: bridgeId(portPriority.bridgePriority, portPriority.bridgeAddress),
    designatedPort: hex16(portPriority.portId),
    designatedCost: portPriority.cost,
  };
}

/** State of a port in the words of the protocol that the bridge speaks. */
export function stateWord({ role, state }: TreePort, tree: SpanningTree): TreeStateWord {
  if (state !== 'discarding' || tree.rstpVersion) return state;
  return role === 'root' || role === 'designated' ? 'listening' : 'blocking';
}

export function rootId({ rootPriority, rootAddress }: PriorityVector): string {
  return bridgeId(rootPriority, rootAddress);
}

function bridgeId(priority: number, address: number): string {
  return `${hex16(priority)}.${address.toString(16).padStart(12, '0')}`;
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
