/**
 * One port as the control plane holds it: the TAP, what it is called, and what became of it.
 * Opens it, looks at it when told to, and finds it again when somebody has made it anew.
 *
 * A port's name is what was asked for, and never changes. The interface's name is the guest's to
 * change where the interface lies in his namespace; so nothing is found or trusted by it.
 */

import { isPattern } from '../config/values/interface-name';
import { type PortSettings, type PortSpec, portLabel } from '../config/values/port-spec';
import { macBytes } from '../wire/mac';
import {
  type NativeError,
  type NativeTap,
  type NativeTapOptions,
  isNativeError,
  native,
} from '../native/native';
import { lookUpGroup, lookUpUser } from '../system/accounts';
import { attachDevice } from '../device/attach-device';
import { explainRefusal } from '../device/explain-refusal';
import { findLink, formatMacBytes } from '../device/link';
import { netnsPath } from '../system/netns';
import { TunTapError } from '../system/tuntap-error';
import { explainOpenFailure } from './open-failure';
import { StartError } from '../system/start-error';

const OTHERS_DEVICE =
  'owner= and group= are for a TAP that the switch makes; this one was there before: leave them out, ' +
  'or remove it first';

export type PortState = 'up' | 'down' | 'gone';

/** What `TapPort.look` saw that was not so before. */
export interface PortChange {
  readonly state?: PortState;
  readonly mtuBytes?: number;
  readonly renamedTo?: string;
}

export class TapPort {
  state: PortState = 'up';
  /** MTU of the interface; of one that is gone, the MTU that it had or is to get. */
  mtuBytes = 0;
  /** Frames that wait for the switch at most (txqueuelen), as the kernel had it last. */
  queueFrames: number | undefined;
  /** MAC of the interface, as the kernel had it last. */
  mac: string | undefined;
  /** Ten bytes of virtio_net_hdr lie before each frame; of one that is gone, as it was or is to be. */
  hasVnetHeader = false;
  /** Why no frame moves although the device is there; undefined where frames do. */
  plugProblem: string | undefined;
  private deviceProblem: string | undefined;
  /** Settings of a device that is gone. Whatever comes in its place gets them. */
  private kept: PortSettings = {};
  private tap: NativeTap | undefined;
  /** Name of the port: as asked for, or what the kernel made of a pattern when it was opened. */
  private name: string;
  private interfaceName: string;

  private constructor(
    readonly id: number,
    private asked: PortSpec,
    private isOffloaded: boolean,
  ) {
    this.name = asked.name;
    this.interfaceName = asked.name;
  }

  /** @throws StartError with a sentence for the person who started the switch. */
  static open(id: number, spec: PortSpec, offloadByDefault: boolean): TapPort {
    const port = new TapPort(id, spec, spec.offload ?? offloadByDefault);
    try {
      refuseOthersDevice(spec);
      port.openDevice(spec);
    } catch (error) {
      throw explainOpenFailure(spec, error);
    }
    if (isPattern(spec.name)) port.name = port.interfaceName;
    return port;
  }

  /**
   * What the port is known by, everywhere and for good: `NAME`, or `NAME@NETNS` where a namespace was
   * given.
   */
  get label(): string {
    return portLabel({ ...this.asked, name: this.name });
  }

  /** The kernel's present name for the interface, or its last one. */
  get kernelName(): string {
    return this.interfaceName;
  }

  /** What was asked for, with what was set since. */
  get spec(): PortSpec {
    return this.asked;
  }

  /** The same with the number that the kernel put into a pattern: read again, it is this very port. */
  get namedSpec(): PortSpec {
    return { ...this.asked, name: this.name };
  }

  /** Whether it was asked to take super-frames and open checksums. */
  get offload(): boolean {
    return this.isOffloaded;
  }

  /** Whether inspection believes what comes from it. */
  get trusted(): boolean {
    return this.asked.trusted === true;
  }

  /** Whether the port is spared requests that the switch answers, or directs to another port. */
  get neighSuppress(): boolean {
    return this.asked['neigh-suppress'] !== false;
  }

  get fd(): number {
    return this.device.fd;
  }

  /** What is wrong with the port, as one line for a person; undefined where nothing is. */
  get problem(): string | undefined {
    return this.plugProblem ?? this.deviceProblem;
  }

  /** Whether the kernel has told of a change of the interface since the last look. */
  get hasNews(): boolean {
    return this.tap?.hasNews === true;
  }

  /** Whether there is something to try again, or to see, of which the kernel does not tell. */
  get isTroubled(): boolean {
    return this.tap === undefined || this.problem !== undefined || this.tap.isNetnsLost;
  }

  /** Whether super-frames and open checksums go out of it as they are. */
  get takesOffloads(): boolean {
    return this.isOffloaded && this.tap?.hasVnetHeader !== false;
  }

  /** Asks the kernel. @returns what has changed since the last look. */
  look(): PortChange {
    if (this.tap === undefined) return {};
    const now = this.tap.inspect();
    this.deviceProblem =
      now.gone || now.obstacle === undefined ? undefined : this.explain(now.obstacle, now.name);
    const state: PortState = now.gone ? 'gone' : now.up ? 'up' : 'down';
    const change: PortChange = {
      ...(state !== this.state && { state }),
      ...(!now.gone && now.mtu > 0 && now.mtu !== this.mtuBytes && { mtuBytes: now.mtu }),
      ...(now.name !== this.interfaceName && { renamedTo: now.name }),
    };
    this.state = state;
    this.mtuBytes = change.mtuBytes ?? this.mtuBytes;
    this.interfaceName = now.name;
    this.queueFrames = now.queueFrames ?? this.queueFrames;
    this.mac = now.mac === undefined ? this.mac : formatMacBytes(now.mac);
    return change;
  }

  /** Keeps the namespace that the device was moved to alive no longer, until the next look. */
  releaseNetns(): void {
    this.tap?.releaseNetns();
  }

  /** @returns the device of a port that is gone, for the caller to close. */
  release(): NativeTap | undefined {
    const { tap } = this;
    this.tap = undefined;
    return tap;
  }

  /**
   * Looks whether a TAP that was deleted has been made again, by somebody else, under the port's
   * name: it is attached to as it is, and not made. @returns whether the port has a device again.
   */
  findAgain(): boolean {
    if (this.tap !== undefined) return false;
    const { netns } = this.spec;
    const asItIs = { name: this.name, persist: false, ...(netns !== undefined && { netns }) };
    try {
      this.openDevice(asItIs, true);
      return true;
    } catch (error) {
      // Not there yet, held by another, or not ours to open: it will be looked at again.
      if (error instanceof TunTapError) this.deviceProblem = error.message;
      else if (!isNativeError(error)) throw error;
      else this.deviceProblem = isAbsence(error) ? undefined : this.explain(error);
      return false;
    }
  }

  /**
   * Gives a device that has come back what was set while it was gone.
   * @throws StartError where the kernel refuses; the device is as it was then.
   */
  applyKept(): void {
    const { kept } = this;
    this.kept = {};
    if (Object.keys(kept).length === 0) return;
    this.configure(kept);
    this.look();
  }

  /** @throws StartError for what can be refused without touching the device. */
  check(settings: PortSettings): void {
    this.explained(settings, () => idsOf(settings));
    this.checkOwnership(settings);
  }

  /** @throws StartError where a device that the switch found is to be given to somebody. */
  checkOwnership({ owner, group }: PortSettings): void {
    if (owner === undefined && group === undefined) return;
    if (this.tap !== undefined && !this.tap.created) {
      throw new StartError(`${this.label}: ${OTHERS_DEVICE}`);
    }
  }

  /**
   * Keeps settings for the device that will come in place of the one that is gone.
   * @throws StartError for what only a device that is there can be; nothing is kept then.
   */
  keep(settings: PortSettings): void {
    const { up, offload, mtu, owner, group } = settings;
    if (owner !== undefined || group !== undefined) {
      // Whatever comes in its place is not made by the switch.
      throw new StartError(`${this.label}: ${OTHERS_DEVICE}`);
    }
    if (up !== undefined) {
      const cure = 'make the TAP again, and then set it';
      throw new StartError(`${this.label}: up: the TAP was deleted; ${cure}`);
    }
    this.check(settings);
    this.kept = { ...this.kept, ...given(settings) };
    this.asked = withSettings(this.asked, settings);
    this.mtuBytes = mtu ?? this.mtuBytes;
    this.isOffloaded = offload ?? this.isOffloaded;
  }

  /**
   * Changes the interface, in all but `offload`; `look` tells what came of it.
   * @throws StartError where the kernel refuses; nothing has changed then.
   */
  configure(settings: PortSettings): void {
    const { device } = this;
    const { mtu, queue, mac, up, persist } = settings;
    this.explained(settings, () => {
      const { owner, group } = idsOf(settings);
      const before = device.inspect();
      const undo: (() => void)[] = [];
      try {
        if (queue !== undefined) {
          device.setQueue(queue);
          undo.push(() => device.setQueue(before.queueFrames ?? queue));
        }
        if (mtu !== undefined) {
          device.setMtu(mtu);
          undo.push(() => device.setMtu(before.mtu));
        }
        if (up !== undefined) {
          device.setUp(up);
          undo.push(() => device.setUp(before.up));
        }
        if (mac !== undefined) {
          device.setMac(macBytes(mac));
          undo.push(() => device.setMac(before.mac ?? macBytes(mac)));
        }
        // These are refused for no device that is there. What the switch found stays.
        if (persist !== undefined) device.setPersist(persist || !device.created);
        if (owner !== undefined) device.setOwner(owner);
        if (group !== undefined) device.setGroup(group);
      } catch (error) {
        for (const step of undo.reverse()) ignoreRefusal(step);
        throw error;
      }
    });
    this.asked = withSettings(this.asked, settings);
  }

  /** @throws StartError where the kernel refuses; nothing has changed then. */
  setOffload(offload: boolean): void {
    const { device } = this;
    try {
      this.explained({ offload }, () => device.setOffload(offload));
    } finally {
      this.hasVnetHeader = device.hasVnetHeader;
    }
    this.isOffloaded = offload;
    this.asked = { ...this.asked, offload };
  }

  /** Notes whether what comes from the port is believed without inspection. */
  setTrusted(trusted: boolean): void {
    this.asked = { ...this.asked, trusted };
  }

  /** Notes whether the port is spared requests that the switch answers. */
  setNeighSuppress(suppresses: boolean): void {
    this.asked = { ...this.asked, 'neigh-suppress': suppresses };
  }

  /** @returns how to forget what is noted from now on of what was asked for. */
  snapshot(): () => void {
    const { asked, kept } = this;
    return () => {
      this.asked = asked;
      this.kept = kept;
    };
  }

  /** Of a port that is not to be after all: what the switch made goes away with it. */
  forgetPersistence(): void {
    const { tap } = this;
    if (!this.asked.persist || tap === undefined) return;
    ignoreRefusal(() => tap.setPersist(!tap.created));
  }

  /** Takes back `open`, for a port that is not to be after all. */
  discard(): void {
    this.forgetPersistence();
    this.tap?.close();
    this.tap = undefined;
  }

  /**
   * Lets go of the ports' devices. What the switch made goes away with that, unless it persists, and
   * has gone when this resolves.
   */
  static async close(ports: readonly TapPort[]): Promise<void> {
    await native().closeTaps(ports.flatMap((port) => port.release() ?? []));
  }

  private openDevice(spec: PortSpec, onlyExisting = false): void {
    this.tap = this.attach(spec.netns, {
      name: spec.name,
      vnetHeader: true,
      offload: this.isOffloaded,
      onlyExisting,
      persist: spec.persist,
      ...(spec.netns !== undefined && { netnsPath: netnsPath(spec.netns) }),
      ...(spec.mtu !== undefined && { mtu: spec.mtu }),
      ...(spec.queue !== undefined && { queueFrames: spec.queue }),
      ...(spec.mac !== undefined && { mac: macBytes(spec.mac) }),
      ...idsOf(spec),
    });
    this.interfaceName = this.tap.name;
    this.hasVnetHeader = this.tap.hasVnetHeader;
    this.look();
  }

  /**
   * With a vnet header, whether there are to be offloads or not: they can be switched then without
   * opening the device anew. A kernel that has no such header gets along without.
   */
  private attach(netns: string | undefined, options: NativeTapOptions): NativeTap {
    try {
      return attachDevice(options, netns);
    } catch (error) {
      if (!isNativeError(error) || !isHeaderRefusal(error)) throw error;
      return attachDevice({ ...options, vnetHeader: false, offload: false }, netns);
    }
  }

  private get device(): NativeTap {
    if (this.tap === undefined) throw new Error(`${this.label} has no device`);
    return this.tap;
  }

  private explain(error: NativeError, name = this.kernelName): string {
    return explainRefusal({ ...this.namedSpec, name, mode: 'tap' }, error);
  }

  /** @throws StartError for whatever `change` throws. */
  private explained(settings: PortSettings, change: () => void): void {
    try {
      change();
    } catch (error) {
      throw explainOpenFailure(withSettings(this.namedSpec, settings), error);
    }
  }
}

/**
 * Whoever may speak to the switch could give himself any TAP of the machine otherwise. What an earlier
 * run of the switch made to persist has the owner already that is asked for.
 * @throws StartError where there is a device that belongs to somebody else
 */
function refuseOthersDevice(spec: PortSpec): void {
  const { name, netns } = spec;
  const { owner, group } = idsOf(spec);
  if ((owner === undefined && group === undefined) || isPattern(name)) return;
  const link = findLink(name, netns === undefined ? undefined : netnsPath(netns));
  // One that is not there is made, and one of another kind refused as such.
  if (typeof link === 'string') return;
  const isTheirs = (owner ?? link.owner) === link.owner && (group ?? link.group) === link.group;
  if (!isTheirs) throw new StartError(OTHERS_DEVICE);
}

/** Whether the kernel may have refused the vnet header: TUNSETIFF does not say which flag it was. */
function isHeaderRefusal({ syscall, code }: NativeError): boolean {
  if (syscall === 'TUNSETIFF') return code === 'EINVAL';
  return syscall === 'TUNGETVNETHDRSZ' || syscall === 'TUNSETVNETHDRSZ';
}

/** @throws TunTapError where there is no such user or group. */
function idsOf({ owner, group }: Pick<PortSettings, 'owner' | 'group'>) {
  return {
    ...(owner !== undefined && { owner: lookUpUser(owner) }),
    ...(group !== undefined && { group: lookUpGroup(group) }),
  };
}

/** `up` is what an interface is for the moment, and no part of what was asked for. */
function withSettings(spec: PortSpec, settings: PortSettings): PortSpec {
  return { ...spec, ...(given({ ...settings, up: undefined }) as Partial<PortSpec>) };
}

function given(settings: PortSettings): PortSettings {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

/** Whether no device bears the name, or no namespace the name of that. */
function isAbsence({ code }: NativeError): boolean {
  return code === 'ENODEV' || code === 'ENOENT';
}

/** Takes a step back. What the kernel refuses there concerns a device that is gone or out of reach. */
function ignoreRefusal(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!isNativeError(error)) throw error;
  }
}
