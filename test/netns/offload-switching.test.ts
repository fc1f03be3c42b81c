/** A port's offloads are switched while frames flow, on the device as it is. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import { switchCommand } from './support/switch-process';
import { ipLink, tunTapNames } from './support/tuntap';
import { until } from './support/until';

describeNetns('the offloads of a port', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-switching-'));
  const api = new ControlClient(join(folder, 'control.sock'));
  const under = (filter: string): Lab =>
    new Lab((...args) => [...python(filter), ...switchCommand(...args)]);
  const lab = new Lab();
  const withoutPersistence = under('without_persistence.py');
  const withoutHeader = under('without_vnet_header.py');

  afterEach(() => Promise.all([lab, withoutPersistence, withoutHeader].map((one) => one.clear())));
  afterAll(() => rmSync(folder, { recursive: true }));

  const set = async ({ label }: Host, offload: boolean) =>
    api.patch(`/v1/ports/${encodeURIComponent(label)}`, { offload });

  test('are switched without a lost frame, and the device does not become persistent', async () => {
    const [a, b] = await withoutPersistence.hosts(2);
    await withoutPersistence.connect([a, b], '--control', api.path);
    const pings = await a.floodPing(b.ipv4);
    const { address } = await ipLink(b.netns, INTERFACE);
    for (let turn = 0; turn < 20; turn++) {
      const offload = turn % 2 === 1;
      expect(await set(b, offload)).toMatchObject({ status: 200, body: { offload } });
    }
    const { sent, received } = await pings.stop();
    expect(received).toBe(sent);
    expect(await ipLink(b.netns, INTERFACE)).toMatchObject({
      address,
      linkinfo: { info_data: { persist: false } },
    });
  });

  test('leave no device behind, at whatever moment the switch is killed', async () => {
    for (let turn = 0; turn < 3; turn++) {
      const [a] = await lab.hosts(1, { isQuiet: true });
      const running = await lab.startSwitch('--control', api.path, a.port());
      let isKilled = false;
      let count = 0;
      const switching = (async () => {
        while (!isKilled) await set(a, count++ % 2 === 1).catch(() => undefined);
      })();
      await until(() => count > 2 + turn, 'some are switched');
      const ended = running.stop('SIGKILL');
      isKilled = true;
      await Promise.all([ended, switching]);
      await until(async () => (await tunTapNames(a.netns)).length === 0, 'the device has gone');
      expect(await tunTapNames(a.netns)).toEqual([]);
      await lab.clear();
    }
  });

  test('are off if the kernel has no vnet header for the device', async () => {
    const [a, b] = await withoutHeader.hosts(2);
    await withoutHeader.connect([a, b], '--control', api.path);
    expect((await api.get('/v1/ports')).body).toMatchObject([
      { offload: false },
      { offload: false },
    ]);
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect(await set(a, false)).toMatchObject({ status: 200, body: { offload: false } });
    expect(await set(a, true)).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/the kernel gave it no vnet header/) },
    });
    expect(await a.reaches(b.ipv4)).toBe(true);
  });
});
