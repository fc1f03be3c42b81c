/**
 * One port as the control plane holds it: the TAP, what it is called, and what became of it.
 * Opens it, looks at it twice a second, and finds it again when somebody has made it anew.
 */

import { type PortSettings, type PortSpec, portLabel } from '../config/port-spec';
import { macBytes } from '../l2/mac';
import {
  type NativeError,
  type NativeTap,
  type NativeTapOptions,
  isNativeError,
  native,
} from '../native/native';
import { lookUpGroup, lookUpUser } from '../tuntap/accounts';
import { attachDevice } from '../tuntap/attach-device';
import { netnsPath } from '../tuntap/netns';
import { TunTapError } from '../tuntap/tuntap-error';
import { explainOpenFailure } from './open-failure';
import { StartError } from './start-error';

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
  /** The kernel's name for it. */
  private kernelName: string;

  private constructor(
    readonly id: number,
    private asked: PortSpec,
    private isOffloaded: boolean,
  ) {
    this.kernelName = asked.name;
  }

  /** @throws StartError with a sentence for the person who started the switch. */
  static open(id: number, spec: PortSpec, offloadByDefault: boolean): TapPort {
    const port = new TapPort(id, spec, spec.offload ?? offloadByDefault);
    try {
      port.openDevice(spec);
    } catch (error) {
      throw explainOpenFailure(spec, error);
    }
    return port;
  }

  /** In logs, tables and the API: `NAME`, or `NAME@NETNS` where a namespace was given. */
  get label(): string {
    return portLabel(this.namedSpec);
  }

  /** What was asked for, with what was set since. */
  get spec(): PortSpec {
    return this.asked;
  }

  /** The same, under the kernel's name: asked for again, it is this very port. */
  get namedSpec(): PortSpec {
    return { ...this.asked, name: this.kernelName };
  }

  /** Whether it was asked to take super-frames and open checksums. */
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

  /** Whether super-frames and open checksums go out of it as they are. */
  get takesOffloads(): boolean {
    return this.isOffloaded && this.tap?.hasVnetHeader !== false;
  }

  /** Asks the kernel. @returns what has changed since the last look. */
  look(): PortChange {
    if (this.tap === undefined) return {};
    const now = this.tap.inspect();
    const state: PortState = now.gone ? 'gone' : now.up ? 'up' : 'down';
    const change: PortChange = {
      ...(state !== this.state && { state }),
      ...(!now.gone && now.mtu > 0 && now.mtu !== this.mtuBytes && { mtuBytes: now.mtu }),
      ...(now.name !== this.kernelName && { renamedTo: now.name }),
    };
    this.state = state;
    this.mtuBytes = change.mtuBytes ?? this.mtuBytes;
    this.kernelName = now.name;
    return change;
  }

  /**
   * Looks whether a TAP that was deleted has been made again, by somebody else: it is attached to
   * as it is, and not made. @returns whether the port has a device again.
   */
  findAgain(): boolean {
    if (this.state !== 'gone') return false;
    this.tap?.close();
    this.tap = undefined;
    const { netns } = this.spec;
    const asItIs = { name: this.kernelName, persist: false, ...(netns !== undefined && { netns }) };
    try {
      this.openDevice(asItIs, true);
      return true;
    } catch (error) {
      // Not there yet, held by another, or not ours to open: it will be looked at again.
      if (isNativeError(error) || error instanceof TunTapError) return false;
      throw error;
    }
  }

  /** @throws StartError for what can be refused without touching the device. */
  check(settings: PortSettings): void {
    if (this.state === 'gone') throw new StartError(`${this.label}: the TAP was deleted`);
    this.explained(settings, () => idsOf(settings));
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

  /** @throws StartError where the kernel refuses; nothing has changed then. */
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
    this.tap = this.attach(spec.netns, {
      name: spec.name,
      vnetHeader: true,
      offload: this.isOffloaded,
      onlyExisting,
      persist: spec.persist,
      ...(spec.netns !== undefined && { netnsPath: netnsPath(spec.netns) }),
      ...(spec.mtu !== undefined && { mtu: spec.mtu }),
      ...(spec.mac !== undefined && { mac: macBytes(spec.mac) }),
      ...idsOf(spec),
    });
    this.kernelName = this.tap.name;
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

  /** @throws StartError for whatever `change` throws. */
  private explained(settings: PortSettings, change: () => void): void {
    try {
      change();
    } catch (error) {
      throw explainOpenFailure(withSettings(this.namedSpec, settings), error);
    }
  }
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
  const entries = Object.entries({ ...settings, up: undefined });
  const given = entries.filter(([, value]) => value !== undefined);
  return { ...spec, ...(Object.fromEntries(given) as Partial<PortSpec>) };
}
