import { describe, expect, test } from '@jest/globals';
import { type PortSpec, portIdentity, portLabel } from '../../../../src/config/values/port-spec';
import { PORT_KINDS } from '../../../../src/ports/kinds';

const EVERY_KEY: PortSpec = {
  name: 'tap0',
  netns: 'red',
  mtu: 9000,
  queue: 5000,
  mac: '02:00:00:00:00:01',
  persist: true,
  owner: 'alice',
  group: 100,
  offload: false,
};

const EVERY_KEY_TEXT =
  'tap0@red,mtu=9000,queue=5000,mac=02:00:00:00:00:01,persist,owner=alice,group=100,offload=off';

describe('a port specification', () => {
  test.each<[string, PortSpec]>([
    ['tap0', { name: 'tap0' }],
    ['tap%d', { name: 'tap%d' }],
    ['eth0@red', { name: 'eth0', netns: 'red' }],
    ['eth0@/proc/1234/ns/net', { name: 'eth0', netns: '/proc/1234/ns/net' }],
    ['eth0@a@b', { name: 'eth0', netns: 'a@b' }],
    ['tap0,persist=on', { name: 'tap0', persist: true }],
    ['tap0,persist=off', { name: 'tap0', persist: false }],
    ['tap0,existing', { name: 'tap0', existing: true }],
    ['tap:tap0,mtu=68', { name: 'tap0', mtu: 68 }],
    ['tap0,trusted', { name: 'tap0', trusted: true }],
    [
      'tap0,storm=100,storm-broadcast=0,storm-unknown=off',
      { name: 'tap0', storm: 100, 'storm-broadcast': 0, 'storm-unknown': 'off' },
    ],
    [
      'tap0,macs=2,mac-allow=02-00-00-00-00-0A+02:00:00:00:00:0b,violation=shutdown',
      {
        name: 'tap0',
        macs: 2,
        'mac-allow': '02:00:00:00:00:0a+02:00:00:00:00:0b',
        violation: 'shutdown',
      },
    ],
    ['tap0,neigh-suppress=off', { name: 'tap0', 'neigh-suppress': false }],
    ['tap0,offload', { name: 'tap0', offload: true }],
    ['tap0,mtu=68', { name: 'tap0', mtu: 68 }],
    ['tap0,queue=1', { name: 'tap0', queue: 1 }],
    ['tap0,queue=524288', { name: 'tap0', queue: 524_288 }],
    ['tap0,mtu=65521', { name: 'tap0', mtu: 65_521 }],
    ['tap0,owner=0', { name: 'tap0', owner: 0 }],
    ['tap0,owner=4294967294', { name: 'tap0', owner: 4_294_967_294 }],
    ['tap0,owner=a.b-c@d', { name: 'tap0', owner: 'a.b-c@d' }],
    [
      'br0,address=192.0.2.1/24,address=2001:0db8::01/64',
      { name: 'br0', address: ['192.0.2.1/24', '2001:db8::1/64'] },
    ],
    [
      'veth:eth0@red,address=192.0.2.1/24,existing',
      { kind: 'veth', name: 'eth0', netns: 'red', address: ['192.0.2.1/24'], existing: true },
    ],
    [EVERY_KEY_TEXT, EVERY_KEY],
  ])('%s is read', (text, spec) => {
    expect(PORT_KINDS.parse(text)).toEqual(spec);
  });

  test.each([
    ['', 'expected an interface name of 1 to 15 bytes, got "", 0 bytes'],
    ['tap0123456789abc', 'of 1 to 15 bytes, got "tap0123456789abc", 16 bytes'],
    ['@red', 'expected an interface name of 1 to 15 bytes'],
    [',mtu=1500', 'expected an interface name of 1 to 15 bytes'],
    ['tap0@', 'expected a network namespace'],
    ['tap0@a/b', 'expected a network namespace'],
    [
      'tap0,',
      '"": no such key; one of mtu, queue, mac, address, existing, persist, owner, group, offload, trusted, ' +
        'neigh-suppress',
    ],
    ['tap0,mut=1500', '"mut": no such key; did you mean mtu?'],
    ['nik:eth0', '"nik": no such kind of port; did you mean nic?'],
    ['tpa:tap0', '"tpa": no such kind of port; did you mean tap?'],
    ['tap0,name=x', '"name": no such key'],
    ['tap0,netns=red', '"netns": no such key'],
    ['tap0,mtu', 'mtu: needs a value, as in mtu=VALUE'],
    ['tap0,mtu=', 'mtu: expected a whole number of bytes from 68 to 65521, got ""'],
    ['tap0,mtu=67', 'mtu: expected a whole number of bytes from 68 to 65521, got "67"'],
    ['tap0,mtu=65522', 'mtu: expected a whole number of bytes from 68 to 65521, got "65522"'],
    ['tap0,mtu=1500,mtu=1500', 'mtu: given twice'],
    ['br0,address=192.0.2.1', 'address: expected the address of a host with its prefix length'],
    ['br0,address=192.0.2.1/24,address=192.0.2.1/25', 'address: 192.0.2.1 is given twice'],
    ['veth:eth%d@red', 'eth%d: a pattern names no interface that is there'],
    ['veth:eth0@red,queue=9', '"queue": no such key'],
    ['tap0,queue=524289', 'queue: expected a whole number of frames from 1 to 524288'],
    ['tap0,mac=01:00:5e:00:00:01', 'mac: expected the MAC address of one station'],
    ['tap0,persist=yes', 'persist: expected on or off, got "yes"'],
    ['tap0,owner=-x', 'owner: expected a user or group by name or number, got "-x"'],
    ['tap0,owner=', 'owner: expected a user or group by name or number, got ""'],
    [
      'tap0,storm=-1',
      'storm: expected a whole number of frames per second from 0 to 1000000000, or off, got "-1"',
    ],
    ['tap0,storm-broadcast=1.5', 'storm-broadcast: expected a whole number of frames per second'],
    ['tap0,macs=0', 'macs: expected a whole number of stations from 1 to 65536, or off, got "0"'],
    [
      'tap0,mac-allow=02:00:00:00:00:0a+01:00:5e:00:00:01',
      'mac-allow: expected the MAC address of one station, such as 02:00:00:00:00:01, got ' +
        '"01:00:5e:00:00:01", a group address or zero',
    ],
    [
      'tap0,mac-allow=02:00:00:00:00:0a+02:00:00:00:00:0A',
      'mac-allow: 02:00:00:00:00:0a is given twice; once is enough',
    ],
    ['tap0,mac-allow=', 'mac-allow: expected the MAC address of one station'],
    ['tap0,violation=alarm', 'violation: expected drop or shutdown, got "alarm"'],
    [
      'tap0,macs=1,learning=off',
      'macs: counts learned stations; give it learning=on, or leave it out',
    ],
    ['tap0,shut', '"shut": no such key'],
    ['tap0,group=4294967295', 'group: expected a whole number'],
  ])('%p is refused', (text, complaint) => {
    expect(() => PORT_KINDS.parse(text)).toThrow(complaint);
  });

  test('is printed with its keys in one order', () => {
    expect(PORT_KINDS.format(EVERY_KEY)).toBe(EVERY_KEY_TEXT);
    expect(PORT_KINDS.format({ name: 'tap0', offload: true })).toBe('tap0,offload=on');
    const addresses = 'br0,address=192.0.2.1/24,address=2001:db8::1/64';
    expect(PORT_KINDS.format(PORT_KINDS.parse(addresses))).toBe(addresses);
    expect(PORT_KINDS.format({ name: 'tap0' })).toBe('tap0');
  });
});

describe('a port’s label', () => {
  test('has the namespace where one was given', () => {
    expect(portLabel({ name: 'eth0' })).toBe('eth0');
    expect(portLabel({ name: 'eth0', netns: 'red' })).toBe('eth0@red');
  });

  test('is its identity, unless the kernel chooses the name', () => {
    expect(portIdentity(PORT_KINDS.parse('eth0@red,mtu=1500'))).toBe('eth0@red');
    expect(portIdentity(PORT_KINDS.parse('tap%d@red'))).toBeUndefined();
  });
});
