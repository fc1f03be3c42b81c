/**
 * Keys that ports of every kind have, because the bridge acts on them. One line here adds a key to the
 * command line, the file, `tapctl port set`, a reload, the API, `tapctl port show`, and the copy of the
 * bridge that a trace runs.
 */

import type { PortKey } from '../config/port-grammar';
import { onOff } from '../config/values/rule';
import { stormLimit } from '../config/values/storm-limit';
import type { BridgePortSettings, PortFlags } from '../l2/port-table';
import type { StormLimits } from '../l2/storm';

export interface BridgeKey extends PortKey {
  readonly fallback: unknown;
  /** Whether `tapctl port show` always shows the key, even if all ports have the fallback. */
  readonly isAlwaysShown?: boolean;
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
        'the port gets every ARP and ND request, also those that the switch answers: for a backup ' +
        'link with an ARP monitor',
      fallback: true,
      toBridge: (isSuppressed: boolean) => ({ hearsRequests: !isSuppressed }),
    },
  ],
  flag('isolated', 'isolated', false, 'no frame passes between two ports that are isolated'),
  flag('learning', 'learning', true, 'stations are learned on the port'),
  flag('flood', 'flood', true, 'the port gets frames to stations that the switch does not know'),
  flag('mcast-flood', 'mcastFlood', true, 'the port gets multicasts'),
  flag('bcast-flood', 'bcastFlood', true, 'the port gets broadcasts'),
  flag('hairpin', 'hairpin', false, 'frames may go back to the port from which they came'),
  flag(
    'locked',
    'locked',
    false,
    'the switch takes frames from stations only that the FDB has on the port',
  ),
  limit('storm', 'storm', 'broadcasts, multicasts and frames to unknown stations'),
  limit('storm-broadcast', 'stormBroadcast', 'broadcasts'),
  limit('storm-multicast', 'stormMulticast', 'multicasts'),
  limit('storm-unknown', 'stormUnknown', 'frames to unknown stations'),
]);

/** @param valueOf the value that a key has */
export function bridgeSettings(valueOf: (key: string) => unknown): Partial<BridgePortSettings> {
  const settings: Partial<BridgePortSettings> = {};
  for (const [key, { toBridge }] of BRIDGE_KEYS) {
    Object.assign(settings, toBridge(valueOf(key) as never));
  }
  return settings;
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
