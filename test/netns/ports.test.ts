/** Effects of a port's settings on a TAP, and the state that is left afterwards. */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { frame } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';

interface Link {
  readonly ifname: string;
  readonly mtu: number;
  readonly address: string;
  readonly flags: readonly string[];
  readonly linkinfo?: {
    readonly info_data: {
      readonly persist: boolean;
      readonly user?: string;
      readonly group?: string;
    };
  };
}

/** The host's TAPs as the kernel sees them. */
async function tapsOf(host: Host): Promise<Link[]> {
  const links = JSON.parse(await host.ip('-d -j link show')) as Link[];
  return links.filter(({ linkinfo }) => linkinfo !== undefined);
}

describeNetns('a port', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('is made with its MTU and MAC, and set up', async () => {
    const host = await lab.host();
    const running = await lab.startSwitch(host.port('mtu=9000'));
    const [tap] = await tapsOf(host);
    expect(tap).toMatchObject({ ifname: INTERFACE, mtu: 9000, address: host.mac });
    expect(tap?.flags).toContain('UP');
    expect(await running.port(host.label)).toMatchObject({ STATE: 'up', MTU: '9000' });
  });

  test('gets its number from the kernel', async () => {
    const host = await lab.host();
    const wanted = `tap%d@${host.netns}`;
    const running = await lab.startSwitch(
      wanted,
      wanted.replace('tap', 'veth'),
      `vm%d@${host.netns}`,
    );
    expect(running.portLabels).toEqual([
      `tap0@${host.netns}`,
      `veth0@${host.netns}`,
      `vm0@${host.netns}`,
    ]);
  });

  test('can be in a namespace that a path names', async () => {
    const host = await lab.host();
    const path = `/run/netns/${host.netns}`;
    const running = await lab.startSwitch(`${INTERFACE}@${path}`);
    expect(running.portLabels).toEqual([`${INTERFACE}@${path}`]);
    expect(await tapsOf(host)).toHaveLength(1);
  });

  test('belongs to the given user and group', async () => {
    const host = await lab.host();
    await lab.startSwitch(host.port('owner=nobody', 'group=65534'));
    const [tap] = await tapsOf(host);
    expect(tap?.linkinfo?.info_data).toMatchObject({ user: 'nobody', group: 'nogroup' });
  });

  test('that was found stays as it was found', async () => {
    const host = await lab.host();
    await host.ip(`tuntap add dev ${INTERFACE} mode tap user nobody`);
    await host.ip(`link set ${INTERFACE} mtu 1400 address 02:00:00:00:11:11`);
    const running = await lab.startSwitch(host.label);
    expect(await running.port(host.label)).toMatchObject({ STATE: 'up', MTU: '1400' });
    await running.stop();
    const [tap] = await tapsOf(host);
    expect(tap).toMatchObject({ mtu: 1400, address: '02:00:00:00:11:11' });
    expect(tap?.linkinfo?.info_data).toMatchObject({ persist: true, user: 'nobody' });
  });

  test('that was found gets the given settings', async () => {
    const host = await lab.host();
    await host.ip(`tuntap add dev ${INTERFACE} mode tap`);
    await lab.startSwitch(host.port('mtu=2000'));
    expect(await tapsOf(host)).toMatchObject([{ mtu: 2000, address: host.mac }]);
  });

  test('that was made is removed with the switch, unless it persists', async () => {
    const [passing, persistent] = await lab.hosts(2);
    const running = await lab.startSwitch(passing.port(), persistent.port('persist'));
    await running.stop();
    expect(await tapsOf(passing)).toEqual([]);
    expect(await tapsOf(persistent)).toMatchObject([{ ifname: INTERFACE }]);
  });

  test('that was found with several queues is attached to', async () => {
    const [a, b] = await lab.hosts(2);
    await a.ip(`tuntap add dev ${INTERFACE} mode tap multi_queue`);
    await a.ip(`link set ${INTERFACE} address ${a.mac}`);
    await lab.connect([a, b]);
    expect(await a.reaches(b.ipv4)).toBe(true);
  });

  test('that was found with other offloads carries TCP', async () => {
    const [a, b] = await lab.hosts(2);
    await a.ip(`tuntap add dev ${INTERFACE} mode tap vnet_hdr`);
    await b.ip(`tuntap add dev ${INTERFACE} mode tap`);
    const first = await lab.connect([a, b]);
    expect(await a.reaches(b.ipv4)).toBe(true);
    await first.stop();
    await lab.connect([a, b], '--no-offload');
    expect(await a.reaches(b.ipv4)).toBe(true);
  });

  test('drops frames longer than its MTU and two headers, and counts them', async () => {
    const [jumbo, ordinary] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.startSwitch(jumbo.port('mtu=9000'), ordinary.port());
    const capture = await ordinary.capture();
    const [longest, tooLong] = [1518, 1519].map((lengthBytes) =>
      frame({ to: ordinary.mac, from: jumbo.mac, lengthBytes }),
    ) as [string, string];
    const end = frame({ to: ordinary.mac, from: jumbo.mac, payload: 'ff' });
    await jumbo.send(tooLong, longest, tooLong, end);
    expect(await capture.before(end)).toEqual([longest]);
    expect(await running.port(ordinary.label)).toMatchObject({ DROPS: 'too-long=2' });
  });

  test('with a large MTU exchanges large frames with its like, and small ones with others', async () => {
    const [a, b, ordinary] = await lab.hosts(3);
    const hosts = [a, b, ordinary];
    const running = await lab.startSwitch(a.port('mtu=9000'), b.port('mtu=9000'), ordinary.port());
    await Promise.all(hosts.map((host) => host.address()));
    const big = ['-M', 'do', '-s', '8972'] as const;
    expect(await a.reaches(b.ipv4, ...big)).toBe(true);
    expect(await a.reaches(ordinary.ipv4)).toBe(true);
    expect(await a.reaches(ordinary.ipv4, ...big)).toBe(false);
    expect(await running.port(ordinary.label)).toMatchObject({ DROPS: 'too-long=1' });
  });
});
