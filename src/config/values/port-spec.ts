/**
 * What a port is asked to be: `NAME[@NETNS][,KEY[=VALUE]]...` on the command line and in a file,
 * or the same keys as a mapping in a file.
 *
 * `@` and `,` separate, and so they cannot be part of NAME, nor `,` of NETNS, although the kernel
 * would allow it.
 */

import { interfaceNameOrPattern, isPattern, namespaceName } from './interface-name';
import {
  type Rule,
  ValueError,
  at,
  describe,
  expected,
  mapRule,
  onOff,
  textRule,
  wholeNumber,
} from './rule';
import type { Account } from '../../system/accounts';
import { stationMac } from './station-mac';
import { noSuch } from './suggest';

export interface PortSpec {
  /** Of the TAP, 1 to 15 bytes, or a pattern with `%d` for the kernel to complete. */
  readonly name: string;
  /** The namespace in which the TAP lives: a name in /run/netns or an absolute path. */
  readonly netns?: string;
  /** Bytes behind the Ethernet header, of the TAP. */
  readonly mtu?: number;
  /** Frames that wait for the switch at most: txqueuelen of the TAP. */
  readonly queue?: number;
  /** Of the TAP, which is the end of the wire that is not the switch's. */
  readonly mac?: string;
  /** The TAP outlives the switch. */
  readonly persist: boolean;
  readonly owner?: Account;
  readonly group?: Account;
  /** Whether this port has offloads, where it differs from the switch. */
  readonly offload?: boolean;
  /** Whether what comes from this port is believed without inspection. */
  readonly trusted?: boolean;
  /**
   * Off: every ARP and ND request is sent to this port, also one that the switch answers or directs.
   * The word is that of `bridge link`.
   */
  readonly 'neigh-suppress'?: boolean;
}

const portName = mapRule(interfaceNameOrPattern, (name) => {
  if (/[@,]/.test(name)) throw expected('a port name without "@" and ","', name);
  return name;
});

const portNamespace = mapRule(namespaceName, (netns) => {
  if (netns.includes(',')) throw expected('a network namespace without ","', netns);
  return netns;
});

/** Source: ETH_MIN_MTU, and tun_net_init in the kernel's drivers/net/tun.c for the greatest. */
const mtu = wholeNumber({ from: 68, to: 65521, unit: 'bytes' });

/** The TAP has a ring of so many pointers, allocated at once: drivers/net/tun.c, tun_queue_resize. */
const queue = wholeNumber({ from: 1, to: 1_000_000, unit: 'frames' });

/** (uid_t)-1 means "none" in the kernel's interface. */
const accountNumber = wholeNumber({ from: 0, to: 2 ** 32 - 2 });

const accountName = textRule('a user or group by name or number', (text) =>
  /^[^-\s:/,][^\s:/,]*$/.test(text) ? text : undefined,
);

export const account: Rule<Account> = {
  fromText: (text) =>
    /^\d+$/.test(text) ? accountNumber.fromText(text) : accountName.fromText(text),
  fromValue: (value) =>
    typeof value === 'number' ? accountNumber.fromValue(value) : accountName.fromValue(value),
  schema: { anyOf: [accountNumber.schema, accountName.schema] },
};

/** The keys of a port in the order in which they are printed. */
export const PORT_RULES = {
  name: portName,
  netns: portNamespace,
  mtu,
  queue,
  mac: stationMac,
  persist: onOff,
  owner: account,
  group: account,
  offload: onOff,
  trusted: onOff,
  'neigh-suppress': onOff,
} satisfies { [K in keyof PortSpec]-?: Rule<Exclude<PortSpec[K], undefined>> };

/** What may be changed while the port is open. */
export interface PortSettings {
  readonly mtu?: number | undefined;
  readonly queue?: number | undefined;
  readonly mac?: string | undefined;
  /** Of the interface: `ip link set up`, or `down`. */
  readonly up?: boolean | undefined;
  readonly trusted?: boolean | undefined;
  readonly 'neigh-suppress'?: boolean | undefined;
  readonly persist?: boolean | undefined;
  readonly owner?: Account | undefined;
  readonly group?: Account | undefined;
  readonly offload?: boolean | undefined;
}

export const SETTING_RULES = {
  mtu,
  queue,
  mac: stationMac,
  up: onOff,
  trusted: onOff,
  'neigh-suppress': onOff,
  persist: onOff,
  owner: account,
  group: account,
  offload: onOff,
} satisfies { [K in keyof PortSettings]-?: Rule<Exclude<PortSettings[K], undefined>> };

/**
 * Reads `mtu=9000`, `up=off`, …
 * @throws ValueError that names the key.
 */
export function parsePortSettings(texts: readonly string[]): PortSettings {
  const settings: Record<string, unknown> = {};
  for (const text of texts) {
    const [key, value] = splitAtFirst(text, '=');
    const rule: Rule<unknown> | undefined = new Map(Object.entries(SETTING_RULES)).get(key);
    if (rule === undefined) {
      throw new ValueError(`${describe(key)}: ${noSuch('key', key, Object.keys(SETTING_RULES))}`);
    }
    if (value === undefined) throw new ValueError(`${key}: needs a value, as in ${key}=VALUE`);
    if (key in settings) throw new ValueError(`${key}: given twice`);
    settings[key] = at(key, () => rule.fromText(value));
  }
  return settings;
}

type PortKey = keyof PortSpec;

/** Those that are written behind a comma. */
const COMMA_KEYS = (Object.keys(PORT_RULES) as PortKey[]).filter(
  (key) => key !== 'name' && key !== 'netns',
);

/**
 * Reads `NAME[@NETNS][,KEY[=VALUE]]...`.
 * @throws ValueError that names the key.
 */
export function parsePortSpec(text: string): PortSpec {
  const [head = '', ...settings] = text.split(',');
  const [name, netns] = splitAtFirst(head, '@');
  const spec: Partial<Record<PortKey, unknown>> = { name: portName.fromText(name) };
  if (netns !== undefined) spec.netns = portNamespace.fromText(netns);
  for (const setting of settings) {
    const [key, value] = parseSetting(setting);
    if (key in spec) throw new ValueError(`${key}: given twice`);
    spec[key] = value;
  }
  return completePortSpec(spec);
}

/** @param given values that have each passed their rule, the name among them. */
export function completePortSpec(given: Partial<Record<PortKey, unknown>>): PortSpec {
  return { persist: false, ...given } as PortSpec;
}

/** The text from which {@link parsePortSpec} reads the same. */
export function formatPortSpec(spec: PortSpec): string {
  const settings = COMMA_KEYS.flatMap((key) => {
    const value = spec[key];
    if (value === undefined || (key === 'persist' && value === false)) return [];
    if (key === 'persist') return [key];
    return [`${key}=${typeof value === 'boolean' ? (value ? 'on' : 'off') : value}`];
  });
  return [portLabel(spec), ...settings].join(',');
}

/** What the port is called in logs, tables and the API: `NAME`, or `NAME@NETNS`. */
export function portLabel({ name, netns }: Pick<PortSpec, 'name' | 'netns'>): string {
  return netns === undefined ? name : `${name}@${netns}`;
}

/** Two ports with the same identity are one given twice. The kernel makes each pattern a new name. */
export function portIdentity(spec: PortSpec): string | undefined {
  return isPattern(spec.name) ? undefined : portLabel(spec);
}

function parseSetting(setting: string): [PortKey, unknown] {
  const [typed, value] = splitAtFirst(setting, '=');
  const key = COMMA_KEYS.find((known) => known === typed);
  if (key === undefined) {
    throw new ValueError(`${describe(typed)}: ${noSuch('key', typed, COMMA_KEYS)}`);
  }
  const rule: Rule<unknown> = PORT_RULES[key];
  if (value !== undefined) return [key, at(key, () => rule.fromText(value))];
  if (rule !== onOff) throw new ValueError(`${key}: needs a value, as in ${key}=VALUE`);
  return [key, true];
}

/** What is in front of the separator, and what is behind it if it is there. */
function splitAtFirst(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}
