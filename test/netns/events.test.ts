/** The event stream of a running switch. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import type { Background } from './support/command';
import { ControlClient } from './support/control-client';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

type Event = Readonly<Record<string, unknown>>;

function eventsOf({ stdout }: Background): Event[] {
  const lines = stdout.slice(0, stdout.lastIndexOf('\n') + 1).trimEnd();
  return lines === '' ? [] : lines.split('\n').map((line) => JSON.parse(line) as Event);
}

describeNetns('events', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-events-'));
  const control = join(folder, 'control.sock');
  const api = new ControlClient(control);
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  test('report stations, ports and addresses', async () => {
    const [a, b] = await lab.hosts(2);
    await lab.startSwitch('--control', control, a.port());
    const reader = lab.start(new Tapctl(control).command('events'));
    const heard = (wanted: Event): Promise<Event> =>
      until(
        () =>
          eventsOf(reader).find((event) =>
            Object.entries(wanted).every(([key, value]) => event[key] === value),
          ),
        () => `${JSON.stringify(wanted)} in ${reader.stdout}`,
      );
    // A reader gets the events that happen after it has begun to listen.
    await until(async () => {
      await api.post('/v1/addresses', { address: '192.0.2.100/24' });
      await api.delete('/v1/addresses?address=192.0.2.100/24');
      await api.patch(`/v1/ports/${encodeURIComponent(a.label)}`, { up: false });
      await api.patch(`/v1/ports/${encodeURIComponent(a.label)}`, { up: true });
      return eventsOf(reader).length > 0;
    }, 'a first event');

    await api.post('/v1/ports', b.port());
    await heard({ event: 'port-added', port: b.label });
    await a.address();
    await b.address();
    await a.reaches(b.ipv4);
    await heard({ event: 'learn', mac: b.mac, port: b.label });
    await b.ip('link set dev eth0 down');
    await heard({ event: 'port-down', port: b.label });
    await b.ip('link set dev eth0 up');
    await heard({ event: 'port-up', port: b.label });
    await b.ip('link set dev eth0 mtu 1400');
    await heard({ event: 'port-mtu', port: b.label, mtu: 1400 });
    await api.post('/v1/addresses', { address: '192.0.2.101/24' });
    await heard({ event: 'address-claimed', address: '192.0.2.101' });
    await api.delete(`/v1/ports/${encodeURIComponent(b.label)}`);
    await heard({ event: 'port-removed', port: b.label });

    const events = eventsOf(reader);
    const first = Number(events[0]?.['seq']);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => first + index));
    expect(events.every(({ time }) => Math.abs(Date.parse(String(time)) - Date.now()) < 6e4)).toBe(
      true,
    );
  });

  test('have a bounded number of readers, and readers that never read cost nothing', async () => {
    const [a, b] = await lab.hosts(2);
    const running = await lab.connect([a, b], '--control', control);
    const sleepers = await Promise.all(
      Array.from({ length: 16 }, () => api.readNoFurther('/v1/events')),
    );
    expect(await api.get('/v1/events')).toMatchObject({ status: 503 });
    for (let round = 0; round < 300; round++) {
      await api.post('/v1/fdb', { mac: '02:00:00:00:aa:01', port: a.label });
      await api.patch(`/v1/ports/${encodeURIComponent(b.label)}`, { mtu: 1400 + (round % 2) });
    }
    expect(running.process.isRunning).toBe(true);
    expect(await a.reaches(b.ipv4)).toBe(true);
    for (const sleeper of sleepers) sleeper.destroy();
    await until(async () => {
      const reader = lab.start(new Tapctl(control).command('events'));
      await api.patch(`/v1/ports/${encodeURIComponent(b.label)}`, { mtu: 1500 });
      await Promise.race([reader.finished, new Promise((resolve) => setTimeout(resolve, 500))]);
      return reader.isRunning;
    }, 'room for another reader');
  });
});
