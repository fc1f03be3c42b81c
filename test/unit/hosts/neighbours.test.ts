import { beforeEach, describe, expect, test } from '@jest/globals';
import { formatIpKey, ipKeyOf } from '../../../src/wire/ip-key';
import { formatMac } from '../../../src/wire/mac';
import { Neighbours } from '../../../src/hosts/neighbours';
import type { NeighbourState } from '../../../src/hosts/neighbours';
import type { NeighbourDoubted } from '../../../src/hosts/news';
import { ANY_PORT, MAX_STATIC } from '../../../src/hosts/binding-table';
import { RoomHarness } from '../../support/room-harness';

const KEY = ipKeyOf([192, 0, 2, 1]);
const ADDRESS = '192.0.2.1';

/** Stations by number; hi16 is that of 02:00. */
const HI16 = 0x0002;
const macOf = (station: number): string => formatMac(HI16, station);

let neighbours: Neighbours;
let polls: string[];
let canPoll: boolean;
let news: NeighbourDoubted[];
let doubts: string[];
const outbox = new RoomHarness();

beforeEach(() => {
  polls = [];
  canPoll = true;
  news = [];
  doubts = [];
  neighbours = new Neighbours(
    { maxEntries: 64, maxPorts: 8 },
    (key, _vlan, hi16, lo32, port, nowMs) => {
      if (!canPoll) return false;
      polls.push(`${nowMs} ${formatIpKey(key)} ${formatMac(hi16, lo32)} ${port}`);
      return true;
    },
    {
      count: (doubt, port) => doubts.push(`${doubt} ${port}`),
      tell: (told) => news.push(told),
    },
  );
});

function observe(station: number, port: number, nowMs: number): void {
  neighbours.observe(KEY, 0, HI16, station, port, nowMs);
}

/** Ticks every 50 ms. */
function run(fromMs: number, toMs: number): void {
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 50) neighbours.tick(nowMs, outbox);
}

function state(nowMs = 0): NeighbourState | undefined {
  return neighbours.list(nowMs).find(({ address }) => address === ADDRESS)?.state;
}

/** Station and port of the reliable binding. */
function reliable(nowMs: number): string | undefined {
  const entry = neighbours.findReliable(KEY, 0, nowMs);
  if (entry < 0) return undefined;
  return `${neighbours.lo32Of(entry)} on ${neighbours.portOf(entry)}`;
}

describe('a binding', () => {
  test('is known at once, and listed', () => {
    observe(1, 3, 1_000);
    expect(reliable(1_000)).toBe('1 on 3');
    expect(neighbours.list(1_500)).toEqual([
      { address: ADDRESS, mac: macOf(1), vlan: 0, port: 3, state: 'reachable', heardAgoMs: 500 },
    ]);
  });

  test('moves with its station at once, without a report', () => {
    observe(1, 3, 0);
    observe(1, 4, 10);
    expect(reliable(10)).toBe('1 on 4');
    expect(news).toEqual([]);
  });

  test('is verified before half of its life is over', () => {
    observe(1, 3, 0);
    run(0, 24_000);
    expect(polls).toEqual([`24000 ${ADDRESS} ${macOf(1)} 3`]);
    expect(state()).toBe('probe');
    expect(reliable(24_000)).toBe('1 on 3');
    observe(1, 3, 24_001);
    expect(state()).toBe('reachable');
    run(24_050, 48_000);
    expect(polls).toHaveLength(1);
    expect(reliable(48_000)).toBe('1 on 3');
  });

  test('of a silent host is removed before half of its life is over', () => {
    observe(1, 3, 0);
    run(0, 30_000);
    expect(polls.map((poll) => Number(poll.split(' ')[0]))).toEqual([24_000, 24_500, 25_000]);
    expect(neighbours.count).toBe(0);
    expect(neighbours.dueMs).toBe(Infinity);
  });

  test('without polls lives for its whole lifetime', () => {
    neighbours.setRules(60_000, false);
    observe(1, 3, 0);
    run(0, 59_950);
    expect(reliable(59_950)).toBe('1 on 3');
    expect(reliable(60_000)).toBeUndefined();
    run(60_000, 60_100);
    expect(neighbours.count).toBe(0);
    expect(polls).toEqual([]);
  });

  test('follows new settings, if it was made before them', () => {
    neighbours.setRules(60_000, false);
    observe(1, 3, 0);
    neighbours.setRules(20_000, true);
    run(7_950, 9_000);
    expect(polls.map((poll) => Number(poll.split(' ')[0]))).toEqual([8_000, 8_500, 9_000]);
    neighbours.setRules(20_000, false);
    run(9_050, 19_950);
    expect(polls).toHaveLength(3);
    expect(reliable(19_950)).toBe('1 on 3');
    expect(reliable(20_000)).toBeUndefined();
  });

  test('does not count after its lifetime, even without a tick', () => {
    observe(1, 3, 0);
    expect(reliable(59_999)).toBe('1 on 3');
    expect(reliable(60_000)).toBeUndefined();
  });

  test('is removed by a probe for its address, until its station is heard again', () => {
    observe(1, 3, 0);
    neighbours.probed(KEY, 0);
    expect(neighbours.count).toBe(0);
    observe(1, 3, 1);
    expect(reliable(1)).toBe('1 on 3');
  });

  test('of a host that cannot be polled lives for its whole lifetime', () => {
    observe(1, 3, 0);
    canPoll = false;
    run(0, 30_000);
    expect(state()).toBe('probe');
    canPoll = true;
    run(30_050, 32_000);
    expect(polls.map((poll) => Number(poll.split(' ')[0]))).toEqual([30_500, 31_000, 31_500]);
    expect(neighbours.count).toBe(0);
    observe(1, 3, 40_000);
    canPoll = false;
    run(40_000, 99_950);
    expect(neighbours.count).toBe(1);
    run(100_000, 100_500);
    expect(neighbours.count).toBe(0);
  });

  test('is removed with its port', () => {
    observe(1, 3, 0);
    neighbours.observe(ipKeyOf([192, 0, 2, 2]), 0, HI16, 2, 4, 0);
    expect(neighbours.flush(3)).toBe(1);
    expect(neighbours.list(0).map(({ address }) => address)).toEqual(['192.0.2.2']);
    expect(neighbours.flush()).toBe(1);
  });
});

test('learned addresses are forgotten by port and by VLAN', () => {
  const address = (last: number) => ipKeyOf([192, 0, 2, last]);
  neighbours.observe(address(1), 10, HI16, 1, 3, 0);
  neighbours.observe(address(2), 20, HI16, 2, 3, 0);
  neighbours.observe(address(3), 20, HI16, 3, 4, 0);
  const left = () => neighbours.list(0).map((host) => host.address);
  expect(neighbours.flush(3, 20)).toBe(1);
  expect(left()).toEqual(['192.0.2.1', '192.0.2.3']);
  expect(neighbours.flush(undefined, 20)).toBe(1);
  expect(left()).toEqual(['192.0.2.1']);
});

describe('another station that uses the address', () => {
  test('is unreliable during the polls of the former one, and reliable if that stays silent', () => {
    observe(1, 3, 0);
    observe(2, 4, 1_000);
    expect(reliable(1_000)).toBeUndefined();
    expect(state()).toBe('contested');
    run(1_000, 2_450);
    expect(polls).toEqual(
      [1_000, 1_500, 2_000].map((nowMs) => `${nowMs} ${ADDRESS} ${macOf(1)} 3`),
    );
    expect(reliable(2_450)).toBeUndefined();
    run(2_500, 2_500);
    expect(reliable(2_500)).toBe('2 on 4');
    expect(news).toEqual([
      { event: 'neighbour-changed', address: ADDRESS, mac: macOf(2), port: 4, formerMac: macOf(1) },
    ]);
  });

  test('is in conflict if the former one answers', () => {
    observe(1, 3, 0);
    observe(2, 4, 1_000);
    run(1_000, 1_000);
    observe(1, 3, 1_001);
    expect(state()).toBe('conflict');
    expect(news.map(({ event, mac }) => [event, mac])).toEqual([
      ['neighbour-changed', macOf(2)],
      ['neighbour-conflict', macOf(1)],
    ]);
    expect(reliable(1_001)).toBeUndefined();
  });

  test('a conflict lasts for a minute after its last sign', () => {
    observe(1, 3, 0);
    observe(2, 4, 0);
    observe(1, 3, 0);
    for (let nowMs = 0; nowMs < 300_000; nowMs += 50_000) {
      run(nowMs, nowMs + 49_000);
      observe(2, 4, nowMs + 49_000);
      observe(1, 3, nowMs + 49_000);
      expect(reliable(nowMs + 49_000)).toBeUndefined();
    }
    expect(polls).toEqual([]);
    expect(news).toHaveLength(2);
    expect(doubts).toHaveLength(14);
    observe(1, 3, 310_000);
    run(300_000, 358_950);
    expect(state()).toBe('conflict');
    run(359_000, 359_100);
    expect(neighbours.count).toBe(0);
  });

  test('a third one starts the polls again', () => {
    observe(1, 3, 0);
    observe(2, 4, 0);
    observe(5, 5, 100);
    run(100, 2_000);
    expect(polls.every((poll) => poll.includes(macOf(2)))).toBe(true);
    expect(reliable(2_000)).toBe('5 on 5');
  });

  test('without polls becomes reliable after a while', () => {
    neighbours.setRules(60_000, false);
    observe(1, 3, 0);
    observe(2, 4, 0);
    run(0, 2_000);
    expect(polls).toEqual([]);
    expect(reliable(2_000)).toBe('2 on 4');
  });

  test('a thousand changes make a bounded number of reports', () => {
    for (let index = 0; index < 1_000; index++) {
      const key = ipKeyOf([192, 0, 2, index % 50]);
      neighbours.observe(key, 0, HI16, index, 1, 0);
    }
    expect(news.length).toBeLessThanOrEqual(20);
    expect(doubts).toHaveLength(950);
  });
});

describe('a static binding', () => {
  beforeEach(() => {
    neighbours.addStatic(KEY, 0, HI16, 1, ANY_PORT);
  });

  test('is always reliable, and never polled', () => {
    run(0, 100_000);
    expect(reliable(1e9)).toBe('1 on -1');
    expect(state()).toBe('permanent');
    expect(polls).toEqual([]);
    expect(neighbours.dueMs).toBe(Infinity);
  });

  test('is not changed by a host that contradicts it, and the host is reported', () => {
    observe(2, 4, 0);
    expect(reliable(0)).toBe('1 on -1');
    expect(news.map(({ event }) => event)).toEqual(['neighbour-contradicted']);
  });

  test('survives a flush and a probe, not its removal', () => {
    neighbours.flush();
    neighbours.probed(KEY, 0);
    expect(reliable(0)).toBe('1 on -1');
    expect(neighbours.remove(KEY, 0)).toBe(true);
    expect(neighbours.remove(KEY, 0)).toBe(false);
    expect(reliable(0)).toBeUndefined();
  });

  test('replaces a learned binding, and another static one', () => {
    const other = ipKeyOf([192, 0, 2, 2]);
    neighbours.observe(other, 0, HI16, 7, 1, 0);
    expect(neighbours.addStatic(other, 0, HI16, 8, 2)).toBe(true);
    expect(neighbours.addStatic(other, 0, HI16, 9, 3)).toBe(true);
    expect(neighbours.list(0).map(({ mac, port }) => [mac, port])).toContainEqual([macOf(9), 3]);
    expect(neighbours.count).toBe(2);
  });

  test('is removed with its port', () => {
    neighbours.addStatic(ipKeyOf([192, 0, 2, 2]), 0, HI16, 8, 2);
    neighbours.forgetPort(2);
    expect(neighbours.list(0).map(({ address }) => address)).toEqual([ADDRESS]);
  });

  test('too many are refused, and change nothing', () => {
    for (let index = 1; index < MAX_STATIC; index++) {
      const key = ipKeyOf([198, 18, index >>> 8, index]);
      expect(neighbours.addStatic(key, 0, HI16, index, ANY_PORT)).toBe(true);
    }
    const learned = ipKeyOf([203, 0, 113, 1]);
    neighbours.observe(learned, 0, HI16, 3, 1, 0);
    expect(neighbours.addStatic(learned, 0, HI16, 4, ANY_PORT)).toBe(false);
    expect(neighbours.findReliable(learned, 0, 0)).toBeGreaterThanOrEqual(0);
    expect(neighbours.addStatic(KEY, 0, HI16, 4, ANY_PORT)).toBe(true);
  });
});

test('a table full of bindings that fall due together sends a bounded number of polls a sweep', () => {
  const crowd = new Neighbours({ maxEntries: 1_000, maxPorts: 8 }, () => polls.push('poll') > 0, {
    count: () => undefined,
    tell: () => undefined,
  });
  for (let index = 0; index < 1_000; index++) {
    crowd.observe(ipKeyOf([198, 18, index >>> 8, index]), 0, HI16, index, index % 8, 0);
  }
  crowd.tick(24_000, outbox);
  const first = polls.length;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThanOrEqual(128);
  crowd.tick(24_050, outbox);
  expect(polls).toHaveLength(first);
  for (let nowMs = 24_100; nowMs < 30_000; nowMs += 100) crowd.tick(nowMs, outbox);
  expect(polls).toHaveLength(3_000);
  expect(crowd.count).toBe(0);
});
