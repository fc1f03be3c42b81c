/** Port Receive machine, PRX: IEEE 802.1D-2004 17.23. */

import { BpduKind } from '../wire/bpdu';
import type { Machine } from './machine';
import type { TreePort } from './tree-port';
import { MIGRATE_TIME } from './tree-view';

export const PORT_RECEIVE: Machine<'DISCARD' | 'RECEIVE'> = {
  stateOf: (port) => port.prx,
  setState: (port, state) => (port.prx = state),
  next: (port) => {
    const isStale = port.rcvdBpdu || port.edgeDelayWhile !== MIGRATE_TIME;
    if (isStale && !port.portEnabled) return 'DISCARD';
    if (!port.rcvdBpdu || !port.portEnabled) return undefined;
    return port.prx === 'DISCARD' || !port.rcvdMsg ? 'RECEIVE' : undefined;
  },
  enter: {
    DISCARD: (port) => {
      port.rcvdBpdu = port.rcvdRstp = port.rcvdStp = false;
      port.rcvdMsg = false;
      port.edgeDelayWhile = MIGRATE_TIME;
    },
    RECEIVE: (port) => {
      updtBpduVersion(port);
      port.operEdge = port.rcvdBpdu = false;
      port.rcvdMsg = true;
      port.edgeDelayWhile = MIGRATE_TIME;
    },
  },
};

/** 17.21.22. */
function updtBpduVersion(port: TreePort): void {
  port.rcvdRstp = port.message.kind === BpduKind.Rst;
  port.rcvdStp = !port.rcvdRstp;
}
