"use strict";
/**
 * State machines of a port. A machine is a table: `next` names the state whose entry condition holds, and `enter`
 * has the actions of each state. Both are functions of the variables of the port and of its tree, and nothing
 * else: time reaches them as timers that have run down.
 *
 * Source: IEEE 802.1D-2004 17.15 (notation). Conditions of one state are evaluated in the order of the figures.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.step = step;
exports.enter = enter;
/** Makes at most one transition. @returns whether there was one */
function step(machine, port, tree) {
    const state = machine.next(port, tree);
    if (state === undefined)
        return false;
    enter(machine, state, port, tree);
    return true;
}
/** Enters a state, as BEGIN does (17.18.1). */
function enter(machine, state, port, tree) {
    machine.setState(port, state);
    machine.enter[state](port, tree);
}
