/** Ports that are stream sockets: frames, peers that come and go, bad peers, and bad input. */

import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { run } from './support/command';
import { type Answer, ControlClient } from './support/control-client';
import { BROADCAST, frame, macOf, marker } from './support/frame';
import { Lab } from './support/lab';
import { StreamPeer, StreamServer } from './support/stream-peer';
import { SwitchProcess, switchCommand } from './support/switch-process';
import { until } from './support/until';

const NOBODY = 65_534;

interface Shown {
  readonly port: string;
  readonly kind: string;
  readonly state: string;
  readonly origin: string;
  readonly mtu: number;
  readonly problem?: string;
}

interface Counts {
  readonly counters: Readonly<Record<string, number>>;
  readonly drops: Readonly<Record<string, number>>;
}

describeNetns('a stream port', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-stream-'));
  const control = join(folder, 'control');
  const api = new ControlClient(control);
  const at = (name: string): string => join(folder, name);
  let running: SwitchProcess;
  let peers: StreamPeer[] = [];
  let numbers = 0;

  const connect = async (name: string, prefixBytes?: number): Promise<StreamPeer> => {
    const peer = await StreamPeer.connect(at(name), prefixBytes);
    peers.push(peer);
    return peer;
  };
  const urlOf = (label: string): string => `/v1/ports/${encodeURIComponent(label)}`;
  const shown = async (): Promise<Shown[]> => (await api.get('/v1/ports')).body as Shown[];
  const shownAs = async (label: string): Promise<Shown> =>
    (await api.get(urlOf(label))).body as Shown;
  const stateOf = async (label: string): Promise<string> => (await shownAs(label)).state;
  const add = (text: string): Promise<Answer> => api.post('/v1/ports', text);
  const remove = async (label: string): Promise<void> => {
    expect((await api.delete(urlOf(label))).status).toBe(204);
  };
  const set = async (label: string, settings: object): Promise<void> => {
    expect((await api.patch(urlOf(label), settings)).status).toBe(200);
  };
  const countsOf = async (label: string): Promise<Counts> => {
    const { ports } = (await api.get('/v1/stats')).body as { ports: (Counts & { port: string })[] };
    return ports.find(({ port }) => port === label) as Counts;
  };
  /** Waits until a port has a state in the control plane and in the data plane. */
  const untilState = async (label: string, state: string): Promise<void> => {
    await until(async () => (await stateOf(label)) === state, `${label} is ${state}`);
    await api.get('/v1/stats');
  };
  const eventsOf = (label: string): string[] =>
    running.log.filter(({ port }) => port === label).map(({ message }) => message);
  /** Two peers whose frames reach each other. */
  const pair = async (): Promise<[StreamPeer, StreamPeer]> => {
    const [a, b] = [await connect('a'), await connect('b')];
    await Promise.all([
      untilState(`stream:${at('a')}`, 'up'),
      untilState(`stream:${at('b')}`, 'up'),
    ]);
    return [a, b];
  };
  const next = (from: string): string => marker(from, ++numbers);
  const a5 = (lengthBytes: number): string =>
    frame({ to: BROADCAST, from: macOf(1), lengthBytes, payload: 'a5'.repeat(lengthBytes) });

  beforeAll(async () => {
    running = await SwitchProcess.start(
      lab.start(
        switchCommand(
          ...['--name', folder.slice(-6), '--control', control, '--log-format', 'json'],
          ...[`stream:${at('a')},mtu=65521`, `stream:${at('b')},mtu=65521`],
          ...[`stream:${at('c')},prefix=2`, `stream:${at('guests')},max=3`],
          `stream:${at('server')},connect`,
        ),
      ),
    );
  });
  afterEach(async () => {
    for (const peer of peers) peer.end();
    peers = [];
    await until(
      async () => (await shown()).every(({ state }) => state === 'down'),
      'every port is down',
    );
  });
  afterAll(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is down without a peer, and shows that it listens or connects', async () => {
    const ports = await shown();
    expect(
      ports.map(({ port, kind, state, origin, mtu }) => [port, kind, state, origin, mtu]),
    ).toEqual([
      [`stream:${at('a')}`, 'stream', 'down', 'listening', 65_521],
      [`stream:${at('b')}`, 'stream', 'down', 'listening', 65_521],
      [`stream:${at('c')}`, 'stream', 'down', 'listening', 1_500],
      ...[1, 2, 3].map((number) => [
        `stream:${at('guests')}#${number}`,
        ...['stream', 'down', 'listening', 1_500],
      ]),
      [`stream:${at('server')}`, 'stream', 'down', 'connecting', 1_500],
    ]);
    expect(statSync(at('a')).mode & 0o777).toBe(0o600);
  });

  test('carries frames of any length, both ways, wherever the stream is cut', async () => {
    const [a, b] = await pair();
    const frames = [14, 60, 61, 1_514, 9_014, 65_000, 65_535].map(a5);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const end = next(macOf(9));
      from.send(...frames, end);
      expect(await to.before(end)).toEqual(frames);
    }
    // The stream is cut behind each byte, and then once at every place.
    const small = [frame({ to: BROADCAST, from: macOf(1) }), next(macOf(1))];
    const bytes = a.encode(...small);
    a.socket.setNoDelay(true);
    for (const byte of bytes) {
      a.socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    expect(await b.before(small[1] as string)).toEqual(small.slice(0, 1));
    for (let cut = 1; cut < bytes.length; cut++) {
      const [head, tail] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      a.socket.write(head);
      await new Promise(setImmediate);
      a.socket.write(tail);
      expect(await b.before(small[1] as string)).toEqual(small.slice(0, 1));
    }
    // Long frames, cut near each length and at other places.
    const long = [a5(65_000), a5(9_014), next(macOf(1))];
    const stream = a.encode(...long);
    const edges = [0, 65_004, 65_004 + 9_018].flatMap((edge) =>
      Array.from({ length: 12 }, (_, index) => edge - 4 + index),
    );
    const others = Array.from({ length: 30 }, (_, index) => 1_000 + 2_411 * index);
    for (const cut of [...edges, ...others].filter((at) => at > 0 && at < stream.length)) {
      a.socket.write(stream.subarray(0, cut));
      await new Promise(setImmediate);
      a.socket.write(stream.subarray(cut));
      const before = await b.before(long[2] as string);
      expect(before.map((hex, index) => hex === long[index])).toEqual([true, true]);
    }
  });

  test('is learned on, and joins TAPs', async () => {
    const host = await lab.host({ isQuiet: true });
    expect((await add(host.port())).status).toBe(201);
    const peer = await connect('a');
    await untilState(`stream:${at('a')}`, 'up');
    const heard = await host.capture();
    const question = next(macOf(7));
    peer.send(question);
    await heard.has(question);
    const answer = frame({ to: macOf(7), from: host.mac });
    await host.send(answer);
    await peer.before(answer);
    await heard.stop();
    expect((await api.get('/v1/fdb')).body).toContainEqual(
      expect.objectContaining({ mac: macOf(7), ifname: `stream:${at('a')}` }),
    );
    await remove(host.label);
  });

  test('segments super-frames, and fills in checksums', async () => {
    const [host] = await lab.hosts(1);
    expect((await add(host.port())).status).toBe(201);
    await host.address();
    const peer = await connect('a');
    await untilState(`stream:${at('a')}`, 'up');
    await set(`stream:${at('a')}`, { mtu: 1500 });
    await host.ip(`neigh replace 192.0.2.250 lladdr ${macOf(7)} dev eth0 nud permanent`);
    peer.send(next(macOf(7)));
    const sending = host.start([
      'sh',
      '-c',
      'head -c 60000 /dev/zero | socat -u - UDP:192.0.2.250:9',
    ]);
    await sending.finished;
    await until(() => peer.frames.some((hex) => hex.length > 2_000), 'datagrams come');
    expect(peer.frames.every((hex) => hex.length / 2 <= 1_514)).toBe(true);
    await set(`stream:${at('a')}`, { mtu: 65521 });
    await remove(host.label);
  });

  test('drops a frame that is too long for every port, counts it, and goes on', async () => {
    const [a, b] = await pair();
    const label = `stream:${at('b')}`;
    const before = await countsOf(label);
    const longs = [65_555, 69_632].map((lengthBytes) =>
      frame({ to: BROADCAST, from: macOf(1), lengthBytes, payload: '5a'.repeat(lengthBytes) }),
    );
    const end = next(macOf(9));
    a.send(...longs, end);
    expect(await b.before(end)).toEqual([]);
    expect(a.hasEnded).toBe(false);
    const { drops } = await countsOf(label);
    expect((drops['too-long'] ?? 0) - (before.drops['too-long'] ?? 0)).toBe(longs.length);
  });

  test('can have lengths of two bytes, and can change them', async () => {
    const [a, c] = [await connect('a'), await connect('c', 2)];
    await untilState(`stream:${at('c')}`, 'up');
    const there = next(macOf(1));
    a.send(there);
    expect(await c.before(there)).toEqual([]);
    const back = next(macOf(2));
    c.send(back);
    await a.before(back);
    await set(`stream:${at('c')}`, { prefix: 4 });
    await c.ended();
    const again = await connect('c');
    await untilState(`stream:${at('c')}`, 'up');
    const end = next(macOf(1));
    a.send(end);
    await again.before(end);
    await set(`stream:${at('c')}`, { prefix: 2 });
    await again.ended();
  });

  test('gets its peer back, and refuses a second one at once', async () => {
    const label = `stream:${at('a')}`;
    const [first, b] = await pair();
    const second = await connect('a');
    await second.ended();
    const refused = await until(
      () => running.log.find(({ message, port }) => message === 'peer refused' && port === label),
      'the refusal in the log',
    );
    expect(refused).toMatchObject({
      why: 'another is connected',
      peer: expect.stringContaining('user 0'),
    });
    const seen = eventsOf(label).length;
    for (let turn = 0; turn < 20; turn++) {
      // There is no pause: the data plane has not reported yet that the last peer has hung up.
      (turn === 0 ? first : (peers.at(-1) as StreamPeer)).end();
      const again = await connect('a');
      const sent = next(macOf(1));
      await until(async () => {
        again.send(sent);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return b.frames.includes(sent);
      }, 'frames of the new peer');
    }
    expect(eventsOf(label).slice(seen)).not.toContain('peer refused');
    expect(b.hasEnded).toBe(false);
  });

  test('drops the first half of a frame whose peer is gone', async () => {
    const [, b] = await pair();
    const long = a5(65_000);
    for (const bytes of [1, 3, 4, 5, 32_000, 65_003]) {
      const half = peers.at(-1) === b ? (peers[0] as StreamPeer) : (peers.at(-1) as StreamPeer);
      half.socket.write(half.encode(long).subarray(0, bytes));
      half.socket.end();
      await half.ended();
      await untilState(`stream:${at('a')}`, 'down');
      const again = await connect('a');
      await untilState(`stream:${at('a')}`, 'up');
      const end = next(macOf(1));
      again.send(long, end);
      const before = await b.before(end);
      expect(before.map((hex) => hex === long)).toEqual([true]);
    }
  });

  test('has whole frames again after SIGKILL of the switch', async () => {
    const [left, right] = [at('left'), at('right')];
    const options = ['--name', `${folder.slice(-6)}-k`, '--control', at('killed')];
    const command = switchCommand(
      ...options,
      ...[`stream:${left},mtu=65521`, `stream:${right},connect,mtu=65521`],
    );
    const server = await StreamServer.listen(right);
    const whole = [65_000, 60, 9_014, 1_514].map(a5);
    for (let turn = 1; turn <= 5; turn++) {
      const killed = await SwitchProcess.start(lab.start(command));
      const [a, b] = [await connect('left'), await server.peer(turn)];
      const end = next(macOf(turn));
      await until(() => {
        a.send(end);
        return b.frames.includes(end);
      }, 'a frame passes');
      const { length } = b.frames;
      for (let count = 0; count < 100; count++) a.send(...whole);
      await until(() => b.frames.length > length, 'a long frame passes');
      await killed.stop('SIGKILL');
      await Promise.all([a.ended(), b.ended()]);
      // The port drops whole frames if a socket has no room for them.
      const strange = b.frames.filter((hex) => hex !== end && !whole.includes(hex));
      expect(strange.map(({ length: digits }) => digits / 2)).toEqual([]);
    }
    await server.close();
  });

  test('has a port for each of several guests', async () => {
    const guests = [await connect('guests'), await connect('guests'), await connect('guests')];
    const label = (number: number): string => `stream:${at('guests')}#${number}`;
    await Promise.all([1, 2, 3].map((number) => untilState(label(number), 'up')));
    const fourth = await connect('guests');
    await fourth.ended();
    const [first, second, third] = guests as [StreamPeer, StreamPeer, StreamPeer];
    const sent = next(macOf(1));
    first.send(sent);
    await Promise.all([second.before(sent), third.before(sent)]);
    second.end();
    await untilState(label(2), 'down');
    const again = await connect('guests');
    await untilState(label(2), 'up');
    const end = next(macOf(3));
    third.send(end);
    expect(await again.before(end)).toEqual([]);
    expect((await add(label(4))).status).toBe(201);
    await connect('guests');
    await untilState(label(4), 'up');
    await remove(label(4));
    const more = [1, 2].map((number) => `stream:${at('more')}#${number}`);
    expect(await add(`stream:${at('more')},max=2`)).toMatchObject({
      status: 201,
      body: more.map((port) => ({ port, state: 'down' })),
    });
    for (const port of more) await remove(port);
    expect((await add(`${label(5)},mode=0660`)).text).toContain(
      'its mode, owner or group differs from that of another place',
    );
    expect((await api.get('/v1/config')).body).toMatchObject({
      ports: expect.arrayContaining([label(2)]),
    });
  });

  test('connects to its peer, again and again', async () => {
    const label = `stream:${at('server')}`;
    const b = await connect('b');
    for (let turn = 0; turn < 3; turn++) {
      expect(await stateOf(label)).toBe('down');
      const server = await StreamServer.listen(at('server'));
      const peer = await server.peer();
      await untilState(label, 'up');
      const sent = next(macOf(turn + 1));
      peer.send(sent);
      await b.before(sent);
      await server.close();
      await untilState(label, 'down');
    }
    const problem = await until(async () => (await shownAs(label)).problem, 'a problem');
    expect(problem).toBe('there is no such socket yet (ENOENT)');
  });

  test.each([
    ['a length of 0', '00000000'],
    ['a length beyond every frame', '00011001'],
    ['text', Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex')],
  ])('ends a connection with %s, and no other', async (_, hex) => {
    const label = `stream:${at('a')}`;
    const [a, b] = await pair();
    const seen = running.log.length;
    const before = next(macOf(1));
    a.send(before);
    a.socket.write(Buffer.from(hex, 'hex'));
    await a.ended();
    await b.before(before);
    const lost = await until(
      () =>
        running.log.slice(seen).find(({ message }) => message === 'connection to the peer ended'),
      'the loss in the log',
    );
    expect(lost).toMatchObject({ port: label, why: 'it sent a length that no frame has' });
    await untilState(label, 'down');
    const again = await connect('a');
    await untilState(label, 'up');
    const end = next(macOf(1));
    again.send(end);
    await b.before(end);
  });

  test('a peer that does not read loses its own frames, and gets none in part', async () => {
    const slow = await connect('guests');
    const [a, b] = await pair();
    const label = `stream:${at('guests')}#1`;
    await untilState(label, 'up');
    slow.socket.pause();
    const before = await countsOf(label);
    const long = frame({
      to: BROADCAST,
      from: macOf(1),
      lengthBytes: 1_514,
      payload: 'c3'.repeat(1_500),
    });
    const sent = 2_000;
    for (let count = 0; count < sent; count += 50) {
      const end = next(macOf(1));
      a.send(...Array.from({ length: 50 }, () => long), end);
      expect(await b.before(end)).toHaveLength(50);
    }
    const after = await countsOf(label);
    const dropped = (after.drops['congested'] ?? 0) - (before.drops['congested'] ?? 0);
    const delivered = (after.counters['tx-frames'] ?? 0) - (before.counters['tx-frames'] ?? 0);
    expect(dropped).toBeGreaterThan(100);
    slow.socket.resume();
    const end = next(macOf(1));
    await until(() => slow.frames.length >= delivered, 'what was sent arrives');
    a.send(end);
    const came = await slow.before(end);
    expect(came).toHaveLength(delivered);
    expect(came.every((hex) => hex === long || hex.length === 120)).toBe(true);
    expect(slow.hasPart).toBe(false);
  });

  test('replaces a socket that nobody holds, and nothing else', async () => {
    const refusal = async (spec: string): Promise<string> => {
      const { status, text } = await add(`stream:${spec}`);
      expect(status).toBeGreaterThanOrEqual(400);
      return text;
    };
    writeFileSync(at('file'), 'precious');
    expect(await refusal(at('file'))).toContain('exists and is not a socket');
    expect(statSync(at('file')).size).toBe(8);
    const server = await StreamServer.listen(at('held'));
    expect(await refusal(at('held'))).toContain('another program has a socket there');
    expect(server.peers).toEqual([]);
    await server.close();
    expect(await refusal(at('none/socket'))).toContain(`there is no folder ${at('none')}`);
    expect(await refusal(`${folder}/./a`)).toContain('is a port of this switch already');
    const script = `require('net').createServer().listen(${JSON.stringify(at('stale'))}, () => process.kill(process.pid, 'SIGKILL'))`;
    await run([process.execPath, '-e', script]);
    expect(existsSync(at('stale'))).toBe(true);
    expect((await add(`stream:${at('stale')},mode=0666`)).status).toBe(201);
    expect(statSync(at('stale')).mode & 0o777).toBe(0o666);
    const peer = await connect('stale');
    await untilState(`stream:${at('stale')}`, 'up');
    await remove(`stream:${at('stale')}`);
    await peer.ended();
    expect(existsSync(at('stale'))).toBe(false);
  });

  test('can be connected to by the users that the mode of its socket allows', async () => {
    chmodSync(folder, 0o755);
    const connectAs = (path: string) =>
      run([
        ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
        ...[process.execPath, '-e'],
        `require('net').connect(${JSON.stringify(path)}).on('error', (e) => { console.log(e.code); process.exit(); }).on('connect', () => { console.log('ok'); process.exit(); })`,
      ]);
    expect((await connectAs(at('a'))).stdout).toBe('EACCES\n');
    expect((await add(`stream:${at('shared')},mode=0660,group=${NOBODY}`)).status).toBe(201);
    expect((await connectAs(at('shared'))).stdout).toBe('ok\n');
    await remove(`stream:${at('shared')}`);
  });
});
