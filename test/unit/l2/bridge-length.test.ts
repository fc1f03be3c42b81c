/** Lengths that a frame may have: `is_skb_forwardable`, and no minimum beyond the Ethernet header. */

import { describe, expect, test } from '@jest/globals';
import { BROADCAST, ethernet, ethernetOf, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';
import { buildSuperFrame } from '../../support/super-frame';

const A = station(0x0a);

const lengths = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('short frames', () => {
  test.each(lengths(14, 60))(
    '%d bytes are forwarded, neither dropped nor padded',
    (lengthBytes) => {
      const sw = new MemorySwitch(3);
      const frame = ethernetOf(lengthBytes, BROADCAST, A);
      expect(sw.send(0, frame)).toEqual([[], [toHex(frame)], [toHex(frame)]]);
      expect(sw.allDrops()).toEqual({});
    },
  );

  test.each(lengths(0, 13))('%d bytes are no frame', (lengthBytes) => {
    const sw = new MemorySwitch(3);
    const frame = ethernet({ to: BROADCAST, from: A, payload: '' }).subarray(0, lengthBytes);
    expect(sw.send(0, frame)).toEqual([[], [], []]);
    expect(sw.allDrops()).toEqual({ 0: { 'too-short': 1 } });
    expect(sw.counts(0)).toEqual(
      lengthBytes === 0 ? { 'rx-frames': 1 } : { 'rx-frames': 1, 'rx-bytes': lengthBytes },
    );
  });
});

describe('long frames', () => {
  test.each([68, 1_500, 9_000, 65_521])('an MTU of %d lets MTU + 18 bytes out', (mtuBytes) => {
    const sw = new MemorySwitch(3, {}, { mtuBytes });
    const longest = ethernetOf(mtuBytes + 18, BROADCAST, A);
    const longer = ethernetOf(mtuBytes + 19, BROADCAST, A);
    expect(sw.send(0, longest)).toEqual([[], [toHex(longest)], [toHex(longest)]]);
    expect(sw.allDrops()).toEqual({});
    expect(sw.send(0, longer)).toEqual([[], [], []]);
    expect(sw.allDrops()).toEqual({ 1: { 'too-long': 1 }, 2: { 'too-long': 1 } });
  });

  test.each([
    ['81000064', 1_522],
    ['88a80064', 1_522],
    ['88a8006481000064', 1_522],
    ['91000064', 1_518],
  ])('are judged without their outer tag: %s', (type, longestBytes) => {
    const sw = new MemorySwitch(2);
    const frameOf = (lengthBytes: number): Uint8Array => {
      const payloadBytes = lengthBytes - 12 - type.length / 2;
      return ethernet({ to: BROADCAST, from: A, type, payload: '00'.repeat(payloadBytes) });
    };
    const longest = frameOf(longestBytes);
    expect(longest).toHaveLength(longestBytes);
    expect(sw.send(0, longest)).toEqual([[], [toHex(longest)]]);
    expect(sw.send(0, frameOf(longestBytes + 1))).toEqual([[], []]);
    expect(sw.allDrops()).toEqual({ 1: { 'too-long': 1 } });
  });

  test('are checked against the MTU of each egress port', () => {
    const sw = new MemorySwitch(1);
    sw.addPort({ mtuBytes: 9_000 });
    sw.addPort();
    sw.addPort({ mtuBytes: 2_000 });
    const frame = ethernetOf(2_000, BROADCAST, A);
    expect(sw.send(0, frame)).toEqual([[], [toHex(frame)], [], [toHex(frame)]]);
    expect(sw.allDrops()).toEqual({ 2: { 'too-long': 1 } });
  });

  test('are not checked against the MTU of the ingress port', () => {
    const sw = new MemorySwitch(1, {}, { mtuBytes: 68 });
    sw.addPort({ mtuBytes: 1_500 });
    const frame = ethernetOf(1_514, BROADCAST, A);
    expect(sw.send(0, frame)).toEqual([[], [toHex(frame)]]);
  });

  test('follow the MTU when it changes', () => {
    const sw = new MemorySwitch(2);
    const frame = ethernetOf(9_014, BROADCAST, A);
    expect(sw.send(0, frame)).toEqual([[], []]);
    sw.port(1).setMtu(9_000);
    expect(sw.send(0, frame)).toEqual([[], [toHex(frame)]]);
    sw.port(1).setMtu(8_995);
    expect(sw.send(0, frame)).toEqual([[], []]);
  });

  test('are never truncated: a tagged frame of full size passes whole', () => {
    const sw = new MemorySwitch(2);
    const payload = '0005 88b5' + 'ab'.repeat(1_500);
    const tagged = ethernet({ to: BROADCAST, from: A, type: '8100', payload });
    expect(tagged).toHaveLength(1_518);
    expect(sw.send(0, tagged)).toEqual([[], [toHex(tagged)]]);
  });
});

describe('super-frames', () => {
  // 54 bytes of headers, and up to 1464 bytes of payload a segment: 1518 bytes at most.
  const spec = { ipVersion: 4, transport: 'tcp', payloadBytes: 20_000 } as const;

  test('are checked by the length of their segments, on ports with offloads too', () => {
    const sw = new MemorySwitch(2, {}, { takesOffloads: true });
    const fits = buildSuperFrame({ ...spec, gsoSizeBytes: 1_464 });
    sw.port(0).sendOffloaded(fits.vnet, fits.frame);
    expect(sw.take()[1]).toEqual([toHex(fits.frame)]);
    expect(sw.allDrops()).toEqual({});

    const tooLong = buildSuperFrame({ ...spec, gsoSizeBytes: 1_465 });
    sw.port(0).sendOffloaded(tooLong.vnet, tooLong.frame);
    expect(sw.take()[1]).toEqual([]);
    expect(sw.allDrops()).toEqual({ 1: { 'too-long': 1 } });
  });

  test('of one segment are checked by their own length', () => {
    const sw = new MemorySwitch(2, {}, { takesOffloads: true });
    const small = buildSuperFrame({ ...spec, payloadBytes: 1_000, gsoSizeBytes: 8_000 });
    sw.port(0).sendOffloaded(small.vnet, small.frame);
    expect(sw.take()[1]).toEqual([toHex(small.frame)]);
  });
});
