/**
 * The kind of port `nic`: an interface that is there, taken as `ip link set NAME master br0` takes it.
 * A network card, the near end of a veth pair, a kernel VXLAN device, a TAP that QEMU holds.
 *
 *     NAME ── ingress ── redirect ──▶ companion TAP ── the switch reads
 *     NAME ◀── redirect ── ingress ── companion TAP ◀─ the switch writes
 *
 * The companion lives in the interface's namespace and belongs to the switch. What the interface
 * receives does not reach the host's stack. Whatever ends the switch, the companion goes, and with it
 * the redirects and promiscuous mode (`device/redirect.ts` has the exceptions).
 *
 * The companion's name is made of the interface's, and follows it: two switches cannot take one interface.
 */

import { existsSync } from 'node:fs';
import type { PortKey } from '../config/port-grammar';
import { type PortSettings, type PortSpec, tapName } from '../config/values/port-spec';
import { mapRule, onOff, ValueError } from '../config/values/rule';
import type { PortTransport } from '../dataplane/messages';
import { attachDevice, heldBy } from '../device/attach-device';
import { carryOut } from '../device/change';
import { companionAlias, companionOf } from '../device/companion';
import { explainRefusal } from '../device/explain-refusal';
import {
  type NetworkInterface,
  findInterface,
  renameInterface,
  silence,
} from '../device/interface';
import { changeLink, listAddresses } from '../device/link';
import type { Redirect } from '../device/redirect';
import { type Ingress, removeRemains } from '../device/traffic-control';
import type { FastLeg } from '../l2/fast/leg';
import {
  type NativePromiscuousMode,
  type NativeTap,
  isNativeError,
  native,
} from '../native/native';
import { netnsOf, netnsPath } from '../system/netns';
import { TunTapError } from '../system/tuntap-error';
import { closeTogether } from './close-together';
import { FAST_KEY } from './fast-key';
import { FastLegs } from './fast-legs';
import { OFFLOAD_KEY } from './offload-key';
import {
  Port,
  type PortChange,
  type PortContext,
  type PortKind,
  type PortOrigin,
  type PortState,
} from './port';
import { RetryPause } from './retry-pause';

interface NicSettings extends PortSettings {
  readonly nomaster?: boolean | undefined;
  readonly fast?: boolean | undefined;
  readonly offload?: boolean | undefined;
}

type NicSpec = PortSpec & NicSettings;

/** Milliseconds between two attempts that the kernel refuses, at most. */
export const LONGEST_PAUSE_MS = 32_000;
/** The longest MTU of a TAP: drivers/net/tun.c, tun_net_init. */
const TAP_MTU_MAX = 65_521;

/** Kinds of interfaces that receive every frame, in promiscuous mode or not: drivers/net/veth.c, tun.c, vxlan. */
const UNFILTERED = ['veth', 'tun', 'vxlan'];

const KEYS = {
  nomaster: {
    rule: onOff,
    isFlag: true,
    help: 'if the interface is a member of a Linux bridge, the switch takes it from there',
    when: 'opened',
  },
  fast: FAST_KEY,
  offload: OFFLOAD_KEY,
} satisfies Readonly<Record<string, PortKey>>;

/** The name of one interface: a pattern means none that is there. */
export const interfaceOnly = mapRule(tapName, (name) => {
  if (name.includes('%')) {
    throw new ValueError(`${name}: a pattern names no interface that is there`);
  }
  return name;
});

export const nicKind: PortKind = {
  name: 'nic',
  placeholder: 'NAME',
  help:
    'of an interface that is there, taken as "ip link set NAME master br0" takes it: a network card, ' +
    'a veth, a VXLAN device, a TAP that QEMU holds. It is given back when the switch goes.',
  nameRule: interfaceOnly,
  hasNetns: true,
  keys: KEYS,
  open: (spec, context) => NicPort.open(spec, context),
  prepareForPlainUser: (shared) => {
    FastLegs.of(shared).prepareForPlainUser();
    preparePromiscuousMode();
  },
  identity: ({ name, netns }) => `interface ${netnsOf(netns).id || netns} ${name}`,
  explain: (spec, error) =>
    isNativeError(error)
      ? explainRefusal({ ...spec, mode: 'tap' }, error)
      : (error as Error).message,
};

/** What holds an interface. */
interface Hold {
  readonly index: number;
  /** Identity of the namespace: see `Netns`. */
  readonly netnsId: string;
  readonly companion: NativeTap;
  readonly companionIndex: number;
  readonly redirects: readonly Redirect[];
  /** `undefined` for an interface that needs none: see `beginPromiscuousMode`. */
  readonly promiscuousMode: NativePromiscuousMode | undefined;
  readonly at: Ingress;
  /** Leg of the fast path. */
  leg: FastLeg | undefined;
  readonly fastObstacle: string | undefined;
}

class NicPort extends Port {
  readonly origin: PortOrigin = 'taken';
  private hold: Hold | undefined;
  private obstacle: string | undefined;
  private wasInBridge = false;
  private interfaceName: string;
  private isOffloaded: boolean;
  private readonly pause = new RetryPause(LONGEST_PAUSE_MS);

  private readonly fastLegs: FastLegs;

  private constructor({ id, offloadByDefault, shared }: PortContext, spec: NicSpec) {
    super(id, nicKind, spec);
    this.fastLegs = FastLegs.of(shared);
    this.interfaceName = spec.name;
    this.isOffloaded = spec.offload ?? offloadByDefault;
  }

  static open(spec: NicSpec, context: PortContext): NicPort {
    const port = new NicPort(context, spec);
    port.take();
    return port;
  }

  override get kernelName(): string {
    return this.interfaceName;
  }

  get transport(): PortTransport | undefined {
    if (this.hold === undefined) return undefined;
    const { fd, hasVnetHeader } = this.hold.companion;
    return { fd, kind: 'device', framing: hasVnetHeader ? 'vnet' : 'plain' };
  }

  override get problem(): string | undefined {
    return super.problem ?? this.obstacle;
  }

  /** The kernel tells of a namespace; the question whether it is about this interface costs little. */
  override get hasNews(): boolean {
    return this.hold !== undefined;
  }

  override get hasMovedStations(): boolean {
    return this.wasInBridge;
  }

  override get takesOffloads(): boolean {
    return this.isOffloaded && this.hold?.companion.hasVnetHeader !== false;
  }

  override get fastLeg(): FastLeg | null {
    return this.holds('fast') === false ? null : (this.hold?.leg ?? null);
  }

  override get fastObstacle(): string | undefined {
    if (this.holds('fast') === false) return 'fast=off';
    const { hold } = this;
    if (hold === undefined) return 'the interface is gone';
    if (hold.leg === undefined) return hold.fastObstacle;
    return this.fastLegs.obstacleOf(this.id);
  }

  override get remarks(): readonly string[] {
    const { hold } = this;
    if (hold === undefined) return [];
    const addresses = (listAddresses(this.netnsPath).get(hold.index) ?? []).filter(
      ({ address }) => !address.startsWith('fe80:'),
    );
    const unreachable = addresses.map(
      ({ address }) =>
        `${address}: this address of the host cannot be reached while the switch has the interface; ` +
        'give it to a TAP port of the switch, which is the leg of the host',
    );
    const { fastObstacle } = hold;
    return fastObstacle === undefined
      ? unreachable
      : [...unreachable, `has no fast path: ${fastObstacle}`];
  }

  override holds(key: string): unknown {
    return key === 'offload' ? this.isOffloaded : super.holds(key);
  }

  refresh(): PortChange {
    const { hold } = this;
    if (hold === undefined) return {};
    try {
      const now = this.find(hold);
      this.obstacle = undefined;
      if (now !== undefined) return this.follow(hold, now);
    } catch (error) {
      if (!isNativeError(error)) throw error;
      // What is not known now is as it was.
      this.obstacle = nicKind.explain(this.namedSpec, error);
      return {};
    }
    const change: PortChange = { isLost: true, ...(this.state !== 'gone' && { state: 'gone' }) };
    this.state = 'gone';
    return change;
  }

  override reopen(): boolean {
    if (this.hold !== undefined || !this.pause.isOver(performance.now())) return false;
    try {
      this.take();
      this.pause.shorten();
      return true;
    } catch (error) {
      // An attempt that the kernel refuses has made a companion, and whoever lists interfaces sees it.
      if (isNativeError(error)) this.pause.begin(performance.now());
      if (error instanceof TunTapError && error.code === 'ENODEV') this.obstacle = undefined;
      else this.obstacle = nicKind.explain(this.namedSpec, error);
      return false;
    }
  }

  /** The interface is as it was before when the redirects are closed; that is at once. */
  release(): () => Promise<void> {
    const { hold } = this;
    this.hold = undefined;
    if (hold === undefined) return () => Promise.resolve();
    letGo(hold);
    return () => closeTogether(hold.companion);
  }

  protected change({ offload }: NicSettings): void {
    const companion = this.hold?.companion;
    if (offload === undefined || offload === this.isOffloaded) return;
    if (companion !== undefined) {
      carryOut([{ what: 'offloads', apply: () => companion.setOffload(offload) }]);
    }
    this.isOffloaded = offload;
  }

  private get netnsPath(): string | undefined {
    const { netns } = this.asked;
    return netns === undefined ? undefined : netnsPath(netns);
  }

  /** @returns `undefined` where the interface, its namespace or the companion has gone */
  private find({ index, netnsId, companionIndex }: Hold): NetworkInterface | undefined {
    // The path may lead to another namespace by now, where the index means another interface.
    if (netnsOf(this.asked.netns).id !== netnsId) return undefined;
    const companion = findInterface(companionIndex, this.netnsPath);
    if (companion === undefined) return undefined;
    const found = findInterface(index, this.netnsPath);
    if (found !== undefined) this.nameCompanion(companion, found);
    return found;
  }

  /** Gives the companion its name again, by which another switch knows that the interface is taken. */
  private nameCompanion(companion: NetworkInterface, { name }: NetworkInterface): void {
    const wanted = companionOf(name);
    if (companion.name === wanted) return;
    try {
      renameInterface(companion.index, wanted, companionAlias(name), this.netnsPath);
    } catch (error) {
      // Somebody else has given the name to another interface.
      if (!isNativeError(error) || error.code !== 'EEXIST') throw error;
    }
  }

  private follow(hold: Hold, now: NetworkInterface): PortChange {
    const { companion } = hold;
    const { isUp, name } = now;
    const state: PortState = isUp ? 'up' : 'down';
    const mtuBytes = Math.min(now.mtuBytes, TAP_MTU_MAX);
    // Somebody may have changed the companion; it is as the switch needs it afterwards.
    const { mtu, up } = companion.readState();
    if (mtu !== mtuBytes) companion.setMtu(mtuBytes);
    if (!up) companion.setUp(true);
    if (hold.leg !== undefined) hold.leg = this.fastLegs.renew(hold.leg, hold.at, now);
    // Asked for with the carrier, which changes with the speed: some drivers take milliseconds for the answer.
    if (isUp && this.state !== 'up') this.linkSpeedMbps = speedOf(companion, now);
    const change: PortChange = {
      ...(state !== this.state && { state }),
      ...(mtuBytes !== this.mtuBytes && { mtuBytes }),
      ...(name !== this.interfaceName && { renamedTo: name }),
    };
    this.state = state;
    this.mtuBytes = mtuBytes;
    this.interfaceName = name;
    return change;
  }

  private take(): void {
    const { name } = this;
    const netnsId = netnsOf(this.asked.netns).id;
    const taken = findInterface(name, this.netnsPath);
    refuseInterface(name, taken, this.netnsPath, this.asked['nomaster'] === true);
    const at = { index: taken.index, netnsPath: this.netnsPath };
    const companion = this.makeCompanion(taken);
    const redirects: Redirect[] = [];
    try {
      // A switch that was killed may have left some of these.
      removeRemains(at);
      const companionIndex = indexOf(companion, this.netnsPath);
      const joined = this.fastLegs.join(this.id, at, taken, companionIndex);
      redirects.push(...joined.redirects);
      const promiscuousMode = beginPromiscuousMode(taken, this.netnsPath);
      // The redirects have the frames of the interface already, so it is without a bridge for a moment only.
      this.wasInBridge = taken.master !== undefined;
      if (this.wasInBridge) changeLink(taken.index, { master: 0 }, this.netnsPath);
      const { leg, obstacle: fastObstacle } = joined;
      const { index } = taken;
      const held = { index, netnsId, companion, companionIndex, redirects, promiscuousMode };
      this.hold = { ...held, at, leg, fastObstacle };
    } catch (error) {
      for (const redirect of redirects) redirect.close();
      companion.close();
      throw error;
    }
    this.obstacle = undefined;
    this.interfaceName = taken.name;
    this.state = taken.isUp ? 'up' : 'down';
    this.linkSpeedMbps = speedOf(companion, taken);
    this.mtuBytes = Math.min(taken.mtuBytes, TAP_MTU_MAX);
  }

  private makeCompanion({ name, mtuBytes }: NetworkInterface): NativeTap {
    const { netns } = this.asked;
    const companionName = companionOf(name);
    const inNetns = this.netnsPath === undefined ? {} : { netnsPath: this.netnsPath };
    let companion: NativeTap;
    try {
      companion = attachDevice(
        {
          ...{ name: companionName, onlyExisting: false, onlyNew: true, persist: false, up: false },
          ...{ vnetHeader: true, offload: this.isOffloaded },
          ...{ mtu: Math.min(mtuBytes, TAP_MTU_MAX), ...inNetns },
        },
        netns,
      );
    } catch (error) {
      if (!isNativeError(error) || error.code !== 'EEXIST') throw error;
      throw heldBy(companionName, netns, 'stop it first: one switch can take an interface', error);
    }
    try {
      silence(companionName, companionAlias(name), this.netnsPath);
      companion.setUp(true);
      return companion;
    } catch (error) {
      companion.close();
      throw error;
    }
  }
}

function indexOf(tap: NativeTap, netns: string | undefined): number {
  const found = findInterface(tap.name, netns);
  if (found === undefined) throw new TunTapError('ENODEV', `${tap.name}: was deleted meanwhile`);
  return found.index;
}

/** @returns 0 for a TAP whose speed nobody has set: it says 10 Mb/s (drivers/net/tun.c, tun_default_link_ksettings) */
function speedOf(companion: NativeTap, { kind, name }: NetworkInterface): number {
  const speedMbps = companion.linkSpeed(name);
  return kind === 'tun' && speedMbps === 10 ? 0 : speedMbps;
}

function letGo({ redirects, promiscuousMode }: Hold): void {
  promiscuousMode?.close();
  for (const redirect of [...redirects].reverse()) redirect.close();
}

/** Makes the packet socket that promiscuous mode takes in the namespace of the process. */
function preparePromiscuousMode(): void {
  try {
    native().preparePromiscuousMode();
  } catch (error) {
    // A port that needs it will say so.
    if (!isNativeError(error)) throw error;
  }
}

/**
 * A switch that has given up root cannot make the packet socket that this takes in another namespace. It does
 * without where no MAC filter is in the way.
 * @throws NativeError
 */
function beginPromiscuousMode(
  { index, kind = '' }: NetworkInterface,
  path: string | undefined,
): NativePromiscuousMode | undefined {
  const { PromiscuousMode } = native();
  try {
    return new PromiscuousMode(index, path);
  } catch (error) {
    if (!isNativeError(error) || error.code !== 'EPERM' || !UNFILTERED.includes(kind)) throw error;
    return undefined;
  }
}

/** @throws TunTapError where a bridge could not take the interface either */
function refuseInterface(
  name: string,
  found: NetworkInterface | undefined,
  path: string | undefined,
  mayLeaveBridge: boolean,
): asserts found is NetworkInterface {
  if (found === undefined) {
    const cure = `ip link shows which there are; for a TAP of the switch leave out "nic:"`;
    throw new TunTapError('ENODEV', `there is no interface of this name (ENODEV); ${cure}`);
  }
  if (found.isLoopback) {
    throw new TunTapError('EINVAL', 'is the loopback interface, which no bridge can take');
  }
  if (!found.isEthernet) {
    throw new TunTapError('EINVAL', 'is no Ethernet interface: its packets have no MAC addresses');
  }
  if (found.isCompanion) {
    const cure = 'which stands for an interface; take that one';
    throw new TunTapError('EINVAL', `is the companion that a switch has made, ${cure}`);
  }
  if (found.kind === 'bridge') {
    throw new TunTapError(
      'ELOOP',
      'is a bridge itself, which no other bridge can take (ELOOP); take its ports, or a veth pair to it',
    );
  }
  if (found.master !== undefined) {
    const master = findInterface(found.master, path);
    const isOfBridge = master?.kind === 'bridge';
    if (isOfBridge && mayLeaveBridge) return;
    const what = `is a member of ${master?.name ?? `interface ${found.master}`} (EBUSY)`;
    const orByKey = isOfBridge ? `, or give the port the key nomaster` : '';
    throw new TunTapError(
      'EBUSY',
      `${what}; take it out first: ip link set ${name} nomaster${orByKey}`,
    );
  }
  if (path === undefined && existsSync(`/sys/class/net/${name}/wireless`)) {
    throw new TunTapError(
      'EOPNOTSUPP',
      'is a wireless interface, whose access point drops the frames of other stations; ' +
        'use routing instead',
    );
  }
}
