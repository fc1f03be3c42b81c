/** A permanent entry of the group table as an operator writes it. */

import { describe, expect, test } from '@jest/globals';
import {
  formatStaticGroup,
  groupIdentity,
  staticGroup,
} from '../../../../src/config/values/static-group';

const PLAIN = { group: '239.1.1.1', port: 'tap1' };

describe('a permanent entry of the group table', () => {
  test.each([
    ['239.1.1.1 dev tap1', PLAIN],
    ['\t239.1.1.1  dev  tap1\npermanent ', PLAIN],
    ['239.1.1.1 dev tap1 permanent vlan 7', { ...PLAIN, vlan: 7 }],
    ['239.1.1.1 dev tap1 vid 7 permanent', { ...PLAIN, vlan: 7 }],
    ['239.1.1.1 dev tap1 src 192.0.2.7 permanent', { ...PLAIN, source: '192.0.2.7' }],
    [
      'FF0E:0::1 dev eth0@red source_list 2001:db8:0::7,2001:db8::8 filter_mode exclude',
      {
        ...{ group: 'ff0e::1', port: 'eth0@red', mode: 'exclude' },
        sources: ['2001:db8::7', '2001:db8::8'],
      },
    ],
    ['01-02-03-04-05-06 dev tap1', { group: '01:02:03:04:05:06', port: 'tap1' }],
    [
      '239.1.1.1 dev stream:/run/a b.sock vlan 1',
      { ...PLAIN, port: 'stream:/run/a b.sock', vlan: 1 },
    ],
    ['239.1.1.1 dev permanent', { ...PLAIN, port: 'permanent' }],
  ])('%p', (text, entry) => {
    expect(staticGroup.fromText(text)).toEqual(entry);
    const again = staticGroup.fromText(formatStaticGroup(staticGroup.fromText(text)));
    expect(again).toEqual(entry);
  });

  test('names itself by group, port, source and VLAN, in words that are an entry', () => {
    const entry = staticGroup.fromText('239.1.1.1 dev tap1 src 192.0.2.7 permanent vlan 7');
    expect(groupIdentity(entry)).toBe('239.1.1.1 dev tap1 src 192.0.2.7 vlan 7');
    expect(staticGroup.fromText(groupIdentity(entry))).toEqual(entry);
  });

  test.each([
    ['239.1.1.1', 'expected GROUP dev PORT'],
    ['239.1.1.1 tap1', 'expected GROUP dev PORT'],
    ['192.0.2.1 dev tap1', 'expected a group, such as 239.1.1.1'],
    ['02:00:00:00:00:07 dev tap1', 'expected a group, such as 239.1.1.1'],
    ['224.0.0.1 dev tap1', '224.0.0.1: frames to this group go to every port always'],
    ['239.1.1.1 dev tap1 temp', 'temp: an entry of a configuration is permanent; leave that out'],
    ['239.1.1.1 dev tap1 vlan 0', 'vlan: expected a whole number from 1 to 4094, got "0"'],
    ['239.1.1.1 dev tap1 vlan 5 vid 6', 'vid: given twice'],
    ['239.1.1.1 dev tap1 permanent permanent', 'permanent: given twice'],
    ['239.1.1.1 dev tap1 src 239.1.1.2', 'src: expected the IP address of a host'],
    ['239.1.1.1 dev tap1 src 2001:db8::7', '2001:db8::7: not of the family of 239.1.1.1'],
    ['239.1.1.1 dev tap1 filter_mode both', 'filter_mode: expected include or exclude'],
    ['239.1.1.1 dev tap1 filter_mode include', '239.1.1.1: include needs sources'],
    ['239.1.1.1 dev tap1 source_list 192.0.2.7', '239.1.1.1: sources need a filter mode'],
    [
      '239.1.1.1 dev tap1 filter_mode include source_list 192.0.2.7,',
      'source_list: expected the IP address of a host',
    ],
    ['01:02:03:04:05:06 dev tap1 src 192.0.2.7', '01:02:03:04:05:06: a group MAC has no sources'],
  ])('%p is refused', (text, complaint) => {
    expect(() => staticGroup.fromText(text)).toThrow(complaint);
  });
});
