/** `queue=N`: most frames that wait for the switch, set by command line, file and API. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';

/** Queue length of a TAP by default: DEFAULT_TX_QUEUE_LEN, linux/netdevice.h. */
const DEFAULT_FRAMES = 1000;

describeNetns('the queue of a port', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-queue-'));
  const control = join(folder, 'control.sock');
  const file = join(folder, 'lab.yaml');
  const api = new ControlClient(control);
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  async function queueOf(host: Host): Promise<number> {
    const [link] = JSON.parse(await host.ip(`-j link show ${INTERFACE}`)) as [{ txqlen: number }];
    return link.txqlen;
  }
  const url = (host: Host): string => `/v1/ports/${encodeURIComponent(host.label)}`;

  test('has the length of the command line, and changes while the port is open', async () => {
    const [a, b] = await lab.hosts(2);
    await lab.startSwitch('--control', control, a.port('queue=5000'), b.port());
    expect([await queueOf(a), await queueOf(b)]).toEqual([5000, DEFAULT_FRAMES]);
    expect(await api.patch(url(a), { queue: 200 })).toMatchObject({ status: 200 });
    expect([await queueOf(a), await queueOf(b)]).toEqual([200, DEFAULT_FRAMES]);
    expect((await api.get('/v1/config')).body).toMatchObject({
      ports: [a.port('queue=200'), b.port()].map(sorted),
    });
    expect(await api.patch(url(a), { queue: 0 })).toMatchObject({ status: 400 });
    expect(await queueOf(a)).toBe(200);
    await Promise.all([a.address(), b.address()]);
    expect(await a.reaches(b.ipv4)).toBe(true);
  });

  test('follows the file', async () => {
    const [a] = await lab.hosts(1);
    const write = (frames: number): void =>
      writeFileSync(file, `ports: [{ name: eth0, netns: ${a.netns}, queue: ${frames} }]`);
    write(3000);
    await lab.startSwitch('--control', control, '--config', file);
    expect(await queueOf(a)).toBe(3000);
    write(4000);
    expect(await api.post('/v1/reload')).toMatchObject({ body: { changed: [a.label] } });
    expect(await queueOf(a)).toBe(4000);
  });
});

/** As the switch prints a port: `queue` comes before `mac`. */
function sorted(spec: string): string {
  const [label, ...settings] = spec.split(',');
  const queue = settings.filter((setting) => setting.startsWith('queue='));
  return [label, ...queue, ...settings.filter((setting) => !queue.includes(setting))].join(',');
}
