/** Settings of rooms that change while the switch runs: the mode of answering, and inspection. */

import { describe, expect, test } from '@jest/globals';
import { ipKeyOf } from '../../../src/wire/ip-key';
import { parseMac } from '../../../src/wire/mac';
import type { MacWords } from '../../../src/wire/mac';
import { printed, station } from '../../support/ethernet';
import { arpFrame } from '../../support/ip-frames';
import { MemorySwitch } from '../../support/memory-switch';
import { fromHex } from '../../support/room-harness';

const ASKER = station(1);
const OWNER = station(2);
const OWNER_IP = '192.0.2.2';

const ANNOUNCEMENT = fromHex(
  arpFrame({ senderMac: OWNER, senderIp: OWNER_IP, targetIp: OWNER_IP }),
);
const ASKER_ANNOUNCES = fromHex(
  arpFrame({ senderMac: ASKER, senderIp: '192.0.2.1', targetIp: '192.0.2.1' }),
);
const REQUEST = fromHex(arpFrame({ senderMac: ASKER, senderIp: '192.0.2.1', targetIp: OWNER_IP }));

/** The asker is behind port 0, the owner behind port 1. Both have announced their addresses to all. */
function meet(): MemorySwitch {
  const memory = new MemorySwitch(3);
  memory.send(0, ASKER_ANNOUNCES);
  memory.send(1, ANNOUNCEMENT);
  return memory;
}

function inspect(memory: MemorySwitch, ...trusted: readonly number[]): void {
  for (const port of trusted) memory.bridge.rooms.setTrusted(port, true);
  memory.bridge.configure({ inspect: true });
}

/** Number of frames that each port gets when the asker sends a request. */
function asked(memory: MemorySwitch): number[] {
  return memory.send(0, REQUEST).map((frames) => frames.length);
}

const ANSWERED = [1, 0, 0];
const DIRECTED = [0, 1, 0];
const FLOODED = [0, 1, 1];
const REFUSED = [0, 0, 0];

test('the mode of answering changes with the next request', () => {
  const memory = meet();
  expect(asked(memory)).toEqual(ANSWERED);
  memory.bridge.configure({ arp: 'direct' });
  expect(asked(memory)).toEqual(DIRECTED);
  memory.bridge.configure({ arp: 'off' });
  expect(asked(memory)).toEqual(FLOODED);
  memory.bridge.configure({ arp: 'answer' });
  expect(asked(memory)).toEqual(ANSWERED);
});

test('settings that are left out stay as they are', () => {
  const memory = meet();
  memory.bridge.configure({ arp: 'direct' });
  inspect(memory, 0, 1);
  memory.send(0, ASKER_ANNOUNCES);
  memory.send(1, ANNOUNCEMENT);
  memory.bridge.configure({ ageingMs: 20_000 });
  memory.bridge.configure({ neighLifeMs: 30_000, inspect: true });
  expect(memory.bridge.fdb.ageingMs).toBe(20_000);
  expect(asked(memory)).toEqual(DIRECTED);
  memory.bridge.configure({});
  expect(asked(memory)).toEqual(DIRECTED);
});

test('a port can be trusted before inspection begins, until it is removed', () => {
  const memory = meet();
  const { bridge } = memory;
  bridge.rooms.setTrusted(1, true);
  inspect(memory, 0);
  expect(bridge.rooms.inspection?.trusts(1)).toBe(true);
  bridge.configure({ inspect: false });
  bridge.rooms.setTrusted(1, false);
  bridge.removePort(0);
  bridge.configure({ inspect: true });
  expect([0, 1].map((port) => bridge.rooms.inspection?.trusts(port))).toEqual([false, false]);
});

describe('inspection that begins while frames flow', () => {
  test('denies a sender without a binding, and ignores bindings learned before', () => {
    const memory = meet();
    const { rooms } = memory.bridge;
    inspect(memory, 0);
    expect(asked(memory)).toEqual(FLOODED);
    expect(memory.send(1, ANNOUNCEMENT)).toEqual([[], [], []]);
    expect(memory.drops(1)).toEqual({ 'inspect-sender-unbound': 1 });
    rooms.setTrusted(1, true);
    memory.send(1, ANNOUNCEMENT);
    expect(asked(memory)).toEqual(ANSWERED);
  });

  test('keeps static bindings', () => {
    const memory = meet();
    const { rooms } = memory.bridge;
    const { hi16, lo32 } = parseMac(printed(OWNER)) as MacWords;
    const key = ipKeyOf([192, 0, 2, 2]);
    rooms.arp.neighbours.addStatic(key, 0, hi16, lo32, 1);
    inspect(memory, 0);
    memory.send(0, ASKER_ANNOUNCES);
    expect(asked(memory)).toEqual(ANSWERED);
    expect(memory.send(1, ANNOUNCEMENT).map((frames) => frames.length)).toEqual([1, 0, 1]);
  });

  test('bindings of a port that loses trust are forgotten; those of a port that keeps it stay', () => {
    const memory = meet();
    const { rooms } = memory.bridge;
    inspect(memory, 0, 1);
    memory.send(0, ASKER_ANNOUNCES);
    memory.send(1, ANNOUNCEMENT);
    rooms.setTrusted(1, true);
    expect(asked(memory)).toEqual(ANSWERED);
    rooms.setTrusted(1, false);
    expect(asked(memory)).toEqual(FLOODED);
  });

  test('denies ARP in LLC and SNAP, and passes other LLC', () => {
    const memory = meet();
    inspect(memory, 0);
    const snap = 'aaaa030000000806';
    for (const length of ['0024', '0000', '05ff', '8870']) {
      const wrapped = `ffffffffffff${OWNER}${length}${snap}${'00'.repeat(28)}`;
      expect(memory.send(1, fromHex(wrapped))).toEqual([[], [], []]);
      expect(memory.send(0, fromHex(wrapped.replace(OWNER, ASKER)))[1]).toHaveLength(1);
    }
    expect(memory.drops(1)).toEqual({ 'inspect-disguised': 4 });
    const netbios = fromHex(`ffffffffffff${OWNER}0026f0f003${'00'.repeat(35)}`);
    expect(memory.send(1, netbios).map((frames) => frames.length)).toEqual([1, 0, 1]);
    memory.bridge.configure({ inspect: false });
    expect(memory.send(1, fromHex(`ffffffffffff${OWNER}0024${snap}`))[0]).toHaveLength(1);
  });

  test('ends', () => {
    const memory = meet();
    memory.bridge.configure({ inspect: true });
    expect(asked(memory)).toEqual(REFUSED);
    memory.bridge.configure({ inspect: false });
    memory.send(0, ASKER_ANNOUNCES);
    memory.send(1, ANNOUNCEMENT);
    expect(asked(memory)).toEqual(ANSWERED);
  });
});
