/** Forwarding on real interfaces: which hosts get which frame. */

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { BROADCAST, frame, macOf, marker } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';

const NOBODY = macOf(0xeeeeee);
const SWITCH_MAC = '02:00:00:00:ff:01';
const GROUP = '01:00:5e:00:00:fb';

describeNetns('between four hosts', () => {
  const lab = new Lab();
  let hosts: Host[] = [];
  beforeAll(async () => {
    hosts = await lab.hosts(4);
    await lab.connect(hosts, '--address', '192.0.2.100/24', '--mac', SWITCH_MAC);
  });
  afterAll(() => lab.clear());

  const host = (number: number): Host => hosts[number - 1] as Host;
  const pairs = [1, 2, 3, 4].flatMap((from) =>
    [1, 2, 3, 4].filter((to) => to !== from).map((to) => ({ from, to })),
  );

  test.each(pairs)('host $from reaches host $to by IPv4 and IPv6', async ({ from, to }) => {
    const { ipv4, ipv6 } = host(to);
    expect(await host(from).ping(ipv4, '-c', '1')).toEqual({ sent: 1, received: 1 });
    expect(await host(from).ping(ipv6, '-c', '1')).toEqual({ sent: 1, received: 1 });
  });

  test.each([1, 2, 3, 4])("host %i reaches the switch's own address", async (from) => {
    expect(await host(from).ping('192.0.2.100', '-c', '1')).toEqual({ sent: 1, received: 1 });
  });

  test("arping finds the switch's own address at its MAC, and a host's at the host's", async () => {
    const arping = ['/usr/bin/arping', '-I', INTERFACE, '-c', '1', '-w', '2'];
    const answer = (mac: string): RegExp => new RegExp(`\\[${mac}\\]`, 'i');
    expect(await host(1).mustRun([...arping, '192.0.2.100'])).toMatch(answer(SWITCH_MAC));
    expect(await host(1).mustRun([...arping, host(2).ipv4])).toMatch(answer(host(2).mac));
    expect(await host(1).run([...arping, '192.0.2.99'])).toMatchObject({ status: 1 });
  });

  test('a ping of every size that fits the MTU is answered', async () => {
    const fits = 1500 - 20 - 8;
    for (const sizeBytes of [0, 1, 17, 18, 19, 512, fits - 1, fits]) {
      const count = await host(1).ping(host(2).ipv4, '-c', '1', '-s', String(sizeBytes));
      expect({ sizeBytes, ...count }).toEqual({ sizeBytes, sent: 1, received: 1 });
    }
  });

  test('20,000 flood pings lose nothing', async () => {
    const all = { sent: 20_000, received: 20_000 };
    expect(await host(1).floodPings(host(2).ipv4, 20_000)).toEqual(all);
  });
});

describeNetns('frames among three silent hosts', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test.each([
    ['broadcasts', BROADCAST],
    ['multicasts', GROUP],
    ['unknown unicasts', NOBODY],
  ])('100 %s reach each other port once, unchanged, and never come back', async (_, to) => {
    const [a, b, c] = await lab.hosts(3, { isQuiet: true });
    const running = await lab.connect([a, b, c]);
    const captures = await Promise.all([a, b, c].map((host) => host.capture()));
    const sent = Array.from({ length: 100 }, (_, number) =>
      frame({ to, from: a.mac, payload: number.toString(16).padStart(4, '0') }),
    );
    await a.send(...sent);

    const [fromA, fromB] = [marker(a.mac, 1), marker(b.mac, 2)] as const;
    await a.send(fromA);
    await b.send(fromB);
    const received = await Promise.all([
      captures[0]?.before(fromB),
      captures[1]?.before(fromA),
      captures[2]?.before(fromA),
    ]);
    expect(received).toEqual([[], sent, sent]);
    expect(await running.port(a.label)).toMatchObject({ 'RX-FRAMES': '101', 'TX-FRAMES': '1' });
    expect(await running.port(c.label)).toMatchObject({ 'RX-FRAMES': '0', 'TX-FRAMES': '102' });
  });

  test('frames to a learned station reach no other host', async () => {
    const [a, b, c] = await lab.hosts(3, { isQuiet: true });
    await lab.connect([a, b, c]);
    await b.send(frame({ to: BROADCAST, from: b.mac }));
    const captures = await Promise.all([b, c].map((host) => host.capture()));
    const sent = Array.from({ length: 50 }, (_, number) =>
      frame({ to: b.mac, from: a.mac, payload: number.toString(16).padStart(4, '0') }),
    );
    const end = marker(a.mac, 1);
    await a.send(...sent, end);
    const [atB, atC] = await Promise.all(captures.map((capture) => capture.before(end)));
    expect(atB).toEqual(sent);
    expect(atC).toEqual([]);
  });

  test('a frame to a station on the same port is filtered', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.connect([a, b]);
    const neighbour = macOf(77);
    const capture = await b.capture();
    const [learned, end] = [frame({ to: BROADCAST, from: neighbour }), marker(a.mac, 1)];
    await a.send(learned, frame({ to: neighbour, from: a.mac }), end);
    expect(await capture.before(end)).toEqual([learned]);
    expect(await running.port(a.label)).toMatchObject({ DROPS: 'same-port=1' });
  });

  test('a hub floods every frame', async () => {
    const [a, b, c] = await lab.hosts(3, { isQuiet: true });
    const running = await lab.connect([a, b, c], '--ageing', '0');
    await b.send(frame({ to: BROADCAST, from: b.mac }));
    const captures = await Promise.all([b, c].map((host) => host.capture()));
    const [sent, end] = [frame({ to: b.mac, from: a.mac }), marker(a.mac, 1)];
    await a.send(sent, end);
    const received = await Promise.all(captures.map((capture) => capture.before(end)));
    expect(received).toEqual([[sent], [sent]]);
    expect((await running.tables()).stations).toEqual([]);
  });

  test('frames of 14 to 59 bytes are neither dropped nor padded', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    await lab.connect([a, b]);
    const capture = await b.capture();
    const sent = Array.from({ length: 46 }, (_, extra) =>
      frame({ to: BROADCAST, from: a.mac, payload: 'a5'.repeat(46), lengthBytes: 14 + extra }),
    );
    const end = marker(a.mac, 1);
    await a.send(...sent, end);
    expect(await capture.before(end)).toEqual(sent);
  });

  test('--reserved strict forwards none of the sixteen reserved groups', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.connect([a, b], '--reserved', 'strict');
    const capture = await b.capture();
    const sent = Array.from({ length: 17 }, (_, last) =>
      frame({ to: `01:80:c2:00:00:${last.toString(16).padStart(2, '0')}`, from: a.mac }),
    );
    const end = marker(a.mac, 1);
    await a.send(...sent, end);
    expect(await capture.before(end)).toEqual(sent.slice(16));
    expect(await running.port(a.label)).toMatchObject({ DROPS: 'reserved=16' });
  });
});
