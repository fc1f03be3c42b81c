/** A TAP in the switch's own namespace that has addresses: the host's own leg on the bridge. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { frame } from './support/frame';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { SwitchProcess, switchCommand } from './support/switch-process';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const LEG = 'br0';
const LEG_MAC = '02:00:00:00:00:fe';
const IPV4 = '192.0.2.254';
const IPV6 = '2001:db8::fe';

interface LegState {
  readonly ifindex: number;
  readonly mtu: number;
  readonly address: string;
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly tentative?: boolean;
    readonly dadfailed?: boolean;
  }[];
}

describeNetns("the host's own leg", () => {
  const lab = new Lab();
  let folder: string;
  let file: string;
  let api: ControlClient;
  let tapctl: Tapctl;
  /** The namespace of the switch, with the host's own leg. */
  let namespace: Host;
  let guests: [Host, Host];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-leg-'));
    file = join(folder, 'br0.yaml');
    api = new ControlClient(join(folder, 'control.sock'));
    tapctl = new Tapctl(api.path);
    namespace = await lab.host();
    guests = await lab.hosts(2);
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const start = async (...args: string[]): Promise<SwitchProcess> => {
    const running = await lab.startSwitchIn(namespace, '--control', api.path, ...args);
    const present = guests.filter(({ label }) => running.portLabels.includes(label));
    await Promise.all(present.map((guest) => guest.address()));
    return running;
  };
  const legOf = (...settings: string[]): string => [LEG, `mac=${LEG_MAC}`, ...settings].join(',');
  const leg = async (): Promise<LegState> =>
    (JSON.parse(await namespace.ip(`-j address show dev ${LEG}`)) as [LegState])[0];
  const legAddresses = async (): Promise<string[]> =>
    (await leg()).addr_info
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
      .filter((address) => !address.startsWith('fe80'));
  const detailOf = ({ body }: { readonly body: unknown }): string =>
    (body as { readonly detail: string }).detail;
  /** The entry of a MAC in the forwarding database, as `fdb show` prints it. */
  const entryOf = async (mac: string): Promise<string | undefined> =>
    (await tapctl.run('fdb show')).stdout.split('\n').find((line) => line.startsWith(mac));

  test('is reached by guests, and no guest can take its place', async () => {
    const [red, green] = guests;
    await namespace.mustRun(['sysctl', '-q', '-w', 'net.ipv6.conf.default.accept_dad=1']);
    const ports = guests.map((guest) => guest.port());
    await start(
      '--address',
      '192.0.2.250/24',
      legOf(`address=${IPV4}/24`, `address=${IPV6}/64`),
      ...ports,
    );
    const isSettled = async () =>
      (await leg()).addr_info.every(({ tentative }) => tentative !== true);
    await until(isSettled, 'duplicate address detection ends');
    expect((await leg()).addr_info.filter(({ dadfailed }) => dadfailed === true)).toEqual([]);
    for (const guest of guests) {
      expect([await guest.reaches(IPV4), await guest.reaches(IPV6)]).toEqual([true, true]);
    }
    await red.send(frame({ to: red.mac, from: LEG_MAC }));
    expect(await entryOf(LEG_MAC)).toMatch(/ br0 .* static /);
    expect(await green.reaches(IPV4)).toBe(true);
    const table = (await tapctl.run('port show')).stdout.split('\n');
    expect(table[0]).toMatch(/^PORT .*TRUSTED +ADDRESS +ORIGIN/);
    expect(table[1]).toMatch(/^br0 .* on +192\.0\.2\.254\/24 2001:db8::fe\/64 +made/);
    expect(table[2]).toMatch(/ off +- +made/);

    // An operator's command for that MAC is refused, too, in one line.
    const isLegs = /: the MAC of br0, which is the host's own leg and has the entry already$/;
    const station = { mac: LEG_MAC, port: red.label };
    expect(detailOf(await api.post('/v1/fdb', station))).toMatch(isLegs);
    expect(detailOf(await api.delete(`/v1/fdb?mac=${LEG_MAC}`))).toMatch(isLegs);
    expect(detailOf(await api.post('/v1/addresses', { address: `${IPV4}/24` }))).toBe(
      `address: ${IPV4}: an address of the switch itself, and of the interface of br0; give it to one of them`,
    );
    const own = { address: ['192.0.2.250/24'] };
    expect(detailOf(await api.patch(`/v1/ports/${LEG}`, own))).toMatch(
      /^address: 192\.0\.2\.250: /,
    );
    const more = `lan0@${red.netns},address=192.0.2.250/24`;
    expect(detailOf(await api.post('/v1/ports', more))).toMatch(/^address: 192\.0\.2\.250: /);
    expect(await legAddresses()).toEqual([`${IPV4}/24`, `${IPV6}/64`]);

    // The entry follows the MAC, and goes with the addresses.
    await namespace.ip(`link set ${LEG} address 02:00:00:00:00:fd`);
    await until(() => entryOf('02:00:00:00:00:fd'), 'the entry of the new MAC');
    expect(await entryOf(LEG_MAC)).toBeUndefined();
    expect((await api.patch(`/v1/ports/${LEG}`, { address: [] })).status).toBe(200);
    expect(await legAddresses()).toEqual([]);
    expect((await entryOf('02:00:00:00:00:fd')) ?? '').not.toMatch(/static/);
  });

  test('has the least MTU of the ports, unless it is given one', async () => {
    const [red, green] = guests;
    const running = await start(legOf(`address=${IPV4}/24`), red.port('mtu=9000'));
    expect((await leg()).mtu).toBe(9_000);
    await api.post('/v1/ports', green.port('mtu=1400'));
    await running.logged('MTU changed', LEG);
    expect((await leg()).mtu).toBe(1_400);
    await green.ip('link set eth0 mtu 1300');
    await until(async () => (await leg()).mtu === 1_300, 'the leg follows');
    await api.delete(`/v1/ports/${encodeURIComponent(green.label)}`);
    expect((await leg()).mtu).toBe(9_000);
    // An MTU that an operator sets stays.
    await namespace.ip(`link set ${LEG} mtu 2000`);
    await running.logged('MTU changed', LEG, 4);
    await api.post('/v1/ports', green.port('mtu=1400'));
    expect((await leg()).mtu).toBe(2_000);
    await running.stop();
    await start(legOf('mtu=1500', `address=${IPV4}/24`), red.port('mtu=1400'));
    expect((await leg()).mtu).toBe(1_500);
  });

  test('has the same MAC at every start, unless it is given one or was there before', async () => {
    const macNow = async (): Promise<string> => (await leg()).address;
    const spec = `${LEG},address=${IPV4}/24`;
    const macs: string[] = [];
    const startNamed = (name: string, port: string): Promise<SwitchProcess> =>
      SwitchProcess.start(
        namespace.start(switchCommand('--name', name, '--control', api.path, port)),
      );
    for (const [name, port] of [
      ['one', spec],
      ['one', spec],
      ['two', spec],
      ['one', legOf()],
    ] as const) {
      const running = await startNamed(name, port);
      macs.push(await macNow());
      await running.stop();
    }
    const [first = '', second, other, given] = macs;
    // Bit 1 of the first byte: locally administered.
    expect(first).toMatch(/^.[26ae]:/);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(given).toBe(LEG_MAC);

    await namespace.ip(`tuntap add ${LEG} mode tap`);
    await namespace.ip(`link set ${LEG} address 02:00:00:00:00:fb`);
    await startNamed('one', spec);
    expect(await macNow()).toBe('02:00:00:00:00:fb');
  });

  test('changes addresses in place, and leaves a TAP that was there as it was', async () => {
    await namespace.ip(`tuntap add ${LEG} mode tap`);
    await namespace.ip(`address add 198.51.100.7/24 dev ${LEG}`);
    const ports = guests.map((guest) => guest.port());
    const write = (more: object, ...address: string[]): void =>
      writeFileSync(file, JSON.stringify({ ports: [{ name: LEG, address }, ...ports], ...more }));
    write({}, `${IPV4}/24`, `${IPV6}/64`, '198.51.100.7/24');
    const running = await start('--config', file);
    const { ifindex } = await leg();
    expect((await legAddresses()).sort()).toEqual(
      [`${IPV4}/24`, '198.51.100.7/24', `${IPV6}/64`].sort(),
    );

    write({ address: `${IPV4}/24` }, `${IPV4}/24`);
    const refused = await tapctl.run('reload');
    expect(refused.stderr).toMatch(
      /address: 192\.0\.2\.254: an address of the switch itself, and of the/,
    );
    expect(await legAddresses()).toContain(`${IPV6}/64`);

    // An address may pass from the host to the switch in one reload.
    write({ address: [`${IPV4}/24`] }, '192.0.2.253/24');
    expect((await tapctl.run('reload')).stderr).toBe('');
    expect((await legAddresses()).sort()).toEqual(['192.0.2.253/24', '198.51.100.7/24']);
    expect((await leg()).ifindex).toBe(ifindex);
    expect(await guests[0].reaches('192.0.2.253')).toBe(true);
    write({}, `${IPV4}/24`);
    expect((await tapctl.run('reload')).stderr).toBe('');
    await running.stop();
    expect(await legAddresses()).toEqual(['198.51.100.7/24']);
  });

  test('cannot have an address of the switch', async () => {
    const both = ['--address', `${IPV6}/64`, legOf('address=2001:0db8::00fe/80')];
    await expect(lab.startSwitchIn(namespace, ...both)).rejects.toThrow(
      /switch: address: 2001:db8::fe: an address of the switch itself, and of the interface of br0; give it to one of them\n$/,
    );
    await expect(lab.startSwitchIn(namespace, legOf('address=192.0.2.254'))).rejects.toThrow(
      /br0.*: address: expected the address of a host with its prefix length/,
    );
    expect(await namespace.ip('-j link show type tun')).toBe('[]\n');
  });
});
