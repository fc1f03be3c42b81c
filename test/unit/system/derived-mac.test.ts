import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveMac, derivePortMac, identifyMachine } from '../../../src/system/derived-mac';
import { formatMac, isStation } from '../../../src/wire/mac';

const MACHINE = '0123456789abcdef0123456789abcdef';

function derived(name: string, machine?: string): string {
  const { hi16, lo32 } = deriveMac(name, machine);
  return formatMac(hi16, lo32);
}

describe('deriveMac', () => {
  test('gives the same address in every version', () => {
    // printf 'tapswitch\0000123456789abcdef0123456789abcdef\0br0' | sha256sum: d04ef703ca93…
    expect(derived('br0', MACHINE)).toBe('d2:4e:f7:03:ca:93');
  });

  test('differs for another name and for another machine', () => {
    const addresses = [
      derived('br0', MACHINE),
      derived('br1', MACHINE),
      derived('br0', `${MACHINE}0`),
      // The name and the machine id are hashed with a separator: other splits of the same text give other addresses.
      derived('0br0', MACHINE),
      derived('', `${MACHINE}br0`),
    ];
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test('gives each port of a switch its own, and none that of a switch', () => {
    const words = [
      derivePortMac('br0', 'veth:eth0@red', MACHINE),
      derivePortMac('br0', 'veth:eth0@blue', MACHINE),
      derivePortMac('br1', 'veth:eth0@red', MACHINE),
      deriveMac('br0veth:eth0@red', MACHINE),
      deriveMac('br0', MACHINE),
    ];
    const addresses = words.map(({ hi16, lo32 }) => formatMac(hi16, lo32));
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(derivePortMac('br0', 'veth:eth0@red', MACHINE)).toEqual(words[0]);
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

describe('a machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-machine-'));
  const [first, second, bootId] = ['first', 'second', 'boot'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const none = join(folder, 'none');
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is identified by its machine id, the better of two', () => {
    writeFileSync(first, `${MACHINE}\n`);
    writeFileSync(second, 'f'.repeat(32));
    const known = { id: MACHINE, lasts: 'for good' };
    expect(identifyMachine([first, second])).toEqual(known);
    expect(identifyMachine([none, first])).toEqual(known);
  });

  test.each([
    ['uninitialized', 'uninitialized\n'],
    ['empty', ''],
    ['nothing but zeros', '0'.repeat(32)],
    ['too short', MACHINE.slice(1)],
    ['too long', `${MACHINE}0`],
    ['no hexadecimal number', `${MACHINE.slice(1)}g`],
  ])('whose machine id is %s has none', (_, text) => {
    writeFileSync(first, text);
    writeFileSync(second, MACHINE);
    writeFileSync(bootId, '11111111-2222-4333-8444-555555555555\n');
    expect(identifyMachine([first, second], bootId).id).toBe(MACHINE);
    expect(identifyMachine([first, none], bootId)).toEqual({
      id: `${hostname()}\0${'11111111-2222-4333-8444-555555555555'}`,
      lasts: 'until the next boot',
    });
    const atRandom = identifyMachine([first], none);
    expect(atRandom.lasts).toBe('until the next start');
    expect(identifyMachine([first], none).id).not.toBe(atRandom.id);
  });
});
