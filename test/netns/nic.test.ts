/** Interfaces that a switch takes as ports: frames, what becomes of the interface, and bad input. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Redirect, type RedirectWay } from '../../src/device/redirect';
import { removeRemains } from '../../src/device/traffic-control';
import { describeNetns } from './describe-netns';
import { mustRun } from './support/command';
import { ControlClient } from './support/control-client';
import { BROADCAST, frame, marker } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { tapctlJson } from './support/tuntap';
import { until } from './support/until';
import { joinByVeth, nearEndOf } from './support/veth';

/** The near end of a veth pair, in the namespace of the switch. */
const UPLINK = 'uplink0';
const COMPANION = `~${UPLINK}`;

const lab = new Lab();
afterEach(() => lab.clear());

/** Joins a host to a namespace by a veth pair whose near end is `name`. */
async function wire(namespace: Host, host: Host, name = UPLINK): Promise<void> {
  const peer = `${INTERFACE} address ${host.mac} netns ${host.netns}`;
  await namespace.ip(`link add ${name} type veth peer name ${peer}`);
  await namespace.ip(`link set ${name} up`);
  await host.ip(`link set ${INTERFACE} up`);
}

async function namespaceOf(host: Host, name = UPLINK): Promise<Host> {
  const namespace = await lab.host({ isQuiet: true });
  await wire(namespace, host, name);
  return namespace;
}

interface LinkState {
  readonly flags: readonly string[];
  readonly ifname: string;
  readonly mtu: number;
  readonly promiscuity: number;
}

async function links(namespace: Host): Promise<LinkState[]> {
  const all = JSON.parse(await namespace.ip('-d -j link show')) as LinkState[];
  return all.filter(({ ifname }) => ifname !== 'lo');
}

/** Interfaces and qdiscs that are left in a namespace when no switch has the interface any more. */
async function leftOf(namespace: Host): Promise<unknown> {
  const qdiscs = await namespace.mustRun(['tc', 'qdisc', 'show', 'dev', UPLINK]);
  return {
    links: (await links(namespace)).map(({ ifname, promiscuity }) => ({ ifname, promiscuity })),
    qdiscs: qdiscs.match(/clsact/g) ?? [],
  };
}

const UNTOUCHED = { links: [{ ifname: UPLINK, promiscuity: 0 }], qdiscs: [] };

describeNetns('an interface as a port', () => {
  async function connect(...options: string[]) {
    const [guest, far] = await lab.hosts(2);
    const namespace = await namespaceOf(far);
    const nic = `nic:${UPLINK}@${namespace.netns}`;
    const running = await lab.startSwitch(...options, nic, guest.port());
    await Promise.all([guest.address(), far.address()]);
    return { guest, far, namespace, nic, running };
  }

  test('connects the hosts behind it, with super-frames and without', async () => {
    const { guest, far, nic, running } = await connect();
    expect(running.portLabels).toEqual([nic, guest.label]);
    expect(await guest.reaches(far.ipv4)).toBe(true);
    expect(await far.reaches(guest.ipv6)).toBe(true);
    expect((await far.floodPings(guest.ipv4, 300, 1_400)).received).toBe(300);
    expect(await running.portOf(far.mac)).toBe(nic);
    for (const [from, to] of [
      [guest, far],
      [far, guest],
    ] as const) {
      const server = to.start(['iperf3', '--server', '--one-off']);
      await until(
        async () => (await to.mustRun(['ss', '-ltn'])).includes(':5201'),
        'the server listens',
      );
      await from.mustRun(['iperf3', '--client', to.ipv4, '--bytes', '50M']);
      await server.succeeded();
    }
  });

  test('carries tags, and frames of any size, as they are', async () => {
    const [guest, far] = await lab.hosts(2, { isQuiet: true });
    const namespace = await namespaceOf(far);
    await lab.startSwitch(`nic:${UPLINK}@${namespace.netns}`, guest.port());
    const types = ['88b5', '8100600788b5', '88a860078100600888b5'];
    const framesOf = (host: Host): string[] => [
      ...types.map((type) => frame({ to: BROADCAST, from: host.mac, type })),
      ...[14, 60, 1_514].map((lengthBytes) =>
        frame({ to: BROADCAST, from: host.mac, lengthBytes, payload: 'a5'.repeat(lengthBytes) }),
      ),
    ];
    for (const [from, to] of [
      [guest, far],
      [far, guest],
    ] as const) {
      const heard = await to.capture();
      const end = marker(from.mac, 1);
      await from.send(...framesOf(from), end);
      expect(await heard.before(end)).toEqual(framesOf(from));
    }
  });

  test('belongs to the switch alone: the host gets no frame of it', async () => {
    const { guest, far, namespace, running } = await connect();
    await namespace.ip(`address add 192.0.2.77/24 dev ${UPLINK}`);
    expect(await far.reaches('192.0.2.77')).toBe(false);
    expect(await far.reaches(guest.ipv4)).toBe(true);
    await running.stop();
    expect(await far.reaches('192.0.2.77')).toBe(true);
  });

  test('a warning names an address that the host has on it', async () => {
    const [far] = await lab.hosts(1);
    const namespace = await namespaceOf(far);
    await namespace.ip(`address add 198.51.100.7/24 dev ${UPLINK}`);
    const running = await lab.startSwitch(`nic:${UPLINK}@${namespace.netns}`);
    const warnings = running.log.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^nic:uplink0@\S+: 198\.51\.100\.7: this address of the host cannot be/,
      ),
    ]);
  });

  test('may have several queues, and keeps a filter of another program', async () => {
    const [a, b] = await lab.hosts(2);
    const namespace = await lab.host({ isQuiet: true });
    const queues = 'numtxqueues 4 numrxqueues 4';
    for (const host of [a, b]) {
      const near = `near${host.number}`;
      const peer = `${INTERFACE} address ${host.mac} ${queues} netns ${host.netns}`;
      await namespace.ip(`link add ${near} ${queues} type veth peer name ${peer}`);
      await namespace.ip(`link set ${near} up`);
      await host.ip(`link set ${INTERFACE} up`);
      await host.address();
    }
    const near = `near${a.number}`;
    await namespace.mustRun(['tc', 'qdisc', 'add', 'dev', near, 'clsact']);
    const filter = ['tc', 'filter', 'add', 'dev', near, 'ingress', 'pref', '9', 'protocol', 'ip'];
    const unused = ['u32', 'match', 'ip', 'protocol', '253', '0xff'];
    const action = ['action', 'mirred', 'egress', 'mirror', 'dev', 'lo'];
    await namespace.mustRun([...filter, ...unused, ...action]);
    const running = await lab.startSwitchIn(namespace, `nic:${near}`, `nic:near${b.number}`);
    await until(() => a.reaches(b.ipv4), 'the hosts reach each other');
    await until(async () => {
      await running.pause();
      const isFast = await a.reaches(b.ipv4);
      running.resume();
      return isFast;
    }, 'they do without the switch');
    await running.stop();
    expect(await namespace.mustRun(['tc', 'filter', 'show', 'dev', near, 'ingress'])).toMatch(
      /pref 9/,
    );
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('is as it was after %s', async (signal) => {
    const { namespace, running } = await connect();
    expect((await links(namespace)).map(({ ifname }) => ifname).sort()).toEqual([
      UPLINK,
      COMPANION,
    ]);
    await running.stop(signal);
    await until(async () => (await links(namespace)).length === 1, 'the companion goes');
    expect(await leftOf(namespace)).toEqual(UNTOUCHED);
  });

  test('follows MTU, carrier, a new name, and an interface that is made anew', async () => {
    const { guest, far, namespace, nic, running } = await connect();
    await namespace.ip(`link set ${UPLINK} mtu 9000`);
    await running.logged('MTU changed', nic);
    expect((await links(namespace)).map(({ mtu }) => mtu)).toEqual([9_000, 9_000]);

    await far.ip(`link set ${INTERFACE} down`);
    await running.logged('port is down', nic);
    await far.ip(`link set ${INTERFACE} up`);
    await running.logged('port is up', nic);

    await namespace.ip(`link set ${UPLINK} down`);
    await namespace.ip(`link set ${UPLINK} name lan0`);
    await namespace.ip('link set lan0 up');
    await running.logged('interface renamed', nic);
    await far.address();
    await until(() => guest.reaches(far.ipv4), 'the renamed interface carries frames');

    await namespace.ip('link del lan0');
    await running.logged('port is gone', nic);
    await until(async () => (await links(namespace)).length === 0, 'the companion goes');
    await wire(namespace, far);
    await running.logged('port is back', nic);
    await far.address();
    await until(() => guest.reaches(far.ipv4), 'the new interface carries frames');
  });

  test('goes on when somebody changes the companion, and starts anew without it', async () => {
    const { guest, far, namespace, nic, running } = await connect();
    const companion = async (): Promise<LinkState> => {
      const found = (await links(namespace)).find(({ ifname }) => ifname !== UPLINK);
      if (found === undefined) throw new Error('there is no companion');
      return found;
    };
    await namespace.ip(`link set ${COMPANION} down`);
    await namespace.ip(`link set ${COMPANION} name other0 mtu 1280`);
    await until(async () => (await companion()).flags.includes('UP'), 'the companion is set up');
    await until(async () => (await companion()).mtu === 1_500, 'it has the MTU of the interface');
    await until(async () => (await companion()).ifname === COMPANION, 'it has its name');
    await until(() => guest.reaches(far.ipv4), 'the interface carries frames');

    await namespace.ip(`link del ${COMPANION}`);
    await running.logged('port is gone', nic);
    await running.logged('port is back', nic);
    await until(() => guest.reaches(far.ipv4), 'the interface carries frames again');
    expect((await companion()).ifname).toBe(COMPANION);
  });

  test('is gone with its namespace, and is not looked for in another one of that name', async () => {
    const { guest, far, namespace, nic, running } = await connect();
    // The process keeps the old namespace alive, with the interface in it.
    const keeper = namespace.start(['sleep', '60']);
    await mustRun(['ip', 'netns', 'del', namespace.netns]);
    await mustRun(['ip', 'netns', 'add', namespace.netns]);
    await running.logged('port is gone', nic);
    await far.ip(`link del ${INTERFACE}`);
    await wire(namespace, far);
    await running.logged('port is back', nic);
    await far.address();
    await until(() => guest.reaches(far.ipv4), 'the new interface carries frames');
    expect(await far.reaches(guest.ipv4)).toBe(true);
    await keeper.stop();
  });

  test('has a companion that is not listed among the TAPs', async () => {
    const { namespace, guest } = await connect();
    const names = async ({ netns }: Host) =>
      (await tapctlJson<{ ifname: string }[]>(`tap list @${netns}`)).map(({ ifname }) => ifname);
    expect(await names(namespace)).toEqual([]);
    expect(await names(guest)).toEqual([INTERFACE]);
  });

  test('is taken by one switch only, and once, under any of its names', async () => {
    const { namespace, nic } = await connect();
    await expect(lab.startSwitch(nic)).rejects.toThrow(/is held by node \(\d+\) \(EBUSY\)/);
    const path = `nic:${UPLINK}@/run/netns/${namespace.netns}`;
    await expect(lab.startSwitch(nic, path)).rejects.toThrow(/are the same interface/);
  });

  test('is taken once, also after it was renamed', async () => {
    const { guest, far, namespace, nic, running } = await connect();
    const held = /is held by node \(\d+\) \(EBUSY\)/;
    const lan = `nic:lan0@${namespace.netns}`;
    await namespace.ip(`link set ${UPLINK} name lan0`);
    await running.logged('interface renamed', nic);
    const names = async () => (await links(namespace)).map(({ ifname }) => ifname);
    expect(await names()).toEqual(['lan0', '~lan0']);
    await expect(lab.startSwitch(lan)).rejects.toThrow(held);
    const companion = `nic:~lan0@${namespace.netns}`;
    await expect(lab.startSwitch(companion)).rejects.toThrow(
      `${companion}: is the companion that a switch has made, which stands for an interface; take that one`,
    );
    expect(await guest.reaches(far.ipv4)).toBe(true);

    // The old name is free for another interface, which another switch may take.
    const other = await lab.host();
    await wire(namespace, other);
    await lab.startSwitch(nic);
  });

  test('is taken once, if it is the interface of a TAP port under another name', async () => {
    const [guest] = await lab.hosts(1);
    const control = join(mkdtempSync(join(tmpdir(), 'tapswitch-nic-')), 'control.sock');
    const running = await lab.startSwitch('--control', control, guest.port());
    const tapctl = new Tapctl(control);
    await guest.ip(`link property add dev ${INTERFACE} altname other0`);
    const refused = (name: string) => ({
      status: 1,
      stderr:
        `tapctl: nic:${name}@${guest.netns}: is the interface of ${guest.label}, ` +
        'which is a port of this switch already\n',
    });
    const add = (name: string) => tapctl.run(`port add nic:${name}@${guest.netns}`);
    expect(await add('other0')).toMatchObject(refused('other0'));
    await guest.ip(`link set ${INTERFACE} down`);
    await guest.ip(`link set ${INTERFACE} name lan0`);
    await running.logged('interface renamed', guest.label);
    expect(await add('lan0')).toMatchObject(refused('lan0'));
    rmSync(dirname(control), { recursive: true });
  });

  test('is taken from a Linux bridge with the key nomaster', async () => {
    const [a, b] = await lab.hosts(2);
    const namespace = await lab.host({ isQuiet: true });
    await namespace.ip('link add br0 type bridge');
    await namespace.ip('link set br0 up');
    await joinByVeth(namespace, [a, b]);
    const near = nearEndOf(a);
    for (const host of [a, b]) await namespace.ip(`link set ${nearEndOf(host)} master br0`);
    await until(() => a.reaches(b.ipv4), 'the bridge connects both hosts');
    const api = new ControlClient(`/run/${namespace.netns}.sock`);
    const control = ['--control', api.path];
    const running = await lab.startSwitchIn(
      namespace,
      ...control,
      `nic:${near},nomaster`,
      'veth:joint0',
    );
    expect(await namespace.ip(`link show ${near}`)).not.toContain('master');
    await namespace.ip('link set joint0 master br0');
    await until(() => a.reaches(b.ipv4), 'the switch and the bridge connect both hosts');
    // The switch knows the second host behind the bridge. The host itself only answers.
    expect((await api.post('/v1/ports', `nic:${nearEndOf(b)},nomaster`)).status).toBe(201);
    expect(await a.reaches(b.ipv4)).toBe(true);
    await running.stop();
    expect(await namespace.ip(`link show ${near}`)).not.toContain('master');
  });

  test('refuses interfaces that no bridge can take', async () => {
    const namespace = await lab.host({ isQuiet: true });
    await namespace.ip('link add br0 type bridge');
    await namespace.ip('link add member0 type veth peer name other0');
    await namespace.ip('link set member0 master br0');
    await namespace.mustRun(['ip', 'tuntap', 'add', 'tun0', 'mode', 'tun']);
    const refusals = {
      lo: /is the loopback interface/,
      tun0: /is no Ethernet interface/,
      br0: /is a bridge itself, which no other bridge can take \(ELOOP\)/,
      nothing0: /there is no interface of this name \(ENODEV\)/,
      member0:
        /is a member of br0 \(EBUSY\); take it out first: ip link set member0 nomaster, or .* key nomaster$/m,
    };
    for (const [name, reason] of Object.entries(refusals)) {
      await expect(lab.startSwitch(`nic:${name}@${namespace.netns}`)).rejects.toThrow(reason);
    }
    expect((await links(namespace)).some(({ ifname }) => ifname.startsWith('~'))).toBe(false);
  });
});

describeNetns('a redirect inside the kernel', () => {
  const WAYS: readonly RedirectWay[] = ['tcx', 'clsact', 'mirred'];

  /** Two hosts, each on a veth whose near end is in one namespace: nothing joins the two yet. */
  async function twoNearEnds() {
    const [a, b] = await lab.hosts(2);
    const namespace = await namespaceOf(a, 'near0');
    await wire(namespace, b, 'near1');
    await Promise.all([a.address(), b.address()]);
    const netnsPath = `/run/netns/${namespace.netns}`;
    const indexOf = async (name: string): Promise<number> =>
      (JSON.parse(await namespace.ip(`-j link show ${name}`)) as [{ ifindex: number }])[0].ifindex;
    const ends = [await indexOf('near0'), await indexOf('near1')] as const;
    const join = (way: RedirectWay): Redirect[] => [
      Redirect.begin({ index: ends[0], netnsPath }, ends[1], [way]),
      Redirect.begin({ index: ends[1], netnsPath }, ends[0], [way]),
    ];
    return { a, b, namespace, ends, netnsPath, join };
  }

  describe.each(WAYS)('by %s', (way) => {
    test('joins two interfaces until it is closed', async () => {
      const { a, b, namespace, join } = await twoNearEnds();
      expect(await a.reaches(b.ipv4)).toBe(false);
      const redirects = join(way);
      expect(redirects.map((redirect) => redirect.way)).toEqual([way, way]);
      await until(() => a.reaches(b.ipv4), 'a frame reaches the other end');
      for (const redirect of redirects) redirect.close();
      expect(await a.reaches(b.ipv4)).toBe(false);
      expect(await namespace.mustRun(['tc', 'qdisc', 'show'])).not.toMatch(/clsact/);
    });
  });

  test('that a killed switch has left is removed, and filters of other programs stay', async () => {
    const { a, b, namespace, ends, netnsPath, join } = await twoNearEnds();
    await namespace.mustRun(['tc', 'qdisc', 'add', 'dev', 'near0', 'clsact']);
    const other = ['tc', 'filter', 'add', 'dev', 'near0', 'egress', 'pref', '7', 'u32'];
    await namespace.mustRun([
      ...other,
      'match',
      'u32',
      '0',
      '0',
      'action',
      'mirred',
      'egress',
      'mirror',
      'dev',
      'lo',
    ]);
    join('mirred');
    for (const index of ends) expect(removeRemains({ index, netnsPath })).toBe(true);
    for (const index of ends) expect(removeRemains({ index, netnsPath })).toBe(false);
    expect(await a.reaches(b.ipv4)).toBe(false);
    expect(await namespace.mustRun(['tc', 'filter', 'show', 'dev', 'near0', 'egress'])).toMatch(
      /pref 7/,
    );
    expect(await namespace.mustRun(['tc', 'qdisc', 'show', 'dev', 'near1'])).not.toMatch(/clsact/);
  });

  test('that the kernel refuses is explained', async () => {
    const { netnsPath } = await twoNearEnds();
    const begin = () => Redirect.begin({ index: 9_999, netnsPath }, 1);
    expect(begin).toThrow(/ENODEV|EINVAL|no such device/i);
  });
});
