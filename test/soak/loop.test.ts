/**
 * `npm run soak -- loop`: cost of a loop of two links to one kernel bridge until loop guard has ended it. Prints
 * the milliseconds from the first broadcast to the event, the slowest answer of the API meanwhile, and the pings
 * of two other hosts that were lost.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { describeNetns } from '../netns/describe-netns';
import { ControlClient } from '../netns/support/control-client';
import { INTERFACE } from '../netns/support/host';
import { BROADCAST, EXPERIMENTAL } from '../support/ethernet';
import { Lab } from '../netns/support/lab';
import { until } from '../netns/support/until';

const LOOPS = 10;

interface Cost {
  readonly endedMs: number;
  readonly slowestAnswerMs: number;
  readonly sent: number;
  readonly lost: number;
}

describeNetns('a loop', () => {
  jest.setTimeout(600_000);
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-loop-'));
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  async function costOfLoop(): Promise<Cost> {
    const [a, b, talker, room] = await lab.hosts(4, { isQuiet: true });
    const path = join(folder, 'control.sock');
    const links = ['eth0', 'eth1'].map((name) => `${name}@${room.netns}`);
    const sw = await lab.startSwitch(
      '--control',
      path,
      a.port(),
      b.port(),
      talker.port(),
      ...links,
    );
    for (const host of [a, b]) await host.ip(`address add ${host.ipv4}/24 dev ${INTERFACE}`);
    await room.ip('link add br0 type bridge stp_state 0 mcast_snooping 0');
    await room.ip('link set eth0 master br0 up');
    await room.ip('link set br0 up');
    const client = new ControlClient(path);
    // The first request loads the API.
    await client.get('/v1/ports');
    expect(await a.reaches(b.ipv4)).toBe(true);
    const pings = a.ping(b.ipv4, '-c', '300', '-i', '0.01', '-W', '1');
    let slowestAnswerMs = 0;
    await room.ip('link set eth1 master br0 up');
    const broadcast = BROADCAST + talker.mac.replaceAll(':', '') + EXPERIMENTAL + '00'.repeat(46);
    const begunMs = Date.now();
    const found = await until(async () => {
      // The link may not be up yet for the first broadcast.
      await talker.send(broadcast);
      const askedMs = performance.now();
      expect((await client.get('/v1/ports')).status).toBe(200);
      slowestAnswerMs = Math.max(slowestAnswerMs, performance.now() - askedMs);
      return sw.log.find(({ message }) => message.startsWith('a loop joins'));
    }, 'the loop is found');
    const endedMs = Date.parse(String(found['time'])) - begunMs;
    const { sent, received } = await pings;
    await lab.clear();
    return { endedMs, slowestAnswerMs, sent, lost: sent - received };
  }

  test('ends, and other hosts go on', async () => {
    const costs: Cost[] = [];
    while (costs.length < LOOPS) costs.push(await costOfLoop());
    for (const { endedMs, slowestAnswerMs, sent, lost } of costs) {
      const [ended, answer] = [endedMs, slowestAnswerMs].map((ms) => ms.toFixed(0));
      process.stdout.write(`ended in ${ended} ms, slowest answer ${answer} ms, `);
      process.stdout.write(`lost ${lost} of ${sent} pings\n`);
      expect(lost).toBeLessThanOrEqual(sent / 100);
    }
  });
});
