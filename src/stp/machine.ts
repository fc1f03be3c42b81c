/**
 * State machines of a port. A machine is a table: `next` names the state whose entry condition holds, and `enter`
 * has the actions of each state. Both are functions of the variables of the port and of its tree, and nothing
 * else: time reaches them as timers that have run down.
 *
 * Source: IEEE 802.1D-2004 17.15 (notation). Conditions of one state are evaluated in the order of the figures.
 */

import type { TreePort } from './tree-port';
import type { TreeView } from './tree-view';

export interface Machine<State extends string> {
  /** State of the port. */
  readonly stateOf: (port: TreePort) => State;
  readonly setState: (port: TreePort, state: State) => void;
  /** State to enter now, which may be the present one again; `undefined` where no condition holds. */
  readonly next: (port: TreePort, tree: TreeView) => State | undefined;
  /** Actions of a state, performed once when the state is entered. */
  readonly enter: Readonly<Record<State, (port: TreePort, tree: TreeView) => void>>;
}

/** Makes at most one transition. @returns whether there was one */
export function step<State extends string>(
  machine: Machine<State>,
  port: TreePort,
  tree: TreeView,
): boolean {
  const state = machine.next(port, tree);
  if (state === undefined) return false;
  enter(machine, state, port, tree);
  return true;
}

/** Enters a state, as BEGIN does (17.18.1). */
export function enter<State extends string>(
  machine: Machine<State>,
  state: State,
  port: TreePort,
  tree: TreeView,
): void {
  machine.setState(port, state);
  machine.enter[state](port, tree);
}
