/**
 * RSTP against real peers: a ring of the switch and two bridges of Open vSwitch. How long the tree takes shows in
 * the number of pings that are lost, ten a second.
 *
 *     host ── switch ── link1 ── br1
 *                └───── link2 ── br2 ── br1        br2 has an address
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TreeBody } from '../../src/control/shapes';
import { describeNetns } from './describe-netns';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { OpenVswitch, hasOpenVswitch } from './support/open-vswitch';
import type { SwitchProcess } from './support/switch-process';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const describePeers = hasOpenVswitch ? describeNetns : describe.skip;

const LINKS = ['link1', 'link2'] as const;
const MAC_OF_BR2 = '02:00:00:00:0b:02';
const SWITCH_MAC = '02:00:00:00:0a:01';
const DESIGNATED = 'designated forwarding';
/** Ten pings a second. */
const PACE = ['-i', '0.1', '-W', '1'];

describePeers('a ring of the switch and two Open vSwitch bridges with RSTP', () => {
  const lab = new Lab();
  let folder: string;
  let tapctl: Tapctl;
  let host: Host;
  let namespace: Host;
  let vswitch: OpenVswitch;
  let sw: SwitchProcess;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-rstp-'));
    const control = join(folder, 'control.sock');
    tapctl = new Tapctl(control);
    [host, namespace] = await lab.hosts(2, { isQuiet: true });
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  /** Makes the ring. @param priorities of the switch and of both other bridges, in steps of 4096 */
  async function connect([own, ...others]: readonly [number, number, number]): Promise<void> {
    const links = LINKS.map((name) => `${name}@${namespace.netns}`);
    sw = await lab.startSwitch(
      ...['--control', join(folder, 'control.sock'), '--mac', SWITCH_MAC],
      ...['--stp', 'rstp', '--stp-priority', String(own)],
      ...links,
      host.port('stp-edge=on'),
    );
    vswitch = await OpenVswitch.start(namespace, folder);
    await namespace.ip('link add ring1 type veth peer name ring2');
    for (const [index, priority] of others.entries()) {
      const number = index + 1;
      await vswitch.addBridge(
        `br${number}`,
        'rstp_enable=true',
        `other_config:hwaddr=02:00:00:00:0b:0${number}`,
        `other_config:rstp-priority=${priority}`,
      );
      for (const port of [`link${number}`, `ring${number}`]) {
        await namespace.ip(`link set ${port} up`);
        await vswitch.set('add-port', `br${number}`, port);
      }
    }
    await namespace.ip(`address add ${namespace.ipv4}/24 dev br2`);
    await namespace.ip('link set br2 up');
    await host.ip(`address add ${host.ipv4}/24 dev ${INTERFACE}`);
    // Without these entries, address resolution would add seconds to the time that the tree takes.
    await host.ip(`neighbour add ${namespace.ipv4} lladdr ${MAC_OF_BR2} dev ${INTERFACE}`);
    await namespace.ip(`neighbour add ${host.ipv4} lladdr ${host.mac} dev br2`);
  }

  const tree = async (): Promise<TreeBody> => (await tapctl.json('stp show')) as TreeBody;
  const ownPorts = async (): Promise<string[]> =>
    (await tree()).ports.map(({ role, state }) => `${role} ${state}`);

  /** Role and state of a port of Open vSwitch. */
  const peerPort = async (name: string): Promise<string> => {
    const status = await vswitch.set('get', 'port', name, 'rstp_status');
    const valueOf = (key: string): string =>
      new RegExp(`rstp_port_${key}="?(\\w+)`).exec(status)?.[1]?.toLowerCase() ?? '';
    return `${valueOf('role')} ${valueOf('state')}`;
  };

  async function untilOwn(...words: readonly string[]): Promise<void> {
    let seen = '';
    const isThere = async (): Promise<boolean> => {
      seen = (await ownPorts()).join();
      return seen === words.join();
    };
    await until(isThere, () => `the ports are ${words.join()}; they are ${seen}`);
  }

  const untilPeer = (name: string, words: string): Promise<true> =>
    until(async () => (await peerPort(name)) === words, `${name} is ${words}`);

  /** Number of pings of 60 that are lost while a link changes. */
  async function lostDuring(change: () => Promise<unknown>): Promise<number> {
    const pings = host.ping(namespace.ipv4, '-c', '60', ...PACE);
    await change();
    const { sent, received } = await pings;
    expect(sent).toBe(60);
    return sent - received;
  }

  /** Label of the switch's port behind which the address of br2 is. */
  const wayToAddress = (): Promise<string | undefined> => sw.portOf(MAC_OF_BR2);
  const labelOf = (link: string): string => `${link}@${namespace.netns}`;

  test('the switch is the root: the ring opens at the far end, and closes when a link is cut', async () => {
    await connect([4096, 8192, 61440]);
    await untilOwn(DESIGNATED, DESIGNATED, DESIGNATED);
    await untilPeer('ring2', 'alternate discarding');
    await untilPeer('ring1', DESIGNATED);
    await host.floodPings(namespace.ipv4, 1);
    expect(await wayToAddress()).toBe(labelOf('link2'));

    const lost = await lostDuring(() => namespace.ip('link set link2 down'));
    expect(lost).toBeLessThanOrEqual(20);
    expect(await peerPort('ring2')).toBe('root forwarding');
    expect(await wayToAddress()).toBe(labelOf('link1'));

    // Both links come up anew: three seconds are 30 pings.
    await namespace.ip('link set link1 down');
    const lostAtStart = await lostDuring(async () => {
      await namespace.ip('link set link2 up');
      await namespace.ip('link set link1 up');
    });
    expect(lostAtStart).toBeLessThanOrEqual(30);
    await untilPeer('ring2', 'alternate discarding');
  });

  test('another is the root: a link that is cut far away flushes what the switch has learned', async () => {
    await connect([61440, 4096, 8192]);
    await untilOwn('root forwarding', 'alternate discarding', DESIGNATED);
    expect(await host.ping(namespace.ipv4, '-c', '5', ...PACE)).toEqual({ sent: 5, received: 5 });
    expect(await wayToAddress()).toBe(labelOf('link1'));

    // The station of the address sends nothing by itself. Without a flush, frames to it would go to link1 for five minutes.
    const lost = await lostDuring(() => namespace.ip('link set ring1 down'));
    expect(lost).toBeLessThanOrEqual(20);
    expect(await wayToAddress()).toBe(labelOf('link2'));
    await untilOwn('root forwarding', DESIGNATED, DESIGNATED);
    expect((await tree()).topologyChanges).toBeGreaterThan(0);

    await vswitch.set('set', 'bridge', 'br2', 'other_config:rstp-priority=0');
    await until(async () => (await tree()).rootId === '0000.020000000b02', 'br2 is the root');
    await untilOwn(DESIGNATED, 'root forwarding', DESIGNATED);
  });

  test('bpdu-guard shuts the port of a peer, and the other way carries on', async () => {
    await connect([8192, 61440, 4096]);
    await untilOwn('alternate discarding', 'root forwarding', DESIGNATED);
    const guarded = labelOf('link2');
    const lost = await lostDuring(() => tapctl.run(`port set ${guarded} bpdu-guard=on`));
    expect(lost).toBeLessThanOrEqual(20);
    const shut = { port: guarded, state: 'disabled', isShut: true };
    expect((await tree()).ports[1]).toMatchObject(shut);
    await untilOwn('root forwarding', 'disabled disabled', DESIGNATED);
    expect(await wayToAddress()).toBe(labelOf('link1'));
  });
});
