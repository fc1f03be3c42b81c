/** VLANs for a long time: a gigabyte by tagged super-frames, and a thousand changes while others ping. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { describeNetns } from '../netns/describe-netns';
import { ControlClient } from '../netns/support/control-client';
import { Lab } from '../netns/support/lab';
import { tcpStream } from '../netns/support/tcp-stream';
import { TRUNK_OFFLOADS, connectByTrunk } from '../netns/support/vlan-trunk';

const GIGABYTE = 1_000_000_000;
/** Rounds. Each makes four changes. */
const ROUNDS = 250;

jest.setTimeout(300_000);
const lab = new Lab();
afterEach(() => lab.clear());

describeNetns('a gigabyte by TCP between access ports over a trunk', () => {
  test.each(TRUNK_OFFLOADS)('arrives as it was sent, $what', async (offloads) => {
    const [near, far] = await connectByTrunk(lab, offloads);
    const there = await tcpStream(near, far, far.ipv4, GIGABYTE);
    expect(there.received).toBe(there.sent);
    const back = await tcpStream(far, near, near.ipv6, GIGABYTE);
    expect(back.received).toBe(back.sent);
  });
});

describeNetns('a port', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-vlan-'));
  const control = join(folder, 'control.sock');
  const client = new ControlClient(control);
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Changes of membership, PVID, flags and limits. */
  function changesOf(round: number): object[] {
    const isOdd = round % 2 === 1;
    return [
      { trunk: `${10 + round}+1000-${2000 + round}`, native: 500 + round },
      { vlan: 10 + (round % 3) },
      { isolated: isOdd, flood: isOdd, locked: isOdd, mab: isOdd, hairpin: !isOdd },
      { storm: 10 + round, macs: 1 + round, violation: isOdd ? 'drop' : 'shutdown' },
    ];
  }

  test('that changes 1,000 times costs two others no ping', async () => {
    const [a, b, c] = await lab.hosts(3);
    const ports = [a, b, c].map((host) => host.port('vlan=10'));
    const running = await lab.startSwitch('--control', control, '--vlan-filtering', ...ports);
    await Promise.all([a, b, c].map((host) => host.address()));
    const flood = await a.floodPing(b.ipv4);
    const path = `/v1/ports/${encodeURIComponent(c.label)}`;
    for (let round = 0; round < ROUNDS; round++) {
      for (const change of changesOf(round)) {
        const { status, text } = await client.patch(path, change);
        expect({ change, text, status }).toMatchObject({ status: 200 });
      }
    }
    const { sent, received } = await flood.stop();
    expect(sent).toBeGreaterThan(1_000);
    expect(received).toBe(sent);
    const { ports: rows } = await running.tables();
    for (const { label } of [a, b]) {
      expect(rows.find(({ PORT }) => PORT === label)).toMatchObject({ DROPS: '-' });
    }
  });
});
