/** The device manager and `ip tuntap`, `ip link`, `ip address`: each sees the devices of the other. */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { configureTap, createTap, deleteTap, listTaps, showTap } from '../../src';
import { describeNetns } from './describe-netns';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import {
  type IpLink,
  ipJson,
  ipLink,
  mustTapctl,
  tapctl,
  tapctlJson,
  tunTapNames,
} from './support/tuntap';

interface Listed {
  readonly ifname: string;
  readonly netns?: string;
  readonly flags: readonly string[];
  readonly user?: number;
  readonly group?: number;
}

/** iproute2 6.1 says "filter" of every device with "pi": IFF_NOFILTER is the value of IFF_NO_PI. */
function asListed({ ifname, flags, user, group }: Listed): Listed {
  return {
    ifname,
    flags: flags.filter((flag) => flag !== 'filter'),
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
  };
}

/** Fields that must not depend on the maker of a device. The kernel chooses a MAC that is not given. */
function stateOf(link: IpLink): unknown {
  const { flags, mtu, linkinfo } = link;
  return { flags, mtu, linkinfo };
}

describeNetns('the device manager', () => {
  const lab = new Lab();
  let host: Host;
  beforeEach(async () => {
    host = await lab.host();
  });
  afterEach(() => lab.clear());

  const TWINS = [
    'mode tap',
    'mode tun',
    'mode tap user nobody',
    'mode tap user 65534 group daemon',
    'mode tun group 1',
    'mode tap pi',
    'mode tap vnet_hdr',
    'mode tap multi_queue',
    'mode tun user nobody pi vnet_hdr multi_queue',
  ];

  test.each(TWINS)('makes with "%s" what ip tuntap makes', async (words) => {
    await host.ip(`tuntap add theirs ${words}`);
    await mustTapctl(`tap add ours@${host.netns} ${words}`);
    const [theirs, ours] = [await ipLink(host.netns, 'theirs'), await ipLink(host.netns, 'ours')];
    expect(stateOf(ours)).toEqual(stateOf(theirs));
  });

  test.each(TWINS)('lists with "%s" what ip tuntap lists', async (words) => {
    await host.ip(`tuntap add theirs ${words}`);
    await mustTapctl(`tap add ours @${host.netns} ${words}`);
    const listed = await tapctlJson<Listed[]>(`tap list @${host.netns}`);
    const byIp = await ipJson<Listed[]>(host.netns, 'tuntap show');
    expect(listed.map(asListed)).toEqual(expect.arrayContaining(byIp.map(asListed)));
    expect(listed).toHaveLength(byIp.length);
  });

  test.each(['tap', 'tun'])('removes a %s that ip tuntap made, and the other way', async (mode) => {
    await host.ip(`tuntap add theirs mode ${mode}`);
    await mustTapctl(`tap add ours@${host.netns} mode ${mode}`);
    await mustTapctl(`tap del theirs@${host.netns}`);
    await host.ip(`tuntap del ours mode ${mode}`);
    expect(await tunTapNames(host.netns)).toEqual([]);
  });

  test('sets MAC, MTU, state and addresses as ip link and ip address do', async () => {
    const mac = '02:00:00:00:00:07';
    await mustTapctl(
      `tap add ours@${host.netns} mac ${mac} mtu 1400 up ` +
        'address 192.0.2.1/24 address 2001:db8::1/64',
    );
    await host.ip('tuntap add theirs mode tap');
    await host.ip(`link set theirs address ${mac} mtu 1400 up`);
    await host.ip('address add 198.51.100.1/24 dev theirs');
    const [theirs, ours] = [await ipLink(host.netns, 'theirs'), await ipLink(host.netns, 'ours')];
    expect([ours.address, ours.mtu, ours.flags]).toEqual([mac, theirs.mtu, theirs.flags]);
    expect(await addressesOf(host, 'ours')).toEqual(['192.0.2.1/24', '2001:db8::1/64']);
    expect(listTaps({ netns: host.netns }).map(({ name, up, mtu }) => [name, up, mtu])).toEqual([
      ['ours', true, 1400],
      ['theirs', true, 1400],
    ]);
    expect(showTap('theirs', host).addresses).toContainEqual({ address: '198.51.100.1/24' });
  });

  test('gives a TUN device an address with a peer as ip address does', async () => {
    await mustTapctl(
      `tap add ours@${host.netns} mode tun address 192.0.2.1/32 peer 192.0.2.2 ` +
        'address 2001:db8::1/128 peer 2001:db8::2',
    );
    await host.ip('tuntap add theirs mode tun');
    await host.ip('address add 192.0.2.1 peer 192.0.2.2 dev theirs');
    await host.ip('address add 2001:db8::1 peer 2001:db8::2 dev theirs');
    const [ours, theirs] = [showTap('ours', host), showTap('theirs', host)];
    expect(ours.addresses).toEqual(theirs.addresses);
    expect(ours.addresses).toContainEqual({ address: '192.0.2.1/32', peer: '192.0.2.2' });
  });

  test('lets the kernel choose a name, and prints it', async () => {
    const printed = [];
    for (const words of [`lab%d@${host.netns}`, `@${host.netns} mode tun`, `@${host.netns}`]) {
      printed.push(await mustTapctl(`tap add ${words}`));
    }
    expect(printed).toEqual(['lab0', 'tun0', 'tap0'].map((name) => `${name}@${host.netns}\n`));
    expect((await tunTapNames(host.netns)).sort()).toEqual(['lab0', 'tap0', 'tun0']);
  });

  test('lists the devices of every namespace, with their namespace', async () => {
    const other = await lab.host();
    for (const { netns } of [host, other]) createTap({ name: 'same', netns });
    const places = listTaps().flatMap(({ name, netns }) => (name === 'same' ? [netns] : []));
    expect(places).toEqual(expect.arrayContaining([host.netns, other.netns]));
  });

  test('finds the holders of two devices with one name in two namespaces', async () => {
    const other = await lab.host();
    const holder = await host.startReady('hold_tap.py', 'same');
    const otherHolder = await other.startReady('hold_tap.py', 'same');
    const pids = [host, other].map((place) =>
      showTap('same', place).holders.map(({ pid, program }) => [pid, program]),
    );
    expect(pids).toEqual([[[holder.pid, 'python3']], [[otherHolder.pid, 'python3']]]);
  });

  test.each(['', 'multi_queue'])('does not remove a device that is held (%s)', async (queues) => {
    createTap({ name: 'tap0', netns: host.netns, multiQueue: queues !== '' });
    const holder = await host.startReady('hold_tap.py', 'tap0', queues);
    const { status, stderr } = await tapctl(`tap del tap0@${host.netns}`);
    expect(stderr).toBe(
      `tapctl: tap0@${host.netns}: is held by python3 (${holder.pid}) (EBUSY); stop it first\n`,
    );
    expect(status).toBe(1);
    await holder.stop();
    expect(showTap('tap0', host).persistent).toBe(true);
    deleteTap('tap0', host);
    expect(await tunTapNames(host.netns)).toEqual([]);
  });

  test('prints one device as text', async () => {
    await mustTapctl(`tap add tun7@${host.netns} mode tun user nobody mtu 1280`);
    const lines = (await mustTapctl(`tap show tun7@${host.netns}`)).split('\n');
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      [`tun7@${host.netns}`],
      ['mode', 'tun'],
      ['flags', 'persist'],
      ['user', 'nobody'],
      ['group', '-'],
      ['mac', '-'],
      ['mtu', '1280'],
      ['state', 'down'],
      ['held by', '-'],
      [''],
    ]);
  });

  test('changes a device, and changes nothing if one setting is refused', () => {
    createTap({ name: 'tap0', netns: host.netns, mtu: 1400, addresses: ['192.0.2.1/24'] });
    configureTap('tap0', { mtu: 1300, mac: '02:00:00:00:00:08', up: true }, host);
    const before = showTap('tap0', host);
    expect([before.mtu, before.mac, before.up]).toEqual([1300, '02:00:00:00:00:08', true]);
    const addresses = ['198.51.100.1/24', '192.0.2.1/24'];
    expect(() =>
      configureTap('tap0', { mtu: 1500, mac: '02:00:00:00:00:09', addresses }, host),
    ).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(showTap('tap0', host)).toEqual(before);
  });

  interface Refused {
    readonly line: string;
    readonly status: number;
    readonly says: string;
  }
  const REFUSED: readonly Refused[] = [
    { line: 'add tap0@NS', status: 1, says: 'tap0@NS: there is a TAP of this name (EEXIST)' },
    { line: 'add tun0@NS', status: 1, says: 'tun0@NS: is a TUN device, which carries no Ethernet' },
    {
      line: 'add tap0@NS mode tun',
      status: 1,
      says: 'tap0@NS: is a TAP, which carries no bare IP',
    },
    { line: 'add lo@NS', status: 1, says: 'lo@NS: is another kind of interface, not a TAP' },
    { line: 'add br7@NS', status: 1, says: 'br7@NS: is an interface of kind bridge, not a TAP' },
    {
      line: 'add new@nosuch',
      status: 1,
      says: 'new@nosuch: there is no network namespace "nosuch"',
    },
    { line: 'add new@NS user nosuch', status: 1, says: 'new@NS: there is no user "nosuch"' },
    { line: 'add new@NS group nosuch', status: 1, says: 'new@NS: there is no group "nosuch"' },
    {
      line: 'add new@NS address 192.0.2.1/24 address 192.0.2.1/24',
      status: 1,
      says: 'new@NS: the kernel refuses the address 192.0.2.1/24 (EEXIST',
    },
    { line: 'add sixteen-letters-@NS', status: 2, says: 'sixteen-letters-@NS: name: expected' },
    { line: 'add new@NS mode tup', status: 2, says: 'mode: expected tap or tun, got "tup"' },
    { line: 'add new@NS mtu 67', status: 2, says: 'mtu: expected a whole number of bytes from 68' },
    { line: 'add new@NS mtu', status: 2, says: 'mtu: needs a value behind it' },
    { line: 'add new@NS mac 01:00:00:00:00:00', status: 2, says: 'new@NS: mac: expected' },
    {
      line: 'add new@NS mode tun mac 02:00:00:00:00:01',
      status: 2,
      says: 'new@NS: mac: a TUN device has no MAC address; leave it out',
    },
    { line: 'add new@NS user -', status: 2, says: 'user: expected a user or group' },
    { line: 'add new@NS user 4294967295', status: 2, says: 'user: expected a whole number' },
    { line: 'add new@NS address 192.0.2.0/24', status: 2, says: 'new@NS: address: expected' },
    { line: 'add new@NS address', status: 2, says: 'address: needs a value behind it' },
    {
      line: 'add new@NS address 192.0.2.1/32 peer 2001:db8::1',
      status: 2,
      says: 'new@NS: peer: expected an IPv4 address, as 192.0.2.1 is, got 2001:db8::1',
    },
    { line: 'add new@NS multiqueue', status: 2, says: 'multiqueue: no such word; did you mean' },
    { line: 'add new@NS up up', status: 2, says: 'up: given twice' },
    { line: 'del nosuch@NS', status: 1, says: 'nosuch@NS: there is no such device (ENODEV)' },
    { line: 'del lo@NS', status: 1, says: 'lo@NS: is not a TUN/TAP device (EINVAL)' },
    { line: 'del tap0@NS mode tun', status: 1, says: 'tap0@NS: is a device of mode tap, not tun' },
    { line: 'del @NS', status: 2, says: 'needs the NAME of a device' },
    { line: 'del', status: 2, says: "missing required argument 'NAME'" },
    { line: 'show nosuch@NS', status: 1, says: 'nosuch@NS: there is no such device (ENODEV)' },
    { line: 'list @nosuch', status: 1, says: 'there is no network namespace "nosuch"' },
    { line: 'list @', status: 2, says: 'netns: expected a network namespace' },
    { line: 'frob', status: 2, says: "unknown command 'frob'" },
  ];

  test('refuses wrong options with one line, and changes nothing', async () => {
    createTap({ name: 'tap0', netns: host.netns });
    createTap({ name: 'tun0', netns: host.netns, mode: 'tun' });
    await host.ip('link add br7 type bridge');
    const before = await ipJson(host.netns, 'address show');
    const filled = (text: string): string => text.replaceAll('NS', host.netns);
    for (const { line, status, says } of REFUSED) {
      const got = await tapctl(`tap ${filled(line)}`);
      expect([line, got.status, got.stdout]).toEqual([line, status, '']);
      expect(got.stderr).toMatch(/^tapctl: [^\n]+\n$/);
      expect(got.stderr).toContain(filled(says));
    }
    expect(await ipJson(host.netns, 'address show')).toEqual(before);
  });
});

/** Addresses without those that the kernel sets itself. */
async function addressesOf({ netns }: Host, device: string): Promise<string[]> {
  interface Shown {
    readonly addr_info: readonly { local: string; prefixlen: number; scope: string }[];
  }
  const [shown] = await ipJson<Shown[]>(netns, `address show dev ${device}`);
  return (shown?.addr_info ?? [])
    .filter(({ scope }) => scope === 'global')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}
