/** Counters of the ports after a list of frames of every kind: each frame and byte is counted. */

import { expect, test } from '@jest/globals';
import { parseMac, type MacWords } from '../../../src/wire/mac';
import { BROADCAST, MULTICAST, ethernetOf, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

const SWITCH = '020000000099';
const A = station(0x0a);
const B = station(0x0b);
const C = station(0x0c);

test('every frame and every byte is counted once, at the right port', () => {
  const sw = new MemorySwitch(3, { mac: parseMac(printed(SWITCH)) as MacWords });
  sw.port(0).send(
    ethernetOf(42, BROADCAST, A), // learned; to 1 and 2
    ethernetOf(60, MULTICAST, A), // to 1 and 2
    ethernetOf(100, B, A), // unknown: to 1 and 2
    ethernetOf(13, B, A), // too short
  );
  sw.port(1).send(
    ethernetOf(200, A, B), // learned; to 0
    ethernetOf(1_518, A, B), // to 0
    ethernetOf(1_519, A, B), // too long for 0
  );
  sw.port(2).send(
    ethernetOf(60, B, C), // learned; to 1
    ethernetOf(61, B, A), // A moves here; to 1
    ethernetOf(62, SWITCH, C), // for the switch, which has no use for it
    ethernetOf(63, C, A), // behind the same port
    ethernetOf(64, '0180c2000002', C), // reserved, a group
  );

  expect(sw.counts(0)).toEqual({
    'rx-frames': 4,
    'rx-bytes': 42 + 60 + 100 + 13,
    'rx-multicast': 1,
    'rx-broadcast': 1,
    'rx-flooded': 3,
    'tx-frames': 2,
    'tx-bytes': 200 + 1_518,
    learned: 1,
  });
  expect(sw.counts(1)).toEqual({
    'rx-frames': 3,
    'rx-bytes': 200 + 1_518 + 1_519,
    'tx-frames': 5,
    'tx-bytes': 42 + 60 + 100 + 60 + 61,
    learned: 1,
  });
  expect(sw.counts(2)).toEqual({
    'rx-frames': 5,
    'rx-bytes': 60 + 61 + 62 + 63 + 64,
    'rx-multicast': 1,
    'tx-frames': 3,
    'tx-bytes': 42 + 60 + 100,
    learned: 1,
    'moved-here': 1,
  });
  expect(sw.allDrops()).toEqual({
    0: { 'too-short': 1, 'too-long': 1 },
    2: { 'to-switch': 1, 'same-port': 1, reserved: 1 },
  });
});

test('a frame without another port does not count as flooded', () => {
  const sw = new MemorySwitch(2);
  sw.port(1).setUp(false);
  sw.send(0, ethernetOf(42, BROADCAST, A));
  expect(sw.counts(0)).toEqual({
    'rx-frames': 1,
    'rx-bytes': 42,
    'rx-broadcast': 1,
    learned: 1,
  });
  expect(sw.drops(0)).toEqual({ 'no-other-port': 1 });
});

test('another thread can read the counters in its own memory', () => {
  const memory = new SharedArrayBuffer(1_000_000);
  const sw = new MemorySwitch(2, { counterMemory: memory });
  sw.send(0, ethernetOf(42, BROADCAST, A));
  expect(sw.bridge.counters.memory).toBe(memory);
  expect(sw.counts(1)).toEqual({ 'tx-frames': 1, 'tx-bytes': 42 });
});
