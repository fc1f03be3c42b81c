import { describe, expect, test } from '@jest/globals';
import {
  parseVlanGroupLimits,
  vlanGroupLimits,
} from '../../../../src/config/values/vlan-group-limits';

describe('numbers of groups in VLANs', () => {
  test.each([
    ['10:3', '10:3', [{ vid: 10, groups: 3 }]],
    [
      '20-30:5+10:3',
      '10:3+20-30:5',
      [
        { vid: 10, groups: 3 },
        { vid: 20, vidEnd: 30, groups: 5 },
      ],
    ],
    ['1-4094:65536', '1-4094:65536', [{ vid: 1, vidEnd: 4094, groups: 65_536 }]],
    ['7-7:1', '7:1', [{ vid: 7, groups: 1 }]],
    ['off', 'off', []],
  ])('%s', (text, canonical, limits) => {
    expect(vlanGroupLimits.fromText(text)).toBe(canonical);
    expect(vlanGroupLimits.fromValue(text)).toBe(canonical);
    expect(parseVlanGroupLimits(canonical)).toEqual(limits);
  });

  test('a file may say false for off', () => {
    expect(vlanGroupLimits.fromValue(false)).toBe('off');
  });

  test.each([
    ['', undefined],
    ['10', undefined],
    ['10:', undefined],
    ['10:3:4', undefined],
    ['10:3,20:4', undefined],
    ['0:3', 'a VID is 1 to 4094'],
    ['1-4095:3', 'a VID is 1 to 4094'],
    ['20-10:3', '20-10:3 is a range backwards'],
    ['10:0', 'the number of groups is 1 to 65536'],
    ['10:65537', 'the number of groups is 1 to 65536'],
    ['10:3+10:4', 'VLAN 10 has two limits'],
    ['10-20:3+15:4', 'VLAN 15 has two limits'],
    ['1-30:3+40:1+20-25:4', 'VLAN 20 has two limits'],
  ])('%p is refused', (text, why) => {
    const message = `such as 10:3+20-30:5, or off, got ${JSON.stringify(text)}${why === undefined ? '' : `, ${why}`}`;
    expect(() => vlanGroupLimits.fromText(text)).toThrow(message);
  });

  test.each([[10], [true], [null], [['10:3']]])('%p of a file is refused', (value) => {
    expect(() => vlanGroupLimits.fromValue(value)).toThrow('expected');
  });
});
