/**
 * The spanning tree of one bridge: RSTP, and STP as the compatibility mode of RSTP (`forceVersion` 0).
 *
 * The tree is pure. It knows no device, no frame and no clock. What happens enters by `receive`, `setLink`,
 * `configure` and `tick`, and what follows leaves by `TreeActions`. After each event its machines run until none
 * of them has a transition left (IEEE 802.1D-2004 17.16). Then the actions are performed in a fixed order: ports
 * close, ports open, stations are forgotten, BPDUs leave. So there is no instant with a loop, and an agreement
 * leaves only when the ports that it vouches for are closed.
 *
 * Source: IEEE 802.1D-2004 clause 17; 802.1D-1998 clause 8 where the bridge speaks STP.
 */

import { type Bpdu, BpduFlag, BpduKind, SenderRole, newBpdu } from '../wire/bpdu';
import { BRIDGE_DETECTION } from './bridge-detection';
import { enter, step } from './machine';
import { PORT_INFORMATION } from './port-information';
import { PORT_RECEIVE } from './port-receive';
import { PORT_TRANSMIT } from './port-transmit';
import { type PriorityVector, type Times, copyVector, newVector } from './priority-vector';
import { PROTOCOL_MIGRATION } from './protocol-migration';
import { selectRoles } from './role-selection';
import { ROLE_TRANSITIONS } from './role-transitions';
import { STATE_TRANSITION } from './state-transition';
import { TOPOLOGY_CHANGE, newTcWhile } from './topology-change';
import { type Role, TreePort, type TreePortSettings, type TreePortState } from './tree-port';
import type { TreeView } from './tree-view';

/** Settings of a bridge. */
export interface TreeSettings {
  /** Protocol that the bridge speaks. */
  readonly protocol: 'stp' | 'rstp';
  /** 0 to 61440 in steps of 4096. */
  readonly priority: number;
  /** Seconds: 1 to 10, 6 to 40 and 4 to 30. */
  readonly helloTime: number;
  readonly maxAge: number;
  readonly forwardDelay: number;
}

export const DEFAULT_TREE_SETTINGS: Omit<TreeSettings, 'protocol'> = {
  priority: 32_768,
  helloTime: 2,
  maxAge: 20,
  forwardDelay: 15,
};

/** What a tree does to the world. */
export interface TreeActions {
  /** Sets the state of a port. */
  setState(port: number, state: TreePortState): void;
  /** Forgets the stations of a port. */
  flush(port: number): void;
  /** Sends a BPDU out of a port. The object is used again. */
  transmit(port: number, bpdu: Bpdu): void;
  /** Tells that the role of a port is another one. */
  roleChanged(port: number, role: Role): void;
  /** Tells that the bridge has another root. */
  rootChanged(): void;
  /**
   * Tells that a topology change is in force, or no longer. Stations are to be forgotten after the forward
   * delay while it is. Only STP uses it.
   * @param forwardDelay seconds
   */
  topologyChangeIs(isOn: boolean, forwardDelay: number): void;
  /** Tells that a topology change began: `topologyChangePort` noticed it. */
  topologyChanged(): void;
  /** Tells that BPDU guard has shut a port. */
  shut(port: number): void;
}

/** What became of a BPDU. */
export const Reception = {
  Taken: 0,
  /** The port filters BPDUs, or has no part in the tree. */
  Filtered: 1,
  /** It is the bridge's own, and came back on the port that sent it: the link is a loop. */
  Own: 2,
  /** BPDU guard has shut the port. */
  Guarded: 3,
} as const;
export type Reception = (typeof Reception)[keyof typeof Reception];

/** BPDUs that a port may send in a second (TxHoldCount, table 17-1). */
const TX_HOLD_COUNT = 6;
/** Transitions of one port after which an event counts as endless. None that is known takes 40. */
const TRANSITIONS_MAX = 400;

export class SpanningTree implements TreeView {
  readonly ports: TreePort[] = [];
  readonly txHoldCount = TX_HOLD_COUNT;
  readonly rootPriority: PriorityVector = newVector();
  readonly rootTimes: Times;
  rootPort: TreePort | undefined = undefined;
  topologyChange = false;
  /** Topology changes of which the bridge has told others. Several at once count as one. */
  topologyChangeCount = 0;
  /** Seconds since the last one began, or since the start. */
  topologyChangeAgo = 0;
  /** Port that detected the last one, or heard of it. */
  topologyChangePort: number | undefined = undefined;
  /** Whether the bridge tells others of a topology change. */
  private isTelling = false;
  /** Events that were cut off because they did not come to rest. It stays 0. */
  endlessCount = 0;
  private wasRoot = true;
  private readonly toldRoot: PriorityVector = newVector();
  /** BPDUs that wait until ports are closed and opened. */
  private readonly outgoing: { readonly port: TreePort; readonly bpdu: Bpdu }[] = [];

  /**
   * @param bridgeAddress MAC of the bridge as a 48-bit number in network order
   */
  constructor(
    private settings: TreeSettings,
    readonly bridgeAddress: number,
    private readonly actions: TreeActions,
  ) {
    this.rootTimes = { ...this.bridgeTimes };
    this.settle();
    copyVector(this.toldRoot, this.rootPriority);
  }

  get rstpVersion(): boolean {
    return this.settings.protocol === 'rstp';
  }

  get bridgePriority(): number {
    return this.settings.priority;
  }

  get bridgeTimes(): Times {
    const { helloTime, maxAge, forwardDelay } = this.settings;
    return { messageAge: 0, helloTime, maxAge, forwardDelay };
  }

  /** Whether the bridge is the root. */
  get isRoot(): boolean {
    return this.rootPort === undefined;
  }

  port(id: number): TreePort | undefined {
    return this.ports.find((port) => port.id === id);
  }

  // Events --------------------------------------------------------------------------------------

  /** Changes settings. Another protocol starts everything anew; a priority selects roles anew (17.13). */
  configure(settings: TreeSettings): void {
    const isOtherProtocol = settings.protocol !== this.settings.protocol;
    this.settings = settings;
    if (isOtherProtocol) for (const port of this.ports) this.begin(port);
    this.reselect();
    this.settle();
  }

  /** Adds a port, whose link is down until `setLink`. */
  addPort(id: number, settings: TreePortSettings): void {
    const port = new TreePort(id, settings, this.bridgeTimes);
    this.ports.push(port);
    this.ports.sort((a, b) => a.settings.number - b.settings.number);
    this.begin(port);
    this.settle();
  }

  removePort(id: number): void {
    const at = this.ports.findIndex((port) => port.id === id);
    if (at < 0) return;
    this.ports.splice(at, 1);
    this.reselect();
    this.settle();
  }

  /** Opens a port that BPDU guard has shut. */
  openPort(id: number): void {
    const port = this.port(id);
    if (port?.isShut !== true) return;
    port.isShut = false;
    this.enable(port);
    this.settle();
  }

  /** Sets the settings that are given. A guard that is set or taken away opens a port that it has shut. */
  configurePort(id: number, given: Partial<TreePortSettings>): void {
    const port = this.port(id);
    if (port === undefined) return;
    const before = port.settings;
    port.settings = { ...before, ...given };
    if (before.bpduGuard !== port.settings.bpduGuard) port.isShut = false;
    if (before.adminEdge !== port.settings.adminEdge) this.changeEdge(port);
    if (before.bpduFilter !== port.settings.bpduFilter) port.edgeDelayWhile = 0;
    this.enable(port);
    this.reselect();
    this.settle();
  }

  /** Tells that the link of a port went up or down. A port that was shut is opened when its link comes up. */
  setLink(id: number, isUp: boolean): void {
    this.setLinks([id], isUp);
  }

  /** Tells of several links that went up or down in one instant. */
  setLinks(ids: readonly number[], isUp: boolean): void {
    for (const id of ids) {
      const port = this.port(id);
      if (port === undefined) continue;
      if (!isUp) port.isShut = false;
      port.isLinkUp = isUp;
      this.enable(port);
    }
    this.settle();
  }

  /** Takes a BPDU that was received. It is copied. */
  receive(id: number, bpdu: Bpdu): Reception {
    const port = this.port(id);
    if (port === undefined || !port.portEnabled || port.settings.bpduFilter) {
      return Reception.Filtered;
    }
    if (port.settings.bpduGuard) {
      this.shut(port);
      return Reception.Guarded;
    }
    if (this.isOwn(port, bpdu)) return Reception.Own;
    Object.assign(port.message, bpdu);
    port.rcvdBpdu = true;
    this.settle();
    return Reception.Taken;
  }

  /** A second has passed: Port Timers machine, 17.22. */
  tick(): void {
    this.topologyChangeAgo++;
    for (const port of this.ports) countDown(port);
    this.settle();
  }

  /** Has a port find out again whether its neighbour knows RSTP (mcheck, 17.19.13). */
  checkMigration(id: number): void {
    const port = this.port(id);
    if (port === undefined || !this.rstpVersion) return;
    port.mcheck = true;
    this.settle();
  }

  // Procedures of the machines ------------------------------------------------------------------

  /** 17.21.19 (txConfig), 17.21.20 (txRstp), 17.21.21 (txTcn). */
  transmit(port: TreePort, kind: 'config' | 'tcn' | 'rst'): void {
    if (port.settings.bpduFilter) return;
    const bpdu = newBpdu();
    copyVector(bpdu, port.designatedPriority);
    Object.assign(bpdu, port.designatedTimes);
    bpdu.role = SenderRole.Designated;
    if (kind === 'tcn') bpdu.kind = BpduKind.Tcn;
    if (kind === 'config') this.fillConfig(port, bpdu);
    if (kind === 'rst') fillRst(port, bpdu);
    this.outgoing.push({ port, bpdu });
  }

  private fillConfig(port: TreePort, bpdu: Bpdu): void {
    bpdu.kind = BpduKind.Config;
    const hasChange = this.rstpVersion ? port.tcWhile !== 0 : this.isChanging;
    if (hasChange) bpdu.flags |= BpduFlag.TopologyChange;
    if (port.tcAck) bpdu.flags |= BpduFlag.TopologyChangeAck;
  }

  /** 802.1D-1998 8.5.3.12: the root decides, and the others pass on what they hear from it. */
  private get isChanging(): boolean {
    if (this.rootPort !== undefined) return this.rootPort.heardTc;
    return this.ports.some(({ tcWhile }) => tcWhile !== 0);
  }

  noteTopologyChange(port: TreePort): void {
    if (!this.isTelling) this.topologyChangePort = port.id;
  }

  // Running -------------------------------------------------------------------------------------

  /** BEGIN of a port (17.18.1). */
  private begin(port: TreePort): void {
    enter(PORT_RECEIVE, 'DISCARD', port, this);
    enter(PROTOCOL_MIGRATION, 'CHECKING_RSTP', port, this);
    enter(BRIDGE_DETECTION, port.settings.adminEdge ? 'EDGE' : 'NOT_EDGE', port, this);
    enter(PORT_TRANSMIT, 'TRANSMIT_INIT', port, this);
    enter(PORT_INFORMATION, 'DISABLED', port, this);
    enter(ROLE_TRANSITIONS, 'INIT_PORT', port, this);
    enter(STATE_TRANSITION, 'DISCARDING', port, this);
    enter(TOPOLOGY_CHANGE, 'INACTIVE', port, this);
    port.disputed = false;
  }

  private enable(port: TreePort): void {
    port.portEnabled = port.isLinkUp && !port.isShut;
  }

  private shut(port: TreePort): void {
    port.isShut = true;
    this.enable(port);
    this.settle();
    this.actions.shut(port.id);
  }

  /** A new AdminEdge counts at once where no bridge is heard, and not only when the link comes up. */
  private changeEdge(port: TreePort): void {
    const isEdge = port.settings.adminEdge && port.infoIs !== 'received';
    enter(BRIDGE_DETECTION, isEdge ? 'EDGE' : 'NOT_EDGE', port, this);
  }

  private reselect(): void {
    for (const port of this.ports) {
      port.reselect = true;
      port.selected = false;
    }
    // A bridge without ports has nobody to ask for it.
    if (this.ports.length === 0) selectRolesOfNone(this);
  }

  private isOwn(port: TreePort, { kind, bridgeAddress, portId }: Bpdu): boolean {
    const isOfPort = ((portId ^ port.portId) & 0xfff) === 0;
    return kind !== BpduKind.Tcn && bridgeAddress === this.bridgeAddress && isOfPort;
  }

  /** Runs the machines until they rest, and does what follows. */
  private settle(): void {
    if (this.ports.length === 0) selectRolesOfNone(this);
    let left = TRANSITIONS_MAX * (this.ports.length + 1);
    while (left > 0 && this.runOnce()) left--;
    if (left === 0) this.endlessCount++;
    this.runTopologyChange();
    this.noteRoot();
    this.applyStates();
    this.applyFlushes();
    for (const port of this.ports) while (step(PORT_TRANSMIT, port, this));
    for (const { port, bpdu } of this.outgoing.splice(0)) this.actions.transmit(port.id, bpdu);
  }

  /**
   * Gives each machine a chance, but for TCM and PTX, on which no other depends. They see what the others have come
   * to, and nothing in between: an edge that is unplugged is no edge for an instant before it has no role.
   * @returns whether one had a transition
   */
  private runOnce(): boolean {
    let isMoving = selectRoles(this);
    for (const port of this.ports) {
      if (step(PORT_RECEIVE, port, this)) isMoving = true;
      if (step(PROTOCOL_MIGRATION, port, this)) isMoving = true;
      if (step(PORT_INFORMATION, port, this)) isMoving = true;
      if (step(BRIDGE_DETECTION, port, this)) isMoving = true;
      if (step(ROLE_TRANSITIONS, port, this)) isMoving = true;
      if (step(STATE_TRANSITION, port, this)) isMoving = true;
    }
    return isMoving;
  }

  private runTopologyChange(): void {
    let isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (const port of this.ports) if (step(TOPOLOGY_CHANGE, port, this)) isMoving = true;
    }
  }

  private noteRoot(): void {
    // The bridge that becomes root tells of a topology change: 802.1D-1998 8.6.9.
    if (this.isRoot && !this.wasRoot && !this.rstpVersion) {
      for (const port of this.ports) if (port.role === 'designated') newTcWhile(port, this);
    }
    this.wasRoot = this.isRoot;
    this.noteChange();
    const { rootPriority: root, toldRoot } = this;
    const isSame =
      root.rootAddress === toldRoot.rootAddress && root.rootPriority === toldRoot.rootPriority;
    copyVector(toldRoot, root);
    if (!isSame) this.actions.rootChanged();
  }

  private noteChange(): void {
    const isOn = !this.rstpVersion && this.isChanging;
    const isTelling = isOn || this.ports.some(({ tcWhile }) => tcWhile !== 0);
    if (isTelling && !this.isTelling) {
      this.topologyChangeCount++;
      this.topologyChangeAgo = 0;
      this.actions.topologyChanged();
    }
    this.isTelling = isTelling;
    if (isOn === this.topologyChange) return;
    this.topologyChange = isOn;
    this.actions.topologyChangeIs(isOn, this.rootTimes.forwardDelay);
  }

  /** Closes ports, and then opens others. */
  private applyStates(): void {
    for (const port of this.ports) if (rank(port.state) < rank(port.toldState)) this.tell(port);
    for (const port of this.ports) if (rank(port.state) > rank(port.toldState)) this.tell(port);
    for (const port of this.ports) {
      if (port.role === port.toldRole) continue;
      port.toldRole = port.role;
      this.actions.roleChanged(port.id, port.role);
    }
  }

  private tell(port: TreePort): void {
    port.toldState = port.state;
    this.actions.setState(port.id, port.state);
  }

  private applyFlushes(): void {
    for (const port of this.ports) {
      if (port.fdbFlush && this.rstpVersion) this.actions.flush(port.id);
      port.fdbFlush = false;
    }
  }
}

/** Order of states from closed to open; a port that was never told of is open. */
const RANKS: readonly TreePortState[] = ['disabled', 'discarding', 'learning', 'forwarding'];

function rank(state: TreePortState | undefined): number {
  return state === undefined ? RANKS.length : RANKS.indexOf(state);
}

function selectRolesOfNone(tree: SpanningTree): void {
  tree.rootPort = undefined;
  const { rootPriority: root, bridgePriority, bridgeAddress } = tree;
  root.rootPriority = root.bridgePriority = bridgePriority;
  root.rootAddress = root.bridgeAddress = bridgeAddress;
  root.cost = root.portId = 0;
}

/** 17.21.20. */
function fillRst(port: TreePort, bpdu: Bpdu): void {
  bpdu.kind = BpduKind.Rst;
  bpdu.role = senderRole(port.role);
  bpdu.flags =
    (port.agree ? BpduFlag.Agreement : 0) |
    (port.proposing ? BpduFlag.Proposal : 0) |
    (port.tcWhile !== 0 ? BpduFlag.TopologyChange : 0) |
    (port.learning ? BpduFlag.Learning : 0) |
    (port.forwarding ? BpduFlag.Forwarding : 0);
}

function senderRole(role: Role): number {
  if (role === 'root') return SenderRole.Root;
  return role === 'designated' ? SenderRole.Designated : SenderRole.AlternateOrBackup;
}

function countDown(port: TreePort): void {
  port.edgeDelayWhile = less(port.edgeDelayWhile);
  port.fdWhile = less(port.fdWhile);
  port.helloWhen = less(port.helloWhen);
  port.mdelayWhile = less(port.mdelayWhile);
  port.rbWhile = less(port.rbWhile);
  port.rcvdInfoWhile = less(port.rcvdInfoWhile);
  port.rrWhile = less(port.rrWhile);
  port.tcWhile = less(port.tcWhile);
  port.txCount = less(port.txCount);
}

function less(seconds: number): number {
  return seconds > 0 ? seconds - 1 : 0;
}
