/** Software segmentation against a naive twin, and against noise. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VNET_HEADER_BYTES } from '../../../src/wire/virtio';
import { PORT, segment } from '../../support/segmenter';
import { toHex } from '../../support/room-harness';
import { buildSuperFrame, expectedSegments } from '../../support/super-frame';
import { superFrame } from '../../support/super-frame-arbitrary';

describe('segmentTo', () => {
  test('makes the segments that a naive twin makes', () => {
    fc.assert(
      fc.property(superFrame, (spec) => {
        const input = buildSuperFrame(spec);
        const outcome = segment(input);
        expect(outcome.accepted).toBe(true);
        const expected = expectedSegments(spec);
        expect(outcome.frames).toEqual(expected.map(toHex));
        expect(outcome.segmentBytes).toBe(Math.max(...expected.map(({ length }) => length)));
        expect(outcome.ports).toEqual(expected.map(() => PORT));
        expect(outcome.isOriginalKept).toBe(true);
        expect(new Set(outcome.vnets)).toEqual(new Set(['00'.repeat(VNET_HEADER_BYTES)]));
      }),
      { numRuns: 300 },
    );
  });

  test('never throws, never reads beyond the frame, never changes it', () => {
    const damage = fc.record({
      /** Offset of a changed byte: below 10 in the vnet header, from 10 on in the headers of the frame. */
      at: fc.nat(VNET_HEADER_BYTES + 120),
      value: fc.nat(0xff),
    });
    fc.assert(
      fc.property(
        superFrame,
        fc.array(damage, { maxLength: 4 }),
        fc.option(fc.integer({ min: 14, max: 200 })),
        (spec, damages, cutBytes) => {
          const { vnet, frame } = buildSuperFrame(spec);
          for (const { at, value } of damages) {
            if (at < VNET_HEADER_BYTES) vnet[at] = value;
            else if (at - VNET_HEADER_BYTES < frame.length) frame[at - VNET_HEADER_BYTES] = value;
          }
          const input = { vnet, frame: frame.slice(0, cutBytes ?? frame.length) };
          const outcome = segment(input, 0x00);
          expect(segment(input, 0xff)).toEqual(outcome);
          expect(outcome.isOriginalKept).toBe(true);
          expect(outcome.frames.length > 0).toBe(outcome.accepted);
          for (const made of outcome.frames) {
            expect(made.length / 2).toBeLessThanOrEqual(outcome.segmentBytes);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
