/** Impairments of a switch in simulated time: which frames leave, and when. */

import { describe, expect, test } from '@jest/globals';
import { MAX_HELD_FRAMES } from '../../../src/impair/held-frames';
import { PortState } from '../../../src/l2/port-table';
import { network, type Network } from '../../../src/testing/network';
import { frame } from '../../../src/testing/frames/frame';
import { impairmentOf } from '../../support/impairments';

const [A, B] = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'];

/** A numbered frame from A to B. */
function numbered(number: number, size = 60): Uint8Array {
  const payload = new Uint8Array(size - 42);
  new DataView(payload.buffer).setUint32(0, number);
  return frame.udp({
    ...{ from: A, to: B, source: '192.0.2.1', destination: '192.0.2.2' },
    ...{ sourcePort: 5_000, destinationPort: number % 2 === 0 ? 53 : 80, payload },
  });
}

const numberOf = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(42);

/** Two ports; B is known behind the second. */
function impaired(...impairments: string[]): Network {
  const net = network({ ports: ['a', 'b'], impairments });
  net.bridge.fdb.addStatic(0x0002, 0x0b000000, 0, 1, 0);
  return net;
}

/** Times and numbers of the frames that leave by `b`. */
function leaving(net: Network): [ms: number, number: number][] {
  const left: [number, number][] = [];
  net.port('b').onFrame((bytes) => left.push([net.nowMs, numberOf(bytes)]));
  return left;
}

describe('a delay', () => {
  test.each(['b out', 'a in'])('of %s is exact, and keeps the order', (place) => {
    const net = impaired(`${place} delay 10ms`);
    const left = leaving(net);
    net.port('a').send(numbered(1), numbered(2));
    net.advance(3);
    net.port('a').send(numbered(3));
    net.advance(9.5);
    expect(left).toEqual([
      [10, 1],
      [10, 2],
    ]);
    net.advance(10);
    expect(left.at(-1)).toEqual([13, 3]);
    expect(net.impairments()).toMatchObject([{ frames: 3, held: 0, lost: 0 }]);
  });

  test('of less than a millisecond is exact', () => {
    const net = impaired('b out delay 250us');
    const left = leaving(net);
    net.port('a').send(numbered(1));
    net.advance(1);
    expect(left).toEqual([[0.25, 1]]);
  });

  test('with jitter keeps the order', () => {
    const net = impaired('b out delay 10ms 9ms distribution normal');
    const left = leaving(net);
    for (let number = 0; number < 500; number++) {
      net.port('a').send(numbered(number));
      net.advance(0.5);
    }
    net.advance(100);
    expect(left.map(([, number]) => number)).toEqual([...Array(500).keys()]);
    expect(new Set(left.map(([ms], number) => ms - number / 2)).size).toBeGreaterThan(50);
  });

  test('of both directions adds up, and each impairs a frame once', () => {
    const net = impaired('a in delay 10ms', 'b out delay 5ms');
    const left = leaving(net);
    net.port('a').send(numbered(1));
    net.advance(20);
    expect(left).toEqual([[15, 1]]);
    expect(net.impairments().map(({ frames }) => frames)).toEqual([1, 1]);
  });

  test('counts the held frames at the port, and the frames that it sends', () => {
    const net = impaired('b out delay 10ms');
    net.port('a').send(numbered(1), numbered(2));
    expect(net.port('b').counters).toMatchObject({ held: 2, released: 0, 'tx-frames': 0 });
    expect(net.impairments()).toMatchObject([{ held: 2 }]);
    net.advance(10);
    expect(net.port('b').counters).toMatchObject({ held: 2, released: 2, 'tx-frames': 2 });
    expect(net.port('a').counters).toMatchObject({ 'rx-frames': 2 });
  });

  test('at ingress counts a frame as received once, and the switch learns from it after the delay', () => {
    const net = network({ ports: ['a', 'b'], impairments: ['a in delay 10ms'] });
    net.port('a').send(frame.ethernet({ from: A, to: 'ff:ff:ff:ff:ff:ff' }));
    expect(net.stations()).toEqual([]);
    net.advance(10);
    expect(net.stations()).toMatchObject([{ mac: A }]);
    expect(net.port('a').counters).toMatchObject({ 'rx-frames': 1, 'rx-broadcast': 1, held: 1 });
  });

  test('holds frames of the switch itself, too', () => {
    const net = network({
      ports: ['a'],
      addresses: ['192.0.2.254'],
      impairments: ['a out delay 10ms'],
    });
    const host = net.host('a', { ip: '192.0.2.1' });
    net.advance(20);
    const before = net.nowMs;
    expect(host.ping('192.0.2.254')).toBe(true);
    // The frames are one reply of ARP and one of ping.
    expect(net.nowMs - before).toBe(20);
  });

  test('ends on a port that goes down meanwhile: the frame is dropped there', () => {
    const net = impaired('b out delay 10ms');
    net.port('a').send(numbered(1));
    net.port('b').setUp(false);
    net.advance(10);
    expect(net.port('b').received).toEqual([]);
    net.port('b').expectDropped('egress-down');
  });

  test('ends on a port that no longer forwards: the frame is dropped there', () => {
    const net = impaired('b out delay 10ms');
    net.port('a').send(numbered(1));
    net.bridge.setPortState(1, PortState.Discarding);
    net.advance(10);
    expect(net.port('b').received).toEqual([]);
    net.port('b').expectDropped('egress-discarding');
  });

  test('lets frames of the spanning tree leave a port that does not forward yet', () => {
    const net = network({ ports: ['a', 'b'], stp: 'rstp', impairments: ['b out delay 10ms'] });
    net.advance(2_000);
    const bpdus = net.port('b').received;
    expect(bpdus.length).toBeGreaterThan(0);
    expect(net.port('b').counters).toMatchObject({ 'tx-frames': bpdus.length });
    net.port('b').expectNothingDropped();
  });

  test('loses the held frames when the port is removed', () => {
    const net = impaired('b out delay 10ms');
    net.port('a').send(numbered(1));
    net.bridge.removePort(1);
    expect(net.impairments()).toEqual([]);
    expect(net.bridge.heldDueMs).toBe(Infinity);
    net.advance(20);
    expect(net.port('b').received).toEqual([]);
  });
});

describe('loss, duplication and corruption', () => {
  test('lose frames at their port', () => {
    const net = impaired('b out loss');
    net.port('a').send(numbered(1), numbered(2));
    net.port('b').expectDropped('impaired-out', 2);
    net.impair('a in loss');
    net.port('a').send(numbered(3));
    net.port('a').expectDropped('impaired-in');
    expect(net.impairments().map(({ lost }) => lost)).toEqual([2, 1]);
  });

  test('send a frame twice', () => {
    const net = impaired('b out duplicate');
    net.port('a').send(numbered(1), numbered(2));
    expect(net.port('b').received.map(numberOf)).toEqual([1, 1, 2, 2]);
    expect(net.impairments()).toMatchObject([{ duplicated: 2 }]);
  });

  test('invert one bit of a frame, and leave it as it is for other ports', () => {
    const net = network({ ports: ['a', 'b', 'c'], impairments: ['b out corrupt'] });
    const sent = numbered(7, 1_000);
    net.port('a').send(sent, numbered(8));
    const [atB] = net.port('b').received;
    expect(net.port('c').received[0]).toEqual(sent);
    const bits = [...(atB as Uint8Array)].map((byte, at) => byte ^ (sent[at] as number));
    expect(bits.filter((byte) => byte !== 0)).toHaveLength(1);
    expect(bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)).toBe(
      1,
    );
    expect(net.port('b').received).toHaveLength(2);
  });

  test('add up to the frames that were sent', () => {
    const net = impaired('b out loss 20% duplicate 30% delay 5ms 4ms seed 3');
    for (let number = 0; number < 1_000; number++) net.port('a').send(numbered(number));
    net.advance(100);
    const [{ duplicated, held, lost }] = net.impairments() as [
      ReturnType<Network['impairments']>[0],
    ];
    expect(net.port('b').received).toHaveLength(1_000 - lost + duplicated);
    expect([held, net.port('b').drops['impaired-out']]).toEqual([0, lost]);
    expect(lost).toBeGreaterThan(150);
    expect(duplicated).toBeGreaterThan(180);
  });
});

describe('reorder', () => {
  test('sends frames ahead of those that are held', () => {
    const net = impaired('b out delay 10ms reorder gap 3');
    const left = leaving(net);
    net.port('a').send(...[1, 2, 3, 4, 5, 6].map((number) => numbered(number)));
    net.advance(10);
    expect(left).toEqual([
      ...[3, 6].map((number) => [0, number]),
      ...[1, 2, 4, 5].map((number) => [10, number]),
    ]);
    expect(net.impairments()).toMatchObject([{ reordered: 2 }]);
  });
});

describe('a rate', () => {
  test('spaces frames by their length, exactly', () => {
    // 1,000 bytes at 8 Mb/s: a millisecond each.
    const net = impaired('b out rate 8mbit');
    const left = leaving(net);
    net.port('a').send(...[1, 2, 3].map((number) => numbered(number, 1_000)));
    net.advance(2.5);
    net.port('a').send(numbered(4, 500));
    net.advance(10);
    expect(left).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [3.5, 4],
    ]);
  });

  test('is reached however many frames its limit drops', () => {
    const net = impaired('b out rate 8mbit limit 5');
    const left = leaving(net);
    // The line takes a frame of 1,000 bytes in a millisecond, and ten times as many come.
    for (let number = 0; number < 1_000; number++) {
      net.port('a').send(numbered(number, 1_000));
      net.advance(0.1);
    }
    net.advance(10);
    const times = left.map(([ms]) => ms);
    // In 100 ms the line is never idle, and five frames wait at the end.
    expect(times.map((ms) => Math.round(ms * 1e6) / 1e6)).toEqual(
      Array.from({ length: 105 }, (_, index) => index + 1).slice(0, times.length),
    );
    expect(times.length).toBeGreaterThanOrEqual(104);
  });

  test('does not let frames wait for one that found no room', () => {
    const net = impaired('b out delay 100ms 90ms limit 1 seed 5');
    const left = leaving(net);
    for (let number = 0; number < 5_000; number++) {
      net.port('a').send(numbered(number));
      net.advance(1);
    }
    net.advance(500);
    // Each frame that is held is alone, and takes its own delay: 100 ms on average.
    const delays = left.map(([ms, number]) => ms - number);
    expect(delays.length).toBeGreaterThan(40);
    const mean = delays.reduce((sum, ms) => sum + ms, 0) / delays.length;
    expect(Math.abs(mean - 100)).toBeLessThan(20);
  });

  test('drops frames beyond its limit, and reports it once until no frame is held', () => {
    const events: unknown[] = [];
    const net = network({
      ports: ['a', 'b'],
      news: (news) => events.push(news),
      impairments: ['b out rate 8mbit limit 2'],
    });
    net.bridge.fdb.addStatic(0x0002, 0x0b000000, 0, 1, 0);
    net.port('a').send(...[1, 2, 3, 4].map((number) => numbered(number, 1_000)));
    net.port('b').expectDropped('held-full-out', 2);
    const full = {
      event: 'impairment-full',
      port: 1,
      direction: 'out',
      words: 'rate 8mbit limit 2 seed 0',
    };
    expect(events).toEqual([full]);
    net.advance(2);
    net.port('a').send(...[5, 6, 7].map((number) => numbered(number, 1_000)));
    expect(events).toEqual([full, full]);
    expect(net.impairments()).toMatchObject([{ full: 3, held: 2 }]);
  });
});

describe('the room for held frames', () => {
  test('has a maximum number of frames, and frames beyond it are counted', () => {
    const net = impaired('b out delay 1s limit 1000000');
    const some = Array.from({ length: 64 }, (_, number) => numbered(number));
    for (let sent = 0; sent < MAX_HELD_FRAMES; sent += some.length) net.port('a').send(...some);
    net.port('b').expectNothingDropped();
    net.port('a').send(numbered(1));
    net.port('b').expectDropped('held-full-out');
    net.advance(1_000);
    expect(net.port('b').take()).toHaveLength(MAX_HELD_FRAMES);
    net.port('a').send(numbered(2));
    net.advance(1_000);
    expect(net.port('b').take().map(numberOf)).toEqual([2]);
  });
});

describe('the frames that are impaired', () => {
  test.each([
    ['nth 3', [1, 2, 4, 5, 6]],
    ['every 2', [1, 3, 5]],
    ['match udp port 53', [1, 3, 5]],
    ['match udp port 53 nth 2', [1, 2, 3, 5, 6]],
    ['match tcp', [1, 2, 3, 4, 5, 6]],
  ])('are those of %s', (which, left) => {
    const net = impaired(`a in loss ${which}`);
    net.port('a').send(...[1, 2, 3, 4, 5, 6].map((number) => numbered(number)));
    expect(net.port('b').received.map(numberOf)).toEqual(left);
  });

  test('are impaired by the first impairment that selects them', () => {
    const net = impaired('b out loss nth 2 match udp port 53', 'b out delay 10ms');
    net.port('a').send(...[1, 2, 3, 4].map((number) => numbered(number)));
    expect(net.port('b').received).toEqual([]);
    net.advance(10);
    expect(net.port('b').received.map(numberOf)).toEqual([1, 2, 3]);
  });

  test('are those of a period of time', () => {
    const events: unknown[] = [];
    const net = network({
      ports: ['a', 'b'],
      news: (news) => events.push(news),
      impairments: ['b out loss at 5s for 10s'],
    });
    net.bridge.fdb.addStatic(0x0002, 0x0b000000, 0, 1, 0);
    const states: (string | undefined)[] = [];
    for (const ms of [0, 4_999, 1, 9_999, 1]) {
      net.advance(ms);
      net.port('a').send(numbered(net.nowMs));
      states.push(net.impairments()[0]?.state);
    }
    expect(states).toEqual(['waiting', 'waiting', 'active', 'active', 'ended']);
    expect(net.port('b').received.map(numberOf)).toEqual([0, 4_999, 15_000]);
    const words = 'loss 100% at 5s for 10s seed 0';
    expect(events).toEqual([{ event: 'impairment-ended', port: 1, direction: 'out', words }]);
  });
});

describe('an impairment that came before its port', () => {
  test.each(['a in', 'b out'])('takes frames of %s', (place) => {
    const net = impaired(`${place} loss`);
    const { bridge } = net;
    const settings = { mtuBytes: 1_500, takesOffloads: false, isUp: true };
    const [port, direction] = place.startsWith('a') ? [0, 'in'] : [1, 'out'];
    bridge.removePort(port);
    expect(bridge.impairmentCounts()).toEqual([]);
    bridge.addImpairment(impairmentOf(`${direction} loss`, port));
    bridge.addPort(port, { ...settings, name: 'again' });
    bridge.fdb.addStatic(0x0002, 0x0b000000, 0, 1, 0);
    net.port('a').send(numbered(1));
    expect(net.port('b').received).toEqual([]);
    expect(bridge.impairmentCounts()).toMatchObject([{ lost: 1 }]);
  });
});

describe('an impairment that changes', () => {
  test('keeps the held frames, in order with later frames', () => {
    const net = impaired('b out delay 100ms');
    const left = leaving(net);
    net.port('a').send(numbered(1));
    net.impair('b out delay 10ms');
    net.port('a').send(numbered(2));
    net.advance(100);
    expect(left).toEqual([
      [100, 1],
      [100, 2],
    ]);
    expect(net.impairments()).toHaveLength(1);
  });

  test('sends the held frames when it is removed or ends', () => {
    const net = impaired('b out delay 100ms');
    const left = leaving(net);
    net.port('a').send(numbered(1), numbered(2));
    net.advance(5);
    expect(net.unimpair('b')).toBe(1);
    net.port('a').send(numbered(3));
    expect(left).toEqual([
      [5, 1],
      [5, 2],
      [5, 3],
    ]);
    net.impair('b out delay 100ms for 10ms');
    net.port('a').send(numbered(4));
    net.advance(50);
    expect(left.at(-1)).toEqual([15, 4]);
  });

  test('that is removed loses no frame of the switch that was about to leave', () => {
    const net = impaired('b out delay 100ms');
    net.port('a').send(numbered(1));
    const { bridge } = net;
    const own = bridge.make(60);
    bridge.burst.bytes(own).set(numbered(2));
    bridge.toPort(own, 0);
    bridge.removeImpairment('b out');
    expect(net.port('a').received.map(numberOf)).toEqual([2]);
    expect(net.port('b').received.map(numberOf)).toEqual([1]);
  });

  test('leaves nothing behind, after 1,000 changes under frames', () => {
    const net = impaired();
    for (let round = 0; round < 1_000; round++) {
      net.impair(`b out delay ${round % 7}ms match udp port 80`);
      net.port('a').send(numbered(round));
      net.advance(1);
      if (round % 3 === 0) net.unimpair('b');
    }
    net.unimpair('b');
    net.advance(10);
    const numbers = net.port('b').received.map(numberOf);
    expect([...numbers].sort((one, two) => one - two)).toEqual([...Array(1_000).keys()]);
    expect(net.impairments()).toEqual([]);
  });
});
