/** Mirrors, with the cases of `test/conformance/flags.json` that the switch can be configured for. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compileFilter } from '../../../src/capture/filter-compiler';
import { frameFilter } from '../../../src/capture/frame-filter';
import { MAX_MIRRORS, type MirrorSettings } from '../../../src/l2/mirrors';
import { push } from '../../../src/frame/tag-operation';
import type { BridgeOptions } from '../../../src/l2/bridge';
import { BROADCAST, ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';
import { keyOf } from '../../support/rooms';
import { buildSuperFrame, type SuperFrame } from '../../support/super-frame';

interface Case {
  readonly id: string;
  readonly select?: {
    readonly all?: boolean;
    readonly from?: readonly string[];
    readonly to?: readonly string[];
    readonly vlan?: number;
  };
  readonly to?: string;
  readonly snaplen?: number;
  readonly frames: readonly {
    readonly in: string;
    readonly out: readonly string[];
    readonly copies: number;
  }[];
}

const path = join(__dirname, '../../conformance/flags.json');
const { mirror } = JSON.parse(readFileSync(path, 'utf8')) as { mirror: { cases: Case[] } };
const PLAYED = ['all', 'ingress', 'egress', 'ingress-and-egress'];
const played = mirror.cases.filter(({ id }) => PLAYED.includes(id));

const [A, B, C] = [0x0a, 0x0b, 0x0c].map(station) as [string, string, string];
const idOf = (name: string): number => Number(name.slice(1)) - 1;
const SOURCES = [0, 1];
const TARGET = 2;

const BOTH: MirrorSettings = {
  ...{ name: 'm1', in: SOURCES, out: SOURCES, target: TARGET, isShared: false },
};

/** A switch of three ports, A behind the first, B behind the second, and a mirror to the third. */
function mirrored(change: Partial<MirrorSettings> = {}, options: BridgeOptions = {}): MemorySwitch {
  const sw = new MemorySwitch(3, options);
  sw.bridge.addMirror({ ...BOTH, ...change });
  sw.send(0, ethernet({ to: BROADCAST, from: A }));
  sw.send(1, ethernet({ to: BROADCAST, from: B }));
  return sw;
}

const aToB = ethernet({ to: B, from: A });
const bToA = ethernet({ to: A, from: B });

test('four cases of the table are played here', () => {
  expect(played.map(({ id }) => id)).toEqual(PLAYED);
});

test.each(played)('$id, as in the table', ({ select = {}, frames }) => {
  const chosen = (names: readonly string[] = []): number[] =>
    select.all === true ? SOURCES : names.map(idOf);
  const sw = mirrored({ in: chosen(select.from), out: chosen(select.to) });
  for (const { in: from, out, copies } of frames) {
    const frame = from === 'p1' ? aToB : bToA;
    const sent = sw.send(idOf(from), frame);
    expect(sent[idOf(out[0] as string)]).toEqual([toHex(frame)]);
    expect(sent[TARGET]).toEqual(Array.from({ length: copies }, () => toHex(frame)));
  }
});

describe('a mirror', () => {
  test('copies frames that the switch drops, as they came in (dropped-frames)', () => {
    const sw = mirrored({ in: [0], out: [] });
    sw.bridge.configurePort(0, { locked: true });
    const stranger = ethernet({ to: B, from: C });
    const toItself = ethernet({ to: A, from: A });
    const lldp = ethernet({ to: '0180c200000e', from: A });
    const sent = sw.send(0, stranger, toItself, lldp, new Uint8Array(13));
    expect(sent).toEqual([[], [], [stranger, toItself, lldp].map(toHex)]);
  });

  test('copies a flood that several of its ports get once', () => {
    const sw = new MemorySwitch(5);
    sw.bridge.addMirror({ ...BOTH, in: [], out: [1, 2, 3], target: 4 });
    const hello = ethernet({ to: BROADCAST, from: A });
    expect(sw.send(0, hello, hello)[4]).toEqual([toHex(hello), toHex(hello)]);
  });

  test('copies frames of the switch itself', () => {
    const sw = mirrored({ in: [] });
    sw.bridge.rooms.arp.addresses.add(keyOf('192.0.2.1'), sw.nowMs);
    sw.io.advance(10_000);
    const [first = [], , copies = []] = sw.take();
    expect(first.length).toBeGreaterThan(3);
    expect(copies).toEqual(first);
  });

  test('copies a frame as it leaves, with its tag', () => {
    const sw = mirrored({ in: [], out: [1] });
    sw.bridge.burst.begin(0);
    const frame = sw.bridge.make(60);
    sw.bridge.burst.u8.set(ethernet({ to: B, from: A }), sw.bridge.burst.offset[frame]);
    sw.bridge.toPort(frame, 1, push(0x8100, 0x0007));
    sw.bridge.finish();
    const [, sent = [], copies = []] = sw.take();
    expect(sent).toEqual([expect.stringMatching(`^${B}${A}81000007`)]);
    expect(copies).toEqual(sent);
  });

  test('selects a VLAN by the outer tag (vlan)', () => {
    const sw = mirrored({ vlan: 11 });
    const tagged = (vid: string, type = '8100'): Uint8Array =>
      ethernet({ to: B, from: A, type, payload: `${vid}88b5` });
    const [eleven, service] = [tagged('600b'), tagged('000b', '88a8')];
    const sent = sw.send(0, aToB, tagged('000a'), eleven, service);
    expect(sent[TARGET]).toEqual([eleven, service].map(toHex));
  });

  test('may name its target before the port is there', () => {
    const sw = new MemorySwitch(2);
    sw.bridge.addMirror(BOTH);
    sw.addPort();
    expect(sw.send(0, ethernet({ to: BROADCAST, from: A }))[TARGET]).toHaveLength(1);
  });

  test('selects with a filter', () => {
    const accepts = frameFilter(compileFilter('ether proto 0x88cc'));
    const sw = mirrored({ accepts });
    const lldp = ethernet({ to: B, from: A, type: '88cc' });
    expect(sw.send(0, aToB, lldp, aToB)[TARGET]).toEqual([toHex(lldp)]);
  });

  test('shows its counters, and goes on while its target is down (target-gone)', () => {
    const sw = mirrored();
    sw.send(0, aToB);
    sw.port(TARGET).setUp(false);
    expect(sw.send(0, aToB)).toEqual([[], [toHex(aToB)], []]);
    sw.port(TARGET).setUp(true);
    expect(sw.send(0, aToB)[TARGET]).toEqual([toHex(aToB)]);
    expect(sw.bridge.mirrorCounts()).toEqual([{ name: 'm1', copies: 4, lost: 1 }]);
    expect(sw.allDrops()).toEqual({});
  });

  test('ends with its target, and forgets a port that is removed', () => {
    const sw = mirrored();
    sw.bridge.removePort(0);
    sw.bridge.addPort(0, { name: 'new', mtuBytes: 1500, takesOffloads: false, isUp: true });
    expect(sw.send(0, ethernet({ to: BROADCAST, from: A }))[TARGET]).toHaveLength(1);
    expect(sw.send(0, ethernet({ to: C, from: A }))[1]).toHaveLength(1);
    sw.bridge.removePort(TARGET);
    expect(sw.bridge.mirrorCounts()).toEqual([]);
    expect(sw.send(0, aToB)).toEqual([[], [toHex(aToB)], []]);
  });

  test('with frames that are carried over to the next burst copies each once', () => {
    const sw = mirrored();
    const spec: SuperFrame = {
      ...{ ipVersion: 4, transport: 'tcp' },
      gsoSizeBytes: 8,
      payloadBytes: 4_000,
    };
    const { frame, vnet } = buildSuperFrame(spec);
    frame.set(aToB.subarray(0, 12));
    // Each frame makes more work than a turn allows, so that the next frame waits.
    for (let sent = 0; sent < 3; sent++) {
      sw.io.enqueue(sw.port(0), { bytes: frame, vnetHeader: vnet });
    }
    sw.io.run();
    expect(sw.take()[1]).toHaveLength(1_500);
    expect(sw.bridge.mirrorCounts()).toMatchObject([{ copies: 5 }]);
  });
});

describe('a super-frame', () => {
  const spec: SuperFrame = {
    ...{ ipVersion: 4, transport: 'tcp' },
    ...{ gsoSizeBytes: 100, payloadBytes: 950 },
  };
  const { frame, vnet } = buildSuperFrame(spec);
  const toB = frame.slice();
  toB.set(aToB.subarray(0, 12));

  test.each([
    [false, 10],
    [true, 1],
  ])('is copied whole or as its segments: target with offloads %p', (takesOffloads, count) => {
    const sw = new MemorySwitch(2);
    sw.addPort({ takesOffloads });
    sw.bridge.addMirror({ ...BOTH, in: [], out: [1] });
    sw.send(1, ethernet({ to: BROADCAST, from: B }));
    sw.port(0).sendOffloaded(vnet, toB);
    const [, segments = [], copies = []] = sw.take();
    expect(segments).toHaveLength(10);
    expect(copies).toHaveLength(count);
    expect(copies).toEqual(takesOffloads ? [toHex(toB)] : segments);
  });

  test('that is flooded to ports without offloads is copied once', () => {
    const sw = new MemorySwitch(3);
    sw.addPort({ takesOffloads: true });
    sw.bridge.addMirror({ ...BOTH, in: [], out: [1, 2], target: 3 });
    sw.port(0).sendOffloaded(vnet, toB);
    expect(sw.take().map(({ length }) => length)).toEqual([0, 10, 10, 1]);
  });

  test('with a vnet header that does not fit is not copied', () => {
    const sw = mirrored();
    const wrong = vnet.slice();
    wrong.set([0xff, 0xff], 6);
    sw.port(0).sendOffloaded(wrong, toB.subarray(0, 60));
    expect(sw.take()[TARGET]).toEqual([]);
    expect(sw.drops(0)).toEqual({ 'malformed-offload': 1 });
  });
});

describe('the target of a mirror', () => {
  test('takes part in nothing else', () => {
    const sw = new MemorySwitch(3);
    sw.send(TARGET, ethernet({ to: BROADCAST, from: C }));
    sw.bridge.addMirror({ ...BOTH, in: [0], out: [] });
    expect(sw.stations()).toEqual({});
    expect(sw.send(1, ethernet({ to: BROADCAST, from: B }))[TARGET]).toEqual([]);
    expect(sw.send(TARGET, ethernet({ to: BROADCAST, from: C }))).toEqual([[], [], []]);
    expect(sw.stations()).toEqual({ [printed(B)]: 1 });
    expect(sw.drops(TARGET)).toEqual({ 'ingress-discarding': 1 });
    sw.bridge.removeMirror('m1');
    expect(sw.send(1, ethernet({ to: BROADCAST, from: B }))[TARGET]).toHaveLength(1);
    expect(sw.send(TARGET, ethernet({ to: B, from: C }))[1]).toHaveLength(1);
  });

  test('stays an ordinary port if it is shared, and its copies are not frames of it', () => {
    const sw = mirrored({ in: [0], out: [], isShared: true });
    sw.bridge.addMirror({ ...BOTH, name: 'm2', in: [], out: [TARGET], target: 1, isShared: true });
    const hello = ethernet({ to: BROADCAST, from: A });
    // The second mirror copies the frame that the target gets, and not the copy.
    expect(sw.send(0, hello).map(({ length }) => length)).toEqual([0, 2, 2]);
    expect(sw.send(0, aToB).map(({ length }) => length)).toEqual([0, 1, 1]);
    expect(sw.send(TARGET, ethernet({ to: A, from: C }))[0]).toHaveLength(1);
  });

  test('gets no frame that is too long for it', () => {
    const sw = mirrored({ in: [0], out: [] });
    sw.port(TARGET).setMtu(60);
    const long = ethernet({ to: B, from: A, payload: '00'.repeat(100) });
    expect(sw.send(0, long)).toEqual([[], [toHex(long)], []]);
    expect(sw.drops(TARGET)).toEqual({ 'too-long': 1 });
  });
});

describe('mirrors', () => {
  test('with one name replace each other, and have a maximum number', () => {
    const sw = mirrored();
    expect(sw.bridge.addMirror({ ...BOTH, in: [], out: [] })).toBe(true);
    expect(sw.send(0, aToB)[TARGET]).toEqual([]);
    const others = Array.from({ length: MAX_MIRRORS }, (_, at) => ({ ...BOTH, name: `n${at}` }));
    expect(others.map((other) => sw.bridge.addMirror(other))).toEqual([
      ...others.slice(1).map(() => true),
      false,
    ]);
    expect(sw.bridge.removeMirror('n0')).toBe(true);
    expect(sw.bridge.removeMirror('n0')).toBe(false);
  });

  test('to two targets copy a frame to each', () => {
    const sw = new MemorySwitch(4);
    sw.bridge.addMirror({ ...BOTH, target: 2 });
    sw.bridge.addMirror({ ...BOTH, name: 'm2', target: 3 });
    const hello = ethernet({ to: BROADCAST, from: A });
    expect(sw.send(0, hello).map(({ length }) => length)).toEqual([0, 1, 1, 1]);
  });
});

describe('while VLANs are filtered', () => {
  /** The first port is in VLAN 10, the second a trunk of 10 and 11, and the third gets the copies. */
  function filtering(change: Partial<MirrorSettings> = {}): MemorySwitch {
    const sw = new MemorySwitch(3);
    sw.bridge.configure({ vlanFiltering: true });
    sw.bridge.setPortVlans(0, [{ vid: 10, pvid: true, untagged: true }]);
    sw.bridge.setPortVlans(1, [{ vid: 10 }, { vid: 11 }]);
    sw.bridge.addMirror({ ...BOTH, ...change });
    return sw;
  }
  const untagged = ethernet({ to: B, from: A });
  const tagged = (vid: string): Uint8Array =>
    ethernet({ to: A, from: B, type: '8100', payload: `${vid}88b5` });

  test('a frame is copied once, as it came in (tag-changed)', () => {
    const sw = filtering();
    const [, trunk, copy] = sw.send(0, untagged);
    expect(trunk).toEqual([expect.stringMatching(`^${B}${A}8100000a`)]);
    expect(copy).toEqual([toHex(untagged)]);
    const [access, , copies] = sw.send(1, tagged('600a'), tagged('000c'));
    expect(access).toEqual([expect.stringMatching(`^${A}${B}88b5`)]);
    // The second frame is in a VLAN of which its port is no member. It was received all the same.
    expect(copies).toEqual([tagged('600a'), tagged('000c')].map(toHex));
  });

  test('a frame that is sent is copied as it leaves', () => {
    const sw = filtering({ in: [], out: [0, 1] });
    const [, trunk, copies] = sw.send(0, untagged);
    expect(copies).toEqual(trunk);
    const [access, , others] = sw.send(1, tagged('000a'));
    expect(access).toHaveLength(1);
    expect(others).toEqual(access);
  });

  test.each([
    ['in', { out: [] }],
    ['out', { in: [] }],
  ])('a mirror of one VLAN takes its frames, tagged or not: %s', (_, direction) => {
    const sw = filtering({ vlan: 10, ...direction });
    expect(sw.send(0, untagged)[TARGET]).toHaveLength(1);
    expect(sw.send(1, tagged('000a'))[TARGET]).toHaveLength(1);
    expect(sw.send(1, tagged('000b'))[TARGET]).toEqual([]);
  });
});
