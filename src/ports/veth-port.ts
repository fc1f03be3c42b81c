/**
 * The port kind `veth`: a pair that the switch makes for another namespace.
 *
 *     NAME in NETNS ── veth pair ── near end ── taken as `nic:` takes an interface ── the switch
 *
 * Programs in the namespace may rename, move and delete the far end. The pair is removed with the port,
 * unless it persists. A switch that is killed leaves the pair. The next switch with the same name in the same
 * namespace takes it unchanged, so that addresses and routes there stay.
 *
 * The near end is in the namespace of this process. Its name follows from the far end, so that two switches
 * cannot make the same pair.
 */

import type { PortKey } from '../config/port-grammar';
import { addressIn, cidrText } from '../config/values/cidr';
import { tapMtu } from '../config/values/interface-rules';
import type { PortSettings, PortSpec } from '../config/values/port-spec';
import { onOff } from '../config/values/rule';
import { stationMac } from '../config/values/station-mac';
import type { PortTransport } from '../dataplane/messages';
import type { FastLeg } from '../l2/fast/leg';
import { refusedSetting } from '../device/apply-settings';
import { heldBy } from '../device/attach-device';
import { type InterfaceHandle, carryOut, interfaceSteps } from '../device/change';
import { companionOf } from '../device/companion';
import { explainRefusal, kernelsWords } from '../device/explain-refusal';
import { GivenAddresses } from '../device/given-addresses';
import { findInterface } from '../device/interface';
import { changeLink, formatMacBytes } from '../device/link';
import {
  type VethEnd,
  type VethPair,
  findFarEnd,
  findStrandedFarEnd,
  findVethEnd,
  isLeaving,
  isOwnNearEnd,
  makePair,
  nearEndOf,
  removePair,
  removeTogether,
} from '../device/veth';
import { isNativeError } from '../native/native';
import { portMacBytes } from '../system/derived-mac';
import { netnsOf, netnsPath } from '../system/netns';
import { cureForRights } from '../system/run-as';
import { TunTapError } from '../system/tuntap-error';
import { macBytes } from '../wire/mac';
import { LONGEST_PAUSE_MS, interfaceOnly, nicKind } from './nic-port';
import { FAST_KEY } from './fast-key';
import { OFFLOAD_KEY } from './offload-key';
import { Port, type PortChange, type PortContext, type PortKind, type PortOrigin } from './port';
import { RetryPause } from './retry-pause';

/** Values of the keys of a veth port. */
interface VethSettings extends PortSettings {
  readonly mtu?: number | undefined;
  readonly mac?: string | undefined;
  readonly address?: readonly string[] | undefined;
  readonly up?: boolean | undefined;
  readonly existing?: boolean | undefined;
  readonly persist?: boolean | undefined;
  readonly fast?: boolean | undefined;
  readonly offload?: boolean | undefined;
}

type VethSpec = PortSpec & VethSettings;

const KEYS = {
  mtu: { rule: tapMtu, placeholder: 'N', help: '68 to 65521 bytes, of both ends' },
  mac: { rule: stationMac, placeholder: 'ADDR', help: 'of the far end' },
  address: {
    rule: cidrText,
    placeholder: 'CIDR',
    help: 'of the far end, such as 192.0.2.1/24; repeatable',
    fallback: [],
    identityOf: addressIn,
  },
  up: { rule: onOff, placeholder: 'on|off', help: 'of the far end', when: 'open' },
  existing: {
    rule: onOff,
    isFlag: true,
    help: 'the pair must be there already; the switch does not make it',
    when: 'opened',
  },
  persist: {
    rule: onOff,
    isFlag: true,
    fallback: false,
    help: 'the pair stays when the switch goes, and the next switch takes it',
  },
  fast: FAST_KEY,
  offload: OFFLOAD_KEY,
} satisfies Readonly<Record<string, PortKey>>;

export const vethKind: PortKind = {
  name: 'veth',
  placeholder: 'NAME',
  help:
    'of one end of a veth pair, which the switch makes and gives to NETNS, such as a container. The ' +
    'switch holds the other end. The pair goes when the switch goes.',
  nameRule: interfaceOnly,
  hasNetns: true,
  keys: KEYS,
  open: (spec, context) => VethPort.open(spec, context),
  identity: ({ name, netns }) => `interface ${netnsOf(netns).id || netns} ${name}`,
  explain,
};

/** A pair whose near end is held as a port. */
interface Hold extends VethPair {
  readonly port: Port;
}

class VethPort extends Port {
  private hold: Hold | undefined;
  private obstacle: string | undefined;
  /** Present or last name of the near end. */
  private interfaceName = '';
  private wasMade = false;
  /** Identity of the namespace of the far end: see `Netns`. */
  private netnsId = '';
  private wasPlaceLost = false;
  /** Whether the pair stays when the present hold ends. */
  private isPairKept = false;
  private readonly addresses = new GivenAddresses();
  private isOffloaded: boolean;
  private readonly pause = new RetryPause(LONGEST_PAUSE_MS);

  private constructor(
    private readonly context: PortContext,
    spec: VethSpec,
  ) {
    super(context.id, vethKind, spec);
    this.isOffloaded = spec.offload ?? context.offloadByDefault;
  }

  static open(spec: VethSpec, context: PortContext): VethPort {
    const port = new VethPort(context, spec);
    port.openPair();
    return port;
  }

  /** Name of the near end, which the host sees. */
  override get kernelName(): string {
    return this.interfaceName;
  }

  /** False: the port has the name of the far end, so another name of the near end is no renaming. */
  override get isRenamed(): boolean {
    return false;
  }

  override get fastLeg(): FastLeg | null {
    return this.hold?.port.fastLeg ?? null;
  }

  override get fastObstacle(): string | undefined {
    if (this.hold === undefined) return 'the interface is gone';
    return this.hold.port.fastObstacle;
  }

  get origin(): PortOrigin {
    return this.wasMade ? 'made' : 'attached';
  }

  get transport(): PortTransport | undefined {
    return this.hold?.port.transport;
  }

  override get remarks(): readonly string[] {
    return this.hold?.port.remarks ?? [];
  }

  override get problem(): string | undefined {
    return super.problem ?? this.hold?.port.problem ?? this.obstacle;
  }

  override get hasNews(): boolean {
    return this.hold?.port.hasNews === true;
  }

  override get isTroubled(): boolean {
    return super.isTroubled || this.hold?.port.isTroubled === true;
  }

  override get takesOffloads(): boolean {
    return this.hold?.port.takesOffloads ?? this.isOffloaded;
  }

  override holds(key: string): unknown {
    if (key === 'mtu') return this.mtuBytes;
    return key === 'offload' ? this.isOffloaded : super.holds(key);
  }

  override valueNow(key: string): unknown {
    if (key !== 'mac') return super.valueNow(key);
    const mac = this.hold && this.farEnd(this.hold)?.mac;
    return mac && formatMacBytes(mac);
  }

  refresh(): PortChange {
    if (this.hold === undefined) return {};
    const { port } = this.hold;
    const { renamedTo: _, ...change } = port.refresh();
    void _;
    this.follow(port);
    // Another program may have deleted the companion alone. Then the port takes the pair again.
    if (change.isLost) this.isPairKept = findVethEnd(this.hold.near.index) !== 'nothing';
    return change;
  }

  /** Makes the pair again, because nobody else does. */
  override reopen(): boolean {
    if (this.hold !== undefined || this.isPlaceOver()) return false;
    if (!this.pause.isOver(performance.now())) return false;
    try {
      this.openPair();
      this.pause.shorten();
      return true;
    } catch (error) {
      const isAbsent = isNativeError(error) && error.code === 'ENOENT';
      // An attempt that the kernel refuses has made a pair, which programs in the namespace see.
      if (isNativeError(error) && !isAbsent) this.pause.begin(performance.now());
      this.obstacle = isAbsent ? undefined : explain(this.namedSpec, error);
      return false;
    }
  }

  override forgetPersistence(): void {
    if (this.wasMade) this.asked = { ...this.asked, persist: false };
  }

  release(): () => Promise<void> {
    const { hold } = this;
    const isKept = this.isPairKept || this.holds('persist') === true;
    this.isPairKept = false;
    this.hold = undefined;
    const close = hold?.port.release();
    return async () => {
      await close?.();
      if (!isKept) await this.removeRemaining(hold);
    };
  }

  protected change(settings: VethSettings): void {
    const { hold } = this;
    const { offload, fast } = settings;
    if (hold !== undefined) {
      this.changeFarEnd(hold, settings);
      if (offload !== undefined) hold.port.set({ offload });
      if (fast !== undefined) hold.port.set({ fast });
    }
    this.isOffloaded = offload ?? this.isOffloaded;
  }

  private get netnsPath(): string | undefined {
    const { netns } = this.asked;
    return netns === undefined ? undefined : netnsPath(netns);
  }

  private get nearName(): string {
    return nearEndOf(this.name, netnsOf(this.asked.netns).id);
  }

  private openPair(): void {
    const { netnsPath: farNetns } = this;
    const { mtu, mac, address = [] } = this.asked as VethSpec;
    // The look-up comes first, because it reports a namespace that does not exist.
    findInterface(this.name, farNetns);
    const remaining = this.findRemaining();
    const pair = remaining ?? this.make(findInterface(this.name, farNetns) !== undefined);
    let port: Port | undefined;
    try {
      const { near } = pair;
      this.addresses.forgetAll();
      this.changeFarEnd(pair, { address, ...(remaining !== undefined && { mtu, mac }) });
      changeLink(near.index, { isUp: true });
      port = nicKind.open(
        { kind: 'nic', name: near.name, offload: this.isOffloaded, fast: this.holds('fast') },
        this.context,
      );
      this.changeFarEnd(pair, { up: true });
    } catch (error) {
      port
        ?.release()()
        .catch(() => undefined);
      if (remaining === undefined) removePair(pair.near);
      throw error;
    }
    this.netnsId = netnsOf(this.asked.netns).id;
    this.wasMade = remaining === undefined;
    this.hold = { ...pair, port };
    this.obstacle = undefined;
    port.refresh();
    this.follow(port);
  }

  /** @param isNameTaken whether an interface has the name of the far end */
  private make(isNameTaken: boolean): VethPair {
    const { name, netnsPath: farNetns, nearName } = this;
    const { mtu, mac, existing } = this.asked as VethSpec;
    if (isNameTaken) throw new TunTapError('EEXIST', nameTaken(this.namedSpec));
    if (existing === true) {
      const cure = 'leave out "existing", and the switch makes one';
      throw new TunTapError('ENODEV', `there is no pair that a switch left (ENODEV); ${cure}`);
    }
    return makePair({
      ...{ nearName, farName: name, farNetns, mtuBytes: mtu },
      // The MAC of the far end is the same each time, so that others need not ask for it again.
      mac: mac === undefined ? portMacBytes(this.context.bridgeName, this.label) : macBytes(mac),
    });
  }

  /**
   * Finds a pair that a switch has left, with its far end still in the namespace. It removes a pair whose far
   * end was moved away, because nobody can find that end.
   * @throws TunTapError if another switch has the pair, or the near end was not made by a switch
   */
  private findRemaining(): VethPair | undefined {
    const { nearName } = this;
    const near = findVethEnd(nearName);
    if (near === 'nothing') return undefined;
    if (near === 'other' || !isOwnNearEnd(near, nearName)) {
      const cure = 'remove it or give it another name';
      const what = `${nearName} is an interface of somebody else (EEXIST), and the near end has this name`;
      throw new TunTapError('EEXIST', `${what}; ${cure}`);
    }
    const companion = companionOf(nearName);
    if (findInterface(companion) !== undefined) {
      throw heldBy(companion, undefined, 'stop it first: one switch can have a pair');
    }
    const far = isLeaving(near) ? undefined : findFarEnd(near, this.netnsPath);
    if (far !== undefined) return { near, far };
    removePair(near);
    return undefined;
  }

  /** Removes the former pair of the port, unless another switch has taken it meanwhile. */
  private async removeRemaining(had: VethPair | undefined): Promise<void> {
    try {
      const nearName = had?.near.name ?? this.nearName;
      const near = findVethEnd(had?.near.index ?? nearName);
      if (near === 'nothing' && had !== undefined) this.removeStranded(had);
      if (typeof near === 'string' || !isOwnNearEnd(near, nearName)) return;
      if (findInterface(companionOf(near.name)) !== undefined) return;
      await removeTogether(near);
    } catch (error) {
      // The pair has gone with its namespace in the meantime.
      if (!isNativeError(error)) throw error;
    }
  }

  /** Removes a pair whose near end somebody has moved to another namespace: its far end keeps the name. */
  private removeStranded(had: VethPair): void {
    if (netnsOf(this.asked.netns).id !== this.netnsId) return;
    const far = findStrandedFarEnd(had, this.netnsPath);
    if (far !== undefined) removePair(far, this.netnsPath);
  }

  /**
   * Whether the namespace was given as that of a process, and is gone. The port does not come back then: the
   * path may lead to the namespace of another process later.
   */
  private isPlaceOver(): boolean {
    const { netns } = this.asked;
    if (netns?.startsWith('/proc/') !== true) return false;
    this.wasPlaceLost ||= netnsOf(netns).id !== this.netnsId;
    return this.wasPlaceLost;
  }

  private follow({ state, mtuBytes, linkSpeedMbps, kernelName }: Port): void {
    this.state = state;
    this.linkSpeedMbps = linkSpeedMbps;
    this.mtuBytes = mtuBytes;
    this.interfaceName = kernelName;
  }

  /** Present far end; `undefined` if a program in the namespace has moved it away. */
  private farEnd({ near }: VethPair): VethEnd | undefined {
    try {
      return findFarEnd(near, this.netnsPath);
    } catch (error) {
      if (isNativeError(error) && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  private changeFarEnd(pair: VethPair, { mtu, mac, address, up }: VethSettings): void {
    if ([mtu, mac, address, up].every((value) => value === undefined)) return;
    const { netnsPath: farNetns } = this;
    const far = this.farEnd(pair);
    if (far === undefined) {
      const what = 'its far end has left the namespace (ENODEV), and cannot be changed';
      throw new TunTapError('ENODEV', `${what}; move it back`);
    }
    const { index, mtuBytes } = far;
    const handle: InterfaceHandle = {
      // Both ends get the MTU: each must take the frames that the other sends.
      setMtu: (bytes) => {
        changeLink(index, { mtuBytes: bytes }, farNetns);
        changeLink(pair.near.index, { mtuBytes: bytes });
      },
      setMac: (bytes) => changeLink(index, { mac: bytes }, farNetns),
      setQueue: (queueFrames) => changeLink(index, { queueFrames }, farNetns),
      setUp: (isUp) => changeLink(index, { isUp }, farNetns),
    };
    const before = { mtuBytes, queueFrames: undefined, mac: far.mac, isUp: far.isUp };
    const addressSteps = address === undefined ? [] : this.addresses.steps(far, address, farNetns);
    carryOut(
      [
        ...interfaceSteps(handle, before, {
          mtuBytes: mtu,
          mac: mac === undefined ? undefined : macBytes(mac),
        }),
        ...addressSteps,
        ...interfaceSteps(handle, before, { isUp: up }),
      ],
      refusedSetting,
    );
  }
}

function explain(spec: PortSpec, error: unknown): string {
  if (!isNativeError(error)) return (error as Error).message;
  const { syscall, code } = error;
  if (syscall !== 'RTM_NEWLINK') return explainRefusal({ ...spec, mode: 'tap' }, error);
  switch (code) {
    case 'EEXIST':
      return nameTaken(spec);
    case 'EPERM':
      return (
        'may not make a veth pair, which takes CAP_NET_ADMIN in the namespaces of both ends (EPERM); ' +
        cureForRights()
      );
    case 'EOPNOTSUPP':
      return 'this kernel makes no veth pairs (EOPNOTSUPP); load the driver: modprobe veth';
    default:
      return `the kernel refuses a veth pair (${kernelsWords(error)})`;
  }
}

function nameTaken({ name, netns }: PortSpec): string {
  const where = netns === undefined ? '' : ' in the namespace';
  const remove = `ip ${netns === undefined ? '' : `-n ${netns} `}link del ${name}`;
  return `there is an interface of this name${where} already (EEXIST); choose another name, or: ${remove}`;
}
