/**
 * Port Role Selection machine, PRS: IEEE 802.1D-2004 17.28. It is the one machine of the bridge as a whole. Its
 * state INIT_BRIDGE is left at once, so that only ROLE_SELECTION is here.
 */

import {
  type PriorityVector,
  addCost,
  compareVectors,
  copyTimes,
  copyVector,
  newVector,
  areTimesEqual,
} from './priority-vector';
import type { Role, TreePort } from './tree-port';
import type { TreeView } from './tree-view';

/** Selects roles where a port asks for it. @returns whether one did */
export function selectRoles(tree: TreeView): boolean {
  if (!tree.ports.some(({ reselect }) => reselect)) return false;
  for (const port of tree.ports) port.reselect = false;
  updtRolesTree(tree);
  for (const port of tree.ports) port.selected = true;
  return true;
}

/** 17.21.25. */
function updtRolesTree(tree: TreeView): void {
  const { rootPriority, rootTimes, bridgePriority, bridgeAddress } = tree;
  copyVector(rootPriority, ownVector(tree));
  copyTimes(rootTimes, tree.bridgeTimes);
  tree.rootPort = undefined;
  const candidate = newVector();
  for (const port of tree.ports) {
    if (!mayBeRoot(port, tree)) continue;
    copyVector(candidate, port.portPriority);
    candidate.cost = addCost(candidate.cost, port.settings.cost);
    const compared = compareVectors(candidate, rootPriority);
    const isBetter = compared < 0 || (compared === 0 && isLower(port, tree.rootPort));
    if (!isBetter) continue;
    copyVector(rootPriority, candidate);
    copyTimes(rootTimes, port.portTimes);
    rootTimes.messageAge++;
    tree.rootPort = port;
  }
  for (const port of tree.ports) {
    const designated = port.designatedPriority;
    designated.rootPriority = rootPriority.rootPriority;
    designated.rootAddress = rootPriority.rootAddress;
    designated.cost = rootPriority.cost;
    designated.bridgePriority = bridgePriority;
    designated.bridgeAddress = bridgeAddress;
    designated.portId = port.portId;
    copyTimes(port.designatedTimes, rootTimes);
    // With STP, the hello time of the root is used by all; with RSTP, each bridge has its own.
    if (tree.rstpVersion) port.designatedTimes.helloTime = tree.bridgeTimes.helloTime;
    port.selectedRole = roleOf(port, tree);
  }
}

/** The vector of the bridge as its own root. */
function ownVector({ bridgePriority, bridgeAddress }: TreeView): PriorityVector {
  const id = { rootPriority: bridgePriority, rootAddress: bridgeAddress };
  return { ...id, cost: 0, bridgePriority, bridgeAddress, portId: 0 };
}

function mayBeRoot(port: TreePort, tree: TreeView): boolean {
  if (port.infoIs !== 'received' || port.settings.rootGuard) return false;
  return port.portPriority.bridgeAddress !== tree.bridgeAddress;
}

/** The identifier of the receiving port decides last (17.6). */
function isLower(port: TreePort, other: TreePort | undefined): boolean {
  return other !== undefined && port.portId < other.portId;
}

/** Letters f to l of 17.21.25. */
function roleOf(port: TreePort, tree: TreeView): Role {
  switch (port.infoIs) {
    case 'disabled':
      return 'disabled';
    case 'aged':
      port.updtInfo = true;
      return 'designated';
    case 'mine':
      port.updtInfo ||=
        compareVectors(port.portPriority, port.designatedPriority) !== 0 ||
        !areTimesEqual(port.portTimes, port.designatedTimes);
      return 'designated';
    case 'received':
      break;
  }
  port.updtInfo = false;
  if (port === tree.rootPort) return 'root';
  if (compareVectors(port.designatedPriority, port.portPriority) < 0) {
    port.updtInfo = true;
    return 'designated';
  }
  return port.portPriority.bridgeAddress === tree.bridgeAddress ? 'backup' : 'alternate';
}
