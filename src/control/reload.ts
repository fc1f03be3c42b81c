/**
 * Makes a running switch be what a new configuration says: as a whole, or not at all. Ports that
 * are the same in both lose no frame.
 *
 * What can fail is done first, each step with its way back; what cannot fail, removal, is done last.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Cidr } from '../config/cidr';
import { type PortSettings, type PortSpec, portLabel } from '../config/port-spec';
import { CONFIG_OPTIONS, type SwitchConfig } from '../config/schema';
import { Refusal } from './refusal';
import type { TapPort } from './tap-port';
import type { TapSwitch } from './tap-switch';

/** What became different. */
export interface Reloaded {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Reads the configuration again and applies it; `applyConfig` does the second half. */
export type Reload = () => Promise<Reloaded>;

/** Of a port that is open: only these may differ. */
const SETTABLE: readonly (keyof PortSpec)[] = ['mtu', 'mac', 'trusted'];

interface PortPlan {
  readonly add: readonly PortSpec[];
  readonly remove: readonly TapPort[];
  readonly set: readonly { readonly port: TapPort; readonly settings: PortSettings }[];
}

/**
 * Must not run beside another change of the same switch.
 * @throws Refusal, StartError: nothing has changed then.
 */
export async function applyConfig(tapSwitch: TapSwitch, wanted: SwitchConfig): Promise<Reloaded> {
  const { config, ports } = tapSwitch;
  refuseFixed(config, wanted);
  const plan = planPorts(ports.all, wanted.ports);
  const newAddresses = without(wanted.addresses, config.addresses);
  const oldAddresses = without(config.addresses, wanted.addresses);
  const wayBack: (() => unknown)[] = [];
  try {
    const added: string[] = [];
    for (const spec of plan.add) {
      const port = await ports.add(spec);
      wayBack.push(() => ports.remove(port));
      added.push(port.label);
    }
    for (const { port, settings } of plan.set) {
      const before = settingsOf(port, settings);
      ports.set(port, settings);
      wayBack.push(() => ports.set(port, before));
    }
    for (const address of newAddresses) {
      await tapSwitch.addAddress(address);
      wayBack.push(() => tapSwitch.removeAddress(address.address));
    }
    wayBack.push(() => tapSwitch.setNeighbours(config.neighbours));
    await tapSwitch.setNeighbours(wanted.neighbours);
    for (const { address } of oldAddresses) await tapSwitch.removeAddress(address);
    await tapSwitch.setTimes(wanted);
    await tapSwitch.setNeighbourRules(wanted);
    for (const port of plan.remove) await ports.remove(port);
    return {
      added,
      removed: plan.remove.map(({ label }) => label),
      changed: plan.set.map(({ port }) => port.label),
    };
  } catch (error) {
    for (const undo of wayBack.reverse()) await undo();
    throw error;
  }
}

/** @throws Refusal that names what only a new start can change. */
function refuseFixed(config: SwitchConfig, wanted: SwitchConfig): void {
  const fixed = CONFIG_OPTIONS.filter(
    ({ property, isLive }) =>
      isLive !== true && !isDeepStrictEqual(config[property], wanted[property]),
  );
  if (fixed.length === 0) return;
  const keys = fixed.map(({ key }) => key).join(', ');
  throw new Refusal('conflict', `${keys}: cannot change while the switch runs; restart it`);
}

function planPorts(open: readonly TapPort[], wanted: readonly PortSpec[]): PortPlan {
  const remaining = [...open];
  const add: PortSpec[] = [];
  const set: { port: TapPort; settings: PortSettings }[] = [];
  for (const spec of wanted) {
    const index = remaining.findIndex((port) => isSamePort(port, spec));
    const [port] = index < 0 ? [] : remaining.splice(index, 1);
    if (port === undefined) add.push(spec);
    else set.push(...settingsFor(port, spec));
  }
  return { add, remove: remaining, set };
}

/** A port that was asked for as `tap%d` is the one that the same words mean. */
function isSamePort(port: TapPort, spec: PortSpec): boolean {
  return portLabel(port.spec) === portLabel(spec) || port.label === portLabel(spec);
}

/** @throws Refusal for what needs the port to be opened anew. */
function settingsFor(port: TapPort, spec: PortSpec) {
  const { spec: now } = port;
  const keys = Object.keys({ ...now, ...spec }) as (keyof PortSpec)[];
  const different = keys.filter((key) => key !== 'name' && now[key] !== spec[key]);
  const fixed = different.filter((key) => !SETTABLE.includes(key));
  if (fixed.length > 0) {
    throw new Refusal(
      'conflict',
      `${port.label}: ${fixed.join(', ')} cannot change while the port is open; ` +
        'remove the port, reload, and add it again',
    );
  }
  const { mtu, mac, trusted = false } = spec;
  const settings: PortSettings = {
    ...(mtu !== undefined && mtu !== port.mtuBytes && { mtu }),
    ...(mac !== undefined && mac !== now.mac && { mac }),
    ...(trusted !== (now.trusted === true) && { trusted }),
  };
  return Object.keys(settings).length === 0 ? [] : [{ port, settings }];
}

/** What a port has now in place of what is to be set. A MAC that nobody chose stays. */
function settingsOf({ mtuBytes, spec }: TapPort, { mtu, mac, trusted }: PortSettings) {
  return {
    ...(mtu !== undefined && { mtu: mtuBytes }),
    ...(mac !== undefined && spec.mac !== undefined && { mac: spec.mac }),
    ...(trusted !== undefined && { trusted: spec.trusted === true }),
  };
}

function without(addresses: readonly Cidr[], others: readonly Cidr[]): Cidr[] {
  return addresses.filter(({ address }) => !others.some((other) => other.address === address));
}
