import { describe, expect, test } from '@jest/globals';
import { ArpCounter } from '../../../src/arp/counters';
import { IcmpCounter } from '../../../src/icmp/counters';
import { COUNTERS, COUNTERS_PER_PORT, Counter, Counters, DROPS } from '../../../src/l2/counters';
import { DropReason } from '../../../src/l2/drop-reason';

/** `RxFrames` is printed as `rx-frames`. */
function nameOf(key: string): string {
  return key.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase();
}

/** Every counter of a port, raised by a number of its own. */
function raiseAll(counters: Counters, port: number): void {
  for (const counter of Object.values(Counter)) counters.add(port, counter, 100 + counter);
  for (const counter of Object.values(ArpCounter)) {
    for (let times = 0; times <= counter; times++) counters.sinkOf('arp').count(counter, port);
  }
  for (const counter of Object.values(IcmpCounter)) {
    for (let times = 0; times <= counter; times++) counters.sinkOf('icmp').count(counter, port);
  }
  for (const reason of Object.values(DropReason)) {
    for (let times = 0; times <= reason; times++) counters.drop(port, reason);
  }
}

describe('Counters', () => {
  test('every counter has its own name', () => {
    const counters = new Counters(2);
    raiseAll(counters, 1);
    const read = counters.read(1);
    expect(Object.keys(read.counters)).toEqual(COUNTERS.map(({ name }) => name));
    expect(Object.keys(read.drops)).toEqual(DROPS.map(({ name }) => name));
    for (const [key, counter] of Object.entries(Counter)) {
      expect(read.counters[nameOf(key)]).toBe(100 + counter);
    }
    for (const [key, counter] of Object.entries(ArpCounter)) {
      expect(read.counters[`arp-${nameOf(key)}`]).toBe(counter + 1);
    }
    for (const [key, counter] of Object.entries(IcmpCounter)) {
      expect(read.counters[`icmp-${nameOf(key)}`]).toBe(counter + 1);
    }
    for (const [key, reason] of Object.entries(DropReason)) {
      expect(read.drops[nameOf(key)]).toBe(reason + 1);
    }
  });

  test('names are unique, and each comes with a sentence', () => {
    const texts = [...COUNTERS, ...DROPS];
    expect(new Set(texts.map(({ name }) => name)).size).toBe(texts.length);
    expect(COUNTERS_PER_PORT).toBe(texts.length);
    for (const { name, meaning } of texts) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(meaning).toMatch(/\S.*[.)]$/);
    }
  });

  test('ports do not share counters', () => {
    const counters = new Counters(3);
    raiseAll(counters, 1);
    const nothing = new Counters(1).read(0);
    expect(counters.read(0)).toEqual(nothing);
    expect(counters.read(2)).toEqual(nothing);
  });

  test('a reused id starts at zero, and its neighbours keep their counts', () => {
    const counters = new Counters(3);
    for (const port of [0, 1, 2]) raiseAll(counters, port);
    const before = counters.read(0);
    counters.clear(1);
    expect(counters.read(1)).toEqual(new Counters(1).read(0));
    expect(counters.read(0)).toEqual(before);
    expect(counters.read(2)).toEqual(before);
  });

  test('another thread reads the same memory', () => {
    const written = new Counters(2);
    const read = new Counters(2, written.memory);
    written.add(1, Counter.TxBytes, 1514);
    written.drop(1, DropReason.Congested);
    expect(read.get(1, Counter.TxBytes)).toBe(1514);
    expect(read.getDrops(1, DropReason.Congested)).toBe(1);
    expect(read.memory).toBe(written.memory);
  });

  test('frames are counted in runs of one port, and frames without a port are not counted', () => {
    const counters = new Counters(4);
    const ports = Int32Array.of(2, 2, -1, 0, 2, -1, 3);
    const lengths = Int32Array.of(60, 1514, 100, 42, 61, 100, 1000);
    counters.addRuns(0, 6, ports, lengths, Counter.RxFrames, Counter.RxBytes);
    const counted = [0, 1, 2, 3].map((port) => [
      counters.get(port, Counter.RxFrames),
      counters.get(port, Counter.RxBytes),
    ]);
    expect(counted).toEqual([
      [1, 42],
      [0, 0],
      [3, 1635],
      [0, 0],
    ]);
  });

  test('counts beyond 32 bits', () => {
    const counters = new Counters(1);
    counters.add(0, Counter.RxBytes, 2 ** 52);
    counters.add(0, Counter.RxBytes, 1);
    expect(counters.get(0, Counter.RxBytes)).toBe(2 ** 52 + 1);
  });
});
