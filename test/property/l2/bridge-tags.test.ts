/** Tag operations of super-frames against a naive twin, which builds the frame with the other tags. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AS_IT_IS, STRIP, push } from '../../../src/frame/tag-operation';
import { toHex } from '../../support/room-harness';
import { buildSuperFrame, expectedSegments, type SuperFrame } from '../../support/super-frame';
import { superFrame } from '../../support/super-frame-arbitrary';
import { TaggingSwitch } from '../../support/tagging-switch';

const operation = fc.oneof(
  fc.constant(AS_IT_IS),
  fc.constant(STRIP),
  fc.tuple(fc.constantFrom(0x8100, 0x88a8), fc.nat(0xffff)),
);

type Tags = NonNullable<SuperFrame['tags']>;

function tagsAfter(tags: Tags, change: number | [number, number]): Tags {
  if (change === STRIP) return tags.slice(1);
  return typeof change === 'number' ? tags : [change, ...tags];
}

test('a super-frame leaves as if it had been built with the tags that it leaves with', () => {
  fc.assert(
    fc.property(superFrame, operation, (spec, change) => {
      const tags = spec.tags ?? [];
      fc.pre(change !== STRIP || tags.length > 0);
      const encoded = typeof change === 'number' ? change : push(...change);
      const sw = new TaggingSwitch([
        { operation: encoded, takesOffloads: true, mtuBytes: 65_521 },
        { operation: encoded, mtuBytes: 65_521 },
      ]);
      const sent = buildSuperFrame(spec);
      const [offloaded, cut] = sw.send(sent.vnet, sent.frame);
      const leaving = { ...spec, tags: tagsAfter(tags, change) };
      const expected = buildSuperFrame(leaving);
      // csum_start has no meaning if the checksum is complete, and is not changed.
      if (!spec.needsChecksum) expected.vnet.set(sent.vnet.subarray(6, 8), 6);
      expect(offloaded).toEqual({
        frames: [toHex(expected.frame)],
        vnets: [toHex(expected.vnet)],
      });
      expect(cut?.frames).toEqual(expectedSegments(leaving).map(toHex));
    }),
    { numRuns: 200 },
  );
});
