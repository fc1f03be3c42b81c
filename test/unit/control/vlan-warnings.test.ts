import { beforeEach, expect, test } from '@jest/globals';
import { ownCidr } from '../../../src/config/values/own-address';
import { VlanWarnings } from '../../../src/control/vlan-warnings';

const OFF = { vlanFiltering: false, vlanDefaultPvid: 1, addresses: [] };
const STRANDED = {
  vlanFiltering: true,
  vlanDefaultPvid: 0,
  addresses: [ownCidr.fromText('192.0.2.1/24')],
};

/** A port with these values; every other key has its default, which causes no warning. */
const port = (label: string, values: Readonly<Record<string, unknown>> = {}) => ({
  label,
  holds: (key: string): unknown => values[key],
});

let said: string[];
let warnings: VlanWarnings;
beforeEach(() => {
  said = [];
  warnings = new VlanWarnings({ warn: (message) => void said.push(message) });
});

test('an address that no host can reach is named once, and again after it was in order', () => {
  warnings.check(STRANDED, []);
  warnings.check(STRANDED, []);
  expect(said).toEqual([
    'address: 192.0.2.1/24: nobody can reach it, because it is in the VLAN of the default PVID, ' +
      'which is none; give it a VLAN, as in 192.0.2.1/24,vlan=10, or set vlan-default-pvid',
  ]);
  warnings.check({ ...STRANDED, vlanDefaultPvid: 1 }, []);
  warnings.check(STRANDED, []);
  expect(said).toHaveLength(2);
});

test.each([
  ['there is a default PVID', { ...STRANDED, vlanDefaultPvid: 1 }],
  ['the switch does not filter', { ...STRANDED, vlanFiltering: false }],
  ['it has a VLAN', { ...STRANDED, addresses: [ownCidr.fromText('192.0.2.1/24,vlan=10')] }],
])('an address is in order where %s', (_, config) => {
  warnings.check(config, [port('tap0')]);
  expect(said).toEqual([]);
});

test('keys that count only while the switch filters are named with their port', () => {
  const ports = [
    port('tap0'),
    port('tap1', { trunk: '10', native: 1 }),
    port('tap2', { vlan: 10 }),
    port('tap3', { vlan: 'none', vlans: 'default' }),
  ];
  warnings.check(OFF, ports);
  warnings.check(OFF, ports);
  warnings.check({ ...OFF, vlanFiltering: true }, ports);
  expect(said).toEqual(['tap1: trunk, native: counts only with --vlan-filtering (and 1 more)']);
});
