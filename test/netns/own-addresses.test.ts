/** The switch's own addresses on the wire: claimed, announced, answered for, defended. */

import { afterEach, describe, expect, test } from '@jest/globals';
import { advertisement, icmpv6Frame, ipv6Probe, solicitation } from '../support/ip-frames';
import { describeNetns } from './describe-netns';
import { REPLY, arp } from './support/arp';
import { whoHears } from './support/hearers';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { until } from './support/until';

const SWITCH_MAC = '02:00:00:00:00:fe';
const IPV4 = '192.0.2.254';
const IPV6 = '2001:db8::fe';
/** Link-local address made from the MAC: RFC 4291 appendix A. */
const LINK_LOCAL = 'fe80::ff:fe00:fe';
const OPTIONS = ['--mac', SWITCH_MAC, '--address', `${IPV4}/24`, '--address', `${IPV6}/64`];

const UNSPECIFIED = '0.0.0.0';
const PROBE = arp({ from: SWITCH_MAC, senderIp: UNSPECIFIED, targetIp: IPV4 });
const ANNOUNCEMENT = arp({ from: SWITCH_MAC, senderIp: IPV4, targetIp: IPV4 });
const PROBE_V6 = ipv6Probe(SWITCH_MAC, IPV6);
const OVERRIDE = '20';
const ANNOUNCEMENT_V6 = advertisement({ mac: SWITCH_MAC, target: IPV6, flags: OVERRIDE });

const request = (asker: Host): string =>
  arp({ from: asker.mac, senderIp: asker.ipv4, targetIp: IPV4 });

const replyTo = (asker: Host, targetIp = asker.ipv4): string =>
  arp({
    ...{ to: asker.mac, from: SWITCH_MAC, op: REPLY },
    ...{ senderIp: IPV4, targetIp, targetMac: asker.mac },
  });

describeNetns("the switch's own addresses", () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** Hosts whose interfaces exist before the switch, so that they get its first frames. */
  async function waitingHosts<N extends number>(count: N, isQuiet: boolean) {
    const hosts = await lab.hosts(count, { isQuiet });
    for (const host of hosts as Host[]) {
      await host.ip(`tuntap add dev ${INTERFACE} mode tap`);
      await host.ip(`link set ${INTERFACE} address ${host.mac} up`);
      await host.address();
    }
    return hosts;
  }

  test('are probed for three times and announced twice, on every port', async () => {
    const hosts = await waitingHosts(2, true);
    const captures = await Promise.all(
      hosts.map((host) => host.capture(`ether src ${SWITCH_MAC}`)),
    );
    await lab.startSwitch(...OPTIONS, ...hosts.map((host) => host.port()));
    for (const capture of captures) {
      const heard = (...ones: string[]): string[] =>
        capture.frames.filter((packet) => ones.includes(packet));
      await until(() => heard(ANNOUNCEMENT).length === 2, 'the second announcement');
      await until(() => heard(ANNOUNCEMENT_V6).length === 2, 'the second advertisement');
      expect(heard(PROBE, ANNOUNCEMENT)).toEqual([
        ...[PROBE, PROBE, PROBE],
        ...[ANNOUNCEMENT, ANNOUNCEMENT],
      ]);
      expect(heard(PROBE_V6, ANNOUNCEMENT_V6)).toEqual([
        ...[PROBE_V6, PROBE_V6, PROBE_V6],
        ...[ANNOUNCEMENT_V6, ANNOUNCEMENT_V6],
      ]);
      // All other frames concern the link-local address.
      const linkLocal = [
        ipv6Probe(SWITCH_MAC, LINK_LOCAL),
        advertisement({ mac: SWITCH_MAC, target: LINK_LOCAL, flags: OVERRIDE }),
      ];
      const known = [PROBE, ANNOUNCEMENT, PROBE_V6, ANNOUNCEMENT_V6, ...linkLocal];
      expect(capture.frames.filter((packet) => !known.includes(packet))).toEqual([]);
    }
  });

  test.each([
    ['IPv4', IPV4, 24],
    ['IPv6', IPV6, 64],
  ])('are not claimed while a host has them: %s', async (_, address, prefixBits) => {
    const [owner, asker] = await waitingHosts(2, false);
    await owner.ip(`address add ${address}/${prefixBits} dev ${INTERFACE}`);
    const ports = [owner, asker].map((host) => host.port());
    const running = await lab.startSwitch(...OPTIONS, ...ports);
    const lost = await running.logged('address conflict', owner.label);
    expect(lost).toMatchObject({ address, mac: owner.mac, outcome: 'lost' });
    expect(await asker.reaches(address)).toBe(true);
    const neighbours = await asker.ip(`neigh show ${address} dev ${INTERFACE}`);
    expect(neighbours).toContain(`lladdr ${owner.mac}`);
  });

  test.each([
    ['IPv4', ANNOUNCEMENT, (mac: string) => arp({ from: mac, senderIp: IPV4, targetIp: IPV4 })],
    [
      'IPv6',
      ANNOUNCEMENT_V6,
      (mac: string) => advertisement({ mac, target: IPV6, flags: OVERRIDE }),
    ],
  ])('are defended once in ten seconds against a host that uses them: %s', async (...given) => {
    const [, announcement, claimOf] = given;
    const hosts = await waitingHosts(2, true);
    const [rival, other] = hosts;
    const captures = await Promise.all(hosts.map((host) => host.capture()));
    const running = await lab.startSwitch(...OPTIONS, ...hosts.map((host) => host.port()));
    const defences = (): number[] =>
      captures.map(({ frames }) => frames.filter((packet) => packet === announcement).length);
    await until(() => defences().every((count) => count === 2), 'both are announced');
    for (let round = 0; round < 3; round++) {
      expect((await whoHears(rival, hosts, claimOf(rival.mac))).by).toEqual([other]);
    }
    const told = await running.logged('address conflict', rival.label);
    expect(told).toMatchObject({ mac: rival.mac, outcome: 'defended' });
    expect(defences()).toEqual([3, 3]);
  });

  describe('are answered for', () => {
    /** Waits until the switch has sent all its announcements, so that later frames are answers. */
    async function meet() {
      const hosts = await waitingHosts(2, true);
      const [asker, other] = hosts;
      const capture = await asker.capture(`ether src ${SWITCH_MAC}`);
      const running = await lab.startSwitch(...OPTIONS, ...hosts.map((host) => host.port()));
      const times = (announcement: string): number =>
        capture.frames.filter((packet) => packet === announcement).length;
      for (const announcement of [ANNOUNCEMENT, ANNOUNCEMENT_V6]) {
        await until(() => times(announcement) === 2, 'both announcements');
      }
      await capture.stop();
      return { hosts, running, asker, other };
    }

    test('by ARP', async () => {
      const { hosts, running, asker, other } = await meet();
      const from = asker.mac;
      const toSwitch = { to: SWITCH_MAC, from, senderIp: asker.ipv4, targetIp: IPV4 };
      const ask = (packet: string) => whoHears(asker, hosts, packet);
      const answer = replyTo(asker);
      expect(await ask(request(asker))).toEqual({ by: [other], answers: [answer] });
      expect(await ask(arp(toSwitch))).toEqual({ by: [], answers: [answer] });
      expect(await ask(arp({ from, senderIp: UNSPECIFIED, targetIp: IPV4 }))).toEqual({
        by: [other],
        answers: [replyTo(asker, UNSPECIFIED)],
      });
      const unanswered = {
        'gratuitous ARP': arp({ from, senderIp: asker.ipv4, targetIp: asker.ipv4 }),
        'a reply': arp({ from, op: REPLY, senderIp: asker.ipv4, targetIp: IPV4 }),
        'the wrong operation': arp({ from, op: 3, senderIp: asker.ipv4, targetIp: IPV4 }),
        'another sender': arp({ ...toSwitch, to: 'ff:ff:ff:ff:ff:ff', senderMac: other.mac }),
        'a request cut short': request(asker).slice(0, -2),
      };
      for (const [what, packet] of Object.entries(unanswered)) {
        expect({ what, ...(await ask(packet)) }).toEqual({ what, by: [other], answers: [] });
      }
      const { neighbours } = await running.tables();
      expect(neighbours.map((row) => row['NEIGHBOUR'])).toEqual([asker.ipv4]);
    });

    test('by Neighbor Discovery', async () => {
      const { hosts, asker, other } = await meet();
      const { mac, ipv6: source } = asker;
      const to = asker.mac.replaceAll(':', '');
      /** Advertisements of IPV6: to the asker, or to all. */
      const ask = async (packet: string) => {
        const { by, answers } = await whoHears(asker, hosts, packet);
        // The switch also polls the asker, and announces its link-local address.
        const isAdvertisement = (each: string): boolean => each.startsWith('88', 108);
        const isAbout = (each: string): boolean => each.startsWith(to) || each === ANNOUNCEMENT_V6;
        return { by, answers: answers.filter((each) => isAdvertisement(each) && isAbout(each)) };
      };
      const told = advertisement({
        ...{ mac: SWITCH_MAC, target: IPV6, flags: '60' },
        ...{ to: mac, destination: source },
      });
      const solicited = { mac, source, target: IPV6 };
      const unicast = { ...solicited, to: SWITCH_MAC, destination: IPV6 };
      expect(await ask(solicitation(solicited))).toEqual({ by: [other], answers: [told] });
      expect(await ask(solicitation(unicast))).toEqual({ by: [], answers: [told] });
      // A host that wants the address gets an unsolicited advertisement to all nodes.
      const probed = await ask(ipv6Probe(mac, IPV6));
      expect(probed).toEqual({ by: [other], answers: [ANNOUNCEMENT_V6] });
      const unanswered = {
        'from beyond a router': solicitation({ ...solicited, hopLimit: 'fe' }),
        'a wrong checksum': solicitation({ ...solicited, checksum: 'beef' }),
        'cut short': solicitation(solicited).slice(0, -2),
        "another's MAC": solicitation({ ...solicited, options: `0101${other.mac}` }),
        'another code': icmpv6Frame({
          ...{ to: '3333ff0000fe', from: mac, source, destination: 'ff02::1:ff00:fe' },
          ...{ typeAndCode: '8701', body: `00000000${'20010db8'.padEnd(30, '0')}fe` },
        }),
      };
      for (const [what, packet] of Object.entries(unanswered)) {
        expect({ what, ...(await ask(packet)) }).toEqual({ what, by: [other], answers: [] });
      }
    });
  });
});
