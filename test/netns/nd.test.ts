/** Neighbor Discovery on a running switch, with ndisc6, with the kernel, and frame by frame. */

import { afterEach, expect, test } from '@jest/globals';
import { advertisement, ipHex, ipv6Probe, solicitation } from '../support/ip-frames';
import { describeNetns } from './describe-netns';
import { frame, macOf } from './support/frame';
import { whoHears } from './support/hearers';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { until } from './support/until';
import { VIRTUAL_MAC_V6, vrrpAdvertisementV6 } from './support/virtual-router';

const OWN_IP = '2001:db8::fe';
/** An address that no host has. */
const STRANGER_IP = '2001:db8::200';
/** RFC 4861 4.3, 4.4: types of ICMPv6. */
const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/** RFC 4861 4.4, the first byte of the flags: router, solicited, override. */
const OVERRIDE = '20';
const SOLICITED = '40';
const ROUTER_OVERRIDE = 'a0';
const ROUTER_SOLICITED = 'c0';

const solicitationsOf = (host: Host): string =>
  `icmp6 and ip6[40] == ${SOLICITATION} and ether src ${host.mac}`;
const ADVERTISEMENTS = `icmp6 and ip6[40] == ${ADVERTISEMENT}`;

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

  test('defends the address of the switch against a host that wants it', async () => {
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

  test('answers for a bound host, and no other host gets the solicitation', async () => {
    const [a, b, c] = await lab.hosts(3);
    await lab.connect([a, b, c]);
    // All hosts have announced their addresses, without the router flag.
    expect(await a.reaches(b.ipv6)).toBe(true);
    expect(await ndisc(c, a.ipv6)).toBe(a.mac);
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
    expect(await ndisc(c, a.ipv6)).toBe(a.mac);
    const heard = await Promise.all([a, b].map((host) => host.capture(solicitationsOf(c))));
    expect(await ndisc(c, b.ipv6)).toBe(b.mac);
    await until(
      () => heard.every(({ frames }, index) => frames.length >= (counts[index] ?? 0)),
      'each host has as many frames as expected',
    );
    expect(heard.map(({ frames }) => frames.length)).toEqual(counts);
  });
});

const question = (asker: Host, target: string): string =>
  solicitation({ mac: asker.mac, source: asker.ipv6, target });

/** Announces to all nodes that an address belongs to a host. */
const announcement = (ip: string, mac: string, flags = OVERRIDE): string =>
  advertisement({ mac, target: ip, flags });

const answerTo = (asker: Host, ip: string, mac: string, flags = SOLICITED): string =>
  advertisement({ mac, target: ip, flags, to: asker.mac, destination: asker.ipv6 });

/** The other hosts that get a frame, and the advertisements that are sent back. */
async function heardOf(speaker: Host, hosts: readonly Host[], packet: string) {
  const { by, answers } = await whoHears(speaker, hosts, packet);
  const advertisements = answers.filter((answer) => answer.startsWith('88', 108));
  const to = speaker.mac.replaceAll(':', '');
  return { by, answers: advertisements.filter((answer) => answer.startsWith(to)) };
}

describeNetns('a host bound by Neighbor Discovery', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** Three silent hosts. The first two have announced their addresses. */
  async function meet(...options: string[]) {
    const hosts = await lab.hosts(3, { isQuiet: true });
    const running = await lab.connect(hosts, ...options);
    const [asker, owner, other] = hosts;
    await owner.send(announcement(owner.ipv6, owner.mac));
    await asker.send(announcement(asker.ipv6, asker.mac));
    return { hosts, running, asker, owner, other };
  }

  test.each([
    ['a host', OVERRIDE, SOLICITED],
    ['a router', ROUTER_OVERRIDE, ROUTER_SOLICITED],
  ])('is answered for as %s, without override, and no host gets it', async (_, own, flags) => {
    const { hosts, running, asker, owner } = await meet();
    await owner.send(announcement(owner.ipv6, owner.mac, own));
    expect(await heardOf(asker, hosts, question(asker, owner.ipv6))).toEqual({
      by: [],
      answers: [answerTo(asker, owner.ipv6, owner.mac, flags)],
    });
    // The answer has not made the owner's MAC move.
    expect(await running.portOf(owner.mac)).toBe(owner.label);
  });

  test('is not answered for before it has said whether it is a router', async () => {
    const { hosts, asker, owner, other } = await meet();
    const ip = '2001:db8::50';
    await owner.send(solicitation({ mac: owner.mac, source: ip, target: STRANGER_IP }));
    const heard = await heardOf(asker, hosts, question(asker, ip));
    expect(heard).toEqual({ by: [owner, other], answers: [] });
  });

  test.each(['answer', 'direct', 'off'])('--arp %s: other messages are forwarded', async (mode) => {
    const { hosts, asker, owner, other } = await meet('--arp', mode);
    const { mac, ipv6: source } = asker;
    const target = owner.ipv6;
    const travelling = {
      'a solicitation for a host that nobody knows': question(asker, STRANGER_IP),
      'duplicate address detection for the known address': ipv6Probe(mac, target),
      'its own duplicate address detection, at another port': ipv6Probe(owner.mac, target),
      'an unsolicited advertisement': announcement(source, mac),
      'an advertisement of a virtual router': announcement('2001:db8::99', VIRTUAL_MAC_V6),
      'a question of a virtual router': solicitation({ mac: VIRTUAL_MAC_V6, source, target }),
      'a VRRP advertisement': vrrpAdvertisementV6(asker),
      'a wrong checksum': solicitation({ mac, source, target, checksum: 'beef' }),
      'a question from beyond a router': solicitation({ mac, source, target, hopLimit: 'fe' }),
      'a question cut short': question(asker, target).slice(0, -2),
      'a question that names another MAC': solicitation({
        ...{ mac, source, target },
        options: `0101${macOf(77)}`,
      }),
      'an option without a length': solicitation({
        ...{ mac, source, target },
        options: `0100${mac}`,
      }),
    };
    for (const [what, packet] of Object.entries(travelling)) {
      // A probe has made the switch forget it.
      await owner.send(announcement(target, owner.mac));
      const heard = await heardOf(asker, hosts, packet);
      expect({ what, ...heard }).toEqual({ what, by: [owner, other], answers: [] });
    }
  });

  test('gets a unicast solicitation itself', async () => {
    const { hosts, asker, owner } = await meet();
    const { mac, ipv6: source } = asker;
    const target = owner.ipv6;
    const poll = solicitation({ mac, source, target, to: owner.mac, destination: target });
    expect(await heardOf(asker, hosts, poll)).toEqual({ by: [owner], answers: [] });
  });

  test('that solicits its own address at another port: the solicitation is flooded', async () => {
    const { hosts, asker, owner, other } = await meet();
    const packet = solicitation({ mac: owner.mac, source: '2001:db8::50', target: owner.ipv6 });
    expect(await heardOf(other, hosts, packet)).toEqual({ by: [asker, owner], answers: [] });
  });

  test('is not answered for when its MAC is behind another port, nor when its port is down', async () => {
    const { hosts, asker, owner, other } = await meet();
    // The MAC moves without Neighbor Discovery: the binding still has the former port.
    await other.send(frame({ to: asker.mac, from: owner.mac }));
    const flooded = { by: [owner, other], answers: [] };
    expect(await heardOf(asker, hosts, question(asker, owner.ipv6))).toEqual(flooded);
    await owner.send(announcement(owner.ipv6, owner.mac));
    expect((await heardOf(asker, hosts, question(asker, owner.ipv6))).by).toEqual([]);
    await owner.ip(`link set ${INTERFACE} down`);
    await until(
      async () =>
        (await whoHears(asker, [asker, other], question(asker, owner.ipv6))).by.length > 0,
      'the question travels',
    );
  });

  test('that migrates gets answers at its new port at once', async () => {
    const { hosts, running, asker, owner, other } = await meet();
    await other.send(announcement(owner.ipv6, owner.mac));
    expect(await heardOf(asker, hosts, question(asker, owner.ipv6))).toEqual({
      by: [],
      answers: [answerTo(asker, owner.ipv6, owner.mac)],
    });
    expect(await running.portOf(owner.mac)).toBe(other.label);
    const traffic = frame({ to: owner.mac, from: asker.mac });
    expect((await whoHears(asker, hosts, traffic)).by).toEqual([other]);
  });

  test('whose address goes to another MAC: requests are flooded until the owner is clear', async () => {
    const { hosts, running, asker, owner, other } = await meet();
    await other.send(announcement(owner.ipv6, other.mac));
    expect(await heardOf(asker, hosts, question(asker, owner.ipv6))).toEqual({
      by: [owner, other],
      answers: [],
    });
    const told = await running.logged('an address has moved to another host', other.label);
    expect(told).toMatchObject({ address: owner.ipv6, mac: other.mac, formerMac: owner.mac });
    // The former owner is silent: the switch accepts the new one.
    await until(
      async () => (await heardOf(asker, hosts, question(asker, owner.ipv6))).by.length === 0,
      'the new owner is answered for',
    );
    const { answers } = await heardOf(asker, hosts, question(asker, owner.ipv6));
    expect(answers).toEqual([answerTo(asker, owner.ipv6, other.mac)]);
  });

  test('is not replaced by an advertisement without override', async () => {
    const { hosts, asker, owner, other } = await meet();
    await other.send(announcement(owner.ipv6, other.mac, '00'));
    const { answers } = await heardOf(asker, hosts, question(asker, owner.ipv6));
    expect(answers).toEqual([answerTo(asker, owner.ipv6, owner.mac)]);
  });

  test('that died is polled by unicast before half its time is over, and then forgotten', async () => {
    const { hosts, asker, owner, other } = await meet('--neigh-lifetime', '15');
    const polls = await owner.capture(
      `icmp6 and ip6[40] == ${SOLICITATION} and ether dst ${owner.mac}`,
    );
    await until(
      () => polls.frames.length === 3,
      () => `three polls in ${polls.frames.join(' ')}`,
    );
    const heard = await until(async () => {
      const now = await heardOf(asker, hosts, question(asker, owner.ipv6));
      return now.by.length > 0 && now;
    }, 'questions travel again');
    expect(heard).toEqual({ by: [owner, other], answers: [] });
  });
});

describeNetns('duplicate address detection by the kernel', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** A bound host, a host that wants its address, and a third one. */
  async function meet(...options: string[]) {
    const [owner, newcomer, bystander] = await lab.hosts(3);
    const running = await lab.connect([owner, newcomer, bystander], ...options);
    expect(await newcomer.reaches(owner.ipv6)).toBe(true);
    await newcomer.mustRun(['sysctl', '-q', '-w', `net.ipv6.conf.${INTERFACE}.accept_dad=1`]);
    return { running, owner, newcomer, bystander };
  }

  /** Waits until the kernel has decided whether the host may use the address. */
  async function decide(host: Host, ip: string): Promise<'free' | 'duplicate'> {
    await host.ip(`address add ${ip}/64 dev ${INTERFACE}`);
    return until(async () => {
      const shown = await host.ip(`address show dev ${INTERFACE} to ${ip}`);
      if (shown.includes('dadfailed')) return 'duplicate';
      return !shown.includes('tentative') && 'free';
    }, 'duplicate address detection ends');
  }

  test.each(['answer', 'direct', 'off'])('--arp %s: only the owner objects', async (mode) => {
    const { owner, newcomer, bystander } = await meet('--arp', mode);
    const probes = await Promise.all(
      [owner, bystander].map((host) => host.capture(`${solicitationsOf(newcomer)} and ip6 src ::`)),
    );
    const said = await newcomer.capture(ADVERTISEMENTS);
    expect(await decide(newcomer, owner.ipv6)).toBe('duplicate');
    // The owner alone sends one advertisement, to all nodes and not solicited.
    const defences = (): string[] =>
      said.frames.filter((packet) => packet.includes(ipHex(owner.ipv6)));
    await until(() => defences().length > 0, 'the defence is captured');
    await until(() => probes.every(({ frames }) => frames.length > 0), 'the probe is captured');
    expect(defences()).toEqual([announcement(owner.ipv6, owner.mac)]);
    expect(probes.map(({ frames }) => frames.length)).toEqual([1, 1]);
  });

  test('an address is free if its owner is gone, although the switch has its binding', async () => {
    const { owner, newcomer, bystander } = await meet();
    await owner.ip(`address del ${owner.ipv6}/64 dev ${INTERFACE}`);
    const said = await newcomer.capture(ADVERTISEMENTS);
    expect(await decide(newcomer, owner.ipv6)).toBe('free');
    expect(said.frames.filter((packet) => packet.includes(ipHex(owner.ipv6)))).toEqual([]);
    expect(await bystander.reaches(owner.ipv6)).toBe(true);
  });

  test('a host that starts again finds its address free', async () => {
    const { owner, bystander } = await meet();
    await owner.mustRun(['sysctl', '-q', '-w', `net.ipv6.conf.${INTERFACE}.accept_dad=1`]);
    await owner.ip(`address del ${owner.ipv6}/64 dev ${INTERFACE}`);
    expect(await decide(owner, owner.ipv6)).toBe('free');
    expect(await bystander.reaches(owner.ipv6)).toBe(true);
  });
});
