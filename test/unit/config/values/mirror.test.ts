/** A mirror as an operator writes it. */

import { describe, expect, test } from '@jest/globals';
import { formatMirror, mirrorSpec } from '../../../../src/config/values/mirror';

const PLAIN = { name: 'm1', from: ['tap0'], direction: 'both', port: 'tap9', shared: false };

describe('a mirror', () => {
  test.each([
    ['m1 from tap0 to tap9', PLAIN],
    ['m1 from tap0,tap1 in to tap9', { ...PLAIN, from: ['tap0', 'tap1'], direction: 'in' }],
    ['m1 from tap0 out to tap9 shared', { ...PLAIN, direction: 'out', shared: true }],
    ['m1 from tap0 vlan 7 to tap9', { ...PLAIN, vlan: 7 }],
    [
      'm1 from tap0 both vlan 4094 filter arp or host 192.0.2.1 to tap9',
      { ...PLAIN, vlan: 4094, filter: 'arp or host 192.0.2.1' },
    ],
    [
      '  m-1.x  from eth0@red,stream:/run/a b.sock  to  nic:eth1 ',
      { ...PLAIN, name: 'm-1.x', from: ['eth0@red', 'stream:/run/a b.sock'], port: 'nic:eth1' },
    ],
  ])('%p', (text, mirror) => {
    expect(mirrorSpec.fromText(text)).toEqual(mirror);
    expect(mirrorSpec.fromText(formatMirror(mirrorSpec.fromText(text)))).toEqual(mirror);
  });

  test.each([
    ['m1', 'expected NAME from PORT[,PORT] [in|out|both] [vlan VID] [filter WORDS] to PORT'],
    ['m1 from tap0', 'expected NAME from PORT'],
    ['m1 to tap9', 'expected NAME from PORT'],
    ['m/1 from tap0 to tap9', 'expected the name of a mirror'],
    ['m1 from tap0 vlan 0 to tap9', 'vlan: expected a whole number from 1 to 4094, got "0"'],
    ['m1 from tap0 vlan 4095 to tap9', 'vlan: expected a whole number from 1 to 4094, got "4095"'],
    ['m1 from tap0,tap0 to tap9', 'm1: from: "tap0" is given twice; once is enough'],
    ['m1 from tap0, to tap9', 'expected ports with a comma between them, got "tap0,"'],
    ['m1 from tap0 filter xyzzy to tap9', 'm1: filter: '],
    [
      'm1 from tap0,tap9 to tap9',
      'm1: to: tap9 is among the ports that it mirrors; give another port',
    ],
  ])('%p is refused', (text, complaint) => {
    expect(() => mirrorSpec.fromText(text)).toThrow(complaint);
  });
});
