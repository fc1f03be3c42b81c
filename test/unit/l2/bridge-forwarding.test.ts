/** Egress ports of a frame: filtering, flooding, tags, ports that come and go (IEEE 802.1Q-2022 8.6). */

import { describe, expect, test } from '@jest/globals';
import { Bridge } from '../../../src/l2/bridge';
import { parseMac, type MacWords } from '../../../src/wire/mac';
import { BROADCAST, MULTICAST, ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';

const A = station(0x0a);
const B = station(0x0b);
const C = station(0x0c);
const SWITCH = '020000000099';
const NOBODY = '000000000000';

/** Three ports, with A behind 0 and B behind 1. */
function learned(): MemorySwitch {
  const sw = new MemorySwitch(3, { mac: parseMac(printed(SWITCH)) as MacWords });
  sw.port(0).send(ethernet({ to: B, from: A }));
  sw.port(1).send(ethernet({ to: A, from: B }));
  sw.take();
  return sw;
}

describe('a frame that is not admitted', () => {
  test.each([
    ['from a group', { to: B, from: '0300000000aa' }],
    ['from the broadcast address', { to: B, from: BROADCAST }],
    ['from 00:00:00:00:00:00', { to: B, from: NOBODY }],
    ['from the station that it is for', { to: C, from: C }],
    ["from the switch's own address", { to: B, from: SWITCH }],
  ])('%s goes nowhere and teaches nothing', (_, fields) => {
    const sw = learned();
    expect(sw.send(2, ethernet(fields))).toEqual([[], [], []]);
    expect(sw.stations()).toEqual({ [printed(A)]: 0, [printed(B)]: 1 });
  });

  test.each(['000000000001', '00ff00000000', 'fe0000000000'])(
    'is not one whose source is %s',
    (from) => {
      const sw = new MemorySwitch(2);
      const frame = ethernet({ to: BROADCAST, from });
      expect(sw.send(0, frame)).toEqual([[], [toHex(frame)]]);
      expect(sw.stations()).toEqual({ [printed(from)]: 0 });
    },
  );

  test('comes from a port that is down', () => {
    const sw = learned();
    sw.port(2).setUp(false);
    expect(sw.send(2, ethernet({ to: B, from: C }))).toEqual([[], [], []]);
    expect(sw.stations()).toEqual({ [printed(A)]: 0, [printed(B)]: 1 });
  });

  test('is too short for a whole source address', () => {
    const sw = learned();
    expect(sw.send(2, ethernet({ to: B, from: C, payload: '' }).subarray(0, 13))).toEqual([
      [],
      [],
      [],
    ]);
    expect(sw.stations()).toEqual({ [printed(A)]: 0, [printed(B)]: 1 });
  });

  test('does not stop the other frames of its burst', () => {
    const sw = learned();
    const good = ethernet({ to: B, from: A });
    const bad = ethernet({ to: B, from: NOBODY });
    expect(sw.send(0, bad, good, new Uint8Array(3), good, bad)).toEqual([
      [],
      [toHex(good), toHex(good)],
      [],
    ]);
  });
});

describe('a unicast frame', () => {
  test('to a known station goes to its port alone, unchanged', () => {
    const frame = ethernet({ to: B, from: A, payload: '00ff'.repeat(700) });
    expect(learned().send(0, frame)).toEqual([[], [toHex(frame)], []]);
  });

  test('to a station behind its ingress port is filtered', () => {
    const sw = learned();
    expect(sw.send(1, ethernet({ to: B, from: C }))).toEqual([[], [], []]);
    // The switch has learned its source all the same.
    expect(sw.stations()).toMatchObject({ [printed(C)]: 1 });
  });

  test('to an unknown station goes to every other port, once', () => {
    const frame = ethernet({ to: C, from: A });
    expect(learned().send(0, frame)).toEqual([[], [toHex(frame)], [toHex(frame)]]);
  });

  test('to the switch itself is not forwarded', () => {
    const sw = learned();
    expect(sw.send(0, ethernet({ to: SWITCH, from: A }))).toEqual([[], [], []]);
  });
});

describe.each([
  ['broadcast', BROADCAST],
  ['IPv6 multicast', MULTICAST],
  ['IPv4 multicast', '01005e0000fb'],
])('a %s frame', (_, to) => {
  test('goes to every other port, once, unchanged, and never to its ingress port', () => {
    const frame = ethernet({ to, from: A, payload: 'a5'.repeat(46) });
    const sw = learned();
    expect(sw.send(0, frame)).toEqual([[], [toHex(frame)], [toHex(frame)]]);
    expect(sw.send(2, frame)).toEqual([[toHex(frame)], [toHex(frame)], []]);
  });
});

describe('a flood', () => {
  test('over 300 ports reaches 299, in the order of their ids', () => {
    const sw = new MemorySwitch(300);
    const order: number[] = [];
    sw.intercept((pass) => {
      const { txPort, txCount } = sw.bridge.burst;
      order.push(...txPort.subarray(0, txCount));
      return pass();
    });
    const frame = ethernet({ to: BROADCAST, from: A });
    const out = sw.send(150, frame);
    expect(out.map((frames) => frames.length)).toEqual(
      Array.from({ length: 300 }, (_, id) => (id === 150 ? 0 : 1)),
    );
    expect(new Set(out.flat())).toEqual(new Set([toHex(frame)]));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    // A frame from one of the last ports reaches its destination, too.
    const answer = ethernet({ to: A, from: B });
    expect(sw.send(299, answer).map((frames) => frames.length)).toEqual(
      Array.from({ length: 300 }, (_, id) => (id === 150 ? 1 : 0)),
    );
  });

  test('with more pairs than the answer can hold is sent in parts', () => {
    const sw = new MemorySwitch(100, { burst: { txEntries: 7 } });
    const frames = [1, 2, 3].map((index) => ethernet({ to: BROADCAST, from: station(index) }));
    const out = sw.send(0, ...frames);
    expect(out[0]).toEqual([]);
    for (const received of out.slice(1)) expect(received).toEqual(frames.map(toHex));
  });

  test('leaves out ports that are down', () => {
    const sw = new MemorySwitch(4);
    sw.port(1).setUp(false);
    const frame = ethernet({ to: BROADCAST, from: A });
    expect(sw.send(0, frame)).toEqual([[], [], [toHex(frame)], [toHex(frame)]]);
    expect(sw.drops(1)).toEqual({});
    sw.port(1).setUp(true);
    expect(sw.send(0, frame)).toEqual([[], [toHex(frame)], [toHex(frame)], [toHex(frame)]]);
  });
});

describe('a hub', () => {
  test('learns nothing, and floods every frame', () => {
    const sw = new MemorySwitch(3, { ageingMs: 0 });
    const there = ethernet({ to: B, from: A });
    const back = ethernet({ to: A, from: B });
    expect(sw.send(0, there)).toEqual([[], [toHex(there)], [toHex(there)]]);
    expect(sw.send(1, back)).toEqual([[toHex(back)], [], [toHex(back)]]);
    expect(sw.stations()).toEqual({});
    expect(sw.counts(0)['learned']).toBeUndefined();
    expect(sw.events()).toEqual([]);
  });
});

describe('tags', () => {
  const TAGS: readonly [string, string, string][] = [
    ['a priority tag', '8100', 'e000 88b5 0011'],
    ['a VLAN tag', '8100', '0005 88b5 0011'],
    ['another VLAN tag', '8100', '6fff 88b5 0011'],
    ['a service tag', '88a8', '0005 8100 0006 88b5 0011'],
    ['a tag that is cut off', '8100', ''],
  ];

  test.each(TAGS)(
    '%s is payload: it travels unchanged, and VLANs share one table',
    (_, type, rest) => {
      const sw = learned();
      const tagged = ethernet({ to: B, from: C, type, payload: rest });
      expect(sw.send(2, tagged)).toEqual([[], [toHex(tagged)], []]);
      const untagged = ethernet({ to: C, from: A });
      expect(sw.send(0, untagged)).toEqual([[], [], [toHex(untagged)]]);
      expect(sw.bridge.stations().map(({ vlan }) => vlan)).toEqual([0, 0, 0]);
    },
  );
});

describe('order', () => {
  test('of frames from one station to another is kept, among all other traffic', () => {
    const sw = new MemorySwitch(3, { burst: { receiveFrames: 16, txEntries: 5 } });
    sw.port(0).send(ethernet({ to: BROADCAST, from: A }));
    sw.port(1).send(ethernet({ to: BROADCAST, from: B }));
    sw.take();
    const sequence = (index: number): string => index.toString(16).padStart(8, '0');
    const frames = Array.from({ length: 100 }, (_, index) =>
      ethernet({ to: index % 3 === 0 ? BROADCAST : B, from: A, payload: sequence(index) }),
    );
    const [, received] = sw.send(0, ...frames);
    expect(received).toEqual(frames.map(toHex));
  });
});

describe('a port that goes down', () => {
  test('loses its learned stations at once', () => {
    const sw = learned();
    sw.port(1).setUp(false);
    expect(sw.stations()).toEqual({ [printed(A)]: 0 });
    const frame = ethernet({ to: B, from: A });
    expect(sw.send(0, frame)).toEqual([[], [], [toHex(frame)]]);
    // The host is now behind another port.
    sw.send(2, ethernet({ to: A, from: B }));
    expect(sw.send(0, frame)).toEqual([[], [], [toHex(frame)]]);
  });

  test('comes back empty, and forwards again', () => {
    const sw = learned();
    sw.port(1).setUp(false);
    sw.port(1).setUp(true);
    const frame = ethernet({ to: B, from: A });
    expect(sw.send(0, frame)).toEqual([[], [toHex(frame)], [toHex(frame)]]);
    sw.send(1, ethernet({ to: A, from: B }));
    expect(sw.send(0, frame)).toEqual([[], [toHex(frame)], []]);
  });

  test('keeps its static entries: frames for their stations go to no other port', () => {
    const sw = learned();
    sw.bridge.fdb.addStatic(0x0002, 0x0c000000, 0, 2, 0);
    sw.port(2).setUp(false);
    const frame = ethernet({ to: C, from: A });
    expect(sw.send(0, frame)).toEqual([[], [], []]);
    expect(sw.drops(2)).toEqual({ 'egress-down': 1 });
    sw.port(2).setUp(true);
    expect(sw.send(0, frame)).toEqual([[], [], [toHex(frame)]]);
  });
});

describe('a port that is removed', () => {
  test('loses all its entries, so that its id can be reused', () => {
    const sw = learned();
    sw.bridge.fdb.addStatic(0x0002, 0x0c000000, 0, 1, 0);
    sw.bridge.removePort(1);
    expect(sw.stations()).toEqual({ [printed(A)]: 0 });
    const frame = ethernet({ to: B, from: A });
    expect(sw.send(0, frame)).toEqual([[], [], [toHex(frame)]]);

    const settings = { name: 'tap9', mtuBytes: 1500, takesOffloads: false, isUp: true };
    sw.bridge.addPort(1, settings);
    expect(sw.counts(1)).toEqual({});
    expect(sw.send(0, frame)).toEqual([[], [toHex(frame)], [toHex(frame)]]);
  });
});

test('a bridge without a transmitter throws an error', () => {
  const bridge = new Bridge();
  bridge.flush();
  bridge.burst.begin(1);
  bridge.burst.send(0, 0);
  expect(() => bridge.flush()).toThrow('the bridge is connected to no ports');
});
