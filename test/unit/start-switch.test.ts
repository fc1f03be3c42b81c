import { describe, expect, test } from '@jest/globals';
import { CONFIG_OPTIONS } from '../../src/config/schema';
import { startSwitch } from '../../src/start-switch';
import type { SwitchOptions } from '../../src/switch-options';

/** A port that cannot be opened, in case that a value is accepted by mistake. */
const PORT = 'lo';

describe('startSwitch refuses values that a file must not have, before it opens a port:', () => {
  test.each<[what: string, options: unknown, ...complaints: string[]]>([
    [
      'an option that does not exist',
      { ports: [PORT], ageingMs: 60_000, adress: '192.0.2.1/24' },
      'ageingMs: no such option; did you mean ageing?',
      'adress: no such option; did you mean address?',
    ],
    [
      'several wrong values, each with its place',
      { ports: [PORT, { name: 'tap1', mtu: 5 }], ageing: 5, offload: 'maybe' },
      'ageing: expected a whole number of seconds from 10 to 1000000, or 0, got 5',
      'offload: expected true or false, got "maybe"',
      'ports[1].mtu: expected a whole number of bytes from 68 to 65521, got 5',
    ],
    [
      'a wrong key in the text of a port',
      { ports: [PORT, 'tap1,mtu=5'] },
      'ports[1]: mtu: expected a whole number of bytes from 68 to 65521, got "5"',
    ],
    ['no ports', {}, 'ports: none is given; name at least one, as in ports: ["tap0"]'],
    [
      'an empty list',
      { ports: [] },
      'ports: none is given; name at least one, as in ports: ["tap0"]',
    ],
    ['no options', undefined, 'ports: none is given; name at least one, as in ports: ["tap0"]'],
    ['a text', 'tap0', 'expected a mapping of options, got "tap0"'],
    [
      'inspection by a hub',
      { ports: [PORT], inspect: true, ageing: 0 },
      '--inspect: needs to learn where stations are; give an --ageing other than 0',
    ],
    [
      'a binding to a port that the switch will not have',
      { ports: [PORT], neigh: '192.0.2.7 lladdr 02:00:00:00:00:07 dev tap9' },
      '--neigh: 192.0.2.7: no port tap9; the ports are: lo',
    ],
    [
      'a port twice',
      { ports: [PORT, { name: PORT, persist: true }] },
      'ports[1]: lo is given twice; once is enough',
    ],
    [
      'an address twice',
      { ports: [PORT], address: ['192.0.2.1/24', '192.0.2.1/25'] },
      'address[1]: 192.0.2.1 is given twice; once is enough',
    ],
    [
      'another user',
      { ports: [PORT], user: 'nobody' },
      'user: the switch has the rights of the program; leave it out',
    ],
    [
      'a group without a control socket',
      { ports: [PORT], 'control-group': 'root' },
      'control-group: there is no control socket; give its path as control',
    ],
  ])('%s', async (_, options, ...lines) => {
    await expect(startSwitch(options as SwitchOptions)).rejects.toMatchObject({
      name: 'UsageError',
      lines,
    });
  });
});

test('SwitchOptions has the keys of a file, but for the user', () => {
  const all: Required<SwitchOptions> = {
    ...{
      ports: [],
      name: '',
      mac: '',
      address: [],
      arp: 'off',
      'neigh-lifetime': 0,
      'neigh-max': 0,
    },
    ...{ neigh: [], inspect: true, ageing: 0, 'fdb-max': 0, 'fdb-max-per-port': 0, fdb: [] },
    ...{ 'fdb-eviction': 'fair', mirror: [], impair: [], hook: [] },
    ...{
      reserved: 'br0',
      'group-fwd': 0,
      'vlan-filtering': true,
      'vlan-protocol': '802.1Q',
      'vlan-default-pvid': 1,
      'loop-guard': true,
      stp: 'off',
      'stp-priority': 0,
      'stp-hello': 2,
      'stp-max-age': 20,
      'stp-forward-delay': 15,
      'mcast-snooping': true,
      mdb: [],
      'mcast-querier': true,
      'mcast-igmp-version': 2,
      'mcast-mld-version': 1,
      'mcast-hash-max': 1,
      'mcast-last-member-count': 2,
      'mcast-startup-query-count': 2,
      'mcast-last-member-interval': 1,
      'mcast-membership-interval': 1,
      'mcast-querier-interval': 1,
      'mcast-query-interval': 1,
      'mcast-query-response-interval': 1,
      'mcast-startup-query-interval': 1,
      offload: true,
      'io-uring': true,
      'busy-poll': 0,
      control: '',
    },
    ...{ 'control-group': '', 'log-level': 'info', 'log-format': 'text', metrics: '' },
  };
  const keys = [...CONFIG_OPTIONS.map(({ key }) => key), 'ports'].filter((key) => key !== 'user');
  expect(Object.keys(all).sort()).toEqual(keys.sort());
});
