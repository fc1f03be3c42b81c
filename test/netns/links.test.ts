/** Changes around a running switch: links, devices and namespaces go and come back. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { mustRun } from './support/command';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import type { SwitchProcess } from './support/switch-process';
import { until } from './support/until';

/** Milliseconds in which the switch promises to notice a change and to recover. */
const NOTICE_MS = 1_000;
const ARP_RETRY_MS = 1000;

/** Makes the host's TAP again, persistent and up, without the switch. */
async function makeTapAgain(host: Host): Promise<void> {
  await host.ip(`tuntap add dev ${INTERFACE} mode tap`);
  await host.ip(`link set ${INTERFACE} address ${host.mac} up`);
  await host.address();
}

/** The kernel of `from` repeats an ARP request that got no answer after a second. */
async function expectAnswer(from: Host, to: Host): Promise<void> {
  await until(
    async () => (await from.ping(to.ipv4, '-c', '1', '-W', '0.1')).received === 1,
    `${to.label} answers`,
    NOTICE_MS + ARP_RETRY_MS,
  );
}

describeNetns('a running switch', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** Runs `disturb` on host b while a and c flood-ping. */
  async function expectOthersUnharmed(
    disturb: (running: SwitchProcess, a: Host, b: Host) => Promise<void>,
  ): Promise<void> {
    const [a, b, c] = await lab.hosts(3);
    const running = await lab.connect([a, b, c]);
    const pings = await a.floodPing(c.ipv4);
    await disturb(running, a, b);
    const { sent, received } = await pings.stop();
    expect(received).toBe(sent);
  }

  test('follows a link that goes down and up, while the others lose nothing', async () => {
    await expectOthersUnharmed(async (running, a, b) => {
      for (const count of [1, 2, 3]) {
        await b.ip(`link set ${INTERFACE} down`);
        await running.logged('port is down', b.label, count, NOTICE_MS);
        expect(await a.reaches(b.ipv4)).toBe(false);
        await b.ip(`link set ${INTERFACE} up`);
        await running.logged('port is up', b.label, count, NOTICE_MS);
        await expectAnswer(a, b);
      }
    });
  });

  test('survives a TAP that is deleted and made anew, while the others lose nothing', async () => {
    await expectOthersUnharmed(async (running, a, b) => {
      for (const count of [1, 2, 3]) {
        expect(await a.reaches(b.ipv4)).toBe(true);
        await b.ip(`link delete ${INTERFACE}`);
        await running.logged('port is gone', b.label, count, NOTICE_MS);
        expect(await running.portOf(b.mac)).toBeUndefined();
        await makeTapAgain(b);
        await running.logged('port is back', b.label, count, NOTICE_MS);
        await expectAnswer(a, b);
      }
    });
  });

  test('survives a namespace that is deleted and made anew, while the others lose nothing', async () => {
    await expectOthersUnharmed(async (running, a, b) => {
      expect(await a.reaches(b.ipv4)).toBe(true);
      await mustRun(['ip', 'netns', 'delete', b.netns]);
      await running.logged('port is gone', b.label, 1, NOTICE_MS);
      await mustRun(['ip', 'netns', 'add', b.netns]);
      await makeTapAgain(b);
      await running.logged('port is back', b.label, 1, NOTICE_MS);
      await expectAnswer(a, b);
    });
  });

  test.each([
    ['that is down', `link set ${INTERFACE} down`, 'port is down'],
    ['whose TAP is deleted', `link delete ${INTERFACE}`, 'port is gone'],
  ])('spends no CPU time on a port %s', async (_, command, message) => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.connect([a, b]);
    await b.ip(command);
    await running.logged(message, b.label);
    await running.isWarm();
    const before = running.cpuMs;
    await sleep(2_000);
    // A loop that never waits would have used 2000 ms.
    expect(running.cpuMs - before).toBeLessThan(100);
  });

  test('follows a renamed TAP under its configured name', async () => {
    const [a, b] = await lab.hosts(2);
    const running = await lab.connect([a, b]);
    await b.ip(`link set ${INTERFACE} name wan0`);
    await running.logged('interface renamed', b.label);
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect(await running.port(b.label)).toMatchObject({ STATE: 'up' });
  });

  test('follows a TAP that is moved into another namespace, set up and addressed there', async () => {
    const [a, b] = await lab.hosts(2);
    const elsewhere = await lab.host();
    const running = await lab.connect([a, b]);
    await b.ip(`link set ${INTERFACE} netns ${elsewhere.netns}`);
    await running.logged('port is down', b.label, 1, NOTICE_MS);
    await elsewhere.ip(`link set ${INTERFACE} up`);
    await elsewhere.address();
    await running.logged('port is up', b.label, 1, NOTICE_MS);
    await expectAnswer(a, elsewhere);
  });

  test('takes up a new MTU', async () => {
    const [a, b] = await lab.hosts(2);
    const running = await lab.connect([a, b]);
    const bigPing = (): Promise<boolean> => a.reaches(b.ipv4, '-M', 'do', '-s', '4000');
    await a.ip(`link set ${INTERFACE} mtu 9000`);
    expect(await bigPing()).toBe(false);
    await b.ip(`link set ${INTERFACE} mtu 9000`);
    await running.logged('MTU changed', b.label);
    expect(await bigPing()).toBe(true);
  });

  test('loses every port and gets them back', async () => {
    const hosts = await lab.hosts(2);
    const [a, b] = hosts;
    const running = await lab.connect(hosts);
    await Promise.all(hosts.map((host) => host.ip(`link delete ${INTERFACE}`)));
    for (const host of hosts) await running.logged('port is gone', host.label);
    await Promise.all(hosts.map(makeTapAgain));
    for (const host of hosts) await running.logged('port is back', host.label);
    await expectAnswer(a, b);
  });
});
