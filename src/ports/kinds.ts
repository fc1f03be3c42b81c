/** List of the kinds of port. Each kind has its own file, and a line here. */

import { PortGrammar } from '../config/port-grammar';
import { BRIDGE_KEYS, refuseContradiction } from './bridge-keys';
import { datagramKind } from './datagram-port';
import type { PortKind } from './port';
import { nicKind } from './nic-port';
import { streamKind } from './stream-port';
import { tapKind } from './tap-port';
import { vethKind } from './veth-port';

export type PortKinds = PortGrammar<PortKind>;

/** @param kinds kinds of port, the default among them; a test adds one of its own */
export function portKinds(kinds: readonly PortKind[]): PortKinds {
  return new PortGrammar(kinds, Object.fromEntries(BRIDGE_KEYS), refuseContradiction);
}

export const PORT_KINDS: PortKinds = portKinds([
  tapKind,
  nicKind,
  vethKind,
  streamKind,
  datagramKind,
]);
