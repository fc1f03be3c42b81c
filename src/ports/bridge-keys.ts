/**
 * Keys that ports of every kind have, because the bridge acts on them. One line here adds a key to the
 * command line, the file, `tapctl port set`, a reload, the API, `tapctl port show`, and the copy of the
 * bridge that a trace runs.
 */

import type { PortKey } from '../config/port-grammar';
import type { PortSettings } from '../config/values/port-spec';
import { onOff } from '../config/values/rule';
import type { BridgePortSettings } from '../l2/port-table';

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
]);

/** @returns the settings of the bridge for the settings of a port */
export function bridgeSettings(asked: PortSettings): Partial<BridgePortSettings> {
  const settings: Partial<BridgePortSettings> = {};
  for (const [key, { fallback, toBridge }] of BRIDGE_KEYS) {
    Object.assign(settings, toBridge((asked[key] ?? fallback) as never));
  }
  return settings;
}
