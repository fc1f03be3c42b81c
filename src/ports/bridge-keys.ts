/**
 * Keys that every port has, of whatever kind: what the bridge does with the port. One line here makes a
 * key of a port an option: on the command line, in the file, in `tapctl port set`, in a reload, in what
 * the API and `tapctl port show` say, and in the copy of the bridge that a trace runs.
 */

import type { PortKey } from '../config/port-grammar';
import type { PortSettings } from '../config/values/port-spec';
import { onOff } from '../config/values/rule';
import type { BridgePortSettings } from '../l2/port-table';

export interface BridgeKey extends PortKey {
  readonly fallback: unknown;
  /** Whether `tapctl port show` has a column for it also where every port has the fallback. */
  readonly isAlwaysShown?: boolean;
  /** What the bridge is told of a value. */
  readonly toBridge: (value: never) => Partial<BridgePortSettings>;
}

export const BRIDGE_KEYS: ReadonlyMap<string, BridgeKey> = new Map<string, BridgeKey>([
  [
    'trusted',
    {
      rule: onOff,
      help: 'is not inspected: a router, a DHCP server, another switch',
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
        'every ARP and ND request is sent to this port, also one that the switch answers: a backup ' +
        'link whose monitor listens',
      fallback: true,
      toBridge: (isSuppressed: boolean) => ({ hearsRequests: !isSuppressed }),
    },
  ],
]);

/** @returns what the bridge has to know of a port that was asked for like this */
export function bridgeSettings(asked: PortSettings): Partial<BridgePortSettings> {
  const settings: Partial<BridgePortSettings> = {};
  for (const [key, { fallback, toBridge }] of BRIDGE_KEYS) {
    Object.assign(settings, toBridge((asked[key] ?? fallback) as never));
  }
  return settings;
}
