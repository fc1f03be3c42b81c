import { describe, expect, test } from '@jest/globals';
import { cidr } from '../../../../src/config/values/cidr';
import {
  interfaceName,
  interfaceNameOrPattern,
  namespaceName,
} from '../../../../src/config/values/interface-name';
import { canonicalIpAddress, parseIpAddress } from '../../../../src/wire/ip-text';
import {
  describe as describeValue,
  mapRule,
  oneOf,
  onOff,
  wholeNumber,
} from '../../../../src/config/values/rule';
import { stationMac } from '../../../../src/config/values/station-mac';
import { nearestWord, noSuch, noneSuch } from '../../../../src/config/values/suggest';

describe('the text of a wrong value', () => {
  test.each<[unknown, string]>([
    ['tap0', '"tap0"'],
    ['', '""'],
    ['two\nlines', '"two\\nlines"'],
    ['x'.repeat(61), `"${'x'.repeat(60)}"…`],
    [7, '7'],
    [Number.NaN, 'NaN'],
    [false, 'false'],
    [null, 'nothing'],
    [undefined, 'nothing'],
    [['a'], 'a list'],
    [{ a: 1 }, 'a mapping'],
    [7n, 'a bigint'],
  ])('%p is shown as %s', (value, shown) => {
    expect(describeValue(value)).toBe(shown);
  });
});

describe('a whole number', () => {
  const seconds = wholeNumber({ from: 10, to: 100, orZero: true, unit: 'seconds' });

  test.each(['0', '10', '55', '100', '010'])('%s is valid', (text) => {
    expect(seconds.fromText(text)).toBe(Number(text));
  });

  test.each(['9', '101', '-10', '+10', '10.0', '1e1', '0x10', '', ' 10', '１０', '9'.repeat(400)])(
    '%p is refused',
    (text) => {
      expect(() => seconds.fromText(text)).toThrow(
        'expected a whole number of seconds from 10 to 100, or 0, got "',
      );
    },
  );

  test.each([9, 101, 10.5, Number.NaN, Infinity, '10', true, null])(
    '%p in a file is refused',
    (value) => {
      expect(() => seconds.fromValue(value)).toThrow('expected a whole number of seconds');
    },
  );

  test('a number in a file is read as a number', () => {
    expect(seconds.fromValue(0)).toBe(0);
    expect(seconds.fromValue(100)).toBe(100);
  });

  test('0 outside the range is refused unless it is allowed', () => {
    const count = wholeNumber({ from: 1, to: 3, unit: 'things' });
    expect(() => count.fromText('0')).toThrow(
      'expected a whole number of things from 1 to 3, got "0"',
    );
  });

  test('a mapped rule converts what either reader accepts', () => {
    const ms = mapRule(seconds, (value) => value * 1000);
    expect(ms.fromText('10')).toBe(10_000);
    expect(ms.fromValue(10)).toBe(10_000);
  });
});

describe('words', () => {
  const mode = oneOf('br0', 'strict', 'off');

  test('one of them is valid, in a file too', () => {
    expect(mode.fromText('strict')).toBe('strict');
    expect(mode.fromValue('br0')).toBe('br0');
  });

  test.each(['', 'BR0', 'strict '])('%p is refused', (text) => {
    expect(() => mode.fromText(text)).toThrow('expected br0, strict or off, got "');
  });

  test('another type is refused', () => {
    expect(() => mode.fromValue(false)).toThrow('expected br0, strict or off, got false');
  });

  test.each<[unknown, boolean]>([
    [true, true],
    [false, false],
    ['on', true],
    ['off', false],
  ])('%p in a file is %p', (value, meaning) => {
    expect(onOff.fromValue(value)).toBe(meaning);
  });

  test.each(['yes', 1, null])('%p is neither on nor off', (value) => {
    expect(() => onOff.fromValue(value)).toThrow('expected true or false, got ');
  });
});

describe('an interface name', () => {
  const right = ['a', 'tap0', 'x'.repeat(15), '-x', '...', 'été', 'a\u0001b'];

  test.each(right)('%p is valid', (name) => {
    expect(interfaceName.fromText(name)).toBe(name);
    expect(interfaceNameOrPattern.fromText(name)).toBe(name);
  });

  test.each([
    ['', 'of 1 to 15 bytes, got "", 0 bytes'],
    ['x'.repeat(16), 'of 1 to 15 bytes, got "xxxxxxxxxxxxxxxx", 16 bytes'],
    ['ééééééééé', 'of 1 to 15 bytes, got "ééééééééé", 18 bytes'],
    ['a/b', 'without "/", ":" and white space'],
    ['a:b', 'without "/", ":" and white space'],
    ['a b', 'without "/", ":" and white space'],
    ['a\tb', 'without "/", ":" and white space'],
    // c3 a0: its second byte is white space to the kernel.
    ['à', 'without "/", ":" and white space'],
    ['.', 'the kernel keeps for itself'],
    ['..', 'the kernel keeps for itself'],
    ['all', 'the kernel keeps for itself'],
    ['default', 'the kernel keeps for itself'],
    ['a\0b', 'expected an interface name, got '],
    ['a\ud800', 'expected an interface name, got '],
  ])('%p is refused', (name, complaint) => {
    expect(() => interfaceName.fromText(name)).toThrow(complaint);
    expect(() => interfaceNameOrPattern.fromText(name)).toThrow(complaint);
  });

  test.each(['tap%d', '%d', 'a%db'])('%p is a pattern only', (name) => {
    expect(interfaceNameOrPattern.fromText(name)).toBe(name);
    expect(() => interfaceName.fromText(name)).toThrow('without "%"');
  });

  test.each(['tap%', 'tap%s', 'tap%d%d', 'tap%%d', '%dtap%'])('%p is not a pattern', (name) => {
    expect(() => interfaceNameOrPattern.fromText(name)).toThrow('"%" only in one "%d"');
  });
});

describe('a network namespace', () => {
  test.each(['red', '/proc/1234/ns/net', '...', 'a b'])('%p is valid', (name) => {
    expect(namespaceName.fromText(name)).toBe(name);
  });

  test.each(['', '.', '..', 'a/b', './red', '/run/\0'])('%p is refused', (name) => {
    expect(() => namespaceName.fromText(name)).toThrow('expected a network namespace');
  });
});

describe('a station’s MAC address', () => {
  test.each([
    ['02:00:00:00:00:01', '02:00:00:00:00:01'],
    ['02-00-00-00-00-AB', '02:00:00:00:00:ab'],
  ])('%s is read as %s', (text, canonical) => {
    expect(stationMac.fromText(text)).toBe(canonical);
  });

  test.each(['', '02:00:00:00:00', '02:00:00:00:00:0g', '020000000001', '2:0:0:0:0:1'])(
    '%p is no MAC address',
    (text) => {
      expect(() => stationMac.fromText(text)).toThrow('expected the MAC address of one station');
    },
  );

  test.each(['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:80:c2:00:00:00', '03:00:00:00:00:01'])(
    '%s is no station',
    (text) => {
      expect(() => stationMac.fromText(text)).toThrow('a group address or zero');
    },
  );
});

describe('IP addresses', () => {
  test.each<[string, number[]]>([
    ['192.0.2.1', [192, 0, 2, 1]],
    ['::', new Array<number>(16).fill(0)],
    ['2001:db8::1', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['2001:db8::', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['::ffff:192.0.2.1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]],
    ['1:2:3:4:5:6:192.0.2.1', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 192, 0, 2, 1]],
  ])('%s as bytes', (text, bytes) => {
    expect([...(parseIpAddress(text) ?? [])]).toEqual(bytes);
  });

  test.each(['', '192.0.2', '192.0.2.256', '192.0.2.01', '1::2::3', 'fe80::1%eth0', 'localhost'])(
    '%p is none',
    (text) => {
      expect(parseIpAddress(text)).toBeUndefined();
    },
  );

  test('each has one canonical text', () => {
    expect(canonicalIpAddress('2001:0DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
    expect(canonicalIpAddress('192.0.2.1')).toBe('192.0.2.1');
  });
});

describe('an address with its prefix length', () => {
  test.each([
    ['192.0.2.1/24', '192.0.2.1', 24, 4],
    ['192.0.2.254/24', '192.0.2.254', 24, 4],
    ['192.0.2.0/31', '192.0.2.0', 31, 4],
    ['192.0.2.255/32', '192.0.2.255', 32, 4],
    ['192.0.2.255/23', '192.0.2.255', 23, 4],
    ['2001:DB8::1/64', '2001:db8::1', 64, 6],
    ['2001:db8::/127', '2001:db8::', 127, 6],
    ['2001:db8:0:0:ffff:ffff:ffff:ffff/64', '2001:db8::ffff:ffff:ffff:ffff', 64, 6],
    ['fe80::1/128', 'fe80::1', 128, 6],
  ])('%s is valid', (text, address, prefixLength, family) => {
    expect(cidr.fromText(text)).toEqual({ address, prefixLength, family });
  });

  test.each([
    '',
    '192.0.2.1',
    '192.0.2.1/',
    '192.0.2.1/0',
    '192.0.2.1/33',
    '192.0.2.1/024',
    '192.0.2.1/24/24',
    '192.0.2.1/255.255.255.0',
    '192.0.2/24',
    '2001:db8::1/129',
    'fe80::1%eth0/64',
    'tap0/24',
  ])('%p is none', (text) => {
    expect(() => cidr.fromText(text)).toThrow(
      /^expected the address of a host with its prefix length, such as .*, got "[^"]*"$/,
    );
  });

  test.each([
    ['0.0.0.0/8', '"this network"'],
    ['127.0.0.1/8', 'a loopback address'],
    ['224.0.0.1/24', 'a multicast address'],
    ['239.255.255.255/32', 'a multicast address'],
    ['255.255.255.255/32', 'the broadcast address'],
    ['192.0.2.0/24', 'the address of the network'],
    ['192.0.2.4/30', 'the address of the network'],
    ['192.0.2.255/24', 'the broadcast address of the network'],
    ['192.0.2.7/30', 'the broadcast address of the network'],
    ['::/64', 'the unspecified address'],
    ['::1/128', 'the loopback address'],
    ['ff02::1/64', 'a multicast address'],
    ['::ffff:192.0.2.1/128', 'an IPv4-mapped address'],
    ['2001:db8::/64', 'the subnet-router anycast address'],
  ])('%s is refused as %s', (text, fault) => {
    expect(() => cidr.fromText(text)).toThrow(new RegExp(`got "${text}", ${fault}$`));
  });

  test('a number in a file is refused', () => {
    expect(() => cidr.fromValue(192)).toThrow('got 192');
  });
});

describe('suggestions', () => {
  const words = ['ageing', 'fdb-max', 'mtu', 'mac'];

  test.each([
    ['agein', 'ageing'],
    ['agieng', 'ageing'],
    ['fdbmax', 'fdb-max'],
    ['mut', 'mtu'],
    ['mc', 'mac'],
  ])('%s is near %s', (typed, word) => {
    expect(nearestWord(typed, words)).toBe(word);
  });

  test.each(['', 'x', 'speed', 'aging-time'])('%p is near no word', (typed) => {
    expect(nearestWord(typed, words)).toBeUndefined();
  });

  test('all words are offered if none is near', () => {
    expect(noSuch('key', 'speed', words)).toBe('no such key; one of ageing, fdb-max, mtu, mac');
    expect(noSuch('key', 'mut', words)).toBe('no such key; did you mean mtu?');
  });

  test('a word of a megabyte gets an answer', () => {
    expect(nearestWord('m'.repeat(1e6), words)).toBeUndefined();
  });

  test('complaints about several unknown words list the known words once', () => {
    expect(noneSuch('key', ['speed', 'mut', 'colour'], words)).toEqual([
      'no such key; one of ageing, fdb-max, mtu, mac',
      'no such key; did you mean mtu?',
      'no such key either',
    ]);
  });
});
