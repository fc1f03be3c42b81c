/** Ports that are datagram sockets: frames, peers that come and go, strangers, and bad input. */

import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomFrom } from '../support/random';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { DatagramPeer } from './support/datagram-peer';
import { BROADCAST, frame, macOf, marker } from './support/frame';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { StreamPeer } from './support/stream-peer';
import type { SwitchProcess } from './support/switch-process';
import { until } from './support/until';

/** `VFKT`, the first datagram of vfkit. */
const VFKIT_MAGIC = '56464b54';

describeNetns('a datagram port', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-dgram-'));
  const at = (name: string): string => join(folder, name);
  const api = new ControlClient(at('control'));
  const given = `dgram:${at('given')}`;
  const learned = `dgram:${at('learned')}`;
  const udp = 'dgram:127.0.0.1:5001';
  let namespace: Host;
  let running: SwitchProcess;
  let other: StreamPeer;
  let peers: DatagramPeer[] = [];
  let numbers = 0;

  const bind = async (
    own: string,
    to: string,
    options?: Parameters<typeof DatagramPeer.bind>[2],
  ): Promise<DatagramPeer> => {
    const peer = await DatagramPeer.bind(own, to, options);
    peers.push(peer);
    return peer;
  };
  const urlOf = (label: string): string => `/v1/ports/${encodeURIComponent(label)}`;
  const shown = async (label: string) =>
    (await api.get(urlOf(label))).body as { state: string; origin: string; problem?: string };
  const untilState = async (label: string, state: string): Promise<void> => {
    await until(async () => (await shown(label)).state === state, `${label} is ${state}`);
    await api.get('/v1/stats');
  };
  const next = (from = macOf(1)): string => marker(from, ++numbers);

  beforeAll(async () => {
    namespace = await lab.host({ isQuiet: true });
    await namespace.ip('link set lo up');
    running = await lab.startSwitchIn(
      namespace,
      ...['--control', at('control'), `stream:${at('other')},mtu=9000`],
      ...[`${given},peer=${at('peer')},mtu=9000`, `${learned},mtu=9000`],
      `${udp},peer=127.0.0.1:5002`,
    );
    other = await StreamPeer.connect(at('other'));
    await untilState(`stream:${at('other')}`, 'up');
  });
  afterEach(async () => {
    await Promise.all(peers.splice(0).map((peer) => peer.end()));
    peers = [];
    // A peer that is away is noticed when something is sent to it.
    other.send(next());
    await Promise.all([untilState(given, 'down'), untilState(learned, 'down')]);
  });
  afterAll(async () => {
    (other as StreamPeer | undefined)?.end();
    await lab.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is down without its peer, and connects to it whenever it is there', async () => {
    expect(await shown(given)).toMatchObject({
      origin: 'bound',
      problem: expect.stringMatching(/no such socket yet|nobody listens there/),
    });
    expect(statSync(at('given')).mode & 0o777).toBe(0o600);
    for (let turn = 0; turn < 3; turn++) {
      const peer = await bind(at('peer'), at('given'));
      await untilState(given, 'up');
      const frames = [14, 60, 1_514, 9_014].map((lengthBytes) =>
        frame({ to: BROADCAST, from: macOf(1), lengthBytes, payload: 'a5'.repeat(lengthBytes) }),
      );
      const there = next();
      other.send(...frames, there);
      expect(await peer.before(there)).toEqual(frames);
      const back = next(macOf(2));
      peer.send('', ...frames, back);
      expect((await other.before(back)).slice(-frames.length)).toEqual(frames);
      await peer.end();
      other.send(next());
      await untilState(given, 'down');
    }
  });

  test('drops frames that do not come from its peer', async () => {
    const stranger = await bind(at('stranger'), at('given'));
    const early = next(macOf(3));
    stranger.send(early);
    const peer = await bind(at('peer'), at('given'));
    await untilState(given, 'up');
    stranger.send(next(macOf(3)));
    // The error is EPERM: the socket of the port is connected to another peer.
    await until(() => stranger.received.includes('error 1'), 'the stranger is refused');
    const end = next(macOf(2));
    peer.send(end);
    const before = await other.before(end);
    expect(before).not.toContain(early);
  });

  test('follows a peer whose socket is made anew, even if no frame is sent', async () => {
    await bind(at('peer'), at('given'));
    await untilState(given, 'up');
    const seen = running.log.length;
    const again = await bind(at('peer'), at('given'));
    await until(
      () => running.log.slice(seen).some(({ why }) => why === 'its socket has been made anew'),
      'the new socket is noticed',
    );
    await untilState(given, 'up');
    const end = next();
    other.send(end);
    expect(await again.before(end)).toEqual([]);
  });

  test('never connects to itself, by whatever path', async () => {
    // The last peer has left the file of its socket.
    rmSync(at('peer'), { force: true });
    symlinkSync(at('given'), at('peer'));
    try {
      await until(
        async () => /its own socket/.test((await shown(given)).problem ?? ''),
        'the port says why it has no peer',
      );
      expect((await shown(given)).state).toBe('down');
    } finally {
      rmSync(at('peer'));
    }
  });

  test('over UDP never connects to itself either', async () => {
    const label = 'dgram:0.0.0.0:5003';
    expect(await api.post('/v1/ports', `${label},peer=127.0.0.1:5003`)).toMatchObject({
      status: 201,
    });
    expect(await shown(label)).toMatchObject({
      state: 'down',
      problem: expect.stringMatching(/its own socket/),
    });
    await api.delete(urlOf(label));
  });

  test('without a configured peer takes the first sender as its peer, as for vfkit', async () => {
    const vfkit = await bind(at('vfkit'), at('learned'), { isConnected: true });
    vfkit.send(VFKIT_MAGIC);
    await untilState(learned, 'up');
    const there = next();
    other.send(there);
    await vfkit.before(there);
    await vfkit.end();
    other.send(next());
    await untilState(learned, 'down');
    // The first datagram of another guest is a frame. The port takes it.
    const guest = await bind(at('guest'), at('learned'));
    const first = next(macOf(5));
    guest.send(first);
    await until(() => other.frames.includes(first), 'the first frame of the guest');
    const back = next();
    other.send(back);
    await guest.before(back);
    const stats = (await api.get('/v1/stats')).body as {
      ports: { port: string; drops: Record<string, number> }[];
    };
    const counts = stats.ports.find(({ port }) => port === learned);
    expect(counts?.drops['too-short'] ?? 0).toBe(0);
  });

  test('over UDP is up, and takes frames from its peer only', async () => {
    expect(await shown(udp)).toMatchObject({ state: 'up' });
    // No peer listens: the kernel refuses the frames, and the port goes on.
    other.send(next(), next());
    const inside = ['nsenter', `--net=/run/netns/${namespace.netns}`, '--'];
    const stranger = await bind('127.0.0.1:5003', '127.0.0.1:5001', { inside });
    const strange = next(macOf(3));
    stranger.send(strange);
    const peer = await bind('127.0.0.1:5002', '127.0.0.1:5001', { inside });
    const end = next(macOf(2));
    peer.send(end);
    expect(await other.before(end)).not.toContain(strange);
    const there = next();
    other.send(there);
    await peer.before(there);
    expect(await shown(udp)).toMatchObject({ state: 'up' });
  });

  test('over UDP receives random datagrams, and goes on', async () => {
    const inside = ['nsenter', `--net=/run/netns/${namespace.netns}`, '--'];
    const peer = await bind('127.0.0.1:5002', '127.0.0.1:5001', { inside });
    const received = async (): Promise<number> => {
      const { ports } = (await api.get('/v1/stats')).body as {
        ports: { port: string; counters: Record<string, number> }[];
      };
      return ports.find(({ port }) => port === udp)?.counters['rx-frames'] as number;
    };
    const before = await received();
    const random = randomFrom(21);
    const garbage = [0, 1, 13, 14, 17, 18, 60, 1_500, 65_507]
      .flatMap((lengthBytes) => Array.from({ length: 20 }, () => lengthBytes))
      .map((lengthBytes) => Buffer.from(Array.from({ length: lengthBytes }, () => random(256))));
    // The test waits for each datagram: two of the longest may fill the socket's buffer.
    for (const datagram of garbage) {
      const hex = datagram.toString('hex');
      peer.send(hex);
      const end = next(macOf(2));
      peer.send(end);
      const passed = await other.before(end);
      expect(passed.filter((one) => one !== hex)).toEqual([]);
    }
    // An empty datagram is no frame. A good frame followed each datagram.
    const frames = garbage.filter(({ length }) => length > 0).length + garbage.length;
    expect((await received()) - before).toBe(frames);
    expect(await shown(udp)).toMatchObject({ state: 'up' });
  });

  test('replaces a socket that nobody holds, and nothing else', async () => {
    const refusal = async (text: string): Promise<string> =>
      (await api.post('/v1/ports', text)).text;
    writeFileSync(at('file'), 'precious');
    expect(await refusal(`dgram:${at('file')}`)).toContain('exists and is not a socket');
    expect(statSync(at('file')).size).toBe(8);
    const holder = await bind(at('held'), at('nobody'));
    expect(await refusal(`dgram:${at('held')}`)).toContain('another program has a socket there');
    expect(await refusal(`stream:${at('held')}`)).toContain('another program has a socket there');
    await holder.end();
    expect(existsSync(at('held'))).toBe(true);
    const added = await api.post('/v1/ports', `dgram:${at('held')},mode=0660`);
    expect(added.status).toBe(201);
    expect(statSync(at('held')).mode & 0o777).toBe(0o660);
    expect((await api.delete(urlOf(`dgram:${at('held')}`))).status).toBe(204);
    expect(existsSync(at('held'))).toBe(false);
  });
});
