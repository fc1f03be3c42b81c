/**
 * Makes a running switch be what a new configuration says: as a whole, or not at all. Ports that
 * are the same in both lose no frame.
 *
 * What can fail is done first, each step with its way back; what cannot fail, removal, is done last.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Cidr } from '../config/values/cidr';
import { isPattern } from '../config/values/interface-name';
import { type PortSettings, type PortSpec, portLabel } from '../config/values/port-spec';
import { CONFIG_OPTIONS, type SwitchConfig } from '../config/schema';
import { RequestError } from '../system/request-error';
import type { PortKinds } from '../ports/kinds';
import type { Port } from '../ports/port';
import { refuseSameInterface, refuseUnknownValues } from '../ports/refuse-port';
import type { TapSwitch } from './tap-switch';

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
  readonly remove: readonly Port[];
  readonly set: readonly PortDifference[];
}

interface PortDifference {
  readonly port: Port;
  readonly settings: PortSettings;
  /** Those of which the kernel takes none back. */
  readonly final: PortSettings;
}

/**
 * Must not run beside another change of the same switch.
 * @throws UsageError, RequestError, StartError: nothing has changed then.
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
    // The kernel gives a device to somebody else, and never back to nobody.
    for (const { port, final } of plan.set) await ports.set(port, final);
    // Late, for what inspection knows does not come back when it ends.
    wayBack.push(() => tapSwitch.configure(config));
    await tapSwitch.configure(wanted);
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
        // A device that is gone meanwhile. The other steps are taken back all the same.
        tapSwitch.journal.log.error(`reload: ${(failure as Error).message}`);
      }
    }
    throw error;
  }
}

/** @throws RequestError that names what only a new start can change. */
function refuseFixed(config: SwitchConfig, wanted: SwitchConfig): void {
  const fixed = CONFIG_OPTIONS.filter(
    ({ property, live }) =>
      live === undefined && !isDeepStrictEqual(config[property], wanted[property]),
  );
  if (fixed.length === 0) return;
  const keys = fixed.map(({ key }) => key).join(', ');
  throw new RequestError('conflict', `${keys}: cannot change while the switch runs; restart it`);
}

/** @throws RequestError: an address is known by itself, and would not be new with another prefix. */
function refuseOtherPrefix(now: readonly Cidr[], wanted: readonly Cidr[]): void {
  for (const { address, prefixLength } of wanted) {
    const held = now.find((own) => own.address === address);
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
  // A port that was asked for as `tap%d` is one that the same words mean, unless it is named, too.
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

/** @throws RequestError for a value that only another port has. */
function refuseFixedKeys(kinds: PortKinds, { kind, label, spec }: Port, wanted: PortSpec): void {
  for (const [key, { isFixed, fallback }] of Object.entries(kinds.openKeys(kind))) {
    if (!isFixed || isDeepStrictEqual(wanted[key] ?? fallback, spec[key] ?? fallback)) continue;
    const cure = 'remove the port, reload, and add it again';
    throw new RequestError('conflict', `${label}: ${key}: cannot change while it is open; ${cure}`);
  }
}

/** What the file no longer says of a port stays as it is, where nothing holds instead. */
function differenceOf(kinds: PortKinds, port: Port, wanted: PortSpec): PortDifference[] {
  const differing = Object.entries(kinds.liveKeys(port.kind)).flatMap(
    ([key, { fallback, when, isFinal = false }]) => {
      const value = wanted[key] ?? fallback;
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

/** What a port has now in place of what is to be set. */
function valuesNow(port: Port, settings: PortSettings): PortSettings {
  return Object.fromEntries(Object.keys(settings).map((key) => [key, port.valueNow(key)]));
}

function without(addresses: readonly Cidr[], others: readonly Cidr[]): Cidr[] {
  return addresses.filter(({ address }) => !others.some((other) => other.address === address));
}
