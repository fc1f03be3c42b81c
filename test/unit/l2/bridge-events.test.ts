/** Events of the bridge, and their maximum number. */

import { describe, expect, test } from '@jest/globals';
import { BROADCAST, ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

const A = station(0x0a);
const SWITCH = '020000000099';

const hello = (from: string): Uint8Array => ethernet({ to: BROADCAST, from });

describe('events', () => {
  test('report the life of a station in order', () => {
    const sw = new MemorySwitch(3, { ageingMs: 10_000, fdbMax: 100 });
    sw.io.advance(100);
    sw.send(0, hello(A));
    sw.io.advance(1_000);
    sw.send(0, hello(A));
    sw.send(2, hello(A));
    sw.io.advance(10_000);
    const mac = printed(A);
    expect(sw.events()).toEqual([
      { event: 'learn', atMs: 100, port: 0, fromPort: -1, mac, vlan: 0 },
      { event: 'move', atMs: 1_100, port: 2, fromPort: 0, mac, vlan: 0 },
      { event: 'age', atMs: 11_100, port: 2, fromPort: -1, mac, vlan: 0 },
    ]);
  });

  test('a station that comes back after its time is learned again', () => {
    const sw = new MemorySwitch(2, { ageingMs: 10_000 });
    sw.send(0, hello(A));
    // The sweep has not reached the entry.
    sw.io.clock.advance(10_000);
    sw.send(0, hello(A));
    expect(sw.events('learn')).toHaveLength(2);
    expect(sw.counts(0)).toMatchObject({ learned: 2 });
  });

  test('are bounded: further events are counted, and no frame is lost', () => {
    const sw = new MemorySwitch(2);
    const stations = Array.from({ length: 1_500 }, (_, index) => hello(station(index + 1)));
    const [, received] = sw.send(0, ...stations);
    expect(received).toHaveLength(1_500);
    const { events, lost } = sw.bridge.events.drain();
    expect(events).toHaveLength(1_024);
    expect(lost).toBe(1_500 - 1_024);
    expect(sw.counts(0)).toMatchObject({ learned: 1_500 });
  });
});

describe("a host that sends with the switch's own address", () => {
  /** Events of a number of milliseconds, with one such frame in each. */
  function flood(durationMs: number): MemorySwitch {
    const sw = new MemorySwitch(2, { mac: { hi16: 0x0002, lo32: 0x99000000 | 0 } });
    for (let ms = 0; ms < durationMs; ms++) {
      sw.send(1, hello(SWITCH));
      sw.io.clock.advance(1);
    }
    return sw;
  }

  test('is reported at once, and then once a second', () => {
    const reported = flood(2_500).events('own-source');
    expect(reported.map(({ atMs }) => atMs)).toEqual([0, 1_000, 2_000]);
    expect(reported[0]).toMatchObject({ port: 1, fromPort: -1, mac: printed(SWITCH) });
  });

  test('is counted every time, and never learned', () => {
    const sw = flood(20);
    expect(sw.drops(1)).toEqual({ 'source-is-switch': 20 });
    expect(sw.stations()).toEqual({});
  });
});
