/** Frames to a reserved address come to the rooms that want them before anything drops them. */

import { describe, expect, test } from '@jest/globals';
import type { Room } from '../../../src/frame/room';
import { CONSUMED, PASS, type Verdict } from '../../../src/frame/verdict';
import { PortState } from '../../../src/l2/port-table';
import { parseMac, type MacWords } from '../../../src/wire/mac';
import { ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';

const SWITCH = station(0x99);
const A = station(0x0a);
const STP = 0;
const PAUSE = 1;

/** A switch with a room that wants frames to two reserved addresses, and counts them. */
function start(verdict: Verdict, reserved?: 'strict'): { sw: MemorySwitch; heard: string[] } {
  const heard: string[] = [];
  const room: Room = {
    wants: { reserved: (1 << STP) | (1 << PAUSE) },
    receive: (frame, { burst }) => {
      heard.push(toHex(burst.bytes(frame)));
      return verdict;
    },
  };
  const mac = parseMac(printed(SWITCH)) as MacWords;
  const extraRooms = { heard: { make: () => room } };
  const sw = new MemorySwitch(3, { mac, extraRooms, ...(reserved && { reserved }) });
  return { sw, heard };
}

const bpdu = (from: string, address = STP): Uint8Array =>
  ethernet({ to: `0180c200000${address}`, from, type: '0026', payload: '424203' });

describe('a frame to a reserved address that a room wants', () => {
  const { Disabled, Discarding, Forwarding, Learning } = PortState;

  test.each([
    [Disabled, false],
    [Discarding, false],
    [Learning, true],
    [Forwarding, true],
  ])(
    'reaches it in port state %d, and its source is learned if that state learns',
    (state, isLearned) => {
      const { sw, heard } = start(CONSUMED);
      sw.bridge.setPortState(0, state);
      expect(sw.send(0, bpdu(A))).toEqual([[], [], []]);
      expect(heard).toEqual([toHex(bpdu(A))]);
      expect(sw.allDrops()).toEqual({});
      expect(printed(A) in sw.stations()).toBe(isLearned);
    },
  );

  test('does not reach it from a port that is down', () => {
    const { sw, heard } = start(CONSUMED);
    sw.port(0).setUp(false);
    sw.send(0, bpdu(A));
    expect(heard).toEqual([]);
    expect(sw.drops(0)).toEqual({ 'ingress-down': 1 });
  });

  test("reaches it with the switch's own source address, and is not learned", () => {
    const { sw, heard } = start(CONSUMED);
    sw.send(0, bpdu(SWITCH));
    expect(heard).toHaveLength(1);
    expect(sw.allDrops()).toEqual({});
    expect(sw.stations()).toEqual({});
  });

  test('is not learned from if it is PAUSE', () => {
    const { sw, heard } = start(CONSUMED);
    sw.send(0, bpdu(A, PAUSE));
    expect(heard).toHaveLength(1);
    expect(sw.stations()).toEqual({});
  });

  test('goes to the port that the room names, and nowhere else', () => {
    const { sw } = start(2);
    expect(sw.send(0, bpdu(A))).toEqual([[], [], [toHex(bpdu(A))]]);
  });
});

describe('a frame to a reserved address that the room passes', () => {
  test('is forwarded if it is for STP, as on a Linux bridge', () => {
    const { sw } = start(PASS);
    expect(sw.send(0, bpdu(A))).toEqual([[], [toHex(bpdu(A))], [toHex(bpdu(A))]]);
    expect(sw.counts(0)['learned']).toBe(1);
  });

  test.each([
    ['the address of STP, if all are dropped', STP, 'strict' as const, A, 'reserved'],
    ['another address', PAUSE, undefined, A, 'reserved'],
    ["another address, from the switch's own", PAUSE, undefined, SWITCH, 'source-is-switch'],
    ["the address of STP, from the switch's own", STP, undefined, SWITCH, 'source-is-switch'],
  ])('is dropped: %s', (_title, address, reserved, from, reason) => {
    const { sw } = start(PASS, reserved);
    expect(sw.send(0, bpdu(from, address))).toEqual([[], [], []]);
    expect(sw.allDrops()).toEqual({ 0: { [reason]: 1 } });
  });

  test('is dropped if it is for STP and its port is discarding', () => {
    const { sw } = start(PASS);
    sw.bridge.setPortState(0, PortState.Discarding);
    expect(sw.send(0, bpdu(A))).toEqual([[], [], []]);
    expect(sw.drops(0)).toEqual({ 'ingress-discarding': 1 });
  });
});
