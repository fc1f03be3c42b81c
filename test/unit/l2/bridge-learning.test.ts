/** Learning from source addresses, and ageing (IEEE 802.1Q-2022 8.7, 8.8). */

import { describe, expect, test } from '@jest/globals';
import { BROADCAST, ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';

const A = station(0x0a);
const B = station(0x0b);

const hello = (from: string): Uint8Array => ethernet({ to: BROADCAST, from });

describe('learning', () => {
  test('needs one frame of a station, and no answer', () => {
    const sw = new MemorySwitch(3);
    sw.send(0, hello(A));
    const frame = ethernet({ to: A, from: B });
    expect(sw.send(2, frame)).toEqual([[toHex(frame)], [], []]);
  });

  test('takes effect with the next frame of the same burst', () => {
    const sw = new MemorySwitch(3, { burst: { receiveFrames: 64 } });
    // Both stations are behind one port: the second frame must not leave the switch.
    expect(sw.send(0, hello(A), ethernet({ to: A, from: B }))).toEqual([
      [],
      [toHex(hello(A))],
      [toHex(hello(A))],
    ]);
  });
});

describe('a station that moves', () => {
  test('is found at its new port as of the frame that shows the move', () => {
    const sw = new MemorySwitch(3);
    sw.send(0, hello(A));
    sw.send(1, hello(A));
    const frame = ethernet({ to: A, from: B });
    expect(sw.send(2, frame)).toEqual([[], [toHex(frame)], []]);
    expect(sw.counts(1)).toMatchObject({ 'moved-here': 1 });
    expect(sw.counts(0)).toMatchObject({ learned: 1 });
  });

  test('within one burst is found at its last port', () => {
    const sw = new MemorySwitch(3);
    for (const id of [0, 1, 0, 1]) {
      sw.io.enqueue(sw.port(id), { bytes: hello(A), vnetHeader: new Uint8Array(10) });
    }
    sw.io.run();
    expect(sw.stations()).toEqual({ [printed(A)]: 1 });
    expect(sw.counts(0)).toMatchObject({ learned: 1, 'moved-here': 1 });
    expect(sw.counts(1)).toMatchObject({ 'moved-here': 2 });
  });

  test('back and forth is reported at a bounded rate, and gets all its frames', () => {
    const sw = new MemorySwitch(3);
    for (let index = 0; index < 100; index++) {
      sw.send(index % 2, hello(A));
      sw.io.advance(10);
    }
    const flapping = sw.events('flapping');
    expect(flapping).toHaveLength(1);
    expect(flapping[0]).toMatchObject({ mac: printed(A), port: 1, fromPort: 0, vlan: 0 });
    expect(sw.stations()).toEqual({ [printed(A)]: 1 });
  });
});

describe('ageing', () => {
  const AGEING_MS = 20_000;

  /** A behind port 0. */
  function aged(byMs: number): MemorySwitch {
    const sw = new MemorySwitch(3, { ageingMs: AGEING_MS, fdbMax: 100 });
    sw.send(0, hello(A));
    sw.io.advance(byMs);
    sw.take();
    return sw;
  }

  const frame = ethernet({ to: A, from: B });

  test('is 300 seconds by default', () => {
    const sw = new MemorySwitch(3);
    sw.send(0, hello(A));
    sw.io.advance(299_990);
    expect(sw.send(1, frame)).toEqual([[toHex(frame)], [], []]);
    sw.io.advance(10);
    expect(sw.send(1, frame)).toEqual([[toHex(frame)], [], [toHex(frame)]]);
  });

  test('does not wait for the sweep', () => {
    const sw = aged(0);
    sw.io.clock.advance(AGEING_MS - 10);
    expect(sw.send(1, frame)).toEqual([[toHex(frame)], [], []]);
    sw.io.clock.advance(10);
    expect(sw.send(1, frame)).toEqual([[toHex(frame)], [], [toHex(frame)]]);
  });

  test('is delayed by frames from the station', () => {
    const sw = aged(AGEING_MS - 1_000);
    sw.send(0, hello(A));
    sw.io.advance(AGEING_MS - 1_000);
    expect(sw.send(1, frame)).toEqual([[toHex(frame)], [], []]);
  });

  test('is not delayed by frames to the station', () => {
    const sw = aged(AGEING_MS - 1_000);
    sw.send(1, frame);
    sw.io.advance(1_000);
    expect(sw.send(1, frame)).toEqual([[toHex(frame)], [], [toHex(frame)]]);
  });

  test('is reported by the sweep', () => {
    const sw = aged(AGEING_MS - 10);
    expect(sw.events('age')).toEqual([]);
    sw.io.advance(5_000);
    expect(sw.events('age')).toMatchObject([{ mac: printed(A), port: 0, vlan: 0, fromPort: -1 }]);
    expect(sw.bridge.fdb.dynamicCount).toBe(0);
  });

  test('shows in `stations` when the clock has advanced, without a frame or a tick', () => {
    const sw = aged(0);
    sw.io.clock.advance(AGEING_MS);
    expect(sw.bridge.stations()).toMatchObject([{ mac: printed(A), updatedAgoMs: 0 }]);
    expect(sw.bridge.stations(sw.nowMs - 10)).toMatchObject([{ updatedAgoMs: AGEING_MS - 10 }]);
    expect(sw.bridge.stations(sw.nowMs)).toEqual([]);
  });

  test('takes an hour of simulated time, and no waiting', () => {
    const sw = aged(3_600_000);
    expect(sw.stations()).toEqual({});
  });
});

describe('static and sticky entries', () => {
  test('a static entry keeps its station on its port, wherever the station sends from', () => {
    const sw = new MemorySwitch(3);
    sw.bridge.fdb.addStatic(0x0002, 0x0a000000, 0, 0, 0);
    sw.send(1, hello(A));
    const frame = ethernet({ to: A, from: B });
    expect(sw.send(2, frame)).toEqual([[toHex(frame)], [], []]);
    sw.io.clock.advance(3_600_000);
    expect(sw.send(2, frame)).toEqual([[toHex(frame)], [], []]);
    expect(sw.counts(1)).not.toHaveProperty('moved-here');
    expect(sw.events('move')).toEqual([]);
  });

  test('the MAC of the host is behind its port, until the port gets another MAC or is removed', () => {
    const sw = new MemorySwitch(3);
    const statics = (): string[] =>
      sw.bridge
        .stations()
        .flatMap(({ mac, port, isStatic }) => (isStatic ? [`${mac} ${port}`] : []));
    sw.send(1, hello(A));
    sw.bridge.configurePort(0, { hostMac: printed(A) });
    sw.send(1, hello(A));
    const frame = ethernet({ to: A, from: B });
    expect(sw.send(2, frame)).toEqual([[toHex(frame)], [], []]);
    sw.bridge.configurePort(0, { mtuBytes: 1400, isUp: false });
    expect(statics()).toEqual([`${printed(A)} 0`]);
    sw.bridge.configurePort(0, { hostMac: printed(B) });
    expect(statics()).toEqual([`${printed(B)} 0`]);
    sw.bridge.configurePort(0, { hostMac: null });
    expect(statics()).toEqual([]);
    sw.bridge.configurePort(0, { hostMac: printed(A) });
    sw.bridge.removePort(0);
    sw.bridge.addPort(0, { name: 'again', mtuBytes: 1500, takesOffloads: false, isUp: true });
    expect(statics()).toEqual([]);
  });

  test('a sticky entry does not move, but ages', () => {
    const sw = new MemorySwitch(3);
    sw.bridge.fdb.addSticky(0x0002, 0x0a000000, 0, 0, 0);
    sw.send(1, hello(A));
    expect(sw.stations()).toEqual({ [printed(A)]: 0 });
    sw.io.advance(310_000);
    expect(sw.stations()).toEqual({});
  });
});

describe('a flood of addresses', () => {
  test('stops no frame, and evicts no station of ports within their share', () => {
    const sw = new MemorySwitch(4, { fdbMax: 300 });
    for (let index = 0; index < 50; index++) sw.send(0, hello(station(0x1_0000 + index)));
    for (let index = 0; index < 80; index++) sw.send(1, hello(station(0x2_0000 + index)));
    for (let index = 0; index < 5_000; index++) sw.send(2, hello(station(0x3_0000 + index)));

    const { fdb } = sw.bridge;
    expect([0, 1, 2, 3].map((id) => fdb.dynamicCountOn(id))).toEqual([50, 80, 170, 0]);
    expect(fdb.dynamicCount).toBe(300);
    const frame = ethernet({ to: station(0x1_0000), from: station(0x2_0000) });
    expect(sw.send(1, frame)).toEqual([[toHex(frame)], [], [], []]);
    // A frame to an unknown station is flooded, and reaches it.
    const toUnknown = ethernet({ to: station(0x9_9999), from: station(0x2_0000) });
    expect(sw.send(1, toUnknown).map((frames) => frames.length)).toEqual([1, 0, 1, 1]);
  });

  test('on a port with a limit stays within the limit', () => {
    const sw = new MemorySwitch(3, { fdbMaxPerPort: 16 });
    for (let index = 0; index < 1_000; index++) sw.send(0, hello(station(index)));
    expect(sw.bridge.fdb.dynamicCountOn(0)).toBe(16);
    expect(sw.stations()).toHaveProperty(printed(station(999)), 0);
  });
});
