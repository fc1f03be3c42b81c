import { describe, expect, test } from '@jest/globals';
import { MAX_FRAME_BYTES } from '../../../src/frame/burst';
import { parseMac, type MacWords } from '../../../src/wire/mac';
import { Bridge, ManualClock, MemoryIo } from '../../../src/index';
import { BROADCAST, ethernet, ethernetOf, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { fromHex, toHex } from '../../support/room-harness';
import { keyOf } from '../../support/rooms';

const FRAME = ethernet({ to: BROADCAST, from: station(1) });
const VNET_HEADER = fromHex('01 00 0000 0000 0e00 0200');

describe('a switch in a test', () => {
  test('learns and forwards', () => {
    const io = new MemoryIo(new Bridge());
    const [red, green, blue] = [io.port('red'), io.port('green'), io.port('blue')];
    const hello = ethernet({ to: BROADCAST, from: station(1) });
    const answer = ethernet({ to: station(1), from: station(2) });
    red.send(hello);
    expect([red, green, blue].map((port) => port.received)).toEqual([[], [hello], [hello]]);
    green.send(answer);
    expect([red, green, blue].map((port) => port.received)).toEqual([[answer], [hello], [hello]]);
  });
});

describe('MemoryPort', () => {
  test('received frames do not change when others are sent later', () => {
    const { ports } = new MemorySwitch(2);
    const [red, green] = ports as [(typeof ports)[0], (typeof ports)[0]];
    red.send(FRAME);
    red.send(ethernet({ to: BROADCAST, from: station(9), payload: 'ff'.repeat(64) }));
    expect(green.received.map(toHex)[0]).toBe(toHex(FRAME));
  });

  test('take() empties the port', () => {
    const { ports } = new MemorySwitch(2, {}, { takesOffloads: true });
    const [red, green] = ports as [(typeof ports)[0], (typeof ports)[0]];
    red.send(FRAME, FRAME);
    expect(green.receivedHeaders).toHaveLength(2);
    expect(green.take()).toHaveLength(2);
    expect(green.take()).toEqual([]);
    expect(green.receivedHeaders).toEqual([]);
  });

  test('vnet headers are handed to ports that take offloads', () => {
    const sw = new MemorySwitch(1, {}, { takesOffloads: true });
    const green = sw.addPort({ takesOffloads: true });
    const blue = sw.addPort();
    sw.port(0).sendOffloaded(VNET_HEADER, ethernetOf(60, BROADCAST, station(1)));
    sw.port(0).send(FRAME);
    expect(green.receivedHeaders.map(toHex)).toEqual([toHex(VNET_HEADER), '00'.repeat(10)]);
    expect(blue.receivedHeaders).toEqual([]);
    expect(blue.received).toHaveLength(2);
  });

  test.each([MAX_FRAME_BYTES + 1, 100_000])('refuses a frame of %d bytes', (lengthBytes) => {
    const sw = new MemorySwitch(2);
    expect(() => sw.port(0).send(new Uint8Array(lengthBytes))).toThrow(
      `a frame of ${lengthBytes} bytes: a TAP takes ${MAX_FRAME_BYTES}`,
    );
  });

  test('more frames than one burst holds all arrive, in order', () => {
    const sw = new MemorySwitch(2, { burst: { receiveFrames: 4 } });
    const frames = Array.from({ length: 11 }, (_, index) =>
      ethernet({ to: BROADCAST, from: station(1), payload: index.toString(16).padStart(4, '0') }),
    );
    expect(sw.send(0, ...frames)).toEqual([[], frames.map(toHex)]);
  });

  test('more bytes than one burst holds all arrive, in order', () => {
    const sw = new MemorySwitch(2, { burst: { receiveBytes: 2_000 } }, { mtuBytes: 65_521 });
    const frames = [1_514, 65_535, 14, 60_000, 42].map((lengthBytes) =>
      ethernetOf(lengthBytes, BROADCAST, station(1)),
    );
    expect(sw.send(0, ...frames)).toEqual([[], frames.map(toHex)]);
  });
});

describe('MemoryIo', () => {
  test('advances the clock that it was given', () => {
    const clock = new ManualClock(1_000);
    const io = new MemoryIo(new Bridge(), clock);
    io.advance(250.5);
    expect(clock.nowMs).toBe(1_250.5);
  });

  test('ticks the bridge on the way: an address is claimed within the time of the test', () => {
    const claimed: string[] = [];
    const bridge = new Bridge({
      mac: parseMac('02:00:00:00:00:99') as MacWords,
      news: (news) =>
        claimed.push('address' in news ? `${news.event} ${news.address}` : news.event),
    });
    const io = new MemoryIo(bridge);
    const red = io.port('red');
    bridge.rooms.arp.addresses.add(keyOf('192.0.2.254'), io.clock.nowMs);
    io.advance(299);
    expect(claimed).toEqual([]);
    io.advance(2);
    expect(claimed).toEqual(['address-claimed 192.0.2.254']);
    // Three probes, and the first announcement.
    expect(red.received).toHaveLength(4);
  });

  test('an entry ages in the time of the test', () => {
    const sw = new MemorySwitch(3, { ageingMs: 10_000 });
    sw.send(0, FRAME);
    sw.io.advance(9_990);
    expect(Object.values(sw.stations())).toEqual([0]);
    sw.io.advance(10);
    expect(sw.stations()).toEqual({});
    // The sweep frees the slot of the entry.
    sw.io.advance(5_000);
    expect(sw.bridge.fdb.dynamicCount).toBe(0);
  });
});
