/** Keys for the VLANs of a port: their meaning, their invalid values, and how one replaces another. */

import { describe, expect, test } from '@jest/globals';
import { parseVlanList } from '../../../src/config/values/vlan-list';
import { PORT_KINDS } from '../../../src/ports/kinds';
import {
  portVlans,
  replacingVlanKeys,
  vlanKeysOf,
  withoutVlans,
} from '../../../src/ports/vlan-keys';

const vlansOf = (text: string) => {
  const spec = PORT_KINDS.parse(text);
  return portVlans((key) => spec[key]);
};

describe('the VLANs of a port', () => {
  test.each([
    ['tap0', null],
    ['tap0,vlan=10', [{ vid: 10, pvid: true, untagged: true }]],
    ['tap0,trunk=10+20+100-110', [{ vid: 10 }, { vid: 20 }, { vid: 100, vidEnd: 110 }]],
    [
      'tap0,trunk=21+20+22+5-7+6',
      [
        { vid: 5, vidEnd: 7 },
        { vid: 20, vidEnd: 22 },
      ],
    ],
    ['tap0,trunk=10,native=1', [{ vid: 1, pvid: true, untagged: true }, { vid: 10 }]],
    [
      'tap0,trunk=10-12,native=11',
      [{ vid: 10 }, { vid: 11, pvid: true, untagged: true }, { vid: 12 }],
    ],
    [
      'tap0,vlans=12:pvid:untagged+10:untagged+20',
      [{ vid: 10, untagged: true }, { vid: 12, pvid: true, untagged: true }, { vid: 20 }],
    ],
    ['tap0,vlans=none', []],
    ['nic:eth0,vlan=4094', [{ vid: 4094, pvid: true, untagged: true }]],
  ])('%s', (text, vlans) => {
    expect(vlansOf(text)).toEqual(vlans);
  });

  test.each([
    ['tap0,vlan=0', 'vlan: expected a whole number from 1 to 4094, got "0"'],
    ['tap0,vlan=4095', 'vlan: expected a whole number from 1 to 4094, got "4095"'],
    [
      'tap0,trunk=10+4095',
      'trunk: expected VIDs from 1 to 4094 and ranges, such as 10+20+100-110, got "10+4095", a VID is 1 to 4094',
    ],
    [
      'tap0,trunk=20-10',
      'trunk: expected VIDs from 1 to 4094 and ranges, such as 10+20+100-110, got "20-10", 20-10 is a range backwards',
    ],
    [
      'tap0,trunk=',
      'trunk: expected VIDs from 1 to 4094 and ranges, such as 10+20+100-110, got ""',
    ],
    ['tap0,trunk=10:pvid', /^trunk: expected VIDs .* got "10:pvid"$/],
    ['tap0,native=1', 'native: needs a trunk; give trunk=VIDS, or vlan=VID for an access port'],
    ['tap0,vlan=10,native=1', /^native: needs a trunk/],
    ['tap0,vlan=10,trunk=20', 'vlan and trunk: a port has one of them; leave the others out'],
    ['tap0,vlans=1-5:pvid', /^vlans: expected .*, only one VID can be the PVID, not a range$/],
    ['tap0,vlans=10:pvid+20:pvid', /^vlans: expected .*, only one VID can be the PVID$/],
  ])('%s is refused', (text, complaint) => {
    expect(() => PORT_KINDS.parse(text)).toThrow(complaint);
  });

  test('are written as they were read', () => {
    for (const text of ['tap0,vlan=10', 'tap0,trunk=10+100-110,native=1', 'tap0,vlans=7:pvid']) {
      expect(PORT_KINDS.format(PORT_KINDS.parse(text))).toBe(text);
    }
  });

  test('are replaced by another way to say them', () => {
    expect(replacingVlanKeys({ vlan: 10 })).toEqual({
      ...{ vlan: 10, trunk: 'none', native: 'none', vlans: 'default' },
    });
    expect(replacingVlanKeys({ trunk: '10' })).toEqual({
      trunk: '10',
      vlan: 'none',
      vlans: 'default',
    });
    expect(replacingVlanKeys({ native: 1 })).toEqual({ native: 1 });
    expect(replacingVlanKeys({ mtu: 1500 })).toEqual({ mtu: 1500 });
  });
});

describe('a list of VLANs', () => {
  test.each([
    ['10:pvid:untagged', { vlan: 10 }],
    ['10+20-22', { trunk: '10+20-22' }],
    ['1:pvid:untagged+20', { trunk: '20', native: 1 }],
    ['10:pvid', { vlans: '10:pvid' }],
    ['10:untagged+12:pvid:untagged', { vlans: '10:untagged+12:pvid:untagged' }],
    ['none', { vlans: 'none' }],
  ])('%s is said in the plainest words', (text, keys) => {
    const said = vlanKeysOf(parseVlanList(text));
    expect(said).toMatchObject(keys);
    expect(portVlans((key) => said[key])).toEqual(parseVlanList(text));
  });

  test('loses a range', () => {
    const vlans = parseVlanList('1:pvid:untagged+10-20');
    expect(withoutVlans(vlans, 12, 13)).toEqual([
      ...[{ vid: 1, pvid: true, untagged: true }],
      ...[
        { vid: 10, vidEnd: 11 },
        { vid: 14, vidEnd: 20 },
      ],
    ]);
    expect(withoutVlans(vlans, 1, 4094)).toEqual([]);
    expect(withoutVlans(vlans, 99, 99)).toEqual(vlans);
  });
});
