import { describe, expect, test } from '@jest/globals';
import { deriveMac } from '../../src/control/switch-mac';
import { formatMac, isStation } from '../../src/l2/mac';

const MACHINE = '0123456789abcdef0123456789abcdef';

function derived(name: string, machine?: string): string {
  const { hi16, lo32 } = deriveMac(name, machine);
  return formatMac(hi16, lo32);
}

describe('deriveMac', () => {
  test('gives the address that it has always given', () => {
    // printf 'tapswitch\0000123456789abcdef0123456789abcdef\0br0' | sha256sum: d04ef703ca93…
    expect(derived('br0', MACHINE)).toBe('d2:4e:f7:03:ca:93');
  });

  test('is another for another name and another machine', () => {
    const addresses = [
      derived('br0', MACHINE),
      derived('br1', MACHINE),
      derived('br0', `${MACHINE}0`),
      // What is the name's and what the machine's cannot be confused.
      derived('0br0', MACHINE),
      derived('', `${MACHINE}br0`),
    ];
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test('is the same at every start on this machine', () => {
    expect(derived('br0')).toBe(derived('br0'));
    expect(derived('br0')).not.toBe(derived('br1'));
  });

  test('is an address that one station may use, locally administered', () => {
    for (let index = 0; index < 256; index++) {
      const mac = deriveMac(`br${index}`, MACHINE);
      expect(isStation(mac)).toBe(true);
      expect(mac.hi16 & 0x02).toBe(0x02);
    }
  });
});
