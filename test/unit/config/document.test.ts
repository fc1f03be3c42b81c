import { describe, expect, test } from '@jest/globals';
import { configDocument } from '../../../src/config/document';
import { readFileValues } from '../../../src/config/file-schema';
import { completeConfig } from '../../../src/config/schema';
import { PORT_KINDS } from '../../../src/ports/kinds';

describe('a configuration as a document of a file', () => {
  test.each([
    ['nothing but ports', { ports: ['tap0'] }],
    [
      'everything',
      {
        name: 'lab',
        mac: '02:00:00:00:00:fe',
        address: ['192.0.2.1/24', '2001:db8::1/64'],
        neigh: [
          '192.0.2.7 lladdr 02:00:00:00:00:07 dev eth0@red',
          '2001:db8::7 lladdr 02:00:00:00:00:07',
        ],
        ageing: 60,
        fdb: ['02:00:00:00:00:07 dev eth0@red static', '02:00:00:00:00:08 dev tap0 sticky'],
        'fdb-max': 1000,
        'fdb-max-per-port': 100,
        'mcast-snooping': true,
        mdb: [
          '239.1.1.1 dev tap0 permanent',
          'ff0e::1 dev eth0@red src 2001:db8::7 vlan 7 permanent',
        ],
        mirror: [
          'm1 from eth0@red both to tap0',
          'm2 from tap0 out vlan 7 filter arp to eth0@red shared',
        ],
        hook: ['/etc/tapswitch/firewall.mjs', '/srv/account.ts'],
        reserved: 'strict',
        'group-fwd': '0x4005',
        arp: 'off',
        offload: false,
        'busy-poll': 0,
        control: '/run/lab.sock',
        'control-group': 'wheel',
        user: 'alice',
        'log-level': 'debug',
        'log-format': 'json',
        ports: ['tap0,mtu=9000,persist', 'eth0@red,mac=02:00:00:00:00:01,owner=alice,offload=off'],
      },
    ],
  ])('is read as the configuration that it was written from: %s', (_, document) => {
    const read = readFileValues(document, PORT_KINDS);
    const config = completeConfig('given' in read ? [read.given] : [], false);
    const written = configDocument(config, PORT_KINDS);
    expect(written).toMatchObject(document);
    const again = readFileValues(written, PORT_KINDS);
    expect(completeConfig('given' in again ? [again.given] : [], false)).toEqual(config);
  });

  test('has the present ports', () => {
    const config = completeConfig([{ ports: [PORT_KINDS.parse('tap%d')] }], false);
    expect(configDocument(config, PORT_KINDS, [PORT_KINDS.parse('tap3')])).toMatchObject({
      ports: ['tap3'],
    });
  });
});

describe('settings of an open port', () => {
  test('are read from their text', () => {
    expect(
      PORT_KINDS.parseSettings('tap0', ['mtu=9000', 'mac=02-00-00-00-00-0A', 'up=off']),
    ).toEqual({
      mtu: 9000,
      mac: '02:00:00:00:00:0a',
      up: false,
    });
  });

  test.each([
    [['mut=1'], '"mut": no such key; did you mean mtu?'],
    [['mtu'], 'mtu: needs a value, as in mtu=VALUE'],
    [['mtu=1'], 'mtu: expected a whole number of bytes from 68 to 65521, got "1"'],
    [['mtu=1500', 'mtu=1501'], 'mtu: given twice'],
    [['persist'], 'persist: needs a value, as in persist=VALUE'],
    [
      ['x=on'],
      '"x": no such key; one of mtu, queue, mac, address, up, persist, owner, group, offload, ' +
        'trusted, neigh-suppress',
    ],
    [['neigh-suppress=perhaps'], 'neigh-suppress: expected on or off, got "perhaps"'],
  ])('%j is refused', (texts, reason) => {
    expect(() => PORT_KINDS.parseSettings('tap0', texts)).toThrow(reason);
  });
});
