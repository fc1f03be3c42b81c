import { expect, test } from '@jest/globals';
import { TokenBuckets } from '../../../src/hosts/token-buckets';

function takeMany(buckets: TokenBuckets, source: number, tries: number, nowMs: number): number {
  return Array.from({ length: tries }, () => buckets.take(source, nowMs)).filter(Boolean).length;
}

test('a source has a burst, and a rate per second after it', () => {
  const buckets = new TokenBuckets(2, 10, 5);
  expect(takeMany(buckets, 0, 100, 0)).toBe(5);
  expect(takeMany(buckets, 0, 100, 99)).toBe(0);
  expect(takeMany(buckets, 0, 100, 100)).toBe(1);
  expect(takeMany(buckets, 0, 100, 400)).toBe(3);
  expect(takeMany(buckets, 0, 100, 3_600_000)).toBe(5);
});

test('a source that is out of tokens costs the others nothing', () => {
  const buckets = new TokenBuckets(2, 10, 5);
  takeMany(buckets, 0, 100, 0);
  expect(takeMany(buckets, 1, 100, 0)).toBe(5);
});
