import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type * as commandLine from '../../../src/config/command-line';
import { parseCommandLine } from '../../../src/config/command-line';
import { CONFIG_OPTIONS, type SwitchConfig } from '../../../src/config/schema';
import { PORT_KINDS } from '../../../src/ports/kinds';
import { UsageError } from '../../../src/system/usage-error';

function configOf(...argv: string[]): SwitchConfig {
  const invocation = parseCommandLine(argv, PORT_KINDS, true);
  if (invocation.kind !== 'run') throw new Error(`printed ${invocation.text}`);
  return invocation.config;
}

function printedBy(...argv: string[]): string {
  const invocation = parseCommandLine(argv, PORT_KINDS, true);
  if (invocation.kind !== 'print') throw new Error('would run');
  return invocation.text;
}

const DEFAULTS: SwitchConfig = {
  name: 'br0',
  addresses: [],
  neighbours: [],
  stations: [],
  mirrors: [],
  impairments: [],
  groups: [],
  hooks: [],
  ageingMs: 300_000,
  fdbMax: 65_536,
  fdbEviction: 'fair',
  reserved: 'br0',
  groupForwardMask: 0,
  vlanFiltering: false,
  vlanProtocol: '802.1Q',
  vlanDefaultPvid: 1,
  arp: 'answer',
  neighLifeMs: 60_000,
  neighMax: 8_192,
  inspect: false,
  mcastSnooping: false,
  mcastQuerier: false,
  mcastIgmpVersion: 2,
  mcastMldVersion: 1,
  mcastHashMax: 4_096,
  mcastLastMemberCount: 2,
  mcastLastMemberIntervalMs: 1_000,
  mcastMembershipIntervalMs: 0,
  mcastQuerierIntervalMs: 0,
  mcastQueryIntervalMs: 125_000,
  mcastQueryResponseIntervalMs: 10_000,
  mcastStartupQueryCount: 2,
  mcastStartupQueryIntervalMs: 0,
  loopGuard: true,
  ...{ stp: 'off', stpPriority: 32_768, stpHello: 2, stpMaxAge: 20, stpForwardDelay: 15 },
  offload: true,
  ioUring: true,
  busyPollMicros: 40,
  logLevel: 'info',
  logFormat: 'text',
  ports: [{ name: 'tap0' }],
};

describe('the command line', () => {
  test('with ports alone gives the defaults', () => {
    expect(configOf('tap0')).toEqual(DEFAULTS);
  });

  test('logs JSON where no person reads it', () => {
    expect(parseCommandLine(['tap0'], PORT_KINDS, false)).toEqual({
      kind: 'run',
      config: { ...DEFAULTS, logFormat: 'json' },
      hasFile: false,
    });
  });

  test('takes every option', () => {
    const argv =
      '--name lab --address 192.0.2.1/24 --mac 02:00:00:00:00:FE --ageing 0 --fdb-max=1 ' +
      '--fdb-max-per-port 16777216 --fdb-eviction none --reserved strict --group-fwd 0xC00F --vlan-filtering --vlan-protocol 802.1ad --vlan-default-pvid none --arp direct --no-offload --no-io-uring --busy-poll 10000 ' +
      '--mcast-snooping --mcast-querier --mcast-igmp-version 3 --mcast-mld-version 2 --mcast-hash-max 65536 ' +
      '--mcast-last-member-count 255 --mcast-last-member-interval 25 --mcast-membership-interval 2 ' +
      '--mcast-querier-interval 1 --mcast-query-interval 31744 --mcast-query-response-interval 25 ' +
      '--mcast-startup-query-count 0 --mcast-startup-query-interval 1 ' +
      '--loop-guard off --stp rstp --stp-priority 4096 --stp-hello 1 --stp-max-age 6 --stp-forward-delay 4 ' +
      '--neigh-lifetime 15 --neigh-max 1048576 --no-inspect --log-level error --log-format json tap%d tap%d --address 2001:db8::1/64 eth0@red eth0@blue';
    const binding = '192.0.2.7 lladdr 02-00-00-00-00-07 dev tap0';
    const entry = '02-00-00-00-00-08 dev eth0@red sticky';
    const mirror = 'm1 from eth0@red in vlan 10 filter arp or icmp to eth0@blue shared';
    const impairment = 'eth0@blue out delay 10ms 2ms loss 1% match arp nth 3 at 5s for 1s seed 7';
    const hook = '/etc/tapswitch/firewall.mjs';
    const faults = ['--impair', impairment, '--hook', hook];
    const group =
      'FF0E::1 dev eth0@red permanent vlan 5 filter_mode exclude source_list 2001:db8::7';
    const tables = ['--neigh', binding, '--fdb', entry, '--mdb', group];
    const lists = [...tables, '--mirror', mirror, ...faults];
    expect(configOf(...argv.split(' '), ...lists)).toEqual({
      name: 'lab',
      mac: '02:00:00:00:00:fe',
      addresses: [
        { address: '192.0.2.1', prefixLength: 24, family: 4 },
        { address: '2001:db8::1', prefixLength: 64, family: 6 },
      ],
      ageingMs: 0,
      fdbMax: 1,
      fdbMaxPerPort: 16_777_216,
      fdbEviction: 'none',
      reserved: 'strict',
      groupForwardMask: 0xc00f,
      vlanFiltering: true,
      vlanProtocol: '802.1ad',
      vlanDefaultPvid: 0,
      arp: 'direct',
      neighLifeMs: 15_000,
      neighMax: 1_048_576,
      neighbours: [{ address: '192.0.2.7', mac: '02:00:00:00:00:07', port: 'tap0' }],
      stations: [{ mac: '02:00:00:00:00:08', port: 'eth0@red', kind: 'sticky' }],
      groups: [
        {
          ...{ group: 'ff0e::1', port: 'eth0@red', vlan: 5 },
          ...{ mode: 'exclude', sources: ['2001:db8::7'] },
        },
      ],
      mirrors: [
        {
          ...{ name: 'm1', from: ['eth0@red'], direction: 'in', vlan: 10 },
          ...{ filter: 'arp or icmp', port: 'eth0@blue', shared: true },
        },
      ],
      impairments: [
        {
          ...{ port: 'eth0@blue', direction: 'out', match: 'arp', nth: 3, limit: 1_000 },
          delay: { ms: 10, jitterMs: 2, correlation: 0, distribution: 'uniform' },
          loss: { kind: 'random', probability: 0.01, correlation: 0 },
          ...{ atMs: 5_000, forMs: 1_000, seed: 7 },
        },
      ],
      hooks: [{ name: 'firewall', file: hook }],
      inspect: false,
      mcastSnooping: true,
      mcastQuerier: true,
      mcastIgmpVersion: 3,
      mcastMldVersion: 2,
      mcastHashMax: 65_536,
      mcastLastMemberCount: 255,
      mcastLastMemberIntervalMs: 25_000,
      mcastMembershipIntervalMs: 2_000,
      mcastQuerierIntervalMs: 1_000,
      mcastQueryIntervalMs: 31_744_000,
      mcastQueryResponseIntervalMs: 25_000,
      mcastStartupQueryCount: 0,
      mcastStartupQueryIntervalMs: 1_000,
      loopGuard: false,
      ...{ stp: 'rstp', stpPriority: 4_096, stpHello: 1, stpMaxAge: 6, stpForwardDelay: 4 },
      offload: false,
      ioUring: false,
      busyPollMicros: 10_000,
      logLevel: 'error',
      logFormat: 'json',
      ports: [
        { name: 'tap%d' },
        { name: 'tap%d' },
        { name: 'eth0', netns: 'red' },
        { name: 'eth0', netns: 'blue' },
      ],
    } satisfies SwitchConfig);
  });

  test('takes arguments after -- for ports', () => {
    expect(configOf('--', '--name').ports).toEqual([{ name: '--name' }]);
  });

  test.each([
    ['', 'no port given; name at least one, as in: node dist/switch.js tap0 tap1'],
    ['--ageing 60', 'no port given; name at least one, as in: node dist/switch.js tap0 tap1'],
    [
      `${Array.from({ length: 65 }, (_, index) => `--address 192.0.2.${index + 1}/24`).join(' ')} a`,
      '--address: 64 addresses at most, got 65; leave some out',
    ],
    [
      '--address 2001:db8::1/64 tap0 br0,address=192.0.2.1/24,address=2001:db8::1/80',
      'address: 2001:db8::1: an address of the switch itself, and of the interface of br0; give it to one of them',
    ],
    ['--hook a.js --hook b/a.mjs t', '--hook: a is given twice; once is enough'],
    [
      '--hook a+b.js t',
      '--hook: the name of the hook is that of its file, and "a+b" is none: give the file a name of 1 to 32 letters, digits, dots, dashes or underscores',
    ],
    ['tap0 tap0', 'ports: tap0 is given twice; once is enough'],
    ['a@red a@blue a@red,mtu=1500', 'ports: a@red is given twice; once is enough'],
    [
      'tap0,mtu=5',
      'port tap0,mtu=5: mtu: expected a whole number of bytes from 68 to 65521, got "5"',
    ],
    ['--agein 60 tap0', "unknown option '--agein'; did you mean --ageing?"],
    ['--colour tap0', "unknown option '--colour'; --help lists the options"],
    ['-x tap0', "unknown option '-x'; --help lists the options"],
    ['tap0 --ageing', "option '--ageing <SECONDS>' needs a value"],
    [
      '--ageing 9 tap0',
      '--ageing: expected a whole number of seconds from 10 to 1000000, or 0, got "9"',
    ],
    ['--fdb-max 0 t', '--fdb-max: expected a whole number of stations from 1 to 16777216, got "0"'],
    [
      '--busy-poll -1 t',
      '--busy-poll: expected a whole number of microseconds from 0 to 10000, got "-1"',
    ],
    [
      '--mcast-igmp-version 1 t',
      '--mcast-igmp-version: expected a whole number from 2 to 3, got "1"',
    ],
    [
      '--mcast-membership-interval 1 t',
      '--mcast-membership-interval: expected a whole number of seconds from 2 to 86400, or 0, got "1"',
    ],
    ['--stp mstp t', '--stp: expected off, stp or rstp, got "mstp"'],
    [
      '--stp-priority 100 t',
      '--stp-priority: expected a multiple of 4096 from 0 to 61440, got "100"',
    ],
    [
      '--stp-forward-delay 4 t',
      '--stp-max-age: expected 6 to 6 seconds with --stp-hello 2 and --stp-forward-delay 4, got 20',
    ],
    [
      't,stp-priority=8',
      'port t,stp-priority=8: stp-priority: expected a multiple of 16 from 0 to 240, got "8"',
    ],
    [
      't,stp-cost=0',
      'port t,stp-cost=0: stp-cost: expected a whole number from 1 to 200000000, got "0"',
    ],
    ['--reserved 802.1q t', '--reserved: expected br0 or strict, got "802.1q"'],
    [
      '--group-fwd 0x10000 t',
      '--group-fwd: expected a mask of 16 bits from 0 to 0xffff, such as 0x4000 for LLDP, got "0x10000"',
    ],
    [
      '--group-fwd lldp t',
      '--group-fwd: expected a mask of 16 bits from 0 to 0xffff, such as 0x4000 for LLDP, got "lldp"',
    ],
    ['--arp on t', '--arp: expected answer, direct or off, got "on"'],
    ['--ageing 0 tap0 t,macs=1', 't: macs: counts learned stations; give an --ageing other than 0'],
    [
      '--inspect --ageing 0 t',
      '--inspect: needs to learn where stations are; give an --ageing other than 0',
    ],
    [
      '--neigh-lifetime 14 t',
      '--neigh-lifetime: expected a whole number of seconds from 15 to 86400, got "14"',
    ],
    ['--neigh-max 0 t', '--neigh-max: expected a whole number of hosts from 1 to 1048576, got "0"'],
    ['--log-level loud t', '--log-level: expected error, warn, info or debug, got "loud"'],
    ['--log-format xml t', '--log-format: expected text or json, got "xml"'],
    ['--loop-guard maybe t', '--loop-guard: expected on or off, got "maybe"'],
    ['--name br%d t', '--name: expected an interface name without "%", got "br%d"'],
    [
      '--mac ff:ff:ff:ff:ff:ff t',
      '--mac: expected the MAC address of one station, such as 02:00:00:00:00:01, ' +
        'got "ff:ff:ff:ff:ff:ff", a group address or zero',
    ],
    [
      '--address 192.0.2.0/24 t',
      '--address: expected the address of a host with its prefix length, such as 192.0.2.1/24 ' +
        'or 2001:db8::1/64, got "192.0.2.0/24", the address of the network',
    ],
    [
      '--address 192.0.2.1/24 --address 192.0.2.1/25 t',
      '--address: 192.0.2.1 is given twice; once is enough',
    ],
    ['--ageing 20 --ageing 30 t', '--ageing: given twice; give it once'],
    ['--name a t --name=a', '--name: given twice; give it once'],
    ['--config a --config b', '--config: given twice; give it once'],
    ['--inspect --inspect t', '--inspect: given twice; give it once'],
    ['--offload t --no-offload', '--no-offload: contradicts --offload; give one of them'],
    ['--no-offload=x t', '--no-offload: takes no value, got "x"; leave that out'],
  ])('%p is refused in one line', (line, complaint) => {
    const argv = line.split(' ').filter((word) => word !== '');
    expect(() => parseCommandLine(argv, PORT_KINDS, true)).toThrow(new UsageError(complaint));
  });

  test.each([
    [
      '192.0.2.7 02:00:00:00:00:07',
      '--neigh: expected IP lladdr MAC [vlan VID] [dev PORT], such as 192.0.2.7 lladdr 02:00:00:00:00:07 dev ' +
        'tap1, got "192.0.2.7 02:00:00:00:00:07"',
    ],
    [
      '224.0.0.1 lladdr 02:00:00:00:00:07',
      '--neigh: expected the IP address of a host, such as 192.0.2.1 or 2001:db8::1, ' +
        'got "224.0.0.1", a multicast address',
    ],
    [
      '192.0.2.7 lladdr 02:00:00:00:07',
      '--neigh: lladdr: expected the MAC address of one station, such as 02:00:00:00:00:01, ' +
        'got "02:00:00:00:07"',
    ],
    [
      '192.0.2.7 lladdr 02:00:00:00:00:07 dev tap9',
      '--neigh: 192.0.2.7: no port tap9; the ports are: tap0, eth0@red',
    ],
  ])('the binding %s is refused in one line', (binding, complaint) => {
    const argv = ['--neigh', binding, 'tap0', 'eth0@red'];
    expect(() => parseCommandLine(argv, PORT_KINDS, true)).toThrow(new UsageError(complaint));
  });

  test('a binding to a port that the kernel will name is not refused', () => {
    const binding = '2001:DB8::7 lladdr 02:00:00:00:00:07 dev tap3';
    expect(configOf('--neigh', binding, 'tap%d').neighbours).toEqual([
      { address: '2001:db8::7', mac: '02:00:00:00:00:07', port: 'tap3' },
    ]);
  });

  test.each([
    ['start', 'did you mean "node dist/switch.js tap0 tap1"? A TAP of that name is tap:start'],
    ['start tap5 tap6', 'did you mean "node dist/switch.js tap5 tap6"?'],
    ['--name lab run tap5', 'did you mean "node dist/switch.js tap5"?'],
    ['status', 'did you mean "node dist/tapctl.js show"?'],
    ['fdb show', 'did you mean "node dist/tapctl.js fdb"?'],
    ['help', 'did you mean "node dist/switch.js --help"?'],
  ])('a command is no port: %s', (line, meant) => {
    const argv = line.split(' ');
    const word = argv.find((each) => !['--name', 'lab'].includes(each)) ?? '';
    expect(() => parseCommandLine(argv, PORT_KINDS, true)).toThrow(
      `${word}: ports are expected and no command; ${meant}`,
    );
  });

  test('a TAP may be called like a command', () => {
    expect(configOf('tap:start').ports).toEqual([{ name: 'start' }]);
    expect(configOf('tap0', 'start').ports).toEqual([{ name: 'tap0' }, { name: 'start' }]);
  });

  test.each(['192.0.2.1', '2001:db8:0::1'])('the own address %s cannot be bound', (address) => {
    const addresses = ['--address', '192.0.2.1/24', '--address', '2001:db8::1/64'];
    const neigh = ['--neigh', `${address} lladdr 02:00:00:00:00:07`];
    expect(() => parseCommandLine([...addresses, ...neigh, 'tap0'], PORT_KINDS, true)).toThrow(
      new UsageError(
        `--neigh: ${address.replace(':0:', ':')}: an address of the switch itself; bind the address of another host`,
      ),
    );
  });

  const STATION = 'the MAC address of one station, such as 02:00:00:00:00:01';
  test.each([
    [
      ['02:00:00:00:00:07 tap0'],
      '--fdb: expected MAC dev PORT [vlan VID] [static|sticky], such as 02:00:00:00:00:07 dev tap1 static, ' +
        'got "02:00:00:00:00:07 tap0"',
    ],
    [
      ['03:00:00:00:00:07 dev tap0'],
      `--fdb: expected ${STATION}, got "03:00:00:00:00:07", a group address or zero`,
    ],
    [
      ['00:00:00:00:00:00 dev tap0 sticky'],
      `--fdb: expected ${STATION}, got "00:00:00:00:00:00", a group address or zero`,
    ],
    [['x dev tap0'], `--fdb: expected ${STATION}, got "x"`],
    [
      ['02:00:00:00:00:07 dev tap9'],
      '--fdb: 02:00:00:00:00:07: no port tap9; the ports are: tap0, eth0@red',
    ],
    [
      ['02:00:00:00:00:07 dev tap0', '02-00-00-00-00-07 dev eth0@red sticky'],
      '--fdb: 02:00:00:00:00:07 is given twice; once is enough',
    ],
    [
      ['02:00:00:00:00:FE dev tap0'],
      "--fdb: 02:00:00:00:00:fe: the switch's own MAC address, which is behind no port",
    ],
  ])('the entries %j are refused in one line', (entries, complaint) => {
    const argv = entries.flatMap((entry) => ['--fdb', entry]);
    const others = ['--mac', '02:00:00:00:00:fe', 'tap0', 'eth0@red'];
    expect(() => parseCommandLine([...argv, ...others], PORT_KINDS, true)).toThrow(
      new UsageError(complaint),
    );
  });

  test.each([
    [['239.1.1.1 dev tap9'], '--mdb: 239.1.1.1: no port tap9; the ports are: tap0, eth0@red'],
    [
      ['239.1.1.1 dev tap0', '239.1.1.1 dev tap0 permanent'],
      '--mdb: 239.1.1.1 dev tap0 is given twice; once is enough',
    ],
  ])('the groups %j are refused in one line', (entries, complaint) => {
    const argv = entries.flatMap((entry) => ['--mdb', entry]);
    const others = ['--mcast-snooping', 'tap0', 'eth0@red'];
    expect(() => parseCommandLine([...argv, ...others], PORT_KINDS, true)).toThrow(
      new UsageError(complaint),
    );
  });

  test.each([
    ['m from tap9 to tap0', 'no port tap9; the ports are: tap0, eth0@red'],
    [
      'm from eth0@red sideways to tap0',
      'expected [in|out|both] [vlan VID] [filter WORDS] behind eth0@red, got "sideways"',
    ],
    [
      'm from tap0 in out to eth0@red',
      'expected [in|out|both] [vlan VID] [filter WORDS] behind tap0, got "in"',
    ],
    ['m from tap0 to eth0@red shard', 'expected "shared" or nothing behind eth0@red, got "shard"'],
  ])('the mirror %p is refused in one line', (mirror, complaint) => {
    const argv = ['--mirror', mirror, 'tap0', 'eth0@red'];
    expect(() => parseCommandLine(argv, PORT_KINDS, true)).toThrow(
      new UsageError(`--mirror: m: ${complaint}`),
    );
  });

  test('groups need snooping', () => {
    expect(() =>
      parseCommandLine(['--mdb', '239.1.1.1 dev tap0', 'tap0'], PORT_KINDS, true),
    ).toThrow(new UsageError('--mdb: 239.1.1.1: groups are not snooped; give --mcast-snooping'));
  });

  test('an entry of the forwarding database is static by default', () => {
    const entries = ['02:00:00:00:00:07 dev tap0', '\t02:00:00:00:00:08  dev  tap0\tsticky '];
    const argv = entries.flatMap((entry) => ['--fdb', entry]);
    expect(configOf(...argv, 'tap0').stations).toEqual([
      { mac: '02:00:00:00:00:07', port: 'tap0', kind: 'static' },
      { mac: '02:00:00:00:00:08', port: 'tap0', kind: 'sticky' },
    ]);
  });

  test.each([
    ['\n', '\\n'],
    ['\x1b', '\\u001b'],
    ['\x7f', '\\u007f'],
    ['\x9b', '\\u009b'],
  ])('the control character %j is shown escaped', (control, shown) => {
    expect(() => parseCommandLine([`tap${control}/`], PORT_KINDS, true)).toThrow(
      `port tap${shown}/: expected`,
    );
  });

  test.each(['--inspect', '--version'])('%s takes no value', (flag) => {
    const complaint = `${flag}: takes no value, got "yes"; leave that out`;
    expect(() => parseCommandLine([`${flag}=yes`, 'tap0'], PORT_KINDS, true)).toThrow(complaint);
  });

  test('the path of a socket is limited to the bytes that the kernel has room for', () => {
    const path = `/${'x'.repeat(106)}`;
    expect(configOf('--control', path, 'tap0').control).toBe(path);
    expect(() => parseCommandLine(['--control', `${path}x`, 'tap0'], PORT_KINDS, true)).toThrow(
      /^--control: expected the path of a socket, at most 107 bytes, or none, got .*, 108 bytes$/,
    );
  });

  test('an empty port is shown as an empty text', () => {
    expect(() => parseCommandLine([''], PORT_KINDS, true)).toThrow(
      'port "": expected an interface name',
    );
  });

  test('a line break in an argument does not break the line', () => {
    expect(() => parseCommandLine(['--a\nb'], PORT_KINDS, true)).toThrow(
      "unknown option '--a\\nb'; --help lists the options",
    );
  });

  test('a mistake is a usage error', () => {
    expect(new UsageError('a', 'b')).toMatchObject({ exitStatus: 2, lines: ['a', 'b'] });
  });

  test('--version prints the version of the package', () => {
    const manifest = readFileSync(join(__dirname, '../../../package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    expect(printedBy('--version')).toBe(`tapswitch ${version}\n`);
  });
});

describe('--help', () => {
  const help = printedBy('--help');

  test('names every option', () => {
    for (const { key, placeholder, fallback } of CONFIG_OPTIONS) {
      const flag = fallback === 'on' ? `--no-${key}` : `--${key}`;
      expect(help).toContain(
        placeholder === undefined ? `  ${flag}  ` : `  --${key} <${placeholder}>`,
      );
    }
    expect(help).toContain('--config <FILE>');
    expect(help).toContain('--version');
  });

  test('explains ports, the file, examples, signals and exit statuses', () => {
    const sections = ['Ports:', 'Configuration file:', 'Examples:', 'Signals:', 'Exit status:'];
    for (const section of sections) expect(help).toContain(`\n${section}`);
  });

  test('fits a terminal of 80 columns and ends with one line end', () => {
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(help).toMatch(/[^\n]\n$/);
  });

  test('shows valid examples', () => {
    const examples = [...help.matchAll(/sudo node dist\/switch\.js (.*)/g)].map(([, line]) => line);
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples.filter((line) => !line?.includes('--config'))) {
      expect(configOf(...(example ?? '').split(' ')).ports).not.toHaveLength(0);
    }
  });

  test('is printed despite other arguments, and as -h', () => {
    expect(printedBy('-h')).toBe(help);
    expect(printedBy('--colour', '--help')).toBe(help);
  });
});

describe('the command line with a file', () => {
  let folder = '';
  let file = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-command-line-'));
    file = join(folder, 'lab.yaml');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('overrides the file, and the file the defaults', () => {
    writeFileSync(file, 'name: lab\nageing: 60\noffload: false\nports: [tap0, tap1]\n');
    expect(configOf('--config', file, '--ageing', '10', '--offload')).toEqual({
      ...DEFAULTS,
      name: 'lab',
      ageingMs: 10_000,
      ports: [{ name: 'tap0' }, { name: 'tap1' }],
    });
  });

  test('replaces a list as a whole', () => {
    writeFileSync(file, 'address: [192.0.2.1/24, 192.0.2.2/24]\nports: [tap0, tap1]\n');
    expect(configOf('--config', file, '--address', '192.0.2.3/24', 'tap0')).toEqual({
      ...DEFAULTS,
      addresses: [{ address: '192.0.2.3', prefixLength: 24, family: 4 }],
    });
  });

  test('refuses a wrong file although the command line overrides it', () => {
    writeFileSync(file, 'ageing: 5\n');
    expect(() => configOf('--config', file, '--ageing', '10', 'tap0')).toThrow(
      `${file}:1: ageing: expected `,
    );
  });

  test('needs a port in one of them', () => {
    writeFileSync(file, 'ports: []\n');
    expect(() => configOf('--config', file)).toThrow('no port given');
  });

  test('accepts the example of the help', () => {
    const lines = printedBy('--help').split('\n');
    const start = lines.indexOf('    name: lab');
    writeFileSync(file, lines.slice(start, lines.indexOf('', start)).join('\n'));
    expect(configOf('--config', file).ports).toHaveLength(2);
  });

  test('loads yaml and zod only for a file', () => {
    jest.isolateModules(() => {
      for (const library of ['yaml', 'zod']) {
        jest.doMock(library, () => {
          throw new Error(`${library} was loaded`);
        });
      }
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const fresh = require('../../../src/config/command-line') as typeof commandLine;
      expect(fresh.parseCommandLine(['tap0'], PORT_KINDS, true)).toMatchObject({ kind: 'run' });
      expect(() => fresh.parseCommandLine(['--config', file], PORT_KINDS, true)).toThrow(
        / was loaded$/,
      );
    });
  });
});
