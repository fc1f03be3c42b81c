/** The fast path as the bridge keeps it: entries for the program in the kernel, and the times and counters that it returns. */

import { describe, expect, test } from '@jest/globals';
import { Bridge } from '../../../../src/l2/bridge';
import { Counter } from '../../../../src/l2/counters';
import {
  BUCKETS,
  BUCKET_STATIONS,
  FAST_PORTS,
  PortField,
  PortFlag,
  hashOf,
} from '../../../../src/l2/fast/layout';
import { FastObstacle } from '../../../../src/l2/fast/obstacle';
import { PortState } from '../../../../src/l2/port-table';
import { toTicks } from '../../../../src/frame/time';
import { type MacWords, formatMac } from '../../../../src/wire/mac';
import { FastMemory, LEG, SEED } from '../../../support/fast-memory';
import { impairmentOf } from '../../../support/impairments';
import { host } from '../../../support/fdb-table';

const A = host(0x01000000);
const B = host(0x02000000);
const nameOf = ({ hi16, lo32 }: MacWords): string => formatMac(hi16, lo32);

function setUp(options: { ageingMs?: number } = {}) {
  const bridge = new Bridge({ maxPorts: 2 * FAST_PORTS, fdbMax: 1_000, ...options });
  bridge.connect({ transmit: () => 0 });
  const memory = FastMemory.of(bridge);
  const add = (port: number, fastLeg: typeof LEG | null): void =>
    bridge.addPort(port, {
      ...{ name: `p${port}`, mtuBytes: 1500, takesOffloads: true, isUp: true },
      fastLeg,
    });
  add(0, { ...LEG, farEnd: A });
  add(1, { ...LEG, index: 9, domain: 3 });
  add(2, null);
  const at = (ms: number): void => {
    bridge.burst.clock[0] = ms;
  };
  const learn = ({ hi16, lo32 }: MacWords, port: number, ms = 0): void => {
    at(ms);
    bridge.fdb.learn(hi16, lo32, 0, port, toTicks(ms));
  };
  return { bridge, memory, at, learn, add };
}

describe('stations', () => {
  test('are there while they are in the forwarding database, on ports with a leg', () => {
    const { bridge, memory, learn } = setUp();
    learn(A, 0);
    learn(B, 2);
    expect([...memory.stations()]).toEqual([[nameOf(A), 0]]);
    learn(A, 1);
    learn(B, 1);
    expect(memory.stations()).toEqual(
      new Map([
        [nameOf(A), 1],
        [nameOf(B), 1],
      ]),
    );
    learn(A, 2);
    expect([...memory.stations()]).toEqual([[nameOf(B), 1]]);
    bridge.fdb.flush();
    expect(memory.stations().size).toBe(0);
  });

  test('in a VLAN are not there, if the bridge does not filter', () => {
    const { bridge, memory } = setUp();
    bridge.fdb.learn(A.hi16, A.lo32, 10, 0, 0);
    expect(memory.stations().size).toBe(0);
  });

  test('are there in the untagged VLAN of their port, and follow it', () => {
    const { bridge, memory } = setUp();
    bridge.configure({ vlanFiltering: true });
    const pvid = { pvid: true, untagged: true };
    bridge.setPortVlans(0, [{ vid: 10, ...pvid }, { vid: 20 }]);
    bridge.setPortVlans(1, [{ vid: 20, ...pvid }]);
    // The same MAC in two VLANs is two stations.
    bridge.fdb.learn(A.hi16, A.lo32, 10, 0, 0);
    bridge.fdb.learn(A.hi16, A.lo32, 20, 1, 0);
    bridge.fdb.learn(B.hi16, B.lo32, 20, 0, 0);
    const inTen: [string, number] = [`${nameOf(A)} vlan 10`, 0];
    const inTwenty: [string, number] = [`${nameOf(A)} vlan 20`, 1];
    expect(memory.stations()).toEqual(new Map([inTen, inTwenty]));
    bridge.fdb.remove(A.hi16, A.lo32, 20);
    expect(memory.stations()).toEqual(new Map([inTen]));

    // The port stays a member of both, and its stations of VLAN 20 have no tag from now on.
    bridge.setPortVlans(0, [{ vid: 20, ...pvid }, { vid: 10 }]);
    expect(memory.stations()).toEqual(new Map([[`${nameOf(B)} vlan 20`, 0]]));
    expect(memory.isOpen(0)).toBe(true);
    expect([0, 1].map((port) => memory.port(port, PortField.VLAN))).toEqual([20, 20]);
    bridge.configure({ vlanFiltering: false });
    expect(memory.stations().size).toBe(0);
    expect(memory.port(0, PortField.VLAN)).toBe(0);
  });

  test.each([
    ['has no PVID', [{ vid: 10, untagged: true }]],
    ['sends its PVID with a tag', [{ vid: 10, pvid: true }]],
    ['is in no VLAN', []],
  ])('of a port that %s have no fast path', (_, vlans) => {
    const { bridge, memory } = setUp();
    bridge.configure({ vlanFiltering: true });
    bridge.fdb.learn(A.hi16, A.lo32, 10, 0, 0);
    bridge.setPortVlans(0, vlans);
    expect(memory.stations().size).toBe(0);
    expect(memory.isOpen(0)).toBe(false);
    expect(memory.port(0, PortField.OBSTACLE)).toBe(FastObstacle.NoUntaggedVlan);
  });

  test('that wait on a locked port are not there', () => {
    const { bridge, memory } = setUp();
    bridge.fdb.learnLocked(A.hi16, A.lo32, 0, 0, 0);
    bridge.configurePort(1, { fastLeg: LEG });
    expect(memory.stations().size).toBe(0);
  });

  test('of a port that gets its leg later are added with the leg', () => {
    const { bridge, memory, learn } = setUp();
    bridge.fdb.addStatic(A.hi16, A.lo32, 0, 2, 0);
    learn(B, 2);
    bridge.configurePort(2, { fastLeg: LEG });
    expect(memory.stations()).toEqual(
      new Map([
        [nameOf(A), 2],
        [nameOf(B), 2],
      ]),
    );
    bridge.removePort(2);
    expect(memory.stations().size).toBe(0);
  });

  test('are removed when another one takes their place', () => {
    const { bridge, memory, learn } = setUp();
    for (let index = 0; index < 2_000; index++) learn(host(index << 8), index % 2);
    const known = new Map(bridge.stations(0).map(({ mac, port }) => [mac, port]));
    expect(known.size).toBe(1_000);
    for (const [mac, port] of memory.stations()) expect(known.get(mac)).toBe(port);
    expect(memory.stations().size).toBeGreaterThan(990);
  });

  test('beyond the capacity have no fast path; the others have one', () => {
    const { memory, learn } = setUp();
    const bucket = hashOf(A.hi16, A.lo32, SEED) % BUCKETS;
    const same = [A];
    for (let lo32 = 1; same.length <= BUCKET_STATIONS; lo32++) {
      if (hashOf(2, lo32, SEED) % BUCKETS === bucket) same.push(host(lo32));
    }
    for (const station of same) learn(station, 0);
    expect([...memory.stations().keys()]).toEqual(same.slice(0, BUCKET_STATIONS).map(nameOf));
    // A station without an entry cannot be removed, and removes no other station's entry.
    learn(same.at(-1) as MacWords, 2);
    expect(memory.stations().size).toBe(BUCKET_STATIONS);
  });
});

describe('time', () => {
  test('a station that only the kernel hears does not age', () => {
    const { bridge, memory, at, learn } = setUp({ ageingMs: 10_000 });
    learn(A, 0, 1_000);
    learn(B, 1, 1_000);
    memory.pass(A, B, 9_000);
    at(12_000);
    bridge.burst.begin(0);
    bridge.tick();
    expect(bridge.stations(12_000).map(({ mac }) => mac)).toEqual([nameOf(A)]);
    expect([...memory.stations().keys()]).toEqual([nameOf(A)]);
    at(20_000);
    bridge.tick();
    expect(bridge.stations(20_000)).toEqual([]);
    expect(memory.stations().size).toBe(0);
  });

  test('a look-up finds it, too, and removes one that is silent', () => {
    const { bridge, memory, at, learn } = setUp({ ageingMs: 10_000 });
    learn(A, 0, 1_000);
    learn(B, 1, 1_000);
    memory.pass(A, B, 9_000);
    at(12_000);
    expect(bridge.fdb.lookup(A.hi16, A.lo32, 0, toTicks(12_000))).toBe(0);
    expect(bridge.fdb.lookup(B.hi16, B.lo32, 0, toTicks(12_000))).toBe(-1);
    expect([...memory.stations().keys()]).toEqual([nameOf(A)]);
  });

  test('the listed times include frames that the kernel has carried', () => {
    const { bridge, memory, at, learn } = setUp();
    learn(A, 0, 100_000);
    learn(B, 1, 100_000);
    memory.pass(A, B, 160_000);
    at(170_000);
    const shown = new Map(bridge.stations(170_000).map((entry) => [entry.mac, entry]));
    expect(shown.get(nameOf(A))?.updatedAgoMs).toBeGreaterThan(9_900);
    expect(shown.get(nameOf(A))?.updatedAgoMs).toBeLessThan(10_100);
    expect(shown.get(nameOf(A))?.usedAgoS).toBeGreaterThan(68);
    expect(shown.get(nameOf(B))?.usedAgoS).toBeLessThan(12);
    expect(shown.get(nameOf(B))?.updatedAgoMs).toBe(70_000);
  });

  test('after years, when the units of the program wrap', () => {
    const years = 2 * 365 * 86_400_000;
    const { bridge, memory, at, learn } = setUp({ ageingMs: 10_000 });
    learn(A, 0, years);
    learn(B, 1, years);
    memory.pass(A, B, years + 9_000);
    at(years + 12_000);
    const nowTicks = toTicks(years + 12_000);
    expect(bridge.fdb.lookup(A.hi16, A.lo32, 0, nowTicks)).toBe(0);
    expect(bridge.fdb.lookup(B.hi16, B.lo32, 0, nowTicks)).toBe(-1);
  });
});

describe('a port', () => {
  test('has the facts of its leg in its record', () => {
    const { memory } = setUp();
    const record = (port: number) =>
      [PortField.INDEX, PortField.DOMAIN, PortField.LONGEST].map((field) =>
        memory.port(port, field),
      );
    expect(record(0)).toEqual([7, 1, 1518]);
    expect(record(1)).toEqual([9, 3, 1518]);
    // The address in the upper 48 bits of two words.
    expect([memory.port(0, PortField.FAR_END), memory.port(0, PortField.FAR_END + 4)]).toEqual([
      (A.lo32 << 16) >>> 0,
      ((A.hi16 << 16) | (A.lo32 >>> 16)) >>> 0,
    ]);
    expect(memory.port(1, PortField.FAR_END + 4)).toBe(0);
  });

  test('is open while it has a leg, forwards, and no capture or hook needs its frames', () => {
    const { bridge, memory } = setUp();
    const open = (): boolean[] => [0, 1, 2].map((port) => memory.isOpen(port));
    expect(open()).toEqual([true, true, false]);
    bridge.setPortUp(0, false);
    expect(open()).toEqual([false, true, false]);
    bridge.setPortUp(0, true);
    bridge.setPortState(1, PortState.Learning);
    expect(open()).toEqual([true, false, false]);
    bridge.setPortState(1, PortState.Forwarding);
    bridge.setPortWatched(0, true);
    bridge.setPortUp(0, false);
    bridge.setPortUp(0, true);
    expect(open()).toEqual([false, true, false]);
    bridge.setPortWatched(0, false);
    bridge.configurePort(1, { fastLeg: null });
    expect(open()).toEqual([true, false, false]);
    bridge.configurePort(1, { mtuBytes: 9000, isUp: true });
    expect(open()).toEqual([true, false, false]);
    bridge.configurePort(1, { fastLeg: LEG });
    expect(open()).toEqual([true, true, false]);
    expect(memory.port(1, PortField.LONGEST)).toBe(9018);
    bridge.removePort(0);
    expect(open()).toEqual([false, true, false]);
  });

  test('is shut while it does not learn', () => {
    const { bridge, memory } = setUp();
    bridge.configurePort(0, { learning: false });
    expect(memory.isOpen(0)).toBe(false);
    expect(memory.port(0, PortField.OBSTACLE)).toBe(FastObstacle.NotLearning);
    bridge.configurePort(0, { learning: true });
    expect(memory.isOpen(0)).toBe(true);
  });

  test.each([
    ['in', 0],
    ['out', 1],
  ] as const)('is shut while frames are impaired (%s)', (direction, port) => {
    const { bridge, memory } = setUp();
    const impairment = impairmentOf(`${direction} loss`, port);
    bridge.addImpairment(impairment);
    expect(memory.isOpen(port)).toBe(false);
    expect(memory.port(port, PortField.OBSTACLE)).toBe(FastObstacle.Impaired);
    expect(memory.isOpen(1 - port)).toBe(true);
    bridge.removeImpairment(impairment.name);
    expect(memory.isOpen(port)).toBe(true);
  });

  test('says that it is isolated', () => {
    const { bridge, memory } = setUp();
    bridge.configurePort(0, { isolated: true });
    expect(memory.port(0, PortField.FLAGS)).toBe(PortFlag.OPEN | PortFlag.ISOLATED);
    bridge.configurePort(0, { isolated: false });
    expect(memory.port(0, PortField.FLAGS)).toBe(PortFlag.OPEN);
  });

  test('with an id beyond the records has no fast path, and works', () => {
    const { bridge, memory, learn, add } = setUp();
    add(FAST_PORTS, LEG);
    learn(A, FAST_PORTS);
    learn(B, 0);
    learn(B, FAST_PORTS);
    expect(memory.stations().size).toBe(0);
    bridge.collectCounters();
    bridge.removePort(FAST_PORTS);
  });
});

describe('counters', () => {
  test('include the frames that the kernel has carried, of every processor and beyond 32 bits', () => {
    const { bridge, memory } = setUp();
    const read = (port: number): number[] =>
      [Counter.RxFrames, Counter.RxBytes, Counter.TxFrames, Counter.TxBytes].map((counter) =>
        bridge.counters.get(port, counter),
      );
    bridge.counters.add(0, Counter.RxFrames, 5);
    memory.count(0, 0, [1n, 100n, 2n, 200n]);
    memory.count(1, 0, [10n, 5_000_000_000n, 0n, 0n]);
    bridge.collectCounters();
    expect(read(0)).toEqual([16, 5_000_000_100, 2, 200]);
    bridge.collectCounters();
    memory.count(1, 0, [1n, 60n, 1n, 60n]);
    bridge.removePort(0);
    expect(read(0)).toEqual([17, 5_000_000_160, 3, 260]);
  });

  test('of a port with a reused id start at zero', () => {
    const { bridge, memory, add } = setUp();
    memory.count(0, 0, [7n, 700n, 0n, 0n]);
    bridge.removePort(0);
    add(0, LEG);
    bridge.collectCounters();
    expect(bridge.counters.get(0, Counter.RxFrames)).toBe(0);
    memory.count(0, 0, [1n, 60n, 0n, 0n]);
    bridge.tick();
    bridge.collectCounters();
    expect(bridge.counters.get(0, Counter.RxFrames)).toBe(1);
  });
});
