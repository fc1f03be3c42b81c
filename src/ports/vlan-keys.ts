/**
 * Keys of a port that say its VLANs. There are three ways, of which a port has one at most: an access port
 * (`vlan`), a trunk (`trunk` and `native`), and any list with the flags of `bridge vlan` (`vlans`), which
 * `tapctl vlan add` and `del` make where the first two cannot say it. A port without any is in the VLAN of
 * the default PVID.
 */

import type { PortKey } from '../config/port-grammar';
import type { PortSettings } from '../config/values/port-spec';
import { type Rule, ValueError } from '../config/values/rule';
import { vid } from '../config/values/vid';
import {
  canonical,
  formatVlanList,
  parseVlanList,
  vidList,
  vlanList,
} from '../config/values/vlan-list';
import type { PortVlan } from '../l2/vlan-table';

/** Value of a key that says nothing. */
const NONE = 'none';
const DEFAULT = 'default';

type VlanKey = 'vlan' | 'trunk' | 'native' | 'vlans';

/** A key with the value that it has where it says nothing. */
export interface VlanKeyWords extends PortKey {
  readonly fallback: string;
}

export const VLAN_KEYS: Readonly<Record<VlanKey, VlanKeyWords>> = {
  vlan: {
    rule: orWord(vid, NONE),
    placeholder: 'VID',
    help: 'access port of a VLAN: its frames have no tag',
    fallback: NONE,
  },
  trunk: {
    rule: orWord(vidList, NONE),
    placeholder: 'VIDS',
    help: 'VLANs whose frames have a tag: 10+20+100-110',
    fallback: NONE,
  },
  native: {
    rule: orWord(vid, NONE),
    placeholder: 'VID',
    help: 'VLAN of a trunk whose frames have no tag',
    fallback: NONE,
  },
  vlans: {
    rule: orWord(vlanList, DEFAULT),
    placeholder: 'LIST',
    help: 'VLANs with the flags of "bridge vlan": 10:pvid:untagged+20',
    fallback: DEFAULT,
  },
};

const KEYS = Object.keys(VLAN_KEYS) as VlanKey[];

/**
 * VLANs of a port; `null`: those of the default PVID.
 * @param valueOf the value that a key has
 */
export function portVlans(valueOf: (key: string) => unknown): readonly PortVlan[] | null {
  const given = givenKeys(valueOf);
  const { vlan, trunk, native, vlans } = given;
  if (vlans !== undefined) return parseVlanList(vlans as string);
  if (vlan !== undefined) return [{ vid: vlan as number, pvid: true, untagged: true }];
  if (trunk === undefined) return null;
  const tagged = parseVlanList(trunk as string);
  if (native === undefined) return tagged;
  return canonical([...tagged, { vid: native as number, pvid: true, untagged: true }]);
}

/** @throws ValueError where a port has two ways to say its VLANs, or a native VLAN without a trunk */
export function refuseContradictingVlans(valueOf: (key: string) => unknown): void {
  const given = givenKeys(valueOf);
  if (given.native !== undefined && given.trunk === undefined) {
    throw new ValueError('native: needs a trunk; give trunk=VIDS, or vlan=VID for an access port');
  }
  const ways = (['vlan', 'trunk', 'vlans'] as const).filter((key) => given[key] !== undefined);
  if (ways.length > 1) {
    throw new ValueError(`${ways.join(' and ')}: a port has one of them; leave the others out`);
  }
}

/** Settings with which a key replaces the other ways to say the VLANs of a port. */
export function replacingVlanKeys(settings: PortSettings): PortSettings {
  const given = givenKeys((key) => settings[key]);
  if (given.vlan === undefined && given.trunk === undefined && given.vlans === undefined) {
    return settings;
  }
  const kept = given.trunk === undefined ? KEYS : KEYS.filter((key) => key !== 'native');
  const others = kept.filter((key) => settings[key] === undefined);
  return {
    ...settings,
    ...Object.fromEntries(others.map((key) => [key, VLAN_KEYS[key].fallback])),
  };
}

/** All keys of a port with these VLANs, in the plainest words. */
export function vlanKeysOf(vlans: readonly PortVlan[]): PortSettings {
  const nothing = Object.fromEntries(KEYS.map((key) => [key, VLAN_KEYS[key].fallback]));
  const ranges = canonical(vlans);
  const [first] = ranges;
  const own = ranges.find(({ pvid }) => pvid === true);
  if (ranges.length === 1 && own?.untagged === true) return { ...nothing, vlan: first?.vid };
  const untagged = ranges.filter((range) => range.untagged === true || range.pvid === true);
  const isTrunk = untagged.every((range) => range === own && range.untagged === true);
  if (ranges.length === 0 || !isTrunk) return { ...nothing, vlans: formatVlanList(ranges) };
  const trunk = formatVlanList(ranges.filter((range) => range !== own));
  return { ...nothing, trunk, ...(own !== undefined && { native: own.vid }) };
}

/** The VLANs without those of a range, in canonical form. */
export function withoutVlans(vlans: readonly PortVlan[], from: number, to: number): PortVlan[] {
  const left = vlans.flatMap((range) => {
    const { vid: first, vidEnd: last = first } = range;
    return [
      { ...range, vid: first, vidEnd: Math.min(last, from - 1) },
      { ...range, vid: Math.max(first, to + 1), vidEnd: last },
    ].filter((part) => part.vid <= part.vidEnd);
  });
  return canonical(left);
}

/** Keys that say the VLANs of a port. @param valueOf the value that a key has */
export function givenVlanKeys(valueOf: (key: string) => unknown): string[] {
  return Object.keys(givenKeys(valueOf));
}

function givenKeys(valueOf: (key: string) => unknown): Partial<Record<VlanKey, unknown>> {
  const given = KEYS.filter((key) => {
    const value = valueOf(key);
    return value !== undefined && value !== VLAN_KEYS[key].fallback;
  });
  return Object.fromEntries(given.map((key) => [key, valueOf(key)]));
}

/** A rule that also takes one word. */
function orWord<T>(rule: Rule<T>, word: string): Rule<T | string> {
  return {
    fromText: (text) => (text === word ? word : rule.fromText(text)),
    fromValue: (value) => (value === word ? word : rule.fromValue(value)),
    schema: { anyOf: [{ const: word }, rule.schema] },
  };
}
