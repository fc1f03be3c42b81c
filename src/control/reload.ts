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
import { refuseUnknownAccounts } from './unknown-accounts';

/** What became different. */
export interface Reloaded {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Reads the configuration again and applies it; `applyConfig` does the second half. */
export type Reload = () => Promise<Reloaded>;

interface PortPlan {
  readonly add: readonly PortSpec[];
  readonly remove: readonly TapPort[];
  readonly set: readonly { readonly port: TapPort; readonly settings: PortSettings }[];
}

/**
 * Must not run beside another change of the same switch.
 * @throws UsageError, Refusal, StartError: nothing has changed then.
 */
export async function applyConfig(tapSwitch: TapSwitch, wanted: SwitchConfig): Promise<Reloaded> {
  const { config, ports } = tapSwitch;
  refuseFixed(config, wanted);
  refuseOtherPrefix(config.addresses, wanted.addresses);
  const plan = planPorts(ports.all, wanted);
  for (const spec of plan.add) refuseUnknownAccounts(portLabel(spec), spec);
  for (const { port, settings } of plan.set) refuseUnknownAccounts(port.label, settings);
  const newAddresses = without(wanted.addresses, config.addresses);
  const oldAddresses = without(config.addresses, wanted.addresses);
  const wayBack: (() => unknown)[] = [];
  try {
    const added: string[] = [];
    for (const spec of plan.add) {
      const port = await ports.add(spec);
      wayBack.push(() => {
        port.forgetPersistence();
        return ports.remove(port);
      });
      added.push(port.label);
    }
    for (const { port, settings } of plan.set) {
      const { spec } = port;
      const before = settingsOf(port, settings);
      await ports.set(port, { ...settings, owner: undefined, group: undefined });
      wayBack.push(async () => {
        await ports.set(port, before);
        port.resetSpec(spec);
      });
    }
    for (const address of newAddresses) {
      await tapSwitch.addAddress(address, oldAddresses.length);
      wayBack.push(() => tapSwitch.removeAddress(address));
    }
    wayBack.push(() => tapSwitch.setNeighbours(config.neighbours));
    await tapSwitch.setNeighbours(wanted.neighbours);
    // The kernel gives a device to somebody else, and never back to nobody.
    for (const { port, settings } of plan.set) {
      await ports.set(port, { owner: settings.owner, group: settings.group });
    }
    for (const address of oldAddresses) await tapSwitch.removeAddress(address);
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

/** @throws Refusal: an address is known by itself, and would not be new with another prefix. */
function refuseOtherPrefix(now: readonly Cidr[], wanted: readonly Cidr[]): void {
  for (const { address, prefixLength } of wanted) {
    const held = now.find((own) => own.address === address);
    if (held === undefined || held.prefixLength === prefixLength) continue;
    throw new Refusal(
      'conflict',
      `address: ${address}/${held.prefixLength} cannot become /${prefixLength} while the switch ` +
        'has it; remove it, reload, and add it again',
    );
  }
}

function planPorts(open: readonly TapPort[], wanted: SwitchConfig): PortPlan {
  const remaining = [...open];
  const add: PortSpec[] = [];
  const set: { port: TapPort; settings: PortSettings }[] = [];
  for (const spec of wanted.ports) {
    const index = remaining.findIndex((port) => isSamePort(port, spec));
    const [port] = index < 0 ? [] : remaining.splice(index, 1);
    if (port === undefined) add.push(spec);
    else set.push(...settingsFor(port, { offload: wanted.offload, ...spec }));
  }
  return { add, remove: remaining, set };
}

/** A port that was asked for as `tap%d` is the one that the same words mean. */
function isSamePort(port: TapPort, spec: PortSpec): boolean {
  return portLabel(port.spec) === portLabel(spec) || port.label === portLabel(spec);
}

/** What the file no longer says of an interface stays as it is. */
function settingsFor(port: TapPort, spec: PortSpec) {
  const { spec: now } = port;
  const { mtu, mac, persist, owner, group, offload, trusted = false } = spec;
  const settings: PortSettings = {
    ...(mtu !== undefined && mtu !== port.mtuBytes && { mtu }),
    ...(mac !== undefined && mac !== now.mac && { mac }),
    ...(persist !== now.persist && { persist }),
    ...(owner !== undefined && owner !== now.owner && { owner }),
    ...(group !== undefined && group !== now.group && { group }),
    ...(offload !== port.offload && { offload }),
    ...(trusted !== port.trusted && { trusted }),
  };
  if (Object.keys(settings).length === 0) return [];
  return [{ port, settings }];
}

/** What a port has now in place of what is to be set. A MAC that nobody chose stays, and an owner. */
function settingsOf(port: TapPort, { mtu, mac, persist, offload, trusted }: PortSettings) {
  const { spec } = port;
  return {
    ...(mtu !== undefined && { mtu: port.mtuBytes }),
    ...(mac !== undefined && spec.mac !== undefined && { mac: spec.mac }),
    ...(persist !== undefined && { persist: spec.persist }),
    ...(offload !== undefined && { offload: port.offload }),
    ...(trusted !== undefined && { trusted: port.trusted }),
  };
}

function without(addresses: readonly Cidr[], others: readonly Cidr[]): Cidr[] {
  return addresses.filter(({ address }) => !others.some((other) => other.address === address));
}
