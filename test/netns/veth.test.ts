/** Veth pairs that a switch makes for namespaces: frames, what becomes of the pair, and bad input. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { mustRun, run } from './support/command';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { asPlainUser } from './support/plain-user';
import { type SwitchProcess, switchCommand } from './support/switch-process';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

interface LinkState {
  readonly ifname: string;
  readonly ifalias?: string;
  readonly address: string;
  readonly mtu: number;
  readonly promiscuity: number;
  readonly operstate: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

/** The interfaces of a namespace, without the loopback interface. */
async function links(host: Host): Promise<LinkState[]> {
  const all = JSON.parse(await host.ip('-d -j address show')) as LinkState[];
  return all.filter(({ ifname }) => ifname !== 'lo');
}

async function addressesOf(host: Host, name = INTERFACE): Promise<string[]> {
  const link = (await links(host)).find(({ ifname }) => ifname === name);
  return (link?.addr_info ?? [])
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
    .filter((address) => !address.startsWith('fe80'));
}

const vethOf = (host: Host, ...settings: string[]): string =>
  [`veth:${host.label}`, `mac=${host.mac}`, ...settings].join(',');

const addressKeys = (host: Host): string[] => [
  `address=${host.ipv4}/24`,
  `address=${host.ipv6}/64`,
];

describeNetns('a veth pair as a port', () => {
  const lab = new Lab();
  let folder: string;
  let control: string;
  /** Namespace of the switch, in which the near ends are. */
  let namespace: Host;
  let tapctl: Tapctl;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-veth-'));
    control = join(folder, 'control.sock');
    tapctl = new Tapctl(control);
    namespace = await lab.host({ isQuiet: true });
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const start = (...args: string[]): Promise<SwitchProcess> =>
    lab.startSwitchIn(namespace, '--control', control, ...args);
  /** Output of a command of tapctl that must succeed. */
  const must = async (line: string): Promise<string> => {
    const { status, stdout, stderr } = await tapctl.run(line);
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  };
  const nearEnds = async (): Promise<LinkState[]> =>
    (await links(namespace)).filter(({ ifname }) => ifname.startsWith('veth'));

  test('joins namespaces and a TAP, with super-frames and open checksums', async () => {
    const [red, green, blue] = await lab.hosts(3);
    const running = await start(
      vethOf(red, ...addressKeys(red)),
      vethOf(green, ...addressKeys(green)),
      blue.port(),
    );
    await blue.address();
    expect(running.portLabels).toEqual([`veth:${red.label}`, `veth:${green.label}`, blue.label]);
    for (const [from, to] of [
      [red, green],
      [green, blue],
      [blue, red],
    ] as const) {
      expect(await from.reaches(to.ipv6)).toBe(true);
      expect((await from.floodPings(to.ipv4, 100, 1_400)).received).toBe(100);
      for (const transport of [[], ['--udp', '--bitrate', '0', '--length', '8000']]) {
        const server = to.start(['iperf3', '--server', '--one-off']);
        const isListening = async () => (await to.mustRun(['ss', '-ltn'])).includes(':5201');
        await until(isListening, 'the server listens');
        await from.mustRun(['iperf3', '--client', to.ipv4, '--bytes', '20M', ...transport]);
        await server.succeeded();
      }
    }
    const wrong = await Promise.all(
      [red, green, blue].map((host) =>
        host.mustRun(['nstat', '-az', 'TcpInCsumErrors', 'UdpInCsumErrors']),
      ),
    );
    for (const counts of wrong) expect(counts).toMatch(/Tcp\S+\s+0\s[^]*Udp\S+\s+0\s/);
  });

  test('is made, changed and shown as it was requested', async () => {
    const red = await lab.host();
    const running = await start(vethOf(red, 'mtu=1400', 'address=198.51.100.1/24'));
    expect((await links(red)).map(({ ifname, address, mtu }) => [ifname, address, mtu])).toEqual([
      [INTERFACE, red.mac, 1_400],
    ]);
    const [near] = await nearEnds();
    expect(near).toMatchObject({ mtu: 1_400, ifalias: `tapswitch: pair of ${near?.ifname}` });
    expect(near?.addr_info).toEqual([]);
    await running.logged('port made', `veth:${red.label}`);
    const table = (await must('port show')).split('\n');
    expect(table[0]).toMatch(/ORIGIN +KERNEL-NAME/);
    expect(table[1]).toMatch(new RegExp(`^veth:${red.label} .* made +${near?.ifname}$`));

    const changes = ['mtu=9000', 'mac=02:00:00:00:00:aa', 'address=198.51.100.2/24'];
    await must(`port set veth:${red.label} ${changes.join(' ')}`);
    expect(await links(red)).toMatchObject([{ address: '02:00:00:00:00:aa', mtu: 9_000 }]);
    expect(await nearEnds()).toMatchObject([{ mtu: 9_000 }]);
    expect(await addressesOf(red)).toEqual(['198.51.100.2/24']);

    // The kernel refuses an IPv6 address where there is no IPv6: nothing is half done then.
    await red.mustRun(['sysctl', '-q', '-w', `net.ipv6.conf.${INTERFACE}.disable_ipv6=1`]);
    const both = ['mtu=1500', 'address=2001:db8::1/64'];
    const refused = await tapctl.run(`port set veth:${red.label} ${both.join(' ')}`);
    expect(refused.stderr).toMatch(/the kernel refuses the address 2001:db8::1\/64 \(E\w+.*\n$/);
    expect(await links(red)).toMatchObject([{ mtu: 9_000 }]);
    expect(await addressesOf(red)).toEqual(['198.51.100.2/24']);
    await running.stop();
  });

  test('follows the configuration file, and leaves the addresses of others', async () => {
    const red = await lab.host();
    const file = join(folder, 'br0.yaml');
    const write = (address: readonly string[]): void =>
      writeFileSync(
        file,
        JSON.stringify({ ports: [{ kind: 'veth', name: INTERFACE, netns: red.netns, address }] }),
      );
    write(['198.51.100.1/24', '2001:db8::1/64']);
    await start('--config', file);
    await red.ip(`address add 198.51.100.9/24 dev ${INTERFACE}`);
    write(['198.51.100.2/24', '2001:db8::1/80']);
    await must('reload');
    expect((await addressesOf(red)).sort()).toEqual(
      ['198.51.100.2/24', '198.51.100.9/24', '2001:db8::1/80'].sort(),
    );
    writeFileSync(file, JSON.stringify({ ports: [`veth:${red.label}`] }));
    await must('reload');
    expect(await addressesOf(red)).toEqual(['198.51.100.9/24']);
  });

  test('is removed with its port and with the switch', async () => {
    const [red, green] = await lab.hosts(2);
    const running = await start(vethOf(red));
    await must(`port add ${vethOf(green)}`);
    expect(await nearEnds()).toHaveLength(2);
    await must(`port del veth:${green.label}`);
    expect(await links(green)).toEqual([]);
    expect(await nearEnds()).toHaveLength(1);
    await must(`port add ${vethOf(green)}`);
    expect(await running.stop()).toMatchObject({ status: 0 });
    expect([await links(red), await links(green), await links(namespace)]).toEqual([[], [], []]);
  });

  test('that a killed switch left is taken, with the settings that others gave it', async () => {
    const [red, green] = await lab.hosts(2);
    const ports = [vethOf(red, ...addressKeys(red)), vethOf(green, ...addressKeys(green))];
    const killed = await start(...ports);
    await killed.stop('SIGKILL');
    await until(async () => (await links(namespace)).length === 2, 'the companions go');
    expect(await nearEnds()).toMatchObject([{ promiscuity: 0 }, { promiscuity: 0 }]);
    await red.ip(`address add 198.51.100.9/24 dev ${INTERFACE}`);
    // In another namespace it cannot be found: the inhabitants of green lose nothing that they have.
    await green.ip(`link set ${INTERFACE} netns ${red.netns} name moved0`);

    const next = await start(...ports);
    await next.logged('port attached to an existing device', `veth:${red.label}`);
    await next.logged('port made', `veth:${green.label}`);
    expect(await addressesOf(red)).toContain('198.51.100.9/24');
    expect((await links(red)).map(({ ifname }) => ifname)).toEqual([INTERFACE]);
    expect(await red.reaches(green.ipv4)).toBe(true);
    await next.stop();
    expect([await links(red), await links(green), await links(namespace)]).toEqual([[], [], []]);
  });

  test('that a switch left before it had named both ends is made anew', async () => {
    const red = await lab.host();
    const killed = await start(vethOf(red));
    await killed.stop('SIGKILL');
    // The switch sets the alias last.
    const [near] = await nearEnds();
    await namespace.ip(`link del ${near?.ifname}`);
    await namespace.ip(
      `link add ${near?.ifname} type veth peer name ${INTERFACE} netns ${red.netns}`,
    );
    const next = await start(vethOf(red, ...addressKeys(red)));
    await next.logged('port made', `veth:${red.label}`);
    expect(await addressesOf(red)).toContain(`${red.ipv4}/24`);
    await next.stop();
    expect([await links(red), await links(namespace)]).toEqual([[], []]);
  });

  test('stays with "persist", and is not made with "existing"', async () => {
    const red = await lab.host();
    const first = await start(`veth:${red.label},persist`);
    await first.stop();
    expect(await links(red)).toHaveLength(1);
    const second = await start(`veth:${red.label},existing`);
    await second.logged('port attached to an existing device', `veth:${red.label}`);
    await second.stop();
    expect([await links(red), await links(namespace)]).toEqual([[], []]);
  });

  test('can be renamed, moved and set down in its namespace', async () => {
    const [red, green, blue] = await lab.hosts(3);
    const running = await start(vethOf(red), vethOf(green, ...addressKeys(green)));
    await red.ip(`link set ${INTERFACE} down`);
    await running.logged('port is down', `veth:${red.label}`);
    await red.ip(`link set ${INTERFACE} name lan0`);
    await red.ip(`link set lan0 netns ${blue.netns} name ${INTERFACE}`);
    await blue.ip(`link set ${INTERFACE} up`);
    await blue.address();
    await running.logged('port is up', `veth:${red.label}`);
    expect(await blue.reaches(green.ipv4)).toBe(true);
    const refused = await tapctl.run(`port set veth:${red.label} mtu=1400`);
    expect(refused.stderr).toMatch(
      /: its far end has left the namespace \(ENODEV\), and cannot be/,
    );
    await running.stop();
    expect(await links(blue)).toEqual([]);
  });

  test('is made again if its far end or its namespace was deleted', async () => {
    const [red, green] = await lab.hosts(2);
    const label = `veth:${red.label}`;
    const running = await start(
      [label, ...addressKeys(red)].join(','),
      vethOf(green, ...addressKeys(green)),
    );
    const macOf = async (host: Host): Promise<string | undefined> =>
      (await links(host)).find(({ ifname }) => ifname === INTERFACE)?.address;
    const before = await macOf(red);
    await red.ip(`link del ${INTERFACE}`);
    await running.logged('port is back', label);
    expect(await macOf(red)).toBe(before);
    expect(await red.reaches(green.ipv4)).toBe(true);

    await mustRun(['ip', 'netns', 'delete', red.netns]);
    await running.logged('port is gone', label, 2);
    await mustRun(['ip', 'netns', 'add', red.netns]);
    await running.logged('port is back', label, 2);
    expect(await red.reaches(green.ipv4)).toBe(true);

    // Only the companions are deleted: the switch takes the pairs again.
    await red.ip(`address add 198.51.100.9/24 dev ${INTERFACE}`);
    const companions = (await links(namespace))
      .map(({ ifname }) => ifname)
      .filter((name) => name.startsWith('~'));
    for (const name of companions) await namespace.ip(`link del ${name}`);
    await running.logged('port is back', label, 3);
    await running.logged('port is back', `veth:${green.label}`);
    expect(await addressesOf(red)).toContain('198.51.100.9/24');
    await until(() => red.reaches(green.ipv4), 'red reaches green');
  });

  test('is made again if its near end was moved away, and leaves nothing behind', async () => {
    const [red, green, elsewhere] = await lab.hosts(3);
    const label = `veth:${red.label}`;
    const running = await start(
      [label, ...addressKeys(red)].join(','),
      vethOf(green, ...addressKeys(green)),
    );
    const { kernelName: near } = (await tapctl.json(`port show ${label}`)) as {
      kernelName: string;
    };
    await namespace.ip(`link set ${near} netns ${elsewhere.netns}`);
    await running.logged('port is back', label);
    await until(() => red.reaches(green.ipv4), 'red reaches green');
    const names = async () => (await links(elsewhere)).map(({ ifname }) => ifname);
    expect(await names()).not.toContain(near);
  });

  test('of a process is not made in another namespace of that process', async () => {
    const [red, green] = await lab.hosts(2);
    const word = join(folder, 'go');
    const waiting = `until [ -e ${word} ]; do sleep 0.05; done`;
    const moving = `exec nsenter --net=/run/netns/${red.netns} sleep 1000`;
    const process = lab.start(['unshare', '--net', 'sh', '-c', `${waiting}; ${moving}`]);
    const place = `/proc/${process.pid}/ns/net`;
    await until(
      async () =>
        (await run(['nsenter', `--net=${place}`, 'ip', 'link'])).stdout.includes('state DOWN'),
      'the process is in a namespace of its own',
    );
    const label = `veth:${INTERFACE}@${place}`;
    const running = await start(label, vethOf(green));
    writeFileSync(word, '');
    await running.logged('port is gone', label);
    // The switch tries the two ports again, one after the other.
    await green.ip(`link del ${INTERFACE}`);
    await running.logged('port is back', `veth:${green.label}`);
    expect(await links(red)).toEqual([]);
  });

  test('is refused in one line', async () => {
    const [red, green] = await lab.hosts(2);
    await start(vethOf(green));
    await red.ip(`link add ${INTERFACE} type bridge`);
    const api = new ControlClient(control);
    const lan = `veth:lan0@${red.netns}`;
    const cases: readonly (readonly [port: string, line: RegExp])[] = [
      [
        `veth:${red.label}`,
        /: there is an interface of this name in the namespace already \(EEXIST\); choose another name, or: ip -n \S+ link del eth0$/,
      ],
      ['veth:eth0@nowhere', /: there is no network namespace "nowhere" \(ENOENT\); ip netns add/],
      ['veth:eth%d@red', /eth%d: a pattern names no interface that is there$/],
      ['veth:eth0@/dev/null', /\/dev\/null is not a network namespace but a device \(EINVAL\)/],
      [`${lan},address=192.0.2.0/24`, /address: .*the address of the network$/],
      [`${lan},existing`, /: there is no pair that a switch left \(ENODEV\); leave out "existing"/],
      [`veth:${green.label}`, / is a port of this switch already$/],
      [`tap:${INTERFACE}@/run/netns/${green.netns}`, /: is the interface of veth:eth0@\S+, which/],
    ];
    for (const [port, line] of cases) {
      const { body } = await api.post('/v1/ports', port);
      expect((body as { readonly detail: string }).detail).toMatch(line);
    }
    await expect(lab.startSwitchIn(namespace, `veth:${green.label}`)).rejects.toThrow(
      /: is held by node \(\d+\) \(EBUSY\); stop it first: one switch can have a pair\n$/,
    );
    const asOther = (port: string) =>
      namespace.run([...asPlainUser('0666'), ...switchCommand('--control', 'none', port)]);
    const netns = `/run/netns/${red.netns}`;
    expect(await asOther(lan)).toMatchObject({
      status: 1,
      stderr: `switch: ${lan}: may not enter the network namespace ${netns} (EPERM); run with sudo\n`,
    });
    expect((await asOther('veth:lan0')).stderr).toMatch(
      /: may not make a veth pair, which takes CAP_NET_ADMIN .*; run with sudo\n$/,
    );
    expect((await links(red)).map(({ ifname }) => ifname)).toEqual([INTERFACE]);
    expect(await nearEnds()).toHaveLength(1);
  });
});
