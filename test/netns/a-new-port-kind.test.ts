/** Frames through a kind of port that only this test knows, in a switch that runs. */

import { mkdtempSync, rmSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createApi } from '../../src/api/app';
import { completeConfig } from '../../src/config/schema';
import { TapSwitch } from '../../src/control/tap-switch';
import { createLogger } from '../../src/journal/logger';
import { portKinds } from '../../src/ports/kinds';
import { tapKind } from '../../src/ports/tap-port';
import { flagState } from '../../src/system/v8-flags';
import { WireKind } from '../support/wire-kind';
import { describeNetns } from './describe-netns';

const WORKER = join(__dirname, '../../dist/dataplane/worker.js');
/** A broadcast from 02:00:00:00:00:01 with an EtherType for experiments. */
const BROADCAST = Buffer.from(`ffffffffffff02000000000188b5${'5a'.repeat(46)}`, 'hex');

interface Wire {
  /** The end of the wire that the switch gets. The test reads nothing from it. */
  readonly near: Socket;
  readonly far: Socket;
}

describeNetns('a port of a new kind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-wire-'));
  const wires = new Map<string, Wire>();
  let server: Server;
  let running: TapSwitch;

  const layWire = async (): Promise<Wire> => {
    const path = join(folder, 'socket');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const far = connect(path);
    const [near] = await accepted;
    return { near, far };
  };

  beforeEach(async () => {
    server = createServer({ pauseOnConnect: true }).listen(join(folder, 'socket'));
    await once(server, 'listening');
    for (const name of ['a', 'b']) wires.set(name, await layWire());
    const fds = new Map(
      [...wires].map(([name, { near }]) => [
        name,
        (near as unknown as { _handle: { fd: number } })._handle.fd,
      ]),
    );
    const kinds = portKinds([tapKind, new WireKind(fds)]);
    const config = completeConfig(
      [{ ports: ['wire:a', 'wire:b,mtu=1400'].map((text) => kinds.parse(text)) }],
      false,
    );
    const log = createLogger({ level: 'error', format: 'text', bridge: 'wires' });
    running = await TapSwitch.start(
      config,
      log,
      new Worker(WORKER, { workerData: flagState() }),
      kinds,
    );
  });

  afterEach(async () => {
    await running.stop();
    for (const { near, far } of wires.values()) for (const end of [near, far]) end.destroy();
    wires.clear();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('forwards, is shown, set and removed like any other', async () => {
    const arrival = once((wires.get('b') as Wire).far, 'data') as Promise<[Buffer]>;
    (wires.get('a') as Wire).far.write(BROADCAST);
    const [frame] = await arrival;
    expect(frame).toEqual(BROADCAST);
    expect(await running.stations()).toMatchObject([{ mac: '02:00:00:00:00:01', port: 0 }]);

    const api = await createApi(running, () => Promise.reject(new Error()), {
      error: () => undefined,
    } as never);
    const ask = async (method: 'GET' | 'PATCH' | 'DELETE', url: string, payload?: object) => {
      const answer = await api.inject({ method, url, ...(payload !== undefined && { payload }) });
      return { status: answer.statusCode, body: answer.body === '' ? '' : answer.json<unknown>() };
    };
    expect(await ask('GET', '/v1/ports')).toMatchObject({
      body: [
        { port: 'wire:a', kind: 'wire', origin: 'attached', state: 'up', mtu: 1500 },
        { port: 'wire:b', kind: 'wire', origin: 'attached', state: 'up', mtu: 1400 },
      ],
    });
    expect(await ask('PATCH', '/v1/ports/wire:a', { mtu: 900, trusted: true })).toMatchObject({
      status: 200,
      body: { mtu: 900, trusted: true },
    });
    expect(await ask('PATCH', '/v1/ports/wire:a', { queue: 5 })).toMatchObject({
      status: 400,
      body: {
        errors: [
          {
            field: 'queue',
            detail: expect.stringContaining(
              'no such key; one of mtu, colour, tag, trusted, neigh-suppress',
            ),
          },
        ],
      },
    });
    expect(await ask('DELETE', '/v1/ports/wire:a')).toMatchObject({ status: 204 });
    expect(running.ports.infos()).toMatchObject([{ port: 'wire:b' }]);
  });
});
