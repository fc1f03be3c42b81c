/**
 * QEMU as the peer of sockets, without a guest: a hub in QEMU joins the network device under test with a
 * stream to the test, so that the test is the guest.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import type { Background, Command } from './support/command';
import { ControlClient } from './support/control-client';
import { BROADCAST, frame, macOf, marker } from './support/frame';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { StreamPeer, StreamServer } from './support/stream-peer';
import { until } from './support/until';

/** QEMU without a machine. */
const QEMU: Command = [
  ...['qemu-system-x86_64', '-M', 'none', '-nodefaults', '-display', 'none'],
  ...['-monitor', 'none', '-serial', 'none'],
];

describeNetns('QEMU', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-qemu-'));
  const at = (name: string): string => join(folder, name);
  const api = new ControlClient(at('control'));
  let namespace: Host;
  let host: StreamPeer;
  let guestServer: StreamServer;
  let guests = 0;
  let numbers = 0;
  const started: Background[] = [];

  /** Options of QEMU that connect it to the switch, and the port for it. */
  const WAYS: readonly (readonly [way: string, port: string, netdev: string])[] = [
    [
      'stream, the switch listens',
      `stream:${at('a')}`,
      `stream,server=off,addr.type=unix,addr.path=${at('a')}`,
    ],
    [
      'stream, QEMU listens',
      `stream:${at('b')},connect`,
      `stream,server=on,addr.type=unix,addr.path=${at('b')}`,
    ],
    [
      'stream over TCP',
      'stream:127.0.0.1:5001',
      'stream,server=off,addr.type=inet,addr.host=127.0.0.1,addr.port=5001',
    ],
    ['socket, the switch listens', 'stream:127.0.0.1:5002', 'socket,connect=127.0.0.1:5002'],
    ['socket, QEMU listens', 'stream:127.0.0.1:5003,connect', 'socket,listen=127.0.0.1:5003'],
    [
      'socket over IPv6',
      'stream:[::1]:5004',
      'stream,server=off,addr.type=inet,addr.host=::1,addr.port=5004',
    ],
    [
      'dgram',
      `dgram:${at('d')},peer=${at('q')}`,
      `dgram,local.type=unix,local.path=${at('q')},remote.type=unix,remote.path=${at('d')}`,
    ],
    [
      'dgram over UDP',
      'dgram:127.0.0.1:5005,peer=127.0.0.1:5006',
      'dgram,local.type=inet,local.host=127.0.0.1,local.port=5006,remote.type=inet,remote.host=127.0.0.1,remote.port=5005',
    ],
  ];

  /** Starts QEMU with a device to the switch. @returns its guest */
  const startGuest = async (netdev: string): Promise<{ guest: StreamPeer; qemu: Background }> => {
    const qemu = namespace.start([
      ...QEMU,
      ...['-netdev', `${netdev.replace(/,|$/, ',id=up,')}`.replace(/,$/, '')],
      ...['-netdev', 'hubport,id=h1,hubid=0,netdev=up'],
      ...['-netdev', `stream,id=down,server=off,addr.type=unix,addr.path=${at('guest')}`],
      ...['-netdev', 'hubport,id=h2,hubid=0,netdev=down'],
    ]);
    started.push(qemu);
    const guest = await Promise.race([
      guestServer.peer(++guests),
      qemu.finished.then(({ stderr }) => Promise.reject(new Error(`QEMU ended: ${stderr}`))),
    ]);
    return { guest, qemu };
  };

  const untilState = async (label: string, state: string): Promise<void> => {
    const url = `/v1/ports/${encodeURIComponent(label)}`;
    const now = async () => ((await api.get(url)).body as { state: string }).state;
    await until(async () => (await now()) === state, `${label} is ${state}`);
    await api.get('/v1/stats');
  };

  /** Frames of every length pass between the host and the guest. */
  const expectFrames = async (guest: StreamPeer, longestBytes: number): Promise<void> => {
    const lengths = [60, 61, 1_514, 9_014, longestBytes];
    const frames = lengths.map((lengthBytes) =>
      frame({ to: BROADCAST, from: macOf(1), lengthBytes, payload: 'a5'.repeat(lengthBytes) }),
    );
    for (const [from, to] of [
      [host, guest],
      [guest, host],
    ] as const) {
      const end = marker(macOf(2), ++numbers);
      from.send(...frames, end);
      expect(await to.before(end)).toEqual(frames);
    }
  };

  beforeAll(async () => {
    namespace = await lab.host();
    await namespace.ip('link set lo up');
    guestServer = await StreamServer.listen(at('guest'));
    const ports = [`stream:${at('host')}`, ...WAYS.map(([, port]) => port)];
    const withMtu = ports.map((port) => `${port},mtu=65521`);
    await lab.startSwitchIn(namespace, '--control', at('control'), ...withMtu);
    host = await StreamPeer.connect(at('host'));
    await untilState(`stream:${at('host')}`, 'up');
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((qemu) => qemu.end()));
  });
  afterAll(async () => {
    (host as StreamPeer | undefined)?.end();
    await guestServer.close();
    await lab.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(WAYS)(
    '%s: frames of any length, and a peer that comes back',
    async (way, port, netdev) => {
      const [label = ''] = port.split(',');
      // A datagram of UDP has 65507 bytes at most.
      const longestBytes = way === 'dgram over UDP' ? 65_507 : 65_535;
      for (let turn = 0; turn < 2; turn++) {
        const { guest, qemu } = await startGuest(netdev);
        await untilState(label, 'up');
        await expectFrames(guest, longestBytes);
        // SIGKILL ends QEMU as a machine that is switched off.
        await qemu.stop('SIGKILL');
        // The kernel reports an absent peer only to a sender.
        host.send(marker(macOf(1), ++numbers));
        if (!label.startsWith('dgram:127')) await untilState(label, 'down');
      }
    },
  );
});
