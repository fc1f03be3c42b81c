/** Stations: how the switch learns them, and when it forgets them. */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { BROADCAST, frame, macOf, marker } from './support/frame';
import { INTERFACE, type Host, python } from './support/host';
import { Lab } from './support/lab';
import type { SwitchProcess } from './support/switch-process';
import { until } from './support/until';

/** Sends a frame from a station behind the host. */
function announce(host: Host, mac = host.mac): Promise<void> {
  return host.send(frame({ to: BROADCAST, from: mac }));
}

/** Sends one frame from `from` to a station. @returns the hosts of `others` that it reached */
async function whoGets(mac: string, from: Host, others: readonly Host[]): Promise<Host[]> {
  const captures = await Promise.all(others.map((host) => host.capture()));
  const [probe, end] = [frame({ to: mac, from: from.mac }), marker(from.mac, 1)];
  await from.send(probe, end);
  const received = await Promise.all(captures.map((capture) => capture.before(end)));
  return others.filter((_, index) => received[index]?.includes(probe));
}

async function forgets(running: SwitchProcess, mac: string): Promise<void> {
  await until(
    async () => (await running.portOf(mac)) === undefined,
    () => `${mac} is forgotten`,
  );
}

describeNetns('stations', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('a silent station is forgotten after the ageing time, however much is sent to it', async () => {
    const [a, b, c] = await lab.hosts(3, { isQuiet: true });
    const running = await lab.connect([a, b, c], '--ageing', '10');
    await announce(b);
    expect(await running.portOf(b.mac)).toBe(b.label);
    await until(async () => {
      await a.send(frame({ to: b.mac, from: a.mac }));
      return (await running.portOf(b.mac)) === undefined;
    }, `${b.mac} is forgotten`);
    expect(await running.portOf(a.mac)).toBe(a.label);
    expect(await whoGets(b.mac, a, [b, c])).toEqual([b, c]);
  });

  test('a move takes effect with the frame that shows it', async () => {
    const [a, b, c] = await lab.hosts(3, { isQuiet: true });
    const running = await lab.connect([a, b, c]);
    const station = macOf(0xabcdef);
    await announce(a, station);
    expect(await whoGets(station, c, [a, b])).toEqual([a]);
    await announce(b, station);
    expect(await whoGets(station, c, [a, b])).toEqual([b]);
    const move = await running.logged('station move', b.label);
    expect(move).toMatchObject({ mac: station, from: a.label });
  });

  test('a station that moves back and forth is reported', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.connect([a, b]);
    const station = macOf(0xabcdef);
    for (let round = 0; round < 4; round++) {
      await announce(a, station);
      await announce(b, station);
    }
    const report = await until(
      () => running.log.find(({ message }) => message.startsWith('station moves back and forth')),
      'the report of a flapping station',
    );
    expect(report).toMatchObject({ level: 'warn', mac: station });
  });

  test('the stations of a port are forgotten when it goes down', async () => {
    const [a, b, c] = await lab.hosts(3, { isQuiet: true });
    const running = await lab.connect([a, b, c]);
    await announce(a);
    await announce(b);
    await b.ip(`link set ${INTERFACE} down`);
    await forgets(running, b.mac);
    expect(await running.portOf(a.mac)).toBe(a.label);
  });

  test('a million addresses from one port evict no other host, and two hosts lose no ping', async () => {
    const [a, b] = await lab.hosts(2);
    const [flooder, silent] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.connect([a, b, flooder, silent], '--fdb-max', '4096');
    await announce(silent);
    const pings = await a.floodPing(b.ipv4);
    await flooder.mustRun(python('mac_flood.py', INTERFACE, '1000000'));
    const { sent, received } = await pings.stop();
    expect(received).toBe(sent);
    expect(await running.portOf(silent.mac)).toBe(silent.label);
    const { stations, ports } = await running.tables();
    expect(stations.length).toBeLessThanOrEqual(4096);
    expect(ports.find(({ PORT }) => PORT === flooder.label)).toMatchObject({
      'RX-FRAMES': '1000000',
    });
  });
});
