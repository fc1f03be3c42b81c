/**
 * Priority vectors: what a bridge knows of the way to the root, and how two such ways compare. The smaller is
 * the better one.
 *
 * Source: IEEE 802.1D-2004 17.5 (vectors), 17.6 (comparison).
 */

/** Largest cost of a path, 32 bits. A sum of costs stays there and never wraps around to a small number. */
const COST_MAX = 0xffff_ffff;

export interface PriorityVector {
  /** Priority of the root, 16 bits, and its address as a 48-bit number. */
  rootPriority: number;
  rootAddress: number;
  /** Cost of the path to the root. */
  cost: number;
  /** Priority and address of the designated bridge. */
  bridgePriority: number;
  bridgeAddress: number;
  /** Identifier of the designated port. */
  portId: number;
}

export function newVector(): PriorityVector {
  return {
    rootPriority: 0,
    rootAddress: 0,
    cost: 0,
    bridgePriority: 0,
    bridgeAddress: 0,
    portId: 0,
  };
}

export function copyVector(to: PriorityVector, from: PriorityVector): void {
  to.rootPriority = from.rootPriority;
  to.rootAddress = from.rootAddress;
  to.cost = from.cost;
  to.bridgePriority = from.bridgePriority;
  to.bridgeAddress = from.bridgeAddress;
  to.portId = from.portId;
}

/** @returns below 0 where `a` is better, 0 where both are the same, above 0 where `b` is better */
export function compareVectors(a: PriorityVector, b: PriorityVector): number {
  return (
    a.rootPriority - b.rootPriority ||
    a.rootAddress - b.rootAddress ||
    a.cost - b.cost ||
    a.bridgePriority - b.bridgePriority ||
    a.bridgeAddress - b.bridgeAddress ||
    a.portId - b.portId
  );
}

/**
 * Whether two vectors come from one sender: address of the designated bridge and number of the designated port
 * are the same, whatever the priorities are. A message of the same sender replaces what it said before, also
 * if it is worse (17.6).
 */
export function isSameSender(a: PriorityVector, b: PriorityVector): boolean {
  return a.bridgeAddress === b.bridgeAddress && ((a.portId ^ b.portId) & 0xfff) === 0;
}

export function addCost(cost: number, more: number): number {
  return Math.min(COST_MAX, cost + more);
}

/** Timer values that travel with a vector (17.18), in seconds. */
export interface Times {
  messageAge: number;
  maxAge: number;
  helloTime: number;
  forwardDelay: number;
}

export function copyTimes(to: Times, from: Times): void {
  to.messageAge = from.messageAge;
  to.maxAge = from.maxAge;
  to.helloTime = from.helloTime;
  to.forwardDelay = from.forwardDelay;
}

export function areTimesEqual(a: Times, b: Times): boolean {
  return (
    a.messageAge === b.messageAge &&
    a.maxAge === b.maxAge &&
    a.helloTime === b.helloTime &&
    a.forwardDelay === b.forwardDelay
  );
}
