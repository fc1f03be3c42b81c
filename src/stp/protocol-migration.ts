/** Port Protocol Migration machine, PPM: IEEE 802.1D-2004 17.24. */

import type { Machine } from './machine';
import { MIGRATE_TIME } from './tree-view';

export const PROTOCOL_MIGRATION: Machine<'CHECKING_RSTP' | 'SELECTING_STP' | 'SENSING'> = {
  stateOf: (port) => port.ppm,
  setState: (port, state) => (port.ppm = state),
  next: (port, tree) => {
    switch (port.ppm) {
      case 'CHECKING_RSTP':
        if (port.mdelayWhile === 0) return 'SENSING';
        return port.mdelayWhile !== MIGRATE_TIME && !port.portEnabled ? 'CHECKING_RSTP' : undefined;
      case 'SELECTING_STP':
        return port.mdelayWhile === 0 || !port.portEnabled || port.mcheck ? 'SENSING' : undefined;
      case 'SENSING': {
        const hearsRstp = tree.rstpVersion && !port.sendRstp && port.rcvdRstp;
        if (!port.portEnabled || port.mcheck || hearsRstp) return 'CHECKING_RSTP';
        return port.sendRstp && port.rcvdStp ? 'SELECTING_STP' : undefined;
      }
    }
  },
  enter: {
    CHECKING_RSTP: (port, tree) => {
      port.mcheck = false;
      port.sendRstp = tree.rstpVersion;
      port.mdelayWhile = MIGRATE_TIME;
    },
    SELECTING_STP: (port) => {
      port.sendRstp = false;
      port.mdelayWhile = MIGRATE_TIME;
    },
    SENSING: (port) => {
      port.rcvdRstp = port.rcvdStp = false;
    },
  },
};
