/**
 * A port of a spanning tree: the variables of IEEE 802.1D-2004 17.19 under their names, and the state of each
 * of its machines. A boolean begins with a verb only where the standard's name does.
 */

import type { PortStateWord } from '../frame/port-control';
import { type Bpdu, newBpdu } from '../wire/bpdu';
import { type PriorityVector, type Times, newVector } from './priority-vector';

/** Roles of a port (17.7). */
export type Role = 'disabled' | 'root' | 'designated' | 'alternate' | 'backup';

/** States of a port (17.4). */
export type TreePortState = PortStateWord;

/** Source of a port's information (17.19.10, infoIs). */
export type InfoIs = 'disabled' | 'aged' | 'mine' | 'received';

/** Results of rcvInfo (17.21.8). */
export type ReceivedInfo =
  | 'superior-designated'
  | 'repeated-designated'
  | 'inferior-designated'
  | 'inferior-root-alternate'
  | 'other';

/** Settings of a port, which the operator gives. */
export interface TreePortSettings {
  /** Number of the port, 1 to 4095. */
  readonly number: number;
  /** 0 to 240 in steps of 16. */
  readonly priority: number;
  /** 1 to 200,000,000. */
  readonly cost: number;
  /** Whether the port forwards as soon as it is up (AdminEdge). */
  readonly adminEdge: boolean;
  /** Whether the port may find out that no bridge is there (AutoEdge). */
  readonly autoEdge: boolean;
  /** Whether the link has two ends, and not more (operPointToPointMAC). */
  readonly pointToPoint: boolean;
  /** Whether the first BPDU shuts the port. */
  readonly bpduGuard: boolean;
  /** Whether the port neither sends nor hears BPDUs. */
  readonly bpduFilter: boolean;
  /** Whether the port never becomes root port (restrictedRole). */
  readonly rootGuard: boolean;
  /** Whether topology changes that are heard on the port are ignored (restrictedTcn). */
  readonly tcnGuard: boolean;
}

export const DEFAULT_PORT_PRIORITY = 128;
/** Cost of a link of 1 Gb/s (table 17-3), for links that have no speed. */
const DEFAULT_PATH_COST = 20_000;
const MAX_PATH_COST = 200_000_000;
/** Cost times speed in Mb/s: table 17-3, note. */
const COST_MBPS = 20_000_000;

/** Recommended path cost of a link: table 17-3. @param speedMbps 0 if it is unknown */
export function defaultPathCost(speedMbps: number): number {
  if (speedMbps <= 0) return DEFAULT_PATH_COST;
  return Math.min(Math.max(Math.round(COST_MBPS / speedMbps), 1), MAX_PATH_COST);
}

export class TreePort {
  // Machines, each with its state of the standard.
  prx: 'DISCARD' | 'RECEIVE' = 'DISCARD';
  ppm: 'CHECKING_RSTP' | 'SELECTING_STP' | 'SENSING' = 'CHECKING_RSTP';
  bdm: 'EDGE' | 'NOT_EDGE' = 'NOT_EDGE';
  ptx: string = 'TRANSMIT_INIT';
  pim: string = 'DISABLED';
  prt: string = 'INIT_PORT';
  pst: 'DISCARDING' | 'LEARNING' | 'FORWARDING' = 'DISCARDING';
  tcm: string = 'INACTIVE';

  // Timers (17.17), in seconds.
  edgeDelayWhile = 0;
  fdWhile = 0;
  helloWhen = 0;
  mdelayWhile = 0;
  rbWhile = 0;
  rcvdInfoWhile = 0;
  rrWhile = 0;
  tcWhile = 0;
  txCount = 0;

  // Variables (17.19).
  agree = false;
  agreed = false;
  disputed = false;
  forward = false;
  forwarding = false;
  infoIs: InfoIs = 'disabled';
  learn = false;
  learning = false;
  mcheck = false;
  newInfo = false;
  operEdge = false;
  /** Whether the link is up, and the port is not shut. */
  portEnabled = false;
  proposed = false;
  proposing = false;
  rcvdBpdu = false;
  rcvdInfo: ReceivedInfo = 'other';
  rcvdMsg = false;
  rcvdRstp = false;
  rcvdStp = false;
  rcvdTc = false;
  rcvdTcAck = false;
  rcvdTcn = false;
  reRoot = false;
  reselect = false;
  role: Role = 'disabled';
  selected = false;
  selectedRole: Role = 'disabled';
  sendRstp = true;
  sync = false;
  synced = false;
  tcAck = false;
  tcProp = false;
  updtInfo = false;
  readonly portPriority: PriorityVector = newVector();
  readonly portTimes: Times;
  readonly designatedPriority: PriorityVector = newVector();
  readonly designatedTimes: Times;

  // Not of the standard.
  isLinkUp = false;
  /** Whether BPDU guard has shut the port. */
  isShut = false;
  /** Whether the last Configuration BPDU had the topology change flag: 802.1D-1998 8.6.14. */
  heardTc = false;
  /** Whether the port's stations are to be forgotten (fdbFlush). */
  fdbFlush = false;
  /** State that was last reported to the bridge. */
  toldState: TreePortState | undefined = undefined;
  /** Role that was last reported to the operator. */
  toldRole: Role | undefined = undefined;
  /** The BPDU that is being received. */
  readonly message: Bpdu = newBpdu();

  constructor(
    readonly id: number,
    public settings: TreePortSettings,
    times: Times,
  ) {
    this.portTimes = { ...times };
    this.designatedTimes = { ...times };
  }

  /** 4 bits of priority and 12 bits of number (9.2.7). */
  get portId(): number {
    return this.settings.priority * 256 + this.settings.number;
  }

  get state(): TreePortState {
    if (!this.portEnabled) return 'disabled';
    if (this.forwarding) return 'forwarding';
    return this.learning ? 'learning' : 'discarding';
  }
}
