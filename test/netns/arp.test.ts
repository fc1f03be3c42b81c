/** ARP on a running switch: which host gets a request, and who answers it. */

import { afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNetns } from './describe-netns';
import { REPLY, arp } from './support/arp';
import { ControlClient } from './support/control-client';
import { frame, macOf } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { whoHears } from './support/hearers';
import { Lab } from './support/lab';
import { until } from './support/until';
import {
  VIRTUAL_IP,
  VIRTUAL_MAC,
  carpAdvertisement,
  vrrpAdvertisement,
  vrrpAdvertisementV6,
} from './support/virtual-router';

/** An address that no host has. */
const STRANGER_IP = '192.0.2.200';
const UNSPECIFIED = '0.0.0.0';
const request = (asker: Host, targetIp: string): string =>
  arp({ from: asker.mac, senderIp: asker.ipv4, targetIp });

const announcement = (ip: string, mac: string): string =>
  arp({ from: mac, senderIp: ip, targetIp: ip });

const replyTo = (asker: Host, ip: string, mac: string): string =>
  arp({
    to: asker.mac,
    from: mac,
    op: REPLY,
    senderIp: ip,
    targetIp: asker.ipv4,
    targetMac: asker.mac,
  });

describeNetns('a bound host', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** Three silent hosts. The first two have announced their addresses. */
  async function meet(...options: string[]) {
    const hosts = await lab.hosts(3, { isQuiet: true });
    const running = await lab.connect(hosts, ...options);
    const [asker, owner, other] = hosts;
    await owner.send(announcement(owner.ipv4, owner.mac));
    await asker.send(announcement(asker.ipv4, asker.mac));
    return { hosts, running, asker, owner, other };
  }

  test('is answered for with its own MAC, and no host gets the request', async () => {
    const { hosts, running, asker, owner } = await meet();
    expect(await whoHears(asker, hosts, request(asker, owner.ipv4))).toEqual({
      by: [],
      answers: [replyTo(asker, owner.ipv4, owner.mac)],
    });
    // The answer has not made the owner's MAC move.
    expect(await running.portOf(owner.mac)).toBe(owner.label);
  });

  test('--arp direct: it alone gets the request, and answers itself', async () => {
    const { hosts, asker, owner } = await meet('--arp', 'direct');
    const heard = await whoHears(asker, hosts, request(asker, owner.ipv4));
    expect(heard).toEqual({ by: [owner], answers: [] });
  });

  test.each(['answer', 'direct'])(
    '--arp %s: a port with neigh-suppress=off gets the request',
    async (mode) => {
      const hosts = await lab.hosts(4, { isQuiet: true });
      const [asker, owner, monitor] = hosts;
      const ports = hosts.map((host) =>
        host.port(...(host === monitor ? ['neigh-suppress=off'] : [])),
      );
      await lab.startSwitch('--arp', mode, ...ports);
      await owner.send(announcement(owner.ipv4, owner.mac));
      await asker.send(announcement(asker.ipv4, asker.mac));
      expect(await whoHears(asker, hosts, request(asker, owner.ipv4))).toEqual({
        by: mode === 'direct' ? [owner, monitor] : [monitor],
        answers: mode === 'direct' ? [] : [replyTo(asker, owner.ipv4, owner.mac)],
      });
    },
  );

  test('--arp off: requests are flooded', async () => {
    const { hosts, asker, owner, other } = await meet('--arp', 'off');
    const heard = await whoHears(asker, hosts, request(asker, owner.ipv4));
    expect(heard).toEqual({ by: [owner, other], answers: [] });
  });

  test.each([
    ['--arp', 'answer'],
    ['--arp', 'direct'],
    ['--arp', 'off'],
  ])('%s %s: frames that are no request for it are forwarded', async (...options) => {
    const { hosts, asker, owner, other } = await meet(...options);
    const { mac } = asker;
    const probe = { senderIp: UNSPECIFIED, targetIp: owner.ipv4 };
    const travelling = {
      'a request for a host that nobody knows': request(asker, STRANGER_IP),
      'a probe for the known address': arp({ from: mac, ...probe }),
      'its own probe, at another port': arp({ from: owner.mac, ...probe }),
      'its own request for itself, at another port': arp({
        from: owner.mac,
        senderIp: '192.0.2.50',
        targetIp: owner.ipv4,
      }),
      'an announcement': announcement(asker.ipv4, mac),
      'a gratuitous reply': arp({
        from: mac,
        op: REPLY,
        senderIp: asker.ipv4,
        targetIp: asker.ipv4,
      }),
      'an announcement of a virtual router': announcement(VIRTUAL_IP, VIRTUAL_MAC),
      'a request of a virtual router': arp({
        from: VIRTUAL_MAC,
        senderIp: VIRTUAL_IP,
        targetIp: owner.ipv4,
      }),
      'a VRRP advertisement': vrrpAdvertisement(asker),
      'a CARP advertisement': carpAdvertisement(asker),
    };
    for (const [what, packet] of Object.entries(travelling)) {
      // The packet before, a probe or a frame from the owner's MAC, ended or moved the binding.
      await owner.send(announcement(owner.ipv4, owner.mac));
      const heard = await whoHears(asker, hosts, packet);
      expect({ what, ...heard }).toEqual({ what, by: [owner, other], answers: [] });
    }
  });

  test('virtual routers advertise themselves through inspection, too', async () => {
    const { hosts, asker, owner, other } = await meet('--inspect');
    const advertisements = [vrrpAdvertisement, carpAdvertisement, vrrpAdvertisementV6];
    for (const advertisementOf of advertisements) {
      const { by } = await whoHears(asker, hosts, advertisementOf(asker));
      expect(by).toEqual([owner, other]);
    }
  });

  test('a malformed packet about it is forwarded and counted, and changes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapswitch-arp-'));
    try {
      const api = new ControlClient(join(folder, 'control.sock'));
      const { hosts, asker, owner, other } = await meet('--control', api.path);
      const malformed = async (): Promise<number> => {
        const { body } = await api.get('/v1/stats');
        const { total } = body as { total: { counters: Record<string, number> } };
        return total.counters['arp-malformed'] ?? 0;
      };
      const known = async () =>
        ((await api.get('/v1/neighbours')).body as { dst: string; lladdr: string }[]).map(
          ({ dst, lladdr }) => [dst, lladdr],
        );
      const whole = request(asker, owner.ipv4);
      /** @param at offset of the byte in the packet, behind the Ethernet header */
      const withByte = (at: number, hex: string): string =>
        whole.slice(0, 28 + 2 * at) + hex + whole.slice(30 + 2 * at);
      const cases = {
        'cut short': whole.slice(0, -2),
        'another hardware type': withByte(1, '06'),
        'another protocol type': withByte(2, '86'),
        'a hardware address of 7 bytes': withByte(4, '07'),
        'a protocol address of 16 bytes': withByte(5, '10'),
        'operation 0': withByte(7, '00'),
        'operation 3': withByte(7, '03'),
        "another's hardware address": withByte(13, 'fe'),
        'a group for its hardware address': withByte(8, '03'),
        'a group for its protocol address': withByte(14, 'e0'),
      };
      let count = 0;
      for (const [what, packet] of Object.entries(cases)) {
        const heard = await whoHears(asker, hosts, packet);
        expect({ what, ...heard }).toEqual({ what, by: [owner, other], answers: [] });
        expect({ what, count: await malformed() }).toEqual({ what, count: ++count });
      }
      expect(await known()).toEqual([
        [owner.ipv4, owner.mac],
        [asker.ipv4, asker.mac],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is not answered for when its MAC is behind another port', async () => {
    const { hosts, asker, owner, other } = await meet();
    // The MAC moves without ARP: the binding still has the former port.
    await other.send(frame({ to: asker.mac, from: owner.mac }));
    const heard = await whoHears(asker, hosts, request(asker, owner.ipv4));
    expect(heard).toEqual({ by: [owner, other], answers: [] });
  });

  test('with a static binding gets answers from the switch, whatever other hosts claim', async () => {
    const hosts = await lab.hosts(3, { isQuiet: true });
    const [asker, owner, other] = hosts;
    const binding = `${owner.ipv4} lladdr ${owner.mac} dev ${owner.label}`;
    const running = await lab.connect(hosts, '--neigh', binding);
    await owner.send(frame({ to: asker.mac, from: owner.mac }));
    await other.send(announcement(owner.ipv4, other.mac));
    await asker.send(announcement(asker.ipv4, asker.mac));
    expect(await whoHears(asker, hosts, request(asker, owner.ipv4))).toEqual({
      by: [],
      answers: [replyTo(asker, owner.ipv4, owner.mac)],
    });
    const told = await running.logged(
      'a host uses an address that is bound to another',
      other.label,
    );
    expect(told).toMatchObject({ address: owner.ipv4, mac: other.mac, formerMac: owner.mac });
  });

  test('gets a unicast request itself', async () => {
    const { hosts, asker, owner } = await meet();
    const poll = arp({
      to: owner.mac,
      from: asker.mac,
      senderIp: asker.ipv4,
      targetIp: owner.ipv4,
    });
    expect(await whoHears(asker, hosts, poll)).toEqual({ by: [owner], answers: [] });
  });

  test('gets no answer in its name for a neighbour on its own port, nor while its port is down', async () => {
    const { hosts, asker, owner, other } = await meet();
    const neighbour = arp({ from: macOf(77), senderIp: '192.0.2.77', targetIp: owner.ipv4 });
    expect(await whoHears(owner, hosts, neighbour)).toEqual({ by: [asker, other], answers: [] });
    await owner.ip(`link set ${INTERFACE} down`);
    const rest = [asker, other];
    const heard = await until(async () => {
      const now = await whoHears(asker, rest, request(asker, owner.ipv4));
      return now.by.length > 0 && now;
    }, 'the request travels');
    expect(heard).toEqual({ by: [other], answers: [] });
  });

  test('that migrates gets answers at its new port at once', async () => {
    const { hosts, running, asker, owner, other } = await meet();
    await other.send(announcement(owner.ipv4, owner.mac));
    expect(await whoHears(asker, hosts, request(asker, owner.ipv4))).toEqual({
      by: [],
      answers: [replyTo(asker, owner.ipv4, owner.mac)],
    });
    expect(await running.portOf(owner.mac)).toBe(other.label);
    const traffic = frame({ to: owner.mac, from: asker.mac });
    expect((await whoHears(asker, hosts, traffic)).by).toEqual([other]);
  });

  test('whose address goes to another MAC: requests are flooded until the owner is clear', async () => {
    const { hosts, running, asker, owner, other } = await meet();
    await other.send(announcement(owner.ipv4, other.mac));
    expect(await whoHears(asker, hosts, request(asker, owner.ipv4))).toEqual({
      by: [owner, other],
      answers: [],
    });
    const told = await running.logged('an address has moved to another host', other.label);
    expect(told).toMatchObject({ address: owner.ipv4, mac: other.mac, formerMac: owner.mac });
    // The former owner is silent: the switch accepts the new one.
    await until(
      async () => (await whoHears(asker, hosts, request(asker, owner.ipv4))).by.length === 0,
      'the new owner is answered for',
    );
    const { answers } = await whoHears(asker, hosts, request(asker, owner.ipv4));
    expect(answers).toEqual([replyTo(asker, owner.ipv4, other.mac)]);
  });

  test('that died is polled by unicast before half its time is over, and then forgotten', async () => {
    const { hosts, asker, owner, other } = await meet('--neigh-lifetime', '15');
    const polls = await owner.capture(`arp and ether dst ${owner.mac}`);
    await until(
      () => polls.frames.length === 3,
      () => `three polls in ${polls.frames.join(' ')}`,
    );
    const heard = await until(async () => {
      const now = await whoHears(asker, hosts, request(asker, owner.ipv4));
      return now.by.length > 0 && now;
    }, 'requests travel again');
    expect(heard).toEqual({ by: [owner, other], answers: [] });
  });
});

describeNetns('hosts that use their own tools', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('arping, arping -D and arp-scan find the hosts, and other hosts get no request', async () => {
    const [a, b, c] = await lab.hosts(3);
    await lab.connect([a, b, c], '--address', '192.0.2.254/24');
    expect(await b.reaches(a.ipv4)).toBe(true);
    const atC = await c.capture(`arp and ether src ${a.mac}`);

    const found = await a.mustRun(['/usr/bin/arping', '-b', '-c', '1', '-I', INTERFACE, b.ipv4]);
    expect(found.toLowerCase()).toContain(`unicast reply from ${b.ipv4} [${b.mac}]`);
    expect(atC.frames).toEqual([]);

    // Only the owner can say that an address is not free.
    const detect = ['/usr/bin/arping', '-D', '-c', '1', '-I', INTERFACE];
    expect((await a.run([...detect, b.ipv4])).status).toBe(1);
    expect((await a.run([...detect, '-w', '1', STRANGER_IP])).status).toBe(0);

    const scan = ['arp-scan', '-q', '-x', '-I', INTERFACE, b.ipv4, c.ipv4, '192.0.2.254'];
    const lines = (await a.mustRun(scan)).trim().split('\n');
    expect(lines.map((line) => line.split('\t')[0]).sort()).toEqual(
      [b.ipv4, c.ipv4, '192.0.2.254'].sort(),
    );
  });

  test('an address that its owner gave up is free, and can be used at once', async () => {
    const [owner, newcomer, other] = await lab.hosts(3);
    await lab.connect([owner, newcomer, other]);
    expect(await newcomer.reaches(owner.ipv4)).toBe(true);
    const detect = ['/usr/bin/arping', '-D', '-c', '1', '-w', '1', '-I', INTERFACE, owner.ipv4];
    expect((await newcomer.run(detect)).status).toBe(1);
    await owner.ip(`address del ${owner.ipv4}/24 dev ${INTERFACE}`);
    expect((await newcomer.run(detect)).status).toBe(0);
    await newcomer.ip(`address add ${owner.ipv4}/24 dev ${INTERFACE}`);
    expect(await other.reaches(owner.ipv4)).toBe(true);
  });

  test('two hosts that use one address are a conflict, and the switch answers for neither', async () => {
    const [a, b, c] = await lab.hosts(3);
    const running = await lab.connect([a, b, c]);
    expect(await b.reaches(a.ipv4)).toBe(true);
    await c.send(announcement(b.ipv4, c.mac));
    // The former owner answers the poll.
    const told = await running.logged(
      'two hosts use one address; the switch answers for neither',
      b.label,
    );
    expect(told).toMatchObject({ level: 'warn', address: b.ipv4, mac: b.mac, formerMac: c.mac });
    const atC = await c.capture(`arp and ether src ${a.mac}`);
    await a.mustRun(['/usr/bin/arping', '-b', '-c', '1', '-I', INTERFACE, b.ipv4]);
    await until(() => atC.frames.length > 0, 'the request is flooded');
  });
});
