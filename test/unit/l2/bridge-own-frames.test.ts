/** Frames of the switch itself: their ports, their bytes, and the space for them. */

import { describe, expect, test } from '@jest/globals';
import { parseMac, type MacWords } from '../../../src/wire/mac';
import type { BridgeOptions } from '../../../src/l2/bridge';
import type { MemoryPortOptions } from '../../../src/testing/memory-port';
import { BROADCAST, ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';
import { keyOf } from '../../support/rooms';
import { type SuperFrame, buildSuperFrame, expectedSegments } from '../../support/super-frame';

const SWITCH = '020000000099';
const SWITCH_IP = 'c00002fe'; // 192.0.2.254
const HOST = station(1);
const HOST_IP = 'c0000201'; // 192.0.2.1
const NOBODY = '000000000000';
const ETHERNET_IPV4 = '0001 0800 06 04';

const REQUEST = ethernet({
  to: BROADCAST,
  from: HOST,
  type: '0806',
  payload: `${ETHERNET_IPV4} 0001 ${HOST} ${HOST_IP} ${NOBODY} ${SWITCH_IP}`,
});
const REPLY = ethernet({
  to: HOST,
  from: SWITCH,
  type: '0806',
  payload: `${ETHERNET_IPV4} 0002 ${SWITCH} ${SWITCH_IP} ${HOST} ${HOST_IP}`,
});
const PROBE = ethernet({
  to: BROADCAST,
  from: SWITCH,
  type: '0806',
  payload: `${ETHERNET_IPV4} 0001 ${SWITCH} 00000000 ${NOBODY} ${SWITCH_IP}`,
});

/** A switch that has claimed 192.0.2.254. */
function addressed(
  portCount: number,
  options: BridgeOptions = {},
  port: MemoryPortOptions = {},
): MemorySwitch {
  const mac = parseMac(printed(SWITCH)) as MacWords;
  const sw = new MemorySwitch(portCount, { mac, ...options }, port);
  sw.bridge.rooms.arp.addresses.add(keyOf('192.0.2.254'), 0);
  sw.io.advance(10_000);
  sw.take();
  return sw;
}

describe('an answer of the switch', () => {
  test('goes to the asker, and the request is forwarded', () => {
    const sw = addressed(3);
    expect(sw.send(1, REQUEST)).toEqual([[toHex(REQUEST)], [toHex(REPLY)], [toHex(REQUEST)]]);
    expect(sw.counts(1)).toMatchObject({ 'arp-answered': 1 });
  });

  test('has a zero vnet header, whatever the bytes were before', () => {
    const sw = addressed(2, {}, { takesOffloads: true });
    sw.bridge.burst.u8.fill(0xa5);
    sw.send(1, REQUEST);
    sw.port(1).send(REQUEST);
    expect(sw.port(1).receivedHeaders.map(toHex)).toEqual(['00'.repeat(10)]);
    expect(sw.take()[1]).toEqual([toHex(REPLY)]);
  });

  test('is subject to the rules of its port: a frame that is too long for the MTU is dropped', () => {
    const sw = addressed(2);
    sw.port(1).setMtu(20);
    expect(sw.send(1, REQUEST)[1]).toEqual([]);
    expect(sw.drops(1)).toEqual({ 'too-long': 1 });
  });

  test('is not learned: the MAC of the switch is not in the table', () => {
    const sw = addressed(2);
    sw.send(1, REQUEST);
    expect(sw.stations()).toEqual({ [printed(HOST)]: 1 });
  });

  test('is not delayed by a burst full of requests', () => {
    const sw = addressed(2, { burst: { receiveFrames: 64, madeFrames: 3, txEntries: 8 } });
    const questions = Array.from({ length: 200 }, () => REQUEST);
    expect(sw.send(1, ...questions)).toEqual([
      questions.map(toHex),
      questions.map(() => toHex(REPLY)),
    ]);
  });
});

describe('a frame to all', () => {
  test('goes out of every port that is up, once', () => {
    const sw = new MemorySwitch(300, {
      mac: parseMac(printed(SWITCH)) as MacWords,
      burst: { txEntries: 7 },
    });
    sw.port(77).setUp(false);
    sw.bridge.rooms.arp.addresses.add(keyOf('192.0.2.254'), 0);
    sw.io.advance(1);
    expect(sw.take()).toEqual(
      Array.from({ length: 300 }, (_, id) => (id === 77 ? [] : [toHex(PROBE)])),
    );
    expect(sw.drops(77)).toEqual({});
    expect(sw.counts(0)).toEqual({ 'tx-frames': 1, 'tx-bytes': 42 });
  });
});

describe('the space for made frames', () => {
  const spec: SuperFrame = {
    ipVersion: 4,
    transport: 'tcp',
    payloadBytes: 60_000,
    gsoSizeBytes: 700,
  };
  const { vnet, frame } = buildSuperFrame(spec);
  const segments = expectedSegments(spec).map(toHex);

  test.each([
    ['frames', { madeFrames: 4 }],
    ['pairs', { txEntries: 3 }],
    ['both', { madeFrames: 1, txEntries: 1 }],
    ['nothing', {}],
  ])('is found again and again if the burst is short of %s', (_, burst) => {
    const sw = new MemorySwitch(4, { burst: { receiveFrames: 8, ...burst } });
    const hello = ethernet({ to: BROADCAST, from: station(2) });
    const plain = new Uint8Array(10);
    sw.io.enqueue(sw.port(0), { bytes: hello, vnetHeader: plain });
    sw.io.enqueue(sw.port(0), { bytes: frame, vnetHeader: vnet });
    sw.io.enqueue(sw.port(0), { bytes: hello, vnetHeader: plain });
    sw.io.enqueue(sw.port(0), { bytes: frame, vnetHeader: vnet });
    sw.io.run();
    const expected = [toHex(hello), ...segments, toHex(hello), ...segments];
    expect(sw.take()).toEqual([[], expected, expected, expected]);
    expect(sw.allDrops()).toEqual({});
  });

  test('is enough for the segments of a full burst', () => {
    const sw = new MemorySwitch(3, { burst: { receiveFrames: 16, receiveBytes: 512 * 1024 } });
    const count = 8;
    for (let index = 0; index < count; index++) {
      sw.io.enqueue(sw.port(0), { bytes: frame, vnetHeader: vnet });
    }
    sw.io.run();
    const [, one, other] = sw.take();
    expect(one).toHaveLength(count * segments.length);
    expect(new Set(one)).toEqual(new Set(segments));
    expect(other).toEqual(one);
  });
});
