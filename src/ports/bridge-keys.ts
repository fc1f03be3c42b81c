/**
 * Keys that ports of every kind have, because the bridge acts on them. One line here adds a key to the
 * command line, the file, `tapctl port set`, a reload, the API, `tapctl port show`, and the copy of the
 * bridge that a trace runs.
 */

import type { PortKey } from '../config/port-grammar';
import type { PortSettings } from '../config/values/port-spec';
import { ValueError, onOff, oneOf, wholeNumber } from '../config/values/rule';
import { backupPort } from '../config/values/backup-port';
import { macList } from '../config/values/mac-list';
import { numberOrOff } from '../config/values/number-or-off';
import type { BridgePortSettings, PortFlags } from '../l2/port-table';
import type { Violation } from '../l2/port-security';
import type { StormLimits } from '../l2/storm';
import { RouterMode } from '../mcast/routers';
import { edge, pathCost, portPriority } from '../config/values/spanning-tree';
import { parseVlanGroupLimits, vlanGroupLimits } from '../config/values/vlan-group-limits';
import type { StpPortSettings } from '../stp/stp';
import { VLAN_KEYS, portVlans, refuseContradictingVlans } from './vlan-keys';

const stormLimit = numberOrOff({ from: 0, to: 1_000_000_000, unit: 'frames per second' });

export interface BridgeKey extends PortKey {
  readonly fallback: unknown;
  /** Whether `tapctl port show` always shows the key, even if all ports have the fallback. */
  readonly isAlwaysShown?: boolean;
  /** Whether a value that is given takes effect also where it is the present one. */
  readonly takesEffectAgain?: boolean;
  /** Settings of the bridge for a value. */
  readonly toBridge: (value: never) => Partial<BridgePortSettings>;
}

export const BRIDGE_KEYS: ReadonlyMap<string, BridgeKey> = new Map<string, BridgeKey>([
  [
    'trusted',
    {
      rule: onOff,
      help: 'the port is not inspected: for a router, a DHCP server or another switch',
      fallback: false,
      isAlwaysShown: true,
      toBridge: (isTrusted: boolean) => ({ isTrusted }),
    },
  ],
  [
    'neigh-suppress',
    {
      rule: onOff,
      placeholder: 'off',
      help:
        'whether ARP and ND requests that the switch answers are kept from the port: not from a backup ' +
        'link with an ARP monitor',
      fallback: true,
      toBridge: (isSuppressed: boolean) => ({ hearsRequests: !isSuppressed }),
    },
  ],
  flag('isolated', 'isolated', false, 'no frame passes between two ports that are isolated'),
  flag('learning', 'learning', true, 'whether stations are learned on the port'),
  flag(
    'flood',
    'flood',
    true,
    'whether the port gets frames to stations that the switch does not know',
  ),
  flag('mcast-flood', 'mcastFlood', true, 'whether the port gets multicasts'),
  flag('bcast-flood', 'bcastFlood', true, 'whether the port gets broadcasts'),
  flag('hairpin', 'hairpin', false, 'frames may go back to the port from which they came'),
  flag(
    'locked',
    'locked',
    false,
    'the switch takes frames from stations only that the FDB has on the port',
  ),
  flag(
    'mab',
    'mab',
    false,
    'on a locked port, stations that are kept out are in the FDB with the flag "locked", until they are let in',
  ),
  [
    'backup',
    {
      rule: backupPort,
      placeholder: 'PORT',
      help: 'port that takes frames to the stations of this one while this one is down',
      fallback: 'off',
      toBridge: (backup: string) => ({ backup: backup === 'off' ? null : backup }),
    },
  ],
  limit('storm', 'storm', 'broadcasts, multicasts and frames to unknown stations'),
  limit('storm-broadcast', 'stormBroadcast', 'broadcasts'),
  limit('storm-multicast', 'stormMulticast', 'multicasts'),
  limit('storm-unknown', 'stormUnknown', 'frames to unknown stations'),
  [
    'macs',
    {
      rule: numberOrOff({ from: 1, to: 65_536, unit: 'stations' }),
      placeholder: 'N',
      help: 'number of stations that may send from the port; static entries do not count',
      fallback: 'off',
      toBridge: (macs: number | 'off') => ({ macs: macs === 'off' ? null : macs }),
    },
  ],
  [
    'mac-allow',
    {
      rule: macList,
      placeholder: 'MAC+MAC',
      help: 'stations that may send from the port, and no others',
      fallback: 'off',
      toBridge: (list: string) => ({ macAllow: list === 'off' ? null : list }),
    },
  ],
  [
    'violation',
    {
      rule: oneOf('drop', 'shutdown'),
      placeholder: 'drop|shutdown',
      help: 'what happens if another station sends: its frames are dropped, or the port is shut',
      fallback: 'drop',
      toBridge: (violation: Violation) => ({ violation }),
    },
  ],
  [
    'shut',
    {
      rule: onOff,
      placeholder: 'on|off',
      help: 'whether the port is shut, by port security or by hand; "off" opens it',
      when: 'open',
      fallback: false,
      toBridge: (isShut: boolean) => ({ isShut }),
    },
  ],
  [
    'mcast-router',
    {
      rule: wholeNumber({ from: RouterMode.Never, to: RouterMode.Always }),
      placeholder: 'N',
      help:
        'whether a multicast router is behind the port, which then gets every group: 0 never, 1 as ' +
        'long as one is heard, 2 always',
      fallback: RouterMode.Auto,
      toBridge: (mcastRouter: RouterMode) => ({ mcastRouter }),
    },
  ],
  [
    'fastleave',
    {
      rule: onOff,
      isFlag: true,
      help: 'a group ends at once when a host behind the port leaves it: for a port with one host',
      fallback: false,
      toBridge: (fastLeave: boolean) => ({ fastLeave }),
    },
  ],
  [
    'mcast-max-groups',
    {
      rule: wholeNumber({ from: 0, to: 65_536, unit: 'groups' }),
      placeholder: 'N',
      help: 'number of groups that hosts behind the port may join; 0 for no limit',
      fallback: 0,
      toBridge: (mcastMaxGroups: number) => ({ mcastMaxGroups }),
    },
  ],
  [
    'mcast-vlan-max-groups',
    {
      rule: vlanGroupLimits,
      placeholder: 'VID:N+VID:N',
      help: 'number of groups that hosts behind the port may join in some VLANs: 10:3+20-30:5',
      fallback: 'off',
      toBridge: (text: string) => ({ mcastVlanLimits: parseVlanGroupLimits(text) }),
    },
  ],
  [
    'stp-cost',
    {
      rule: pathCost,
      placeholder: 'N',
      help: 'cost of the port in the spanning tree, 1 to 200000000 (default: from the speed of the link, or 20000)',
      fallback: 'auto',
      toBridge: (cost: number | 'auto') => ({ stpCost: cost === 'auto' ? 0 : cost }),
    },
  ],
  [
    'stp-priority',
    {
      rule: portPriority,
      placeholder: 'N',
      help: 'priority of the port in the spanning tree, 0 to 240 in steps of 16 (default: 128)',
      fallback: 128,
      toBridge: (stpPortPriority: number) => ({ stpPortPriority }),
    },
  ],
  [
    'stp-edge',
    {
      rule: edge,
      placeholder: 'auto|on|off',
      help: 'whether the port forwards at once, for hosts; "auto": the port finds out (default: auto)',
      fallback: 'auto',
      toBridge: (stpEdge: 'auto' | 'on' | 'off') => ({ stpEdge }),
    },
  ],
  guard(
    'bpdu-guard',
    'bpduGuard',
    'a BPDU shuts the port, until its link or this key is set anew',
    true,
  ),
  guard('bpdu-filter', 'bpduFilter', 'the port sends no BPDU and hears none: a loop there stays'),
  guard('root-guard', 'rootGuard', 'the port never leads to the root of the spanning tree'),
  ...Object.entries(VLAN_KEYS).map(([key, words]): [string, BridgeKey] => [
    key,
    // The keys are one setting of the bridge: see `bridgeSettings`.
    { ...words, toBridge: () => ({}) },
  ]),
]);

/** @returns what of `settings` the bridge must be told also where it knows it */
export function orders(settings: PortSettings): Partial<BridgePortSettings> {
  const told: Partial<BridgePortSettings> = {};
  for (const [key, { toBridge, takesEffectAgain }] of BRIDGE_KEYS) {
    const value = settings[key];
    if (takesEffectAgain === true && value !== undefined) {
      Object.assign(told, toBridge(value as never));
    }
  }
  return told;
}

/** @param valueOf the value that a key has */
export function bridgeSettings(valueOf: (key: string) => unknown): Partial<BridgePortSettings> {
  const settings: Partial<BridgePortSettings> = { vlans: portVlans(valueOf) };
  for (const [key, { toBridge }] of BRIDGE_KEYS) {
    Object.assign(settings, toBridge(valueOf(key) as never));
  }
  return settings;
}

/**
 * @param valueOf the value that a key of a port has, or will have
 * @throws ValueError that names the key, for values that contradict each other
 */
export function refuseContradiction(valueOf: (key: string) => unknown): void {
  refuseContradictingVlans(valueOf);
  if (valueOf('mab') === true) {
    if (valueOf('locked') !== true) {
      throw new ValueError('mab: is for a locked port; give it locked, or leave it out');
    }
    if (valueOf('learning') === false) {
      throw new ValueError('mab: learns locked stations; give it learning=on, or leave it out');
    }
  }
  const macs = valueOf('macs') ?? 'off';
  if (macs !== 'off' && valueOf('learning') === false) {
    throw new ValueError('macs: counts learned stations; give it learning=on, or leave it out');
  }
}

/** A storm limit. @param what frames that it limits */
function limit(key: string, property: keyof StormLimits, what: string): [string, BridgeKey] {
  return [
    key,
    {
      rule: stormLimit,
      placeholder: 'PPS',
      help: `${what} that the port may send in a second, and at once`,
      fallback: 'off',
      toBridge: (value: number | 'off') => ({ [property]: value === 'off' ? null : value }),
    },
  ];
}

/** A guard of the spanning tree, which is off unless given. */
function guard(
  key: string,
  property: 'bpduGuard' | 'bpduFilter' | 'rootGuard',
  help: string,
  takesEffectAgain = false,
): [string, BridgeKey] {
  const toBridge = (value: boolean): Partial<StpPortSettings> => ({ [property]: value });
  const words = { rule: onOff, help, fallback: false, isFlag: true, takesEffectAgain };
  return [key, { ...words, toBridge }];
}

/** A flag of `bridge link set`, under the same name. */
function flag(
  key: string,
  property: keyof PortFlags,
  fallback: boolean,
  help: string,
): [string, BridgeKey] {
  const isFlag = !fallback;
  return [
    key,
    {
      ...{ rule: onOff, help, fallback },
      ...(isFlag ? { isFlag } : { placeholder: 'off' }),
      toBridge: (value: boolean) => ({ [property]: value }),
    },
  ];
}
