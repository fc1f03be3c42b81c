/**
 * A room that the list does not have, added from outside: it counts LLDP. It has all that a room may
 * have, and no line of src knows it. CONTRIBUTING.md, *A new room*, says the same for a room in src.
 */

import { describe, expect, test } from '@jest/globals';
import type { Outbox } from '../../../src/frame/outbox';
import type { Room, RoomKind, RoomSink, Wants } from '../../../src/frame/room';
import { CONSUMED, type Verdict, dropBecause } from '../../../src/frame/verdict';
import { COUNTERS, DROPS } from '../../../src/l2/counters';
import type { House } from '../../../src/l2/room-list';
import { i32At } from '../../../src/wire/read';
import { ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

const HOST = station(1);
const OTHER = station(2);
/** 01-80-C2-00-00-0E: nearest bridge. */
const LLDP_GROUP = '0180c200000e';
const LLDP = '88cc';
/** Chassis, port and lifetime, each with a type, a length and a value. */
const MESSAGE = '0207 04 020000000001 0402 0731 0602 0078';

const LldpCounter = { Heard: 0 } as const;
const LldpDrop = { Silent: 0 } as const;

const HOLD_MS = 1_000;

/** Receives LLDP, consumes frames with a body, and drops the others. */
class Lldp implements Room {
  readonly wants: Wants = { types: [{ etherType: 0x88cc }], reserved: 1 << 0xe };
  readonly ticks: number[] = [];
  readonly changed: string[] = [];
  readonly removed: number[] = [];
  dueMs = Infinity;

  constructor(private readonly counters: RoomSink) {}

  receive(frame: number, outbox: Outbox): Verdict {
    const { burst, reporter } = outbox;
    if (i32At(burst.length, frame) <= 14) return dropBecause(LldpDrop.Silent);
    this.counters.count(LldpCounter.Heard, i32At(burst.ingress, frame));
    reporter?.step('LLDP is counted, and goes no further');
    this.dueMs = burst.nowMs + HOLD_MS;
    return CONSUMED;
  }

  tick(nowMs: number): void {
    if (nowMs < this.dueMs) return;
    this.ticks.push(nowMs);
    this.dueMs = Infinity;
  }

  portChanged(port: number, isUp: boolean): void {
    this.changed.push(`${port} ${isUp ? 'up' : 'down'}`);
  }

  portRemoved(port: number): void {
    this.removed.push(port);
  }
}

/** A switch of three ports with that room. */
function start(): { sw: MemorySwitch; room: Lldp } {
  let room: Lldp | undefined;
  const kind: RoomKind<House> = {
    counters: [{ name: 'lldp-heard', meaning: 'LLDP frames.' }],
    drops: [{ name: 'lldp-silent', meaning: 'LLDP that says nothing.' }],
    make: ({ counters }) => (room = new Lldp(counters)),
  };
  const sw = new MemorySwitch(3, { extraRooms: { lldp: kind } });
  if (room === undefined) throw new Error('the room was not made');
  return { sw, room };
}

function lldp(to: string, message = MESSAGE): Uint8Array {
  return ethernet({ to, from: HOST, type: LLDP, payload: message.replaceAll(' ', '') });
}

/** Sends a frame from port 1. @returns the steps that a trace would have */
function stepsOf(sw: MemorySwitch, frame: Uint8Array): { steps: string[]; drops: string[] } {
  const steps: string[] = [];
  const drops: string[] = [];
  sw.bridge.reporter = {
    step: (sentence) => void steps.push(sentence),
    egress: () => undefined,
    drop: (port, reason) => void drops.push(`${port} ${reason}`),
    label: (port) => `tap${port}`,
  };
  sw.send(1, frame);
  sw.bridge.reporter = undefined;
  return { steps, drops };
}

describe('a room that is added', () => {
  test.each([
    ['a group of its own', '01005e000001'],
    ['a station', OTHER],
    ['a reserved address, which the bridge would drop', LLDP_GROUP],
  ])('gets its EtherType to %s, counts and consumes it', (_, to) => {
    const { sw } = start();
    expect(sw.send(1, lldp(to))).toEqual([[], [], []]);
    expect(sw.counts(1)['lldp-heard']).toBe(1);
    expect(sw.counts(0)['lldp-heard']).toBeUndefined();
    expect(sw.allDrops()).toEqual({});
  });

  test('gets frames to its reserved address, whatever the type, and to no other', () => {
    const { sw } = start();
    sw.send(1, ethernet({ to: LLDP_GROUP, from: HOST, type: '88b5', payload: '00' }));
    expect(sw.counts(1)['lldp-heard']).toBe(1);
    sw.send(1, ethernet({ to: '0180c200000f', from: HOST, type: '88b5', payload: '00' }));
    expect(sw.counts(1)['lldp-heard']).toBe(1);
    expect(sw.drops(1)).toEqual({ reserved: 1 });
  });

  test('is not asked about other frames, nor about its type behind a tag', () => {
    const { sw } = start();
    const tagged = ethernet({ to: OTHER, from: HOST, type: '8100', payload: `0001${LLDP}00` });
    const other = ethernet({ to: OTHER, from: HOST, type: '88b5', payload: '00' });
    for (const frame of [tagged, other]) expect(sw.send(1, frame).flat()).toHaveLength(2);
    expect(sw.counts(1)['lldp-heard']).toBeUndefined();
  });

  test.each([OTHER, LLDP_GROUP])('drops a frame to %s for a reason of its own', (to) => {
    const { sw } = start();
    expect(sw.send(1, lldp(to, ''))).toEqual([[], [], []]);
    expect(sw.drops(1)).toEqual({ 'lldp-silent': 1 });
    expect(sw.counts(1)['lldp-heard']).toBeUndefined();
  });

  test('reports its decisions to a trace', () => {
    const { sw } = start();
    expect(stepsOf(sw, lldp(LLDP_GROUP)).steps.at(-1)).toBe('LLDP is counted, and goes no further');
    const { steps, drops } = stepsOf(sw, lldp(LLDP_GROUP, ''));
    expect(steps.at(-1)).toBe('dropped at tap1, lldp-silent: LLDP that says nothing.');
    expect(drops).toEqual(['1 lldp-silent']);
  });

  test('is ticked when it is due', () => {
    const { sw, room } = start();
    sw.send(1, lldp(OTHER));
    const dueMs = sw.nowMs + HOLD_MS;
    expect(sw.bridge.dueMs).toBe(dueMs);
    sw.io.advance(HOLD_MS - 1);
    expect(room.ticks).toEqual([]);
    sw.io.advance(1);
    expect(room.ticks).toEqual([dueMs]);
  });

  test('is notified of ports', () => {
    const { sw, room } = start();
    expect(room.changed).toEqual(['0 up', '1 up', '2 up']);
    sw.bridge.setPortUp(2, false);
    sw.bridge.setPortUp(2, true);
    sw.bridge.removePort(1);
    expect(room.changed.slice(3)).toEqual(['2 down', '2 up']);
    expect(room.removed).toEqual([1]);
  });

  test('has counters after those of the other rooms, whose places do not change', () => {
    const { sw } = start();
    const { counters, drops } = sw.bridge.counters.read(0);
    expect(Object.keys(counters)).toEqual([...COUNTERS.map(({ name }) => name), 'lldp-heard']);
    expect(Object.keys(drops)).toEqual([...DROPS.map(({ name }) => name), 'lldp-silent']);
  });

  test('leaves the other rooms as they are', () => {
    const { sw } = start();
    const arp = { to: 'ffffffffffff', from: HOST, type: '0806' };
    sw.send(1, ethernet({ ...arp, payload: '00' }));
    expect(sw.counts(1)['arp-malformed']).toBe(1);
  });
});

test('two rooms that want one type are asked in order, until one does not pass', () => {
  const asked: string[] = [];
  const kind = (name: string, verdict: Verdict): RoomKind<House> => ({
    make: () => ({
      wants: { types: [{ etherType: 0x88cc }] },
      receive: () => {
        asked.push(name);
        return verdict;
      },
    }),
  });
  const rooms = { first: kind('first', -1), second: kind('second', 2), third: kind('third', -1) };
  const sw = new MemorySwitch(3, { extraRooms: rooms });
  expect(sw.send(1, lldp(OTHER)).map((frames) => frames.length)).toEqual([0, 0, 1]);
  expect(asked).toEqual(['first', 'second']);
});

test('a room that wants a protocol is asked about that protocol only', () => {
  const protocols: number[] = [];
  const kind: RoomKind<House> = {
    make: () => ({
      wants: { types: [{ etherType: 0x0800, wantsProtocol: (protocol) => protocol === 2 }] },
      receive: (frame, { burst }) => {
        protocols.push(burst.u8[i32At(burst.offset, frame) + 23] ?? -1);
        return CONSUMED;
      },
    }),
  };
  const sw = new MemorySwitch(2, { extraRooms: { igmp: kind } });
  const packet = (protocol: string): Uint8Array =>
    ethernet({
      to: OTHER,
      from: HOST,
      type: '0800',
      payload: `4500001400000000ff${protocol}${'0'.repeat(20)}`,
    });
  expect(sw.send(0, packet('02'), packet('06'), packet('11'))[1]).toHaveLength(2);
  expect(protocols).toEqual([2]);
});
