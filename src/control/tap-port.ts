/**
 * One port as the control plane holds it: the TAP, what it is called, and what became of it.
 * Opens it, looks at it twice a second, and finds it again when somebody has made it anew.
 *
 * A port's name is what was asked for, and never changes. The interface's name is the guest's to
 * change where the interface lies in his namespace; so nothing is found or trusted by it.
 */

import { isPattern } from '../config/interface-name';
import { type PortSettings, type PortSpec, portLabel } from '../config/port-spec';
import { macBytes } from '../l2/mac';
import { isNativeError, native, type NativeTap } from '../native/native';
import { lookUpGroup, lookUpUser } from '../tuntap/accounts';
import { findLink } from '../tuntap/link';
import { netnsPath } from '../tuntap/netns';
import { explainOpenFailure } from './open-failure';
import { StartError } from './start-error';

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
  mtuBytes = 0;
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

  /** Whether it was opened for super-frames. */
  get offload(): boolean {
    return this.isOffloaded;
  }

  /** Whether inspection believes what comes from it. */
  get trusted(): boolean {
    return this.asked.trusted === true;
  }

  get fd(): number {
    return this.device.fd;
  }

  get hasVnetHeader(): boolean {
    return this.device.hasVnetHeader;
  }

  /** Asks the kernel. @returns what has changed since the last look. */
  look(): PortChange {
    if (this.tap === undefined) return {};
    const now = this.tap.inspect();
    const state: PortState = now.gone ? 'gone' : now.up ? 'up' : 'down';
    const change: PortChange = {
      ...(state !== this.state && { state }),
      ...(!now.gone && now.mtu > 0 && now.mtu !== this.mtuBytes && { mtuBytes: now.mtu }),
      ...(now.name !== this.interfaceName && { renamedTo: now.name }),
    };
    this.state = state;
    this.mtuBytes = change.mtuBytes ?? this.mtuBytes;
    this.interfaceName = now.name;
    return change;
  }

  /**
   * Looks whether a TAP that was deleted has been made again, by somebody else, under the port's
   * name: it is attached to as it is, and not made. @returns whether the port has a device again.
   */
  findAgain(): boolean {
    if (this.state !== 'gone') return false;
    this.tap?.close();
    this.tap = undefined;
    const { netns } = this.spec;
    const asItIs = { name: this.name, persist: false, ...(netns !== undefined && { netns }) };
    try {
      this.openDevice(asItIs, true);
      return true;
    } catch (error) {
      // Not there yet, or not ours to open: it will be looked at again.
      if (isNativeError(error)) return false;
      throw error;
    }
  }

  /** @throws StartError for what can be refused without touching the device. */
  check(settings: PortSettings): void {
    if (this.state === 'gone') throw new StartError(`${this.label}: the TAP was deleted`);
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
   * Changes the interface, in all but `offload`; `look` tells what came of it.
   * @throws StartError where the kernel refuses; nothing has changed then.
   */
  configure(settings: PortSettings): void {
    const { device } = this;
    const { mtu, mac, up, persist } = settings;
    this.explained(settings, () => {
      const { owner, group } = idsOf(settings);
      const before = device.inspect();
      try {
        if (mtu !== undefined) device.setMtu(mtu);
        if (up !== undefined) device.setUp(up);
        if (mac !== undefined) device.setMac(macBytes(mac));
        // These are refused for no device that is there. What the switch found stays.
        if (persist !== undefined) device.setPersist(persist || !device.created);
        if (owner !== undefined) device.setOwner(owner);
        if (group !== undefined) device.setGroup(group);
      } catch (error) {
        device.setMtu(before.mtu);
        device.setUp(before.up);
        throw error;
      }
    });
    this.asked = withSettings(this.asked, settings);
  }

  /**
   * Opens the device anew. Nobody else may have a duplicate of `fd`, which is another one then.
   * @throws StartError where the kernel refuses; nothing has changed then.
   */
  setOffload(offload: boolean): void {
    this.explained({ offload }, () => this.device.setOffload(offload));
    this.isOffloaded = offload;
    this.asked = { ...this.asked, offload };
  }

  /** Notes whether what comes from the port is believed without inspection. */
  setTrusted(trusted: boolean): void {
    this.asked = { ...this.asked, trusted };
  }

  /** What was set since it was asked for so has been taken back. */
  resetSpec(spec: PortSpec): void {
    this.asked = spec;
  }

  /** Of a port that is not to be after all: what the switch made goes away with it. */
  forgetPersistence(): void {
    if (this.asked.persist && this.state !== 'gone') this.configure({ persist: false });
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
    const taps = ports.flatMap((port) => port.tap ?? []);
    for (const port of ports) port.tap = undefined;
    await native().closeTaps(taps);
  }

  private openDevice(spec: PortSpec, onlyExisting = false): void {
    const { Tap } = native();
    this.tap = new Tap({
      name: spec.name,
      offload: this.isOffloaded,
      onlyExisting,
      persist: spec.persist,
      ...(spec.netns !== undefined && { netnsPath: netnsPath(spec.netns) }),
      ...(spec.mtu !== undefined && { mtu: spec.mtu }),
      ...(spec.mac !== undefined && { mac: macBytes(spec.mac) }),
      ...idsOf(spec),
    });
    this.interfaceName = this.tap.name;
    this.look();
  }

  private get device(): NativeTap {
    if (this.tap === undefined) throw new Error(`${this.label} has no device`);
    return this.tap;
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

/** @throws TunTapError where there is no such user or group. */
function idsOf({ owner, group }: Pick<PortSettings, 'owner' | 'group'>) {
  return {
    ...(owner !== undefined && { owner: lookUpUser(owner) }),
    ...(group !== undefined && { group: lookUpGroup(group) }),
  };
}

/** `up` is what an interface is for the moment, and no part of what was asked for. */
function withSettings(spec: PortSpec, settings: PortSettings): PortSpec {
  const entries = Object.entries({ ...settings, up: undefined });
  const given = entries.filter(([, value]) => value !== undefined);
  return { ...spec, ...(Object.fromEntries(given) as Partial<PortSpec>) };
}
