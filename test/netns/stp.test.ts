/** Spanning tree and loop guard against the kernel's bridge. `unit/stp` and `unit/loop` have every case. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import type { StpBody, TreeBody } from '../../src/control/shapes';
import { describeNetns } from './describe-netns';
import { type Host, python } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const folder = mkdtempSync(join(tmpdir(), 'tapswitch-stp-'));
const control = join(folder, 'control.sock');
const tapctl = new Tapctl(control);
afterAll(() => rmSync(folder, { recursive: true }));

/** Times of the switch, as short as STP allows. */
const SHORT_TIMES = ['--stp-hello', '1', '--stp-max-age', '6', '--stp-forward-delay', '4'];

/** Ports of the two TAPs in a namespace whose bridge joins them. */
const links = (namespace: Host): string[] =>
  ['eth0', 'eth1'].map((name) => `${name}@${namespace.netns}`);

/** Joins both TAPs in the namespace by a kernel bridge, which has the namespace's address. */
async function joinLinks(namespace: Host, settings: string): Promise<void> {
  await namespace.ip(`link add br0 type bridge mcast_snooping 0 ${settings}`);
  for (const name of ['eth0', 'eth1']) await namespace.ip(`link set ${name} master br0 up`);
  await namespace.ip(`address add ${namespace.ipv4}/24 dev br0`);
  await namespace.ip('link set br0 up');
}

/** States of the bridge's ports in the namespace. */
async function kernelStates(namespace: Host): Promise<string[]> {
  const shown = await namespace.mustRun(['bridge', '-j', 'link', 'show']);
  return (JSON.parse(shown) as { readonly state: string }[]).map(({ state }) => state).sort();
}

/** Role and state of each port of the switch. */
async function tree(): Promise<TreeBody> {
  const body = (await tapctl.json('stp show')) as StpBody;
  if (body.protocol === 'off') throw new Error('STP is off');
  return body;
}

async function untilPorts(words: readonly string[]): Promise<void> {
  let seen = '';
  const isThere = async (): Promise<boolean> => {
    const { ports } = await tree();
    seen = ports.map(({ role, state }) => `${role} ${state}`).join(', ');
    return seen === words.join(', ');
  };
  await until(isThere, () => `the ports are ${words.join(', ')}; they are ${seen}`, 40_000);
}

describeNetns('the default cost of a port', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('follows from the speed of its link when that comes up', async () => {
    const [host, namespace] = await lab.hosts(2, { isQuiet: true });
    const card = `nic:card@${namespace.netns}`;
    await namespace.startReady('hold_tap.py', 'card');
    await namespace.ip('link set card up');
    const set = (speed: string): Promise<string> =>
      namespace.mustRun(python('set_speed.py', 'card', speed));
    await set('100');
    const pair = `veth:eth1@${namespace.netns}`;
    await lab.startSwitch('--control', control, '--stp', 'rstp', card, pair, host.port());
    const costs = async (): Promise<number[]> => (await tree()).ports.map(({ cost }) => cost);
    expect(await costs()).toEqual([200_000, 2_000, 20_000]);

    await set('2500');
    await namespace.ip('link set card down');
    await until(async () => (await tree()).ports[0]?.role === 'disabled', 'the link is down');
    await namespace.ip('link set card up');
    await until(async () => (await costs())[0] === 8_000, 'the cost is that of 2.5 Gb/s');
    await tapctl.run(`port set ${card} stp-cost=77`);
    expect(await costs()).toEqual([77, 2_000, 20_000]);
  });
});

describeNetns('two links between the switch and one kernel bridge', () => {
  const lab = new Lab();

  async function guardedBpdus(port = ''): Promise<number | undefined> {
    const { ports } = (await tapctl.json(`stats ${port}`)) as {
      ports: { drops: Record<string, number> }[];
    };
    return ports[0]?.drops['bpdu-guarded'];
  }

  afterEach(() => lab.clear());

  test('one of them is blocked, whoever is the root, and bpdu-guard shuts it', async () => {
    const [host, namespace] = await lab.hosts(2, { isQuiet: true });
    const options = ['--control', control, '--stp', 'rstp', ...SHORT_TIMES];
    await lab.startSwitch(...options, ...links(namespace), host.port('stp-edge=on'));
    await host.ip(`address add ${host.ipv4}/24 dev eth0`);
    const times = 'hello_time 100 max_age 600 forward_delay 200';
    await joinLinks(namespace, `stp_state 1 priority 4096 ${times}`);
    await untilPorts(['root forwarding', 'alternate discarding', 'designated forwarding']);
    await until(() => host.reaches(namespace.ipv4), 'the bridge forwards', 40_000);
    expect(await host.floodPings(namespace.ipv4, 50)).toMatchObject({ received: 50 });

    const [, second] = links(namespace);
    expect(await tapctl.run(`port set ${second} bpdu-guard=on`)).toMatchObject({ status: 0 });
    await until(async () => (await tree()).ports[1]?.isShut === true, 'the port is shut');
    // The key that is set anew opens the port, and the next BPDU shuts it.
    expect(await guardedBpdus(second)).toBe(1);
    expect(await tapctl.run(`port set ${second} bpdu-guard=on`)).toMatchObject({ status: 0 });
    await until(async () => (await guardedBpdus(second)) === 2, 'the port is shut again');
    expect(await tapctl.run(`port set ${second} bpdu-guard=off`)).toMatchObject({ status: 0 });

    await namespace.ip('link set br0 type bridge priority 61440');
    await until(async () => (await tree()).rootPort === undefined, 'the switch is the root');
    await until(
      async () => (await kernelStates(namespace)).join() === 'blocking,forwarding',
      'the bridge blocks one of its ports',
      40_000,
    );
    expect(await host.floodPings(namespace.ipv4, 50)).toMatchObject({ received: 50 });
  });

  test('loop guard ends the loop, other ports go on, and the port comes back', async () => {
    const [a, b, namespace] = await lab.hosts(3, { isQuiet: true });
    const ports = [a.port(), b.port(), ...links(namespace)];
    const { log } = await startLogged(...ports);
    for (const host of [a, b]) await host.ip(`address add ${host.ipv4}/24 dev eth0`);
    const pings = await a.floodPing(b.ipv4);
    await joinLinks(namespace, 'stp_state 0');
    const wakesLoop = a.reaches(namespace.ipv4);
    expect(await tapctl.json('stp show')).toEqual({ protocol: 'off' });
    const found = await until(() => log('loop-found'), 'the loop is found');
    expect([found['from'], found['port']]).toEqual(links(namespace));
    await wakesLoop;
    const { sent, received } = await pings.stop();
    expect(sent - received).toBeLessThanOrEqual(sent / 100);
    expect(await a.floodPings(b.ipv4, 200)).toMatchObject({ received: 200 });
    expect(await a.reaches(namespace.ipv4)).toBe(true);
    await namespace.ip('link set eth1 nomaster');
    await until(() => log('loop-over'), 'the port is open again', 40_000);
  });

  /** Starts a switch. @returns a function that finds an event in its log */
  async function startLogged(
    ...ports: string[]
  ): Promise<{ log: (event: string) => Record<string, unknown> | undefined }> {
    const sw = await lab.startSwitch('--control', control, ...ports);
    const words = { 'loop-found': /^a loop joins/, 'loop-over': /^loop guard opens/ };
    return {
      log: (event) => {
        const pattern = words[event as keyof typeof words];
        return sw.log.find(({ message }) => pattern.test(message));
      },
    };
  }
});
