/**
 * A port as the control plane holds it, and the interface of a kind of port. A TAP is one kind. Only the
 * file of a kind knows the kind; all other code handles ports.
 *
 * A kind opens a transport for frames (a device, a socket), and gives the data plane its descriptor. A
 * transport is lost when the device is deleted or the peer hangs up. The port then stays, with its label,
 * its id and its counters, and may get another transport.
 *
 * All of this runs on the main thread. No frame passes through here.
 */

import type { PortKey, PortKindWords } from '../config/port-grammar';
import { type PortSettings, type PortSpec, portLabel } from '../config/values/port-spec';
import type { PortTransport } from '../dataplane/messages';
import type { FastLeg } from '../l2/fast/leg';
import type { PortTrouble } from '../dataplane/native-io';
import type { EventName } from '../journal/events';
import type { LogFields } from '../journal/logger';
import { BRIDGE_KEYS } from './bridge-keys';

export type PortState = 'up' | 'down' | 'gone';

/**
 * Origins of ports. An interface is made by the switch, attached to as it existed, or taken from the host. A
 * socket listens for its peer, connects to its peer, or is bound to an address. A script port is opened by the
 * program.
 */
export const PORT_ORIGINS = [
  'made',
  'attached',
  'taken',
  'listening',
  'connecting',
  'bound',
  'opened',
] as const;
export type PortOrigin = (typeof PORT_ORIGINS)[number];

/** Changes that `Port.refresh` found. */
export interface PortChange {
  readonly state?: PortState;
  readonly mtuBytes?: number;
  /** New name of the port's interface. */
  readonly renamedTo?: string;
  /** Whether the transport is lost: no frame passes through it any more. */
  readonly isLost?: boolean;
}

/** Services of the switch for a kind that opens a port. */
export interface PortContext {
  /** Id of the port. */
  readonly id: number;
  /** Whether ports have offloads by default. */
  readonly offloadByDefault: boolean;
  /** Name of the bridge. A TAP of that name is the host's leg on it. */
  readonly bridgeName: string;
  /** User and group that the switch changes to once its ports are open. Absent: it stays as it is. */
  readonly login?: { readonly uid: number; readonly gid: number };
  /** Objects that several ports of one switch share, by a name that the kind chooses. */
  readonly shared: Map<string, unknown>;
  /** Makes the switch refresh the port, after a change that the kernel does not report. */
  readonly changed: () => void;
  /** Tells the journal of an event that concerns the port. */
  readonly note: (event: EventName, fields: LogFields) => void;
}

/** A kind of port. `src/ports/kinds.ts` lists them. */
export interface PortKind extends PortKindWords {
  /**
   * Opens a port. No frame flows before the switch plugs it in.
   * @throws errors that `explain` can explain; whatever was made is removed then
   */
  open(spec: PortSpec, context: PortContext): Port;
  /**
   * Identity of the port's interface or socket, across all kinds: two ports with the same identity are
   * refused, because an interface can be only one port. `undefined` if each port is a new one.
   */
  identity(spec: PortSpec): string | undefined;
  /**
   * Gets what later ports of the kind need and only root can get. A switch with `--user` calls it before it gives
   * up root. It does not throw where the system refuses.
   * @param shared see `PortContext`
   */
  prepareForPlainUser?(shared: Map<string, unknown>): void;
  /** @returns the reason and the cure, in one sentence without the label of the port */
  explain(spec: PortSpec, error: unknown): string;
}

export abstract class Port {
  state: PortState = 'up';
  /** Bytes after the Ethernet header. For a port that is gone: the last value, or the one set since. */
  mtuBytes = 0;
  /** Speed of the link, Mb/s; 0 where it has none or it is unknown. */
  linkSpeedMbps = 0;
  /** Reason why the port is shut, as one line for a person; undefined while it is open. */
  shutReason: string | undefined;
  /** Reason why the data plane does not use the transport; undefined if it does. */
  plugProblem: string | undefined;
  /** Permanent name of the port: the name asked for, or the one that the kernel made of a pattern. */
  protected name: string;

  protected constructor(
    readonly id: number,
    readonly kind: PortKind,
    protected asked: PortSpec,
  ) {
    this.name = asked.name;
  }

  /** Permanent label of the port, used everywhere: `[KIND:]NAME[@NETNS]`. */
  get label(): string {
    return portLabel(this.namedSpec);
  }

  /** Port as asked for, with all settings made since. */
  get spec(): PortSpec {
    return this.asked;
  }

  /** `spec` with the name that the kernel made of a pattern: it identifies this port. */
  get namedSpec(): PortSpec {
    return { ...this.asked, name: this.name };
  }

  /** Present or last name of the interface in the kernel; the port's name if it has no interface. */
  get kernelName(): string {
    return this.name;
  }

  /** State for people: a port that is shut is down, whatever its link does. */
  get shownState(): PortState {
    return this.state === 'up' && this.shutReason !== undefined ? 'down' : this.state;
  }

  /** Whether the interface is called otherwise now than the port. */
  get isRenamed(): boolean {
    return this.kernelName !== this.name;
  }

  /** Remarks for the operator about the transport, one line each. They are logged once for each. */
  get remarks(): readonly string[] {
    return [];
  }

  /** Problem of the port, as one line for a person; undefined if there is none. */
  get problem(): string | undefined {
    return this.plugProblem;
  }

  /** Whether the kernel has reported a change since the last refresh. */
  get hasNews(): boolean {
    return false;
  }

  /** Whether the port has something to try again, or a change to watch for that the kernel does not report. */
  get isTroubled(): boolean {
    return this.transport === undefined || this.problem !== undefined;
  }

  /** Whether the journal reports each new transport of the port as its return. */
  get tellsReturn(): boolean {
    return true;
  }

  /** Whether stations that are behind the port were behind another bridge before, and so perhaps another port. */
  get hasMovedStations(): boolean {
    return false;
  }

  /** Whether the port sends super-frames and partial checksums as they are. */
  get takesOffloads(): boolean {
    return false;
  }

  /**
   * What the bridge must know to let the kernel redirect frames of the port; `null` where it must not,
   * `undefined` for a kind of port that never can.
   */
  get fastLeg(): FastLeg | null | undefined {
    return undefined;
  }

  /** Why frames of the port do not take the fast path at this moment; undefined where they may. */
  get fastObstacle(): string | undefined {
    return 'the port is no interface of the kernel';
  }

  abstract get origin(): PortOrigin;

  /** Transport of the port's frames; undefined while there is none. */
  abstract get transport(): PortTransport | undefined;

  /** MAC of the one station that is behind the port for good, such as the host itself. */
  get hostMac(): string | undefined {
    return undefined;
  }

  /** Whether the port wants the least MTU of the other ports, as a bridge has it. */
  get wantsLeastMtu(): boolean {
    return false;
  }

  /** Value that holds for a key as long as nothing is said of it; undefined where it stays as it is. */
  fallbackOf(key: string): unknown {
    return this.keyOf(key)?.fallback;
  }

  /** @returns the value of a key, which a reload compares with the wanted one */
  holds(key: string): unknown {
    if (key === 'shut') return this.shutReason !== undefined;
    return this.asked[key] ?? this.fallbackOf(key);
  }

  /**
   * Follows the MTU of the other ports.
   * @throws errors that `explain` can explain
   */
  setLeastMtu?(mtuBytes: number): void;

  /** @returns the present value of a key, which a reload restores if it fails */
  valueNow(key: string): unknown {
    return this.holds(key);
  }

  /** @returns the changes since the last refresh. It never waits. */
  abstract refresh(): PortChange;

  /** Notes trouble that the data plane had with the transport. A refresh follows. */
  troubled?(trouble: PortTrouble): void;

  /** Tries to replace a lost transport. @returns whether the port has a new one */
  reopen(): boolean {
    return false;
  }

  /**
   * Applies to a new transport the settings of the port, also those made while there was no transport.
   * @throws errors that `explain` can explain; the new transport is unchanged then
   */
  applyKept(): void {
    // Most kinds keep nothing.
  }

  /** Checks settings without a change. @throws Error with one sentence for a person */
  check?(settings: PortSettings): void;

  /**
   * Changes the port. The caller gives the bridge its settings afterwards.
   * @throws errors that `explain` can explain; nothing has changed then
   */
  set(settings: PortSettings): void {
    const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
    const own = entries.filter(([key]) => !BRIDGE_KEYS.has(key));
    if (own.length > 0) this.change(Object.fromEntries(own));
    // A key such as `up` is a momentary state, and no part of what was asked for.
    const lasting = entries.filter(([key]) => this.keyOf(key)?.when !== 'open');
    const { up, shut } = settings;
    if (shut === true) this.shutReason = 'shut by an operator; open it with shut=off';
    if (shut === false || up === true) this.shutReason = undefined;
    this.asked = { ...this.asked, ...Object.fromEntries(lasting) };
  }

  private keyOf(key: string): PortKey | undefined {
    return this.kind.keys[key] ?? BRIDGE_KEYS.get(key);
  }

  /** @returns a function that restores the present `spec` */
  snapshot(): () => void {
    const { asked } = this;
    return () => {
      this.asked = asked;
    };
  }

  /** Releases the namespace that an interface was moved to, until the next refresh. */
  releaseNetns(): void {
    // Most kinds hold none.
  }

  /** Turns off persistence, so that closing the port deletes the device that the switch made. */
  forgetPersistence(): void {
    // Most kinds leave nothing behind.
  }

  /**
   * Gives up the transport at once.
   * @returns a function that closes it. Transports that are closed in one turn are closed together.
   */
  abstract release(): () => Promise<void>;

  /**
   * Ends the port: releases the transport, and the source of further ones.
   * @returns as `release` does
   */
  end(): () => Promise<void> {
    return this.release();
  }

  /** Changes settings that belong to the kind. It throws as `set` does. */
  protected abstract change(settings: PortSettings): void;
}
