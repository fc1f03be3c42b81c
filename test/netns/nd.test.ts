/** Neighbor Discovery on a running switch, asked by ndisc6 and by the kernel. */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { until } from './support/until';

const OWN_IP = '2001:db8::fe';
/** RFC 4861 4.3, 4.4: types of ICMPv6. */
const SOLICITATION = 135;

const solicitationsOf = (host: Host): string =>
  `icmp6 and ip6[40] == ${SOLICITATION} and ether src ${host.mac}`;

/** @returns the MAC that answers for an address, as ndisc6 prints it. */
async function ndisc(host: Host, ip: string): Promise<string | undefined> {
  const { stdout } = await host.run(['ndisc6', '-1', '-r', '2', '-w', '500', ip, INTERFACE]);
  return /Target link-layer address: (\S+)/.exec(stdout)?.[1]?.toLowerCase();
}

describeNetns('Neighbor Discovery', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test("finds the switch's own address, which also answers ping", async () => {
    const [a] = await lab.hosts(1);
    const mac = '02:00:00:00:00:fe';
    await lab.connect([a], '--address', `${OWN_IP}/64`, '--mac', mac);
    expect(await ndisc(a, OWN_IP)).toBe(mac);
    expect(await a.reaches(OWN_IP)).toBe(true);
    expect(await a.reaches(OWN_IP, '-s', '1400')).toBe(true);
  });

  test('does not give the address of the switch to a host that wants it', async () => {
    const [a] = await lab.hosts(1);
    await lab.connect([a], '--address', `${OWN_IP}/64`);
    await a.mustRun(['sysctl', '-q', '-w', `net.ipv6.conf.${INTERFACE}.accept_dad=1`]);
    await a.ip(`address add ${OWN_IP}/64 dev ${INTERFACE}`);
    const isRefused = await until(
      async () => (await a.ip(`address show dev ${INTERFACE}`)).includes('dadfailed'),
      'duplicate address detection fails',
    );
    expect(isRefused).toBe(true);
  });

  test('of a known host is answered for it, and nobody else hears of it', async () => {
    const [a, b, c] = await lab.hosts(3);
    await lab.connect([a, b, c]);
    // Both have told their addresses, and that they are no routers.
    expect(await a.reaches(b.ipv6)).toBe(true);
    const heard = await Promise.all([a, b].map((host) => host.capture(solicitationsOf(c))));
    expect(await ndisc(c, b.ipv6)).toBe(b.mac);
    expect(heard.map(({ frames }) => frames)).toEqual([[], []]);
  });

  test.each([
    ['direct', 'goes to the host alone', [0, 1]],
    ['off', 'goes to everybody', [1, 1]],
  ])('--arp %s: a solicitation %s', async (mode, _, counts) => {
    const [a, b, c] = await lab.hosts(3);
    await lab.connect([a, b, c], '--arp', mode);
    expect(await a.reaches(b.ipv6)).toBe(true);
    const heard = await Promise.all([a, b].map((host) => host.capture(solicitationsOf(c))));
    expect(await ndisc(c, b.ipv6)).toBe(b.mac);
    await until(
      () => heard.every(({ frames }, index) => frames.length >= (counts[index] ?? 0)),
      'those that are to hear it do',
    );
    expect(heard.map(({ frames }) => frames.length)).toEqual(counts);
  });
});
