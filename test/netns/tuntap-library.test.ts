/** TUN and TAP devices as streams of packets, on the kernel's own. */

import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  type OpenOptions,
  TUNTAP_PORT,
  type TunTapDevice,
  createTap,
  openTap,
  openTun,
  showTap,
} from '../../src';
import { describeNetns } from './describe-netns';
import { BROADCAST, frame, macOf } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { ipJson, ipLink, tunTapNames } from './support/tuntap';
import { until } from './support/until';

const DIST = join(__dirname, '../../dist/index.js');
const OPEN_AND_CLOSE = join(__dirname, 'support/open_close.mjs');
const MEGABYTE = 1 << 20;

/** Enough of an echo reply for the tests: addresses and type exchanged, checksum adjusted. */
function turnIntoReply(packet: Buffer): boolean {
  const isRequest = packet.readUInt8(0) >> 4 === 4 && packet[9] === 1 && packet[20] === 8;
  if (!isRequest) return false;
  const source = Buffer.from(packet.subarray(12, 16));
  packet.copy(packet, 12, 16, 20);
  source.copy(packet, 16);
  packet[20] = 0;
  const sum = packet.readUInt16BE(22) + 0x800;
  packet.writeUInt16BE((sum & 0xffff) + (sum >> 16), 22);
  return true;
}

/** An IPv4 echo request from 192.0.2.2 to 192.0.2.1. */
function echoRequest(): string {
  return '4500001c000000004001f6ddc0000202c0000201' + '0800f7ff00000000';
}

/** The frames of the tests' own EtherType; the kernel sends others of its own accord. */
function isOurs(packet: Uint8Array): boolean {
  return packet[12] === 0x88 && packet[13] === 0xb5;
}

describeNetns('an open device', () => {
  const lab = new Lab();
  const opened: TunTapDevice[] = [];
  let host: Host;

  beforeEach(async () => {
    host = await lab.host();
  });
  afterEach(async () => {
    for (const device of opened.splice(0)) device.close();
    await lab.clear();
  });

  function tap(options: OpenOptions = {}): TunTapDevice {
    const device = openTap({ name: INTERFACE, netns: host.netns, ...options });
    opened.push(device);
    return device;
  }

  function tun(options: OpenOptions = {}): TunTapDevice {
    const device = openTun({ name: 'tun0', netns: host.netns, ...options });
    opened.push(device);
    return device;
  }

  test('reads and writes IP packets, one at a time', async () => {
    const device = tun({ addresses: ['192.0.2.1/24'] });
    const echo = (async () => {
      for await (const packet of device) if (turnIntoReply(packet)) await device.write(packet);
    })();
    expect(await host.floodPings('192.0.2.2', 500)).toEqual({ sent: 500, received: 500 });
    device.close();
    await expect(echo).resolves.toBeUndefined();
  });

  test.each([false, true])(
    'gives Ethernet frames as they were sent (offload %s)',
    async (offload) => {
      const device = tap({ offload });
      const sent = frame({ to: BROADCAST, from: macOf(1), lengthBytes: 77 });
      // The sender ends when the frame has been read.
      const sending = host.send(sent);
      for await (const packet of device) {
        if (!isOurs(packet)) continue;
        expect(packet.toString('hex')).toBe(sent);
        break;
      }
      await sending;
    },
  );

  test.each([false, true])('puts frames on the interface (offload %s)', async (offload) => {
    const device = tap({ offload });
    const capture = await host.capture();
    const sent = frame({ to: BROADCAST, from: macOf(2), lengthBytes: 77 });
    await device.write(Buffer.from(sent, 'hex'));
    await capture.has(sent);
    expect(capture.frames).toContain(sent);
  });

  test('reads and writes bursts', async () => {
    const device = tap();
    const { burst } = device;
    const capture = await host.capture();
    const sent = frame({ to: macOf(2), from: macOf(1) });
    const sending = host.send(`${sent} 300`);
    let count = 0;
    while (count < 300) {
      await device.readBurst();
      for (let index = 0; index < burst.receivedCount; index++) {
        if (!isOurs(burst.bytes(index))) continue;
        count++;
        // The interface has another MAC: what comes back is not its own.
        burst.bytes(index)[11] = 7;
        burst.send(index, TUNTAP_PORT);
      }
      expect(await device.writeBurst()).toBe(0);
    }
    await sending;
    await capture.has(frame({ to: macOf(2), from: '02:00:00:00:00:07' }));
    expect(await packetCounts(host, INTERFACE)).toMatchObject({ rx: { packets: 300 } });
  });

  test('continues in the next iteration at the end of the last one', async () => {
    const device = tap();
    const [first, second] = [60, 61].map((lengthBytes) =>
      frame({ to: BROADCAST, from: macOf(1), lengthBytes }),
    ) as [string, string];
    const sending = host.send(first, second);
    const lengths: number[] = [];
    while (lengths.length < 2) {
      for await (const packet of device) {
        if (isOurs(packet)) lengths.push(packet.length);
        break;
      }
    }
    await sending;
    expect(lengths).toEqual([60, 61]);
  });

  test('disappears with the program that made it, unless it is persistent', async () => {
    tap({ name: 'goes' }).close();
    tap({ name: 'stays', persist: true }).close();
    expect(await tunTapNames(host.netns)).toEqual(['stays']);
  });

  test('leaves a device that it found as it was', () => {
    createTap({ name: 'tap0', netns: host.netns, mtu: 1400, user: 'nobody' });
    const before = showTap('tap0', host);
    const device = tap({ name: 'tap0' });
    expect(device.created).toBe(false);
    device.close();
    expect(showTap('tap0', host)).toEqual(before);
  });

  test('has the settings of its opening and later ones', async () => {
    const device = tun({ mtu: 1300, addresses: [{ address: '192.0.2.1/32', peer: '192.0.2.2' }] });
    expect(device.created).toBe(true);
    device.configure({ mtu: 1400, addresses: ['2001:db8::1/64'] });
    const { mtu, up, addresses } = showTap('tun0', host);
    expect([mtu, up]).toEqual([1400, true]);
    expect(addresses).toEqual(
      expect.arrayContaining([
        { address: '192.0.2.1/32', peer: '192.0.2.2' },
        { address: '2001:db8::1/64' },
      ]),
    );
    device.configure({ up: false });
    expect((await ipLink(host.netns, 'tun0')).flags).not.toContain('UP');
  });

  test('is one of several on a device of many queues', () => {
    const devices = [1, 2, 3].map(() => tap({ multiQueue: true }));
    expect(devices.map(({ created }) => created)).toEqual([true, false, false]);
    expect(showTap(INTERFACE, host).holders).toEqual([
      { pid: process.pid, program: expect.any(String) },
    ]);
  });

  test('makes a write wait while the kernel is full, and loses nothing', async () => {
    const device = tap({ sendBufferBytes: 4096 });
    await bridgeToSlowInterface(host, '2mbit');
    const packet = slowFrame();
    let written = 0;
    const writes = Array.from({ length: 40 }, () => device.write(packet).then(() => written++));
    await sleep(0);
    expect(written).toBeLessThan(40);
    await Promise.all(writes);
    await until(
      async () => (await packetCounts(host, 'slow')).tx.packets >= 40,
      'every packet on the other side of the bridge',
    );
    expect(written).toBe(40);
  });

  test('bounds the writes that wait', async () => {
    const device = tap({ sendBufferBytes: 1 });
    await bridgeToSlowInterface(host, '8kbit');
    const packet = slowFrame();
    const writes = Array.from({ length: 1100 }, () =>
      device.write(packet).then(
        () => 'written',
        ({ code }: NodeJS.ErrnoException) => code,
      ),
    );
    await sleep(0);
    device.close();
    expect(new Set(await Promise.all(writes))).toEqual(new Set(['written', 'EBADF', 'ENOBUFS']));
  });

  test('ends waiting reads and writes when it is closed, and can be closed again', async () => {
    const device = tun();
    const read = device.readBurst();
    await sleep(0);
    device.close();
    device.close();
    // Packets that the kernel sent of its own accord may have come first.
    await read;
    expect(await device.readBurst()).toBe(0);
    const packets: Buffer[] = [];
    for await (const packet of device) packets.push(packet);
    expect(packets).toEqual([]);
    await expect(device.write(Buffer.alloc(20))).rejects.toMatchObject({ code: 'EBADF' });
    expect(() => device.configure({ up: true })).toThrow(
      expect.objectContaining({ code: 'EBADF' }),
    );
  });

  test('can be closed before any read', async () => {
    const device = tun();
    device.close();
    expect(await device.readBurst()).toBe(0);
    for await (const packet of device) expect(packet).toBeUndefined();
    expect([device.name, device.created, device.hasVnetHeader]).toEqual(['tun0', true, false]);
  });

  test('rejects a write of anything but bytes', async () => {
    await expect(tun().write('text' as unknown as Buffer)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });

  test('is closed by leaving a block that awaits its disposal', async () => {
    const device = tun();
    // Jest's environment has no such symbol of its own; Node has it.
    const prototype = Object.getPrototypeOf(device) as Record<symbol, () => Promise<void>>;
    const dispose = Object.getOwnPropertySymbols(prototype).find((symbol) =>
      /asyncDispose/.test(String(symbol)),
    );
    await prototype[dispose as symbol]?.call(device);
    expect(await tunTapNames(host.netns)).toEqual([]);
  });

  test('gives up one wait, or the device, by a signal', async () => {
    const wholeDevice = new AbortController();
    const device = tap({ signal: wholeDevice.signal });
    const quiet = async (signal?: AbortSignal): Promise<never> => {
      for (;;) await device.readBurst(signal ? { signal } : {});
    };
    await expect(quiet(AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(quiet(AbortSignal.abort('enough'))).rejects.toBe('enough');
    const waiting = quiet();
    wholeDevice.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(await tunTapNames(host.netns)).toEqual([]);
    expect(() => tap({ signal: wholeDevice.signal })).toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
  });

  test('lets only one read wait', async () => {
    const device = tun();
    const first = device.readBurst();
    await expect(device.readBurst()).rejects.toMatchObject({ code: 'EBUSY' });
    device.close();
    await first;
  });

  test('says so when it is deleted while it is iterated over', async () => {
    const device = tap();
    const iterated = (async () => {
      for await (const packet of device) expect(packet.length).toBeGreaterThan(0);
    })();
    // The end of the iteration is checked below.
    iterated.catch(() => undefined);
    const gone = once(device, 'gone');
    await host.ip(`link delete ${INTERFACE}`);
    await gone;
    await expect(iterated).rejects.toMatchObject({ name: 'TunTapError', code: 'ENODEV' });
    await expect(device.write(Buffer.alloc(60))).rejects.toMatchObject({ code: 'ENODEV' });
  });

  test('says so when it was deleted before a write', async () => {
    const device = tap();
    const gone = once(device, 'gone');
    await host.ip(`link delete ${INTERFACE}`);
    await expect(device.write(Buffer.alloc(60))).rejects.toMatchObject({
      code: 'ENODEV',
      message: `${INTERFACE}@${host.netns}: the device has been deleted (ENODEV)`,
    });
    await gone;
  });

  test('throws if the kernel refuses a packet, and goes on', async () => {
    const device = tap({ up: false });
    const packet = Buffer.from(frame({ to: BROADCAST, from: macOf(1) }), 'hex');
    await expect(device.write(packet)).rejects.toMatchObject({ code: 'EIO', syscall: 'write' });
    device.configure({ up: true });
    await expect(device.write(packet.subarray(0, 13))).rejects.toMatchObject({ code: 'EINVAL' });
    device.burst.send(device.burst.make(0), TUNTAP_PORT);
    expect(await device.writeBurst()).toBe(1);
    await expect(device.write(packet)).resolves.toBeUndefined();
  });

  interface Refused {
    readonly what: string;
    readonly open: () => unknown;
    readonly code: string;
    readonly says: string;
  }
  const REFUSED: readonly Refused[] = [
    {
      what: 'a held TAP',
      open: () => tap(),
      code: 'EBUSY',
      says: 'is held by ',
    },
    {
      what: 'a TUN device as a TAP',
      open: () => tap({ name: 'tun7' }),
      code: 'EINVAL',
      says: 'is a TUN device, which carries no Ethernet frames',
    },
    {
      what: 'a TAP as a TUN device',
      open: () => tun({ name: 'tap7' }),
      code: 'EINVAL',
      says: 'is a TAP, which carries no bare IP packets',
    },
    {
      what: 'queues of a device that has one',
      open: () => tap({ name: 'tap7', multiQueue: true }),
      code: 'EINVAL',
      says: 'this TAP was made without "multi_queue"',
    },
    {
      what: 'an interface of another kind',
      open: () => tap({ name: 'lo' }),
      code: 'EINVAL',
      says: 'is another kind of interface, not a TAP',
    },
    {
      what: 'a device that is not there',
      open: () => tap({ name: 'tap8', onlyExisting: true }),
      code: 'ENODEV',
      says: 'there is no TAP of this name (ENODEV); make one: sudo ip -n ',
    },
    {
      what: 'a namespace that is not there',
      open: () => tap({ netns: 'nosuch' }),
      code: 'ENOENT',
      says: 'there is no network namespace "nosuch"',
    },
    {
      what: 'a name that is too long',
      open: () => tap({ name: 'sixteen-letters-' }),
      code: 'EINVAL',
      says: 'name: expected an interface name of 1 to 15 bytes',
    },
    {
      what: 'an unknown user',
      open: () => tap({ name: 'tap8', user: 'nosuch' }),
      code: 'ENOENT',
      says: 'there is no user "nosuch"',
    },
    {
      what: 'an address twice',
      open: () => tap({ name: 'tap8', addresses: ['192.0.2.1/24', '192.0.2.1/24'] }),
      code: 'EEXIST',
      says: 'the kernel refuses the address 192.0.2.1/24 (EEXIST',
    },
    {
      what: 'a wrong MTU',
      open: () => tap({ name: 'tap8', mtu: 70_000 }),
      code: 'EINVAL',
      says: 'mtu: expected a whole number of bytes from 68 to 65521, got 70000',
    },
  ];

  test.each(REFUSED)('refuses $what', async ({ open, code, says }) => {
    tap();
    createTap({ name: 'tap7', netns: host.netns });
    createTap({ name: 'tun7', netns: host.netns, mode: 'tun' });
    const before = await ipJson(host.netns, 'address show');
    expect(open).toThrow(expect.objectContaining({ name: 'TunTapError', code }));
    expect(open).toThrow(says);
    expect(await ipJson(host.netns, 'address show')).toEqual(before);
  });

  test('holds no thread of the pool while it waits, and one of its own for all devices', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tapswitch-tuntap-'));
    writeFileSync(join(folder, 'file'), 'read');
    // Twice as many as the pool has threads.
    const reads = Array.from({ length: 8 }, (_, number) =>
      tun({ name: `tun${number}` }).readBurst(),
    );
    await sleep(0);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('read');
    expect(threadNames().filter((name) => name === 'fd-watch')).toHaveLength(1);
    rmSync(folder, { recursive: true });
    for (const device of opened) device.close();
    await Promise.all(reads);
    expect(threadNames()).not.toContain('fd-watch');
  });

  /** Runs the body of a module that has `openTun` and `name`. */
  function runProgram(body: string): Promise<{ status: number | null; stderr: string }> {
    const source = `import { openTap, openTun } from '${DIST}'; const name = 'tun0'; ${body}`;
    return host.run([process.execPath, '--input-type=module', '-e', source]);
  }

  test.each([
    ['ends when its device is closed', 'const tun = openTun({ name }); tun.close();'],
    ['ends when it only holds a device', 'openTun({ name });'],
    [
      'ends when it is left to itself after a write',
      'await openTun({ name, up: true }).write(Buffer.from("60".padEnd(80, "0"), "hex"));',
    ],
    [
      'may exit while it waits',
      'openTun({ name }).readBurst(); setTimeout(() => process.exit(), 20);',
    ],
    [
      'may end a worker that waits',
      `import { Worker } from 'node:worker_threads';
       const worker = new Worker(
         "const { openTun } = require('${DIST}'); openTun({ name: 'tun0' }).readBurst();" +
           "require('node:worker_threads').parentPort.postMessage('open');",
         { eval: true, execArgv: [] },
       );
       worker.once('message', () => setTimeout(() => worker.terminate(), 20));`,
    ],
    [
      'gets its timers while packets come without end',
      `const { readFile } = await import('node:fs/promises');
       const tun = openTun({ name, addresses: ['192.0.2.1/24'] });
       const { burst } = tun;
       // An echo request, whose reply is made a request again: the kernel answers at once.
       const request = Buffer.from('${echoRequest()}', 'hex');
       for (let number = 0; number < 64; number++) await tun.write(request);
       let timerCame = false;
       setTimeout(() => { timerCame = true; }, 1);
       for (let bursts = 0; !timerCame; bursts++) {
         if (bursts === 100_000) throw new Error('no timer came');
         await tun.readBurst();
         for (let frame = 0; frame < burst.receivedCount; frame++) {
           if (burst.bytes(frame)[20] !== 0) continue;
           burst.bytes(frame).set(request);
           burst.send(frame, 0);
         }
         await tun.writeBurst();
       }
       tun.close();`,
    ],
  ])('a program %s', async (_, body) => {
    const { status, stderr } = await runProgram(body);
    expect([status, stderr]).toEqual([0, '']);
    expect(await tunTapNames(host.netns)).toEqual([]);
  });

  test('the sanitizers find nothing', async () => {
    createTap({ name: 'tap0', netns: host.netns });
    const sanitized = join(__dirname, '../../scripts/with-asan.mjs');
    const command = [
      process.execPath,
      sanitized,
      '--expose-gc',
      OPEN_AND_CLOSE,
      'tap0',
      '100',
      '4',
    ];
    expect(await host.run(command)).toMatchObject({ status: 0, stderr: '' });
  });

  test('ten thousand devices leave no descriptor, no thread, no memory and no device', async () => {
    createTap({ name: 'tap0', netns: host.netns });
    const flags = ['--expose-gc', '--max-semi-space-size=1'];
    const command = [process.execPath, ...flags, OPEN_AND_CLOSE, 'tap0', '9800', '200'];
    const { before, after } = JSON.parse(await host.mustRun(command)) as Record<
      'before' | 'after',
      Record<'descriptors' | 'threads' | 'rss' | 'bytes', number>
    >;
    expect(after.descriptors).toBe(before.descriptors);
    expect(after.threads).toBe(before.threads);
    expect(after.bytes - before.bytes).toBeLessThan(2 * MEGABYTE);
    expect(after.rss - before.rss).toBeLessThan(16 * MEGABYTE);
    expect(await tunTapNames(host.netns)).toEqual(['tap0']);
  });
});

/** Makes frames that are written to the TAP cross a bridge and wait there for a slow interface. */
async function bridgeToSlowInterface(host: Host, rate: string): Promise<void> {
  await host.ip('link add slow type veth peer name end');
  await host.ip('link add br0 type bridge mcast_snooping 0');
  for (const port of [INTERFACE, 'slow']) await host.ip(`link set ${port} master br0 up`);
  for (const device of ['end', 'br0']) await host.ip(`link set ${device} up`);
  const shaped = `tc qdisc add dev slow root tbf rate ${rate} burst 2k limit 1m`;
  await host.mustRun(shaped.split(' '));
}

/** A frame to an unknown station: the bridge passes on the buffer itself and no copy. */
function slowFrame(): Buffer {
  return Buffer.from(frame({ to: macOf(2), from: macOf(1), lengthBytes: 1000 }), 'hex');
}

interface PacketCounts {
  readonly rx: { readonly packets: number };
  readonly tx: { readonly packets: number };
}

async function packetCounts({ netns }: Host, device: string): Promise<PacketCounts> {
  const args = `-s link show dev ${device}`;
  const [counted] = await ipJson<{ stats64: PacketCounts }[]>(netns, args);
  if (counted === undefined) throw new Error(`no ${device}`);
  return counted.stats64;
}

function threadNames(): string[] {
  return readdirSync('/proc/self/task').map((id) =>
    readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
  );
}
