/**
 * A port as the control plane holds it, and what a kind of port is. A TAP is one kind; everything but
 * the file of a kind handles ports and does not know which.
 *
 * A kind opens something that frames travel through (a device, a socket), and gives the data plane a
 * descriptor of it: the transport. A transport may be lost, when the device is deleted or the peer
 * hangs up, and a port may get another: the port stays, with its label, its id and its counters.
 *
 * All of this runs on the main thread. No frame comes through here.
 */

import type { PortKindWords } from '../config/port-grammar';
import { type PortSettings, type PortSpec, portLabel } from '../config/values/port-spec';
import type { PortTransport } from '../dataplane/messages';
import type { FastLeg } from '../l2/fast/leg';
import { BRIDGE_KEYS } from './bridge-keys';
import type { FastLegs } from './fast-legs';

export type PortState = 'up' | 'down' | 'gone';

/** What was done to have the port: made anew, attached to as it was found, taken from the host. */
export type PortOrigin = 'made' | 'attached' | 'taken';

/** What `Port.refresh` saw that was not so before. */
export interface PortChange {
  readonly state?: PortState;
  readonly mtuBytes?: number;
  /** Another name of the port's interface. */
  readonly renamedTo?: string;
  /** The transport is lost: nothing more comes or goes through it. */
  readonly isLost?: boolean;
}

/** What a kind may ask of the switch for a port that it opens. */
export interface PortContext {
  /** Id of the port. */
  readonly id: number;
  /** Whether ports have offloads, unless they say otherwise themselves. */
  readonly offloadByDefault: boolean;
  /** Legs of the fast path of this switch. */
  readonly fastLegs: FastLegs;
  /** Has the switch refresh the port: something has changed that nobody else reports. */
  readonly changed: () => void;
}

/** A kind of port. `src/ports/kinds.ts` lists them. */
export interface PortKind extends PortKindWords {
  /**
   * Opens a port. No frame flows before the switch plugs it in.
   * @throws whatever `explain` can explain; nothing of what was made is left then
   */
  open(spec: PortSpec, context: PortContext): Port;
  /**
   * Text that two ports have in common if they mean one thing, of whatever kinds they are: an
   * interface may be a port only once. `undefined` where each port is a new one.
   */
  identity(spec: PortSpec): string | undefined;
  /** @returns the reason and the cure, in one sentence without the label of the port */
  explain(spec: PortSpec, error: unknown): string;
}

export abstract class Port {
  state: PortState = 'up';
  /** Bytes behind the Ethernet header; of a port that is gone, what they were or are to be. */
  mtuBytes = 0;
  /** Why no frame moves although there is a transport; undefined where frames do. */
  plugProblem: string | undefined;
  /** Name of the port for good: as asked for, or what the kernel made of a pattern. */
  protected name: string;

  protected constructor(
    readonly id: number,
    readonly kind: PortKind,
    protected asked: PortSpec,
  ) {
    this.name = asked.name;
  }

  /** What the port is known by, everywhere and for good: `[KIND:]NAME[@NETNS]`. */
  get label(): string {
    return portLabel(this.namedSpec);
  }

  /** What was asked for, with what was set since. */
  get spec(): PortSpec {
    return this.asked;
  }

  /** The same with the number that the kernel put into a pattern: read again, it is this very port. */
  get namedSpec(): PortSpec {
    return { ...this.asked, name: this.name };
  }

  /** The kernel's present name for the interface, or its last one; the name of what has none. */
  get kernelName(): string {
    return this.name;
  }

  /** What whoever asked for the port should know of it, one line each. It is logged once. */
  get remarks(): readonly string[] {
    return [];
  }

  /** What is wrong with the port, as one line for a person; undefined where nothing is. */
  get problem(): string | undefined {
    return this.plugProblem;
  }

  /** Whether the kernel has reported a change since the last refresh. */
  get hasNews(): boolean {
    return false;
  }

  /** Whether there is something to try again, or to see, that the kernel does not report. */
  get isTroubled(): boolean {
    return this.transport === undefined || this.problem !== undefined;
  }

  /** Whether super-frames and open checksums go out of it as they are. */
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

  /** What frames travel through; undefined while there is nothing. */
  abstract get transport(): PortTransport | undefined;

  /** @returns the value that holds for a key, with which a reload compares what is wanted */
  holds(key: string): unknown {
    return this.asked[key] ?? (this.kind.keys[key] ?? BRIDGE_KEYS.get(key))?.fallback;
  }

  /** @returns the value that a key has at this moment, by which `set` takes a change back */
  valueNow(key: string): unknown {
    return this.holds(key);
  }

  /** @returns what has changed since the last refresh. Never waits. */
  abstract refresh(): PortChange;

  /** Tries to get a transport again in place of one that is lost. @returns whether there is one */
  reopen(): boolean {
    return false;
  }

  /**
   * Gives a port that has a transport again what was set while it had none.
   * @throws whatever `explain` can explain; the port is as it was found then
   */
  applyKept(): void {
    // Most kinds keep nothing.
  }

  /** @throws Error with a sentence for what can be refused without a change */
  check?(settings: PortSettings): void;

  /**
   * Changes the port. The caller gives the bridge its settings afterwards.
   * @throws whatever `explain` can explain; nothing has changed then
   */
  set(settings: PortSettings): void {
    const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
    const own = entries.filter(([key]) => !BRIDGE_KEYS.has(key));
    if (own.length > 0) this.change(Object.fromEntries(own));
    // What an interface is for the moment is no part of what was asked for.
    const lasting = entries.filter(([key]) => this.kind.keys[key]?.when !== 'open');
    this.asked = { ...this.asked, ...Object.fromEntries(lasting) };
  }

  /** @returns how to forget what is noted from now on of what was asked for. */
  snapshot(): () => void {
    const { asked } = this;
    return () => {
      this.asked = asked;
    };
  }

  /** Keeps no namespace alive that an interface was moved to, until the next refresh. */
  releaseNetns(): void {
    // Most kinds hold none.
  }

  /** For a port that is not to be after all: what the switch made goes away with it. */
  forgetPersistence(): void {
    // Most kinds leave nothing behind.
  }

  /**
   * Gives up the transport, at once.
   * @returns how to close it. Ports that are closed in one turn are closed together.
   */
  abstract release(): () => Promise<void>;

  /** Changes what the keys of the kind say. Throws as `set` does. */
  protected abstract change(settings: PortSettings): void;
}
