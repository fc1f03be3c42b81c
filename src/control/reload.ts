/**
 * Applies a new configuration to a running switch: as a whole, or not at all. Ports that are the same in
 * both lose no frame.
 *
 * The steps that can fail come first, each with a step that undoes it. Removals cannot fail and come last.
 */

import { isDeepStrictEqual } from 'node:util';
import { type OwnCidr, ownIdentity } from '../config/values/own-address';
import { isPattern } from '../config/values/interface-name';
import { type PortSettings, type PortSpec, portLabel } from '../config/values/port-spec';
import { CONFIG_OPTIONS, type SwitchConfig } from '../config/schema';
import { RequestError } from '../system/request-error';
import type { PortKinds } from '../ports/kinds';
import type { Port } from '../ports/port';
import { refuseSameInterface, refuseUnknownValues } from '../ports/refuse-port';
import type { TapSwitch } from './tap-switch';

/** Ports that the reload added, removed and changed, by their labels. */
export interface Reloaded {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Reads the configuration again and applies it with `applyConfig`. */
export type Reload = () => Promise<Reloaded>;

interface PortPlan {
  readonly add: readonly PortSpec[];
  readonly remove: readonly Port[];
  readonly set: readonly PortDifference[];
}

interface PortDifference {
  readonly port: Port;
  readonly settings: PortSettings;
  /** Settings that cannot be undone. */
  readonly final: PortSettings;
}

/**
 * Applies a configuration. It must not run at the same time as another change of the same switch.
 * @throws UsageError, RequestError, StartError; nothing has changed then.
 */
export async function applyConfig(tapSwitch: TapSwitch, wanted: SwitchConfig): Promise<Reloaded> {
  const { config, ports } = tapSwitch;
  refuseFixed(config, wanted);
  refuseOtherPrefix(config.addresses, wanted.addresses);
  const { kinds } = ports;
  const plan = planPorts(kinds, ports.all, wanted);
  refuseSameInterface(kinds, wanted.ports);
  for (const spec of plan.add) refuseUnknownValues(kinds.kindOf(spec), portLabel(spec), spec);
  for (const { port, settings, final } of plan.set) {
    const all = { ...settings, ...final };
    refuseUnknownValues(port.kind, port.label, all);
    ports.check(port, all);
  }
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
      const forget = port.snapshot();
      const before = valuesNow(port, settings);
      await ports.set(port, settings);
      wayBack.push(async () => {
        await ports.set(port, before);
        forget();
      });
    }
    for (const address of newAddresses) {
      await tapSwitch.addAddress(address, oldAddresses.length);
      wayBack.push(() => tapSwitch.removeAddress(address));
    }
    wayBack.push(() => tapSwitch.setStaticEntries(config));
    await tapSwitch.setStaticEntries(wanted);
    // The kernel can set an owner and a group, but not remove them.
    for (const { port, final } of plan.set) await ports.set(port, final);
    wayBack.push(() => tapSwitch.setStaticGroups(config.groups));
    // Groups without a VLAN move to other VLANs.
    if (wanted.vlanFiltering !== config.vlanFiltering) await tapSwitch.setStaticGroups([]);
    // The lane's settings come late: when inspection ends, it loses its bindings, which nothing restores.
    wayBack.push(() => tapSwitch.configure(config));
    await tapSwitch.configure(wanted);
    // The lane takes groups only with its new settings: snooping, VLANs, the number of groups.
    await tapSwitch.setStaticGroups(wanted.groups);
    for (const address of oldAddresses) await tapSwitch.removeAddress(address);
    for (const port of plan.remove) await ports.remove(port);
    await tapSwitch.renewStaticEntries();
    return {
      added,
      removed: plan.remove.map(({ label }) => label),
      changed: plan.set.map(({ port }) => port.label),
    };
  } catch (error) {
    for (const undo of wayBack.reverse()) {
      try {
        await undo();
      } catch (failure) {
        // The device may be gone. The other steps are undone all the same.
        tapSwitch.journal.log.error(`reload: ${(failure as Error).message}`);
      }
    }
    throw error;
  }
}

/** @throws RequestError that names the options that only a restart can change. */
function refuseFixed(config: SwitchConfig, wanted: SwitchConfig): void {
  const fixed = CONFIG_OPTIONS.filter(
    ({ property, live }) =>
      live === undefined && !isDeepStrictEqual(config[property], wanted[property]),
  );
  if (fixed.length === 0) return;
  const keys = fixed.map(({ key }) => key).join(', ');
  throw new RequestError('conflict', `${keys}: cannot change while the switch runs; restart it`);
}

/** @throws RequestError for another prefix length of an address: the switch holds an address only once. */
function refuseOtherPrefix(now: readonly OwnCidr[], wanted: readonly OwnCidr[]): void {
  for (const one of wanted) {
    const { address, prefixLength } = one;
    const held = now.find((own) => ownIdentity(own) === ownIdentity(one));
    if (held === undefined || held.prefixLength === prefixLength) continue;
    throw new RequestError(
      'conflict',
      `address: ${address}/${held.prefixLength} cannot become /${prefixLength} while the switch ` +
        'has it; remove it, reload, and add it again',
    );
  }
}

function planPorts(kinds: PortKinds, open: readonly Port[], wanted: SwitchConfig): PortPlan {
  const byLabel = new Map(open.map((port) => [port.label, port]));
  const kept = new Map<PortSpec, Port>();
  const keep = (spec: PortSpec, port: Port | undefined): void => {
    if (port === undefined) return;
    kept.set(spec, port);
    byLabel.delete(port.label);
  };
  for (const spec of wanted.ports) keep(spec, byLabel.get(portLabel(spec)));
  // A pattern keeps a port that was opened with the same pattern, unless the file names that port itself.
  for (const spec of wanted.ports.filter(({ name }) => isPattern(name))) {
    const isAsked = (port: Port): boolean => portLabel(port.spec) === portLabel(spec);
    keep(spec, [...byLabel.values()].find(isAsked));
  }
  return {
    add: wanted.ports.filter((spec) => !kept.has(spec)),
    remove: [...byLabel.values()],
    set: [...kept].flatMap(([spec, port]) => {
      refuseFixedKeys(kinds, port, spec);
      return differenceOf(kinds, port, { offload: wanted.offload, ...spec });
    }),
  };
}

/** @throws RequestError for another value of a key that only a new port can have. */
function refuseFixedKeys(kinds: PortKinds, { kind, label, spec }: Port, wanted: PortSpec): void {
  for (const [key, { isFixed, fallback }] of Object.entries(kinds.openKeys(kind))) {
    if (!isFixed || isDeepStrictEqual(wanted[key] ?? fallback, spec[key] ?? fallback)) continue;
    const cure = 'remove the port, reload, and add it again';
    throw new RequestError('conflict', `${label}: ${key}: cannot change while it is open; ${cure}`);
  }
}

/** Settings of a port that differ. A key that the file does not give keeps its value, or takes its fallback. */
function differenceOf(kinds: PortKinds, port: Port, wanted: PortSpec): PortDifference[] {
  const differing = Object.entries(kinds.liveKeys(port.kind)).flatMap(
    ([key, { when, isFinal = false }]) => {
      const value = wanted[key] ?? port.fallbackOf(key);
      const isSame = value === undefined || isDeepStrictEqual(value, port.holds(key));
      return isSame || when !== undefined ? [] : [{ key, value, isFinal }];
    },
  );
  if (differing.length === 0) return [];
  const those = (areFinal: boolean): PortSettings =>
    Object.fromEntries(
      differing.filter(({ isFinal }) => isFinal === areFinal).map(({ key, value }) => [key, value]),
    );
  return [{ port, settings: those(false), final: those(true) }];
}

/** Present values of the settings of a port that are about to change. */
function valuesNow(port: Port, settings: PortSettings): PortSettings {
  return Object.fromEntries(Object.keys(settings).map((key) => [key, port.valueNow(key)]));
}

function without(addresses: readonly OwnCidr[], others: readonly OwnCidr[]): OwnCidr[] {
  const identities = new Set(others.map(ownIdentity));
  return addresses.filter((one) => !identities.has(ownIdentity(one)));
}
