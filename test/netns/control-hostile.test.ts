/** Hostile and broken clients of the control socket: other clients are still served. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { mustRun } from './support/command';
import { ControlClient } from './support/control-client';
import { Lab } from './support/lab';
import type { SwitchProcess } from './support/switch-process';
import { until } from './support/until';

/** Documented limits. The time for a request has 2 s more, in which the switch notices a slow client. */
const REQUEST_PATIENCE_MS = 12_000;
const CONNECTIONS_MAX = 64;
const HALF_HEAD = 'GET /v1/bridge HTTP/1.1\r\nHost: x\r\n';
const REQUEST = `${HALF_HEAD}\r\n`;
const MEGABYTE = 2 ** 20;

describeNetns('a control socket', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-hostile-'));
  const api = new ControlClient(join(folder, 'control.sock'));
  let running: SwitchProcess;
  let sockets: Socket[] = [];

  beforeAll(async () => {
    const [host] = await lab.hosts(1, { isQuiet: true });
    running = await lab.startSwitch('--control', api.path, host.port());
  });
  afterAll(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  /** Connects and sends `text`. Resolves also if the switch has closed the connection already. */
  const open = (text: string): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect({ path: api.path, allowHalfOpen: true }, () => {
        if (text !== '') socket.write(text);
        resolve(socket);
      });
      socket.on('error', () => resolve(socket));
      sockets.push(socket);
    });
  const closeAll = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
  };
  afterEach(closeAll);

  /** The status of an answer, over a connection of its own. */
  const ask = async (): Promise<string | undefined> => {
    const answer = await api.raw(`${HALF_HEAD}Connection: close\r\n\r\n`, false);
    return /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
  };
  const ended = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
      socket.once('end', () => socket.end());
      socket.resume();
    });

  test('whose API cannot be loaded without descriptors answers as soon as there are some', async () => {
    const fds = `/proc/${running.process.pid}/fd`;
    const limit = async (count: number): Promise<string> =>
      mustRun(['prlimit', '--pid', String(running.process.pid), `--nofile=${count}:4096`]);
    const taken = new Set(readdirSync(fds).map(Number));
    const lowestFree = Array.from({ length: taken.size + 1 }, (_, fd) => fd).find(
      (fd) => !taken.has(fd),
    ) as number;
    // One descriptor is for the client.
    await limit(lowestFree + 1);
    const refused = await api.get('/v1/bridge');
    expect(refused).toMatchObject({
      status: 503,
      contentType: 'application/problem+json',
      retryAfter: '1',
      body: { detail: expect.stringMatching(/^the control API cannot be loaded: EMFILE/) },
    });
    await limit(1024);
    expect((await api.get('/v1/bridge')).status).toBe(200);
  });

  test(
    'closes the connection of a client that does not finish its request',
    async () => {
      const slow = await Promise.all([open(HALF_HEAD), open(''), open('x')]);
      await Promise.all(slow.map(ended));
      expect(slow.every(({ readableEnded }) => readableEnded)).toBe(true);
    },
    REQUEST_PATIENCE_MS,
  );

  test.each([
    ['say nothing', ''],
    ['ask half', HALF_HEAD],
    ['send half a body', 'POST /v1/fdb HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{'],
    ['ask on and on and do not read', REQUEST.repeat(2000)],
  ])('all of whose places are held by clients that %s serves another', async (_, text) => {
    await Promise.all(Array.from({ length: CONNECTIONS_MAX }, () => open(text)));
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    expect(new Set(answers)).toEqual(new Set(['200']));
  });

  test('keeps clients that listen to events when others come', async () => {
    const listeners = await Promise.all(
      Array.from({ length: 10 }, () => api.readNoFurther('/v1/events')),
    );
    await Promise.all(Array.from({ length: 2 * CONNECTIONS_MAX }, () => open(HALF_HEAD)));
    expect(await ask()).toBe('200');
    expect(listeners.map(({ destroyed, readableEnded }) => destroyed || readableEnded)).toEqual(
      listeners.map(() => false),
    );
    for (const listener of listeners) listener.destroy();
  });

  test('delays a client that sends requests and reads no answers, and needs no more memory', async () => {
    const flood = async (): Promise<void> => {
      const clients = await Promise.all(Array.from({ length: 16 }, () => open('')));
      for (const client of clients) {
        client.on('error', () => undefined);
        for (let times = 0; times < 20; times++) client.write(REQUEST.repeat(4000));
      }
      // The answer to another client shows the memory that the switch keeps for these.
      await until(
        () => clients.every(({ bytesWritten, writableLength }) => bytesWritten > writableLength),
        'the clients have written all that the switch takes',
      );
      expect(await ask()).toBe('200');
      expect(clients.every(({ writableLength }) => writableLength > 0)).toBe(true);
    };
    await flood();
    closeAll();
    expect(await ask()).toBe('200');
    const before = running.residentBytes;
    await flood();
    const grown = running.residentBytes - before;
    expect(grown).toBeLessThan(64 * MEGABYTE);
  });

  describe('asked to add addresses without end', () => {
    const txFrames = async (): Promise<number> => {
      const { body } = await api.get('/v1/stats');
      return (body as { total: { counters: Record<string, number> } }).total.counters[
        'tx-frames'
      ] as number;
    };
    const cidr = (index: number): string => `198.51.100.${index + 1}/24`;

    test('accepts 64, and refuses further ones with a reason', async () => {
      for (let index = 0; index < 64; index++) {
        expect((await api.post('/v1/addresses', { address: cidr(index) })).status).toBe(201);
      }
      for (const address of ['203.0.113.1/24', '2001:db8::1/64']) {
        expect(await api.post('/v1/addresses', { address })).toMatchObject({
          status: 409,
          body: { detail: '64 addresses of the switch at most; remove another first' },
        });
      }
      for (let index = 0; index < 64; index++) {
        expect((await api.delete(`/v1/addresses?address=${cidr(index)}`)).status).toBe(204);
      }
    });

    test('and to remove each again, sends a bounded number of frames a second', async () => {
      const startMs = performance.now();
      const before = await txFrames();
      const rounds = 1500;
      for (let round = 0; round < rounds; round++) {
        const address = cidr(round % 200);
        await api.post('/v1/addresses', { address });
        await api.delete(`/v1/addresses?address=${address}`);
      }
      const sent = (await txFrames()) - before;
      const seconds = (performance.now() - startMs) / 1000;
      expect(sent).toBeLessThanOrEqual(65 * 5 + 32 * seconds + 1);
    });
  });
});
