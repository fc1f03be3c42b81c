/**
 * Port State Transition machine, PST: IEEE 802.1D-2004 17.30. It does not change the ports of the bridge itself:
 * the tree does that when its machines have come to rest, and closes ports before it opens others.
 */

import type { Machine } from './machine';

export const STATE_TRANSITION: Machine<'DISCARDING' | 'LEARNING' | 'FORWARDING'> = {
  stateOf: (port) => port.pst,
  setState: (port, state) => (port.pst = state),
  next: (port) => {
    switch (port.pst) {
      case 'DISCARDING':
        return port.learn ? 'LEARNING' : undefined;
      case 'LEARNING':
        if (!port.learn) return 'DISCARDING';
        return port.forward ? 'FORWARDING' : undefined;
      case 'FORWARDING':
        return port.forward ? undefined : 'DISCARDING';
    }
  },
  enter: {
    DISCARDING: (port) => {
      port.learning = port.forwarding = false;
    },
    LEARNING: (port) => {
      port.learning = true;
    },
    FORWARDING: (port) => {
      port.forwarding = true;
    },
  },
};
