/**
 * The kind of port `tap`: a TAP whose descriptor the switch holds. It opens the TAP, asks the kernel for its
 * state, and attaches again when another program has made the TAP again.
 *
 * The name of a port is the one that was asked for, and never changes. A guest can rename an interface in
 * its own namespace, so the switch does not rely on the name of the interface.
 */

import type { PortKey } from '../config/port-grammar';
import { addressIn, cidrText } from '../config/values/cidr';
import { isPattern } from '../config/values/interface-name';
import { account, queueFrames, tapMtu } from '../config/values/interface-rules';
import { type PortSettings, type PortSpec, portLabel, tapName } from '../config/values/port-spec';
import { onOff } from '../config/values/rule';
import { stationMac } from '../config/values/station-mac';
import type { PortTransport } from '../dataplane/messages';
import { refusedSetting } from '../device/apply-settings';
import { attachDevice } from '../device/attach-device';
import { type ChangeStep, carryOut, interfaceSteps } from '../device/change';
import { explainRefusal } from '../device/explain-refusal';
import { GivenAddresses } from '../device/given-addresses';
import { findInterface } from '../device/interface';
import { type AddressedLink, findLink, formatMacBytes } from '../device/link';
import {
  type NativeError,
  type NativeTap,
  type NativeTapOptions,
  isNativeError,
} from '../native/native';
import { type Account, lookUpGroup, lookUpUser } from '../system/accounts';
import { portMacBytes } from '../system/derived-mac';
import { netnsOf, netnsPath } from '../system/netns';
import { TunTapError } from '../system/tuntap-error';
import { macBytes } from '../wire/mac';
import { closeTogether } from './close-together';
import { OFFLOAD_KEY } from './offload-key';
import {
  Port,
  type PortChange,
  type PortContext,
  type PortKind,
  type PortOrigin,
  type PortState,
} from './port';

const OTHERS_DEVICE =
  'owner= and group= are for a TAP that the switch makes; this one was there before: leave them out, ' +
  'or remove it first';

/** Values of a TAP's keys. */
interface TapSettings extends PortSettings {
  readonly mtu?: number | undefined;
  readonly queue?: number | undefined;
  readonly mac?: string | undefined;
  readonly address?: readonly string[] | undefined;
  readonly up?: boolean | undefined;
  readonly existing?: boolean | undefined;
  readonly persist?: boolean | undefined;
  readonly owner?: Account | undefined;
  readonly group?: Account | undefined;
  readonly offload?: boolean | undefined;
}

type TapSpec = PortSpec & TapSettings;

const KEYS = {
  mtu: { rule: tapMtu, placeholder: 'N', help: '68 to 65521 bytes' },
  queue: {
    rule: queueFrames,
    placeholder: 'N',
    help: '1 to 524288 frames that may wait for the switch (txqueuelen)',
  },
  mac: {
    rule: stationMac,
    placeholder: 'ADDR',
    help: "MAC address of the TAP, which is the station's end of the wire",
  },
  address: {
    rule: cidrText,
    placeholder: 'CIDR',
    help:
      "of the interface, such as 192.0.2.1/24; repeatable. With one, a TAP in the switch's own namespace is the " +
      'leg of the host on the bridge',
    fallback: [],
    identityOf: addressIn,
  },
  up: { rule: onOff, placeholder: 'on|off', help: 'sets the interface up or down', when: 'open' },
  existing: {
    rule: onOff,
    isFlag: true,
    help: 'the TAP must exist; the switch does not make it',
    when: 'opened',
  },
  persist: {
    rule: onOff,
    isFlag: true,
    fallback: false,
    help: 'a TAP that the switch makes stays when the switch stops',
  },
  owner: {
    rule: account,
    placeholder: 'USER',
    help: 'user who may attach to a TAP that the switch makes, by name or number',
    isFinal: true,
    verify: (user: Account) => lookUpUser(user),
  },
  group: {
    rule: account,
    placeholder: 'GROUP',
    help: 'group whose members may attach to it, by name or number',
    isFinal: true,
    verify: (group: Account) => lookUpGroup(group),
  },
  offload: OFFLOAD_KEY,
} satisfies Readonly<Record<string, PortKey>>;

export const tapKind: PortKind = {
  name: 'tap',
  placeholder: 'NAME',
  help:
    'name of a TAP, 1 to 15 bytes. The switch attaches to a TAP that exists, which stays when the ' +
    'switch stops. It makes a TAP that does not exist, and deletes it when it stops. In "tap%d" the ' +
    'kernel chooses the number.',
  nameRule: tapName,
  hasNetns: true,
  keys: KEYS,
  open: (spec, context) => TapPort.open(spec, context),
  identity: ({ name, netns }) =>
    // A namespace may be given by its name, by several paths and by links, so its id identifies it. A
    // namespace that does not exist has no id; its name identifies it.
    isPattern(name) ? undefined : `interface ${netnsOf(netns).id || netns} ${name}`,
  explain: (spec, error) => `${explainTap(spec, error)}${cureByNic(spec, error)}`,
};

function explainTap(spec: PortSpec, error: unknown): string {
  if (!isNativeError(error)) return (error as Error).message;
  return explainRefusal({ ...spec, mode: 'tap' }, error);
}

/**
 * The way to a port for an interface that cannot be opened as a TAP: one of another kind, or a TAP
 * that another program holds.
 */
function cureByNic({ name, netns }: PortSpec, error: unknown): string {
  const isOther = isNativeError(error) && error.syscall === 'TUNSETIFF' && error.code === 'EINVAL';
  const isHeld = (isNativeError(error) || error instanceof TunTapError) && error.code === 'EBUSY';
  if (!isHeld && !(isOther && error.detail !== undefined && canBeTaken(error.detail))) return '';
  const port = portLabel({ kind: 'nic', name, ...(netns && { netns }) });
  return `, or take the interface as it is: ${port} (docs/recipes.md)`;
}

/** @param driver as ETHTOOL_GDRVINFO has it; `?` stands for none, as the loopback interface has */
function canBeTaken(driver: string): boolean {
  return !driver.startsWith('tun/') && driver !== 'bridge' && driver !== '?';
}

class TapPort extends Port {
  /** Maximum number of frames that wait for the switch (txqueuelen), by the last report of the kernel. */
  private queueFrames: number | undefined;
  /** MAC of the interface, by the last report of the kernel. */
  private mac: string | undefined;
  private deviceProblem: string | undefined;
  private tap: NativeTap | undefined;
  private wasMade = false;
  private interfaceName: string;
  private isOffloaded: boolean;
  private readonly addresses = new GivenAddresses();
  private readonly bridgeName: string;
  /** Index of the interface in the namespace in which it was opened. */
  private index = 0;
  /** Whether that is the namespace of the switch. */
  private readonly isHere: boolean;
  /** MTU that the port was given to follow the others. */
  private followedMtuBytes = 0;

  private constructor({ id, offloadByDefault, bridgeName }: PortContext, spec: TapSpec) {
    super(id, tapKind, spec);
    this.isHere = spec.netns === undefined || netnsOf(spec.netns).id === netnsOf().id;
    this.bridgeName = bridgeName;
    this.interfaceName = spec.name;
    this.isOffloaded = spec.offload ?? offloadByDefault;
  }

  static open(spec: TapSpec, context: PortContext): TapPort {
    const port = new TapPort(context, spec);
    refusePatternOfExisting(spec);
    refuseOthersDevice(spec);
    port.openDevice(spec, spec.existing);
    if (isPattern(spec.name)) port.name = port.interfaceName;
    return port;
  }

  override get kernelName(): string {
    return this.interfaceName;
  }

  get origin(): PortOrigin {
    return this.wasMade ? 'made' : 'attached';
  }

  get transport(): PortTransport | undefined {
    const { tap } = this;
    if (tap === undefined) return undefined;
    return { fd: tap.fd, kind: 'device', framing: tap.hasVnetHeader ? 'vnet' : 'plain' };
  }

  override get problem(): string | undefined {
    return super.problem ?? this.deviceProblem;
  }

  override get hasNews(): boolean {
    return this.tap?.hasNews === true;
  }

  override get isTroubled(): boolean {
    return super.isTroubled || this.tap?.isNetnsLost === true;
  }

  override get takesOffloads(): boolean {
    return this.isOffloaded && this.tap?.hasVnetHeader !== false;
  }

  override get hostMac(): string | undefined {
    return this.isHostLeg ? this.mac : undefined;
  }

  override get wantsLeastMtu(): boolean {
    return this.isHostLeg && this.asked['mtu'] === undefined;
  }

  /** The host is trusted: a router, and often a DHCP server. */
  override fallbackOf(key: string): unknown {
    return key === 'trusted' && this.isHostLeg ? true : super.fallbackOf(key);
  }

  /** Least MTU of the other ports, as on the Linux bridge, until somebody sets the MTU (`br_mtu_auto_adjust`). */
  override setLeastMtu(mtuBytes: number): void {
    if (this.tap === undefined || this.mtuBytes !== this.followedMtuBytes) return;
    this.tap.setMtu(mtuBytes);
    this.followedMtuBytes = mtuBytes;
  }

  /** Value of a key. For the MTU it is the present one, because anybody may change it. */
  override holds(key: string): unknown {
    if (key === 'mtu') return this.mtuBytes;
    return key === 'offload' ? this.isOffloaded : super.holds(key);
  }

  override valueNow(key: string): unknown {
    if (key === 'queue') return this.queueFrames;
    return key === 'mac' ? this.mac : super.valueNow(key);
  }

  refresh(): PortChange {
    if (this.tap === undefined) return {};
    const now = this.tap.readState();
    this.deviceProblem =
      now.gone || now.obstacle === undefined ? undefined : this.explain(now.obstacle, now.name);
    const state: PortState = now.gone ? 'gone' : now.up ? 'up' : 'down';
    const change: PortChange = {
      ...(state !== this.state && { state }),
      ...(!now.gone && now.mtu > 0 && now.mtu !== this.mtuBytes && { mtuBytes: now.mtu }),
      ...(now.name !== this.interfaceName && { renamedTo: now.name }),
      ...(now.gone && { isLost: true }),
    };
    this.state = state;
    this.mtuBytes = change.mtuBytes ?? this.mtuBytes;
    this.interfaceName = now.name;
    this.queueFrames = now.queueFrames ?? this.queueFrames;
    this.mac = now.mac === undefined ? this.mac : formatMacBytes(now.mac);
    return change;
  }

  /**
   * Attaches to a TAP that another program has made under the port's name, after the port's own TAP was
   * deleted. It makes no TAP and changes none.
   */
  override reopen(): boolean {
    if (this.tap !== undefined) return false;
    const { netns } = this.asked;
    try {
      this.openDevice({ name: this.name, ...(netns !== undefined && { netns }) }, true);
      return true;
    } catch (error) {
      // The TAP may not exist yet, may be held by another program, or may not be opened: the port tries again.
      if (error instanceof TunTapError) this.deviceProblem = error.message;
      else if (!isNativeError(error)) throw error;
      else this.deviceProblem = isAbsence(error) ? undefined : this.explain(error);
      return false;
    }
  }

  /** Gives a TAP that replaces another the settings that were asked for, also while there was none. */
  override applyKept(): void {
    const { mtu, queue, mac, address } = this.asked as TapSpec;
    this.change({ mtu, queue, mac, address });
    this.refresh();
  }

  override check(settings: TapSettings): void {
    const { up, owner, group } = settings;
    idsOf(settings);
    // The switch makes no TAP in place of one that is gone, so that it cannot set the owner of such a TAP.
    if ((owner !== undefined || group !== undefined) && this.tap?.created !== true) {
      throw new TunTapError('EPERM', OTHERS_DEVICE);
    }
    if (up !== undefined && this.tap === undefined) {
      const cure = 'make the TAP again, and then set it';
      throw new TunTapError('ENODEV', `up: the TAP was deleted; ${cure}`);
    }
  }

  override releaseNetns(): void {
    this.tap?.releaseNetns();
  }

  override forgetPersistence(): void {
    const { tap } = this;
    if (this.holds('persist') !== true || tap === undefined) return;
    try {
      tap.setPersist(!tap.created);
    } catch (error) {
      // The TAP is gone or out of reach.
      if (!isNativeError(error)) throw error;
    }
  }

  /** Gives up the TAP. The kernel deletes it when it is closed, if the switch made it and it does not persist. */
  release(): () => Promise<void> {
    const { tap } = this;
    this.tap = undefined;
    if (tap === undefined) return () => Promise.resolve();
    if (!tap.created) this.addresses.takeBack(this.link, this.netnsPath);
    return () => closeTogether(tap);
  }

  protected change(settings: TapSettings): void {
    const { tap } = this;
    if (tap === undefined) this.keep(settings);
    else carryOut(this.steps(tap, settings), explainStep);
    this.isOffloaded = settings.offload ?? this.isOffloaded;
  }

  /** Keeps settings for the TAP that will replace the one that is gone: see `applyKept`. */
  private keep(settings: TapSettings): void {
    this.check(settings);
    this.mtuBytes = settings.mtu ?? this.mtuBytes;
  }

  private steps(tap: NativeTap, settings: TapSettings): ChangeStep[] {
    const { mtu, queue, mac, address, up, persist, offload } = settings;
    const { owner, group } = idsOf(settings);
    const now = tap.readState();
    const steps: ChangeStep[] = [];
    const before = { mtuBytes: now.mtu, queueFrames: now.queueFrames, mac: now.mac, isUp: now.up };
    if (offload !== undefined && offload !== this.isOffloaded) {
      steps.push({
        what: 'offloads',
        apply: () => tap.setOffload(offload),
        undo: () => tap.setOffload(!offload),
      });
    }
    steps.push(
      ...interfaceSteps(tap, before, {
        mtuBytes: mtu,
        queueFrames: queue,
        mac: mac === undefined ? undefined : macBytes(mac),
      }),
      ...(address === undefined ? [] : this.addressSteps(tap, address)),
      ...interfaceSteps(tap, before, { isUp: up }),
    );
    // The kernel refuses none of these for a device that exists. A TAP that the switch found always stays.
    if (persist !== undefined) {
      const set = (stays: unknown): void => tap.setPersist(stays === true || !tap.created);
      const undo = (): void => set(this.holds('persist'));
      steps.push({ what: 'to stay', apply: () => set(persist), undo });
    }
    if (owner !== undefined) steps.push({ what: 'the owner', apply: () => tap.setOwner(owner) });
    if (group !== undefined) steps.push({ what: 'the group', apply: () => tap.setGroup(group) });
    return steps;
  }

  /** @throws TunTapError where the interface is no longer where it was opened */
  private addressSteps(tap: NativeTap, address: readonly string[]): ChangeStep[] {
    const found = findInterface(this.index, this.netnsPath);
    if (found === undefined || found.name !== tap.readState().name) {
      const what = 'was moved to another network namespace, where the switch changes no addresses';
      throw new TunTapError('ENODEV', `${what} (ENODEV); move it back`);
    }
    return this.addresses.steps(found, address, this.netnsPath);
  }

  private giveAddresses(tap: NativeTap, address: readonly string[]): void {
    try {
      carryOut(this.addressSteps(tap, address), refusedSetting);
    } catch (error) {
      if (tap.created) tap.setPersist(false);
      tap.close();
      throw error;
    }
  }

  private openDevice(spec: TapSpec, onlyExisting = false): void {
    const mac = spec.mac === undefined ? this.ownMac() : macBytes(spec.mac);
    const tap = this.attach(spec.netns, {
      name: spec.name,
      vnetHeader: true,
      offload: this.isOffloaded,
      onlyExisting,
      persist: spec.persist === true,
      ...(spec.netns !== undefined && { netnsPath: netnsPath(spec.netns) }),
      ...(spec.mtu !== undefined && { mtu: spec.mtu }),
      ...(spec.queue !== undefined && { queueFrames: spec.queue }),
      ...(mac !== undefined && { mac }),
      ...idsOf(spec),
    });
    this.addresses.forgetAll();
    this.index = findInterface(tap.name, this.netnsPath)?.index ?? 0;
    if (spec.address !== undefined) this.giveAddresses(tap, spec.address);
    this.tap = tap;
    this.interfaceName = tap.name;
    this.wasMade = tap.created;
    this.refresh();
    this.followedMtuBytes = this.mtuBytes;
  }

  /**
   * Attaches with a vnet header even without offloads: so offloads can be turned on later without opening
   * the TAP again. On a kernel without the vnet header, it attaches without one.
   */
  private attach(netns: string | undefined, options: NativeTapOptions): NativeTap {
    try {
      return attachDevice(options, netns);
    } catch (error) {
      if (!isNativeError(error) || !isHeaderRefusal(error)) throw error;
      return attachDevice({ ...options, vnetHeader: false, offload: false }, netns);
    }
  }

  private get netnsPath(): string | undefined {
    const { netns } = this.asked;
    return netns === undefined ? undefined : netnsPath(netns);
  }

  private get link(): AddressedLink {
    return { index: this.index, name: this.interfaceName };
  }

  /** Whether the host itself is at the other end: a TAP of the bridge's name, or one with an address. */
  private get isHostLeg(): boolean {
    const { address = [] } = this.asked as TapSpec;
    return this.isHere && (address.length > 0 || this.name === this.bridgeName);
  }

  /**
   * MAC of the host's own leg that the switch makes: the same at every start, so that guests need not ask for the
   * gateway again. A TAP that exists keeps its MAC.
   */
  private ownMac(): Uint8Array | undefined {
    const isMade = !isPattern(this.name) && findLink(this.name, this.netnsPath) === 'nothing';
    return this.isHostLeg && isMade ? portMacBytes(this.bridgeName, this.label) : undefined;
  }

  private explain(error: NativeError, name = this.kernelName): string {
    return tapKind.explain({ ...this.namedSpec, name }, error);
  }
}

/** Message about a refusal: rtnetlink's own words for addresses, and those of `explainRefusal` for the rest. */
function explainStep(what: string, error: unknown): unknown {
  const isAddress = isNativeError(error) && /^RTM_(NEW|DEL)ADDR$/.test(error.syscall);
  return isAddress ? refusedSetting(what, error) : error;
}

/** @throws TunTapError for `existing` with a pattern: the kernel makes a new TAP of a pattern */
function refusePatternOfExisting({ name, existing }: TapSpec): void {
  if (existing !== true || !isPattern(name)) return;
  const message = `existing: the kernel makes a new TAP of "${name}"; give the name of one, or leave it out`;
  throw new TunTapError('EINVAL', message);
}

/**
 * Refuses to change the owner of an existing TAP: otherwise every user of the control socket could take over
 * any TAP of the machine. A TAP that an earlier run made to persist has the requested owner already.
 * @throws TunTapError if the TAP exists with another owner or group
 */
function refuseOthersDevice(spec: TapSpec): void {
  const { name, netns } = spec;
  const { owner, group } = idsOf(spec);
  if ((owner === undefined && group === undefined) || isPattern(name)) return;
  const link = findLink(name, netns === undefined ? undefined : netnsPath(netns));
  // A TAP that does not exist will be made. An interface of another kind is refused later.
  if (typeof link === 'string') return;
  const isTheirs = (owner ?? link.owner) === link.owner && (group ?? link.group) === link.group;
  if (!isTheirs) throw new TunTapError('EPERM', OTHERS_DEVICE);
}

/** Whether the kernel may have refused the vnet header: TUNSETIFF does not say which flag it was. */
function isHeaderRefusal({ syscall, code }: NativeError): boolean {
  if (syscall === 'TUNSETIFF') return code === 'EINVAL';
  return syscall === 'TUNGETVNETHDRSZ' || syscall === 'TUNSETVNETHDRSZ';
}

/** @throws TunTapError if there is no such user or group. */
function idsOf({ owner, group }: TapSettings) {
  return {
    ...(owner !== undefined && { owner: lookUpUser(owner) }),
    ...(group !== undefined && { group: lookUpGroup(group) }),
  };
}

/** Whether there is no device of this name, or no such namespace. */
function isAbsence({ code }: NativeError): boolean {
  return code === 'ENODEV' || code === 'ENOENT';
}
