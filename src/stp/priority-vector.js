"use strict";
/**
 * Priority vectors: what a bridge knows of the way to the root, and how two such ways compare. The smaller is
 * the better one.
 *
 * Source: IEEE 802.1D-2004 17.5 (vectors), 17.6 (comparison).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.newVector = newVector;
exports.copyVector = copyVector;
exports.compareVectors = compareVectors;
exports.isSameSender = isSameSender;
exports.addCost = addCost;
exports.copyTimes = copyTimes;
exports.areTimesEqual = areTimesEqual;
/** Largest cost of a path, 32 bits. A sum of costs stays there and never wraps around to a small number. */
const COST_MAX = 0xffff_ffff;
function newVector() {
    return {
        rootPriority: 0,
        rootAddress: 0,
        cost: 0,
        bridgePriority: 0,
        bridgeAddress: 0,
        portId: 0,
    };
}
function copyVector(to, from) {
    to.rootPriority = from.rootPriority;
    to.rootAddress = from.rootAddress;
    to.cost = from.cost;
    to.bridgePriority = from.bridgePriority;
    to.bridgeAddress = from.bridgeAddress;
    to.portId = from.portId;
}
/** @returns below 0 where `a` is better, 0 where both are the same, above 0 where `b` is better */
function compareVectors(a, b) {
    return (a.rootPriority - b.rootPriority ||
        a.rootAddress - b.rootAddress ||
        a.cost - b.cost ||
        a.bridgePriority - b.bridgePriority ||
        a.bridgeAddress - b.bridgeAddress ||
        a.portId - b.portId);
}
/**
 * Whether two vectors come from one sender: address of the designated bridge and number of the designated port
 * are the same, whatever the priorities are. A message of the same sender replaces what it said before, also
 * if it is worse (17.6).
 */
function isSameSender(a, b) {
    return a.bridgeAddress === b.bridgeAddress && ((a.portId ^ b.portId) & 0xfff) === 0;
}
function addCost(cost, more) {
    return Math.min(COST_MAX, cost + more);
}
function copyTimes(to, from) {
    to.messageAge = from.messageAge;
    to.maxAge = from.maxAge;
    to.helloTime = from.helloTime;
    to.forwardDelay = from.forwardDelay;
}
function areTimesEqual(a, b) {
    return (a.messageAge === b.messageAge &&
        a.maxAge === b.maxAge &&
        a.helloTime === b.helloTime &&
        a.forwardDelay === b.forwardDelay);
}
