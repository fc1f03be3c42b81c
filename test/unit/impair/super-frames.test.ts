/** Impairments of super-frames, which count as the segments that they are on a wire. */

import { describe, expect, test } from '@jest/globals';
import { impairmentOf } from '../../support/impairments';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';
import { type SuperFrame, buildSuperFrame, expectedSegments } from '../../support/super-frame';

const SEGMENTS = 10;
const SPEC: SuperFrame = {
  ...{ ipVersion: 4, transport: 'tcp', gsoSizeBytes: 100, payloadBytes: 100 * SEGMENTS },
};
const { frame: whole, vnet } = buildSuperFrame(SPEC);
const segments = expectedSegments(SPEC).map(toHex);

/** Two ports with offloads, and an impairment. */
function impaired(words: string): MemorySwitch {
  const sw = new MemorySwitch(2, {}, { takesOffloads: true });
  sw.bridge.addImpairment(impairmentOf(words, words.startsWith('in') ? 0 : 1));
  return sw;
}

function send(sw: MemorySwitch): string[] {
  sw.port(0).sendOffloaded(vnet, whole);
  return sw.take()[1] as string[];
}

describe.each(['in', 'out'])('a super-frame that is impaired (%s)', (direction) => {
  const reason = `impaired-${direction}`;
  const port = direction === 'in' ? 0 : 1;

  test('stays whole if no segment is lost', () => {
    expect(send(impaired(`${direction} loss 0%`))).toEqual([toHex(whole)]);
  });

  test('stays whole while it is held, with its vnet header', () => {
    const sw = impaired(`${direction} delay 10ms`);
    expect(send(sw)).toEqual([]);
    sw.io.advance(10);
    expect(sw.port(1).receivedHeaders).toEqual([vnet]);
    expect(sw.take()[1]).toEqual([toHex(whole)]);
  });

  test('is cut, and loses single segments', () => {
    const sw = impaired(`${direction} loss nth 3`);
    expect(send(sw)).toEqual(segments.filter((_, index) => index !== 2));
    expect(sw.drops(port)).toEqual({ [reason]: 1 });
    expect(sw.bridge.impairmentCounts()).toMatchObject([{ frames: SEGMENTS, lost: 1 }]);
    // The third of all segments is in the first frame.
    expect(send(sw)).toEqual([toHex(whole)]);
  });

  test('is lost as a whole if all segments are', () => {
    const sw = impaired(`${direction} loss`);
    expect(send(sw)).toEqual([]);
    expect(sw.drops(port)).toEqual({ [reason]: SEGMENTS });
  });

  test('is cut, and one bit of one segment is inverted', () => {
    const sw = impaired(`${direction} corrupt nth 4`);
    const left = send(sw);
    expect(left).toHaveLength(SEGMENTS);
    const changed = left.filter((segment, index) => segment !== segments[index]);
    expect(changed).toHaveLength(1);
    expect(left[3]).toBe(changed[0]);
  });
});

describe('a super-frame', () => {
  test('takes as long at a rate as its segments with their headers', () => {
    const sw = impaired('out rate 8mbit');
    const bytes = segments.reduce((sum, segment) => sum + segment.length / 2, 0);
    expect(send(sw)).toEqual([]);
    expect(sw.bridge.heldDueMs).toBeCloseTo(bytes / 1_000, 9);
  });

  test('counts as its segments for the limit', () => {
    const sw = impaired(`out delay 10ms limit ${SEGMENTS}`);
    send(sw);
    send(sw);
    expect(sw.drops(1)).toEqual({ 'held-full-out': SEGMENTS });
  });

  test('is cut behind the delay for a port without offloads', () => {
    const sw = new MemorySwitch(2);
    sw.bridge.addImpairment(impairmentOf('out delay 10ms loss nth 2', 1));
    sw.port(0).sendOffloaded(vnet, whole);
    sw.io.advance(10);
    expect(sw.take()[1]).toEqual(segments.filter((_, index) => index !== 1));
  });
});
