/** TCP segments that leave as super-frames: the bytes are right, and the counters count them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { tcpStream } from './support/tcp-stream';
import { until } from './support/until';

const BYTES = 100_000_000;

describeNetns('segments of a TCP stream', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-coalesce-'));
  const control = join(folder, 'control.sock');
  let api: ControlClient;
  beforeEach(() => {
    api = new ControlClient(control);
  });
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  /** @param keys keys of the ports of both hosts */
  const connect = async (...keys: readonly (readonly string[])[]): Promise<[Host, Host]> => {
    const [from, to] = await lab.hosts(2);
    const ports = [from.port(...(keys[0] ?? [])), to.port(...(keys[1] ?? []))];
    await lab.startSwitch('--control', control, ...ports);
    await settle(from, to);
    return [from, to];
  };
  const settle = async (...hosts: readonly Host[]): Promise<void> => {
    await Promise.all(hosts.map((host) => host.address()));
    for (const host of hosts) await host.ip(`link set ${INTERFACE} txqueuelen 10000`);
  };
  const countsOf = async (label: string): Promise<Record<string, number>> => {
    const { ports } = (await api.get('/v1/stats')).body as {
      ports: { port: string; counters: Record<string, number> }[];
    };
    return ports.find(({ port }) => port === label)?.counters ?? {};
  };
  /**
   * Sends a stream.
   * @param label the port whose counters are read
   * @returns the frames that the port took, and those of them that were coalesced
   */
  const send = async (from: Host, to: Host, address: string, label = to.label) => {
    const before = await countsOf(label);
    const { sent, received } = await tcpStream(from, to, address, BYTES);
    expect(received).toBe(sent);
    const after = await countsOf(label);
    const rise = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    return { frames: rise('tx-frames'), coalesced: rise('tx-coalesced') };
  };
  const expectManyCoalesced = ({ frames, coalesced }: { frames: number; coalesced: number }) => {
    expect(frames).toBeGreaterThan(BYTES / 1460);
    // The number of coalesced frames depends on how many wait when the switch reads the port.
    expect(coalesced).toBeGreaterThan(frames / 10);
  };

  test('from a port without offloads leave as super-frames', async () => {
    const [from, to] = await connect(['offload=off']);
    for (const address of [to.ipv4, to.ipv6]) {
      expectManyCoalesced(await send(from, to, address));
    }
  });

  test('with open checksums leave as super-frames', async () => {
    const [from, to] = await connect();
    await from.ip(`link set ${INTERFACE} gso_max_segs 1`);
    expectManyCoalesced(await send(from, to, to.ipv4));
  });

  test('leave as super-frames that gain or lose a tag', async () => {
    const [from, to] = await lab.hosts(2);
    const namespace = await lab.host({ isQuiet: true });
    const filtering = ['--vlan-filtering', '--vlan-default-pvid', 'none'];
    const socket = `stream:${join(folder, 'trunk')}`;
    await namespace.ip('link add t0 type veth peer name t1');
    for (const end of ['t0', 't1']) await namespace.ip(`link set ${end} up`);
    const [first, second] = ['t0', 't1'].map((end) => `nic:${end}@${namespace.netns}`);
    // The first switch pushes the tag, the second strips it. A stream between them takes no super-frames.
    const other = join(folder, 'other.sock');
    const trunks = [`${first},trunk=10`, `${second},trunk=10`];
    const sender = from.port('vlan=10', 'offload=off');
    await lab.startSwitch('--control', control, ...filtering, sender, trunks[0] as string);
    const one = await lab.startSwitch(
      ...['--control', other, ...filtering, to.port('vlan=10'), trunks[1] as string],
    );
    await settle(from, to);
    await until(() => from.reaches(to.ipv4), 'the hosts reach each other');
    expectManyCoalesced(await send(from, to, to.ipv4, first));
    await one.stop();

    await api.delete(`/v1/ports/${encodeURIComponent(first as string)}`);
    await api.post('/v1/ports', `${socket},connect,trunk=10`);
    api = new ControlClient(other);
    await lab.startSwitch(
      ...['--control', other, ...filtering, to.port('vlan=10'), `${socket},trunk=10`],
    );
    await settle(to);
    await until(() => from.reaches(to.ipv4), 'the hosts reach each other through the stream');
    expectManyCoalesced(await send(from, to, to.ipv4));
  });

  test('leave one by one by a port without offloads', async () => {
    const [from, to] = await connect(['offload=off'], ['offload=off']);
    expect((await send(from, to, to.ipv4)).coalesced).toBe(0);
  });
});
