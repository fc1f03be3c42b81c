import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readConfigFile } from '../../../src/config/file';
import { PORT_KINDS } from '../../../src/ports/kinds';
import type { GivenConfig } from '../../../src/config/schema';
import { UsageError } from '../../../src/system/usage-error';

let folder = '';
let file = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapswitch-config-'));
  file = join(folder, 'lab.yaml');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(text: string): GivenConfig {
  writeFileSync(file, text);
  return readConfigFile(file, PORT_KINDS);
}

const MAC = '02:00:00:00:00:07';
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');
const ipv4 = (index: number): string => `198.18.${index >> 8}.${index & 255}`;
const groupAddress = (index: number): string => `239.1.${index >> 8}.${index & 255}`;
const mac = (index: number): string =>
  `02:00:00:00:${[index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

/** What is wrong with a file, each complaint without the file's name: `LINE: PATH: …`. */
function complaintsAbout(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.lines.map((line) => {
      expect(line.startsWith(`${file}:`)).toBe(true);
      return line.slice(file.length + 1);
    });
  }
  return [];
}

describe('a configuration file', () => {
  test('may have one VID of a trunk as a number', () => {
    const { ports } = read('ports:\n  - { name: tap0, trunk: 10 }\n  - { name: tap1, vlans: 7 }\n');
    expect(ports).toMatchObject([
      { name: 'tap0', trunk: '10' },
      { name: 'tap1', vlans: '7' },
    ]);
    expect(complaintsAbout('ports:\n  - { name: tap0, trunk: 4095 }\n')).toEqual([
      '2: ports[0].trunk: expected VIDs from 1 to 4094 and ranges, such as 10+20+100-110, got "4095", a VID is 1 to 4094',
    ]);
  });

  test('may have every option', () => {
    const given = read(`
name: lab
mac: 02-00-00-00-00-FE
address: [192.0.2.1/24, "2001:db8::1/64"]
ageing: 60
fdb-max: 1000
fdb-max-per-port: 100
reserved: strict
group-fwd: 0x4005
arp: off
offload: false
busy-poll: 0
log-level: debug
log-format: json
ports:
  - tap0,mtu=9000
  - { name: eth0, netns: red, mtu: 1500, mac: '02:00:00:00:00:01', persist: true }
  - name: eth0
    netns: blue
    owner: alice
    group: 100
    offload: on
`);
    expect(given).toEqual({
      name: 'lab',
      mac: '02:00:00:00:00:fe',
      addresses: [
        { address: '192.0.2.1', prefixLength: 24, family: 4 },
        { address: '2001:db8::1', prefixLength: 64, family: 6 },
      ],
      ageingMs: 60_000,
      fdbMax: 1000,
      fdbMaxPerPort: 100,
      reserved: 'strict',
      groupForwardMask: 0x4005,
      arp: 'off',
      offload: false,
      busyPollMicros: 0,
      logLevel: 'debug',
      logFormat: 'json',
      ports: [
        { name: 'tap0', mtu: 9000 },
        { name: 'eth0', netns: 'red', mtu: 1500, mac: '02:00:00:00:00:01', persist: true },
        { name: 'eth0', netns: 'blue', owner: 'alice', group: 100, offload: true },
      ],
    });
  });

  test.each<[string, string, GivenConfig]>([
    ['nothing', '', {}],
    ['comments only', '# not yet\n', {}],
    ['JSON', '{"ageing": 0,\n "ports": []}', { ageingMs: 0, ports: [] }],
    [
      'one item instead of a list',
      'ports: tap0\naddress: 192.0.2.1/24',
      {
        ports: [{ name: 'tap0' }],
        addresses: [{ address: '192.0.2.1', prefixLength: 24, family: 4 }],
      },
    ],
    [
      'an anchor and its alias',
      'ports: [{ name: tap0, mtu: &mtu 9000 }, { name: tap1, mtu: *mtu }]',
      {
        ports: [
          { name: 'tap0', mtu: 9000 },
          { name: 'tap1', mtu: 9000 },
        ],
      },
    ],
  ])('may hold %s', (_, text, given) => {
    expect(read(text)).toEqual(given);
  });

  test.each<[string, string, unknown[]]>([
    [
      'every mistake at once, in the order of the lines',
      'ageing: "300"\nports:\n  - tap0\n  - name: tap1\n    mtu: 50\n    mtuu: 5\n  - 7\n\n  - netns: red\nagein: 1\n',
      [
        '1: ageing: expected a whole number of seconds from 10 to 1000000, or 0, got "300"',
        '5: ports[1].mtu: expected a whole number of bytes from 68 to 65521, got 50',
        '6: ports[1].mtuu: no such key; did you mean mtu?',
        '7: ports[2]: expected a port as text or as a mapping, got 7',
        '9: ports[3].name: expected an interface name, got nothing',
        '10: agein: no such option; did you mean ageing?',
      ],
    ],
    [
      'a key that is like no other',
      '\ncolour: red\n',
      [
        '2: colour: no such option; one of address, mac, arp, neigh-lifetime, neigh-max, neigh, inspect, ' +
          'ageing, fdb-max, fdb-max-per-port, fdb-eviction, fdb, mirror, impair, hook, reserved, group-fwd, vlan-filtering, vlan-protocol, vlan-default-pvid, mcast-snooping, mdb, mcast-querier, mcast-igmp-version, mcast-mld-version, mcast-hash-max, mcast-last-member-count, mcast-last-member-interval, mcast-membership-interval, mcast-querier-interval, mcast-query-interval, mcast-query-response-interval, mcast-startup-query-count, mcast-startup-query-interval, loop-guard, stp, stp-priority, stp-hello, stp-max-age, stp-forward-delay, offload, io-uring, busy-poll, name, control, control-group, metrics, user, log-level, log-format, ports',
      ],
    ],
    ['a key with spaces', '"a b": 1', [expect.stringMatching(/^1: "a b": no such option; /)]],
    ['a property of every object', '__proto__: 1', [expect.stringMatching(/^1: __proto__: no /)]],
    [
      'a port in text',
      'ports:\n - tap0\n - tap1,mtu=x',
      ['3: ports[1]: mtu: expected a whole number of bytes from 68 to 65521, got "x"'],
    ],
    [
      'a separator in a name',
      "ports:\n - name: a@b\n - { name: tap0, netns: '/run/a,b' }",
      [
        '2: ports[0].name: expected a port name without "@" and ",", got "a@b"',
        '3: ports[1].netns: expected a network namespace without ",", got "/run/a,b"',
      ],
    ],
    ['an empty key', 'name:\n', ['1: name: expected an interface name, got nothing']],
    ['a list', '- tap0', ['1: expected a mapping of options, got a list']],
    ['text', 'tap0 tap1', ['1: expected a mapping of options, got "tap0 tap1"']],
    [
      'a port twice',
      'ports:\n - tap0\n - name: tap0',
      ['3: ports[1]: tap0 is given twice; once is enough'],
    ],
    [
      'an address twice',
      'address:\n - 192.0.2.1/24\n - 192.0.2.1/25',
      ['3: address[1]: 192.0.2.1 is given twice; once is enough'],
    ],
    [
      'too many addresses',
      `address:\n${lines(65, (index) => ` - 192.0.2.${index + 1}/24`)}`,
      ['66: address[64]: 64 addresses at most, got 65; leave some out'],
    ],
    [
      'too many bindings of a family',
      `neigh:\n - 2001:db8::7 lladdr ${MAC}\n${lines(1026, (index) => ` - ${ipv4(index)} lladdr ${MAC}`)}`,
      ['1027: neigh[1025]: 1024 static bindings of a family at most, got 1026; leave some out'],
    ],
    [
      'too many entries of a kind',
      `fdb:\n - ${mac(9999)} dev tap0 sticky\n${lines(1025, (index) => ` - ${mac(index)} dev tap0`)}`,
      ['1027: fdb[1025]: 1024 static entries at most, got 1025; leave some out'],
    ],
    [
      'too many entries of groups',
      `mdb:\n${lines(4_097, (index) => ` - ${groupAddress(index)} dev tap0`)}`,
      ['4098: mdb[4096]: 4096 permanent entries of groups at most, got 4097; leave some out'],
    ],
    [
      'an entry of a group that has no source',
      'mdb:\n - 239.1.1.1 dev tap0\n - 239.1.1.2 dev tap0 filter_mode include',
      ['3: mdb[1]: 239.1.1.2: include needs sources'],
    ],
    [
      'a fault behind an alias',
      'ports:\n - &port\n   name: tap0\n   mtu: 1\n - *port',
      [
        '4: ports[0].mtu: expected a whole number of bytes from 68 to 65521, got 1',
        '4: ports[1].mtu: expected a whole number of bytes from 68 to 65521, got 1',
      ],
    ],
  ])('is refused for %s', (_, text, complaints) => {
    expect(complaintsAbout(text)).toEqual(complaints);
  });

  test.each([
    ['an open bracket', 'name: lab\nports: [tap0\nageing: 5', /^3: not valid YAML: /],
    ['a tab', 'ports:\n\t- tap0', /^2: not valid YAML: /],
    ['a key twice', 'name: a\nname: b', /^2: not valid YAML: Map keys must be unique$/],
    [
      'a key twice in another order',
      'name: a\nageing: 5\nports:\n - { name: x, mtu: 70, name: y }',
      /^4: not valid YAML: Map keys must be unique$/,
    ],
    ['a key twice, quoted', 'name: a\n"name": b', /^2: not valid YAML: Map keys must be unique$/],
    [
      'a key twice before a tab',
      'name: a\nname: b\nports:\n\t- tap0',
      /^2: not valid YAML: Map keys must be unique$/,
    ],
    ['a tag', 'name: !who knows', /^1: not valid YAML: Unresolved tag: !who$/],
    ['a mapping as a key', '{ a: b }: c', /^1: not valid YAML: /],
    ['two documents', 'name: a\n---\nname: b', /^2: not valid YAML: more than one document/],
    ['an alias to nothing', 'name: *nobody', /^ not valid YAML: Unresolved alias/],
    [
      'aliases without end',
      ['x, x, x, x, x, x, x, x, x, x', 'a', 'b', 'c']
        .map((of, index) => {
          const items = index === 0 ? of : `*${of}, `.repeat(10);
          return `${'abcd'[index]}: &${'abcd'[index]} [${items}]`;
        })
        .join('\n'),
      /^ not valid YAML: Excessive alias count/,
    ],
  ])('with %s is not read', (_, text, complaint) => {
    const complaints = complaintsAbout(text);
    expect(complaints).toEqual([expect.stringMatching(complaint)]);
  });

  const many = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('\n');

  test.each<[what: string, text: string, reason: RegExp]>([
    ['70,000 anchors', many(70_000, (index) => `- &a${index} x`), /more than 100 anchors/],
    ['1.1 MB of anchors', many(100_000, (index) => `- &a${index} x`), /longer than 1048576 bytes/],
    ['100,000 aliases', `- &a x\n${many(100_000, () => '- *a')}`, /more than 100 anchors/],
    ['lists 100,000 deep', '['.repeat(100_000), /nested deeper than 32 levels/],
    ['lists 100,000 deep, in blocks', '- '.repeat(100_000), /nested deeper than 32 levels/],
    ['keys 100,000 deep', '? '.repeat(100_000), /nested deeper than 32 levels/],
    ['mappings 100,000 deep', '{a: '.repeat(100_000), /nested deeper than 32 levels/],
    ['100,000 keys', many(100_000, (index) => `k${index}: 1`), /more than 150000 words and signs/],
    ['2 MB', 'x'.repeat(2e6), /longer than 1048576 bytes/],
  ])('with %s is refused', (_, text, reason) => {
    writeFileSync(file, text);
    expect(() => readConfigFile(file, PORT_KINDS)).toThrow(reason);
  });

  test.each<[what: string, bytes: Buffer, line: number]>([
    ['Latin-1', Buffer.from('name: lab\nports:\n  - fenêtre\n', 'latin1'), 3],
    ['UTF-16', Buffer.from('\ufeffname: lab\n', 'utf16le'), 1],
    ['UTF-16 without a mark', Buffer.from('name: lab\n', 'utf16le'), 1],
    ['a character that is cut off', Buffer.of(0x61, 0x3a, 0x0a, 0xef, 0xbf), 2],
    ['zeros at its end', Buffer.from('ports: [tap0]\n\0\0'), 2],
  ])('with %s is no UTF-8 text', (_, bytes, line) => {
    writeFileSync(file, bytes);
    const fault = `${file}:${line}: no UTF-8 text; save the file as UTF-8`;
    expect(() => readConfigFile(file, PORT_KINDS)).toThrow(new UsageError(fault));
  });

  test.each([
    ['a byte order mark', '\ufeffname: lab\n'],
    ['carriage returns', 'name: lab\r\n'],
    ['a replacement character', 'name: lab # \ufffd\n'],
  ])('may have %s', (_, text) => {
    expect(read(text)).toEqual({ name: 'lab' });
  });

  test('that never ends is refused', () => {
    expect(() => readConfigFile('/dev/zero', PORT_KINDS)).toThrow(
      '/dev/zero: a device and no regular file',
    );
  });

  test('may have anchors, and text that looks like them', () => {
    expect(read('name: &n lab\nports: ["tap0"]\ncontrol: "/tmp/*&x"\n')).toMatchObject({
      name: 'lab',
      control: '/tmp/*&x',
    });
  });

  test('with 10,000 mistakes has 10,000 complaints', () => {
    const text = `ports:\n${many(10_000, (index) => `  - p${index},mtu=1`)}`;
    expect(complaintsAbout(text)).toHaveLength(10_000);
  });

  test('with 20,000 unknown keys lists the options once', () => {
    const complaints = complaintsAbout(many(20_000, (index) => `key${index}: 1`));
    expect(complaints).toHaveLength(20_000);
    expect(complaints[0]).toMatch(/^1: key0: no such option; one of address, /);
    expect(complaints[19_999]).toBe('20000: key19999: no such option either');
  });

  test('with a repeated key after 20,000 others is refused', () => {
    const text = `${many(20_000, (index) => `key${index}: 1`)}\nkey0: 2`;
    expect(complaintsAbout(text)).toEqual(['20001: not valid YAML: Map keys must be unique']);
  });

  test('that does not exist is named', () => {
    const missing = join(folder, 'missing.yaml');
    expect(() => readConfigFile(missing, PORT_KINDS)).toThrow(
      new UsageError(
        `${missing}: no such file or directory (ENOENT); --config takes the path of a YAML file`,
      ),
    );
  });

  test('that is a folder is refused', () => {
    expect(() => readConfigFile(folder, PORT_KINDS)).toThrow(/\(EISDIR\)/);
  });
});
