import { describe, expect, test } from '@jest/globals';
import { FlapDetector } from '../../../src/l2/flap-detector';

const HI16 = 0x0002;
/** The words of 02:00:00:00:00:0x. */
const station = (index: number): [hi16: number, lo32: number] => [HI16, index << 24];

/** Times of reports, when `station(1)` moves at the given times. */
function reports(times: readonly number[], detector = new FlapDetector()): number[] {
  return times.filter((nowMs) => detector.moved(...station(1), nowMs));
}

describe('FlapDetector', () => {
  test('reports the fifth move within ten seconds', () => {
    expect(reports([0, 1, 2, 3])).toEqual([]);
    expect(reports([0, 1, 2, 3, 4])).toEqual([4]);
    expect(reports([0, 2_500, 5_000, 7_500, 10_000])).toEqual([10_000]);
  });

  test('does not report moves that are further apart', () => {
    expect(reports([0, 2_501, 5_002, 7_503, 10_004])).toEqual([]);
    expect(reports(Array.from({ length: 100 }, (_, index) => index * 5_000))).toEqual([]);
  });

  test('counts from zero after a report, and reports at most once a second', () => {
    const everyMs = Array.from({ length: 3_000 }, (_, index) => index);
    expect(reports(everyMs)).toEqual([4, 1_004, 2_004]);
  });

  test('limits the reports of all stations together', () => {
    const detector = new FlapDetector();
    const reported: number[] = [];
    for (let nowMs = 0; nowMs < 1_000; nowMs++) {
      const isReported = [1, 2, 3].filter((index) => detector.moved(...station(index), nowMs));
      reported.push(...isReported);
    }
    expect(reported).toHaveLength(1);
  });

  test('counts the moves of each station separately', () => {
    const detector = new FlapDetector();
    // Each station has moved twice, and five moves make a report.
    for (let index = 0; index < 40; index++) {
      expect(detector.moved(...station(index % 20), index)).toBe(false);
    }
  });

  test('never reports a station for the moves of another that shares its slot', () => {
    const detector = new FlapDetector();
    // Every address of these 4096 shares its slot with 63 others.
    for (let index = 0; index < 4_096; index++) {
      for (let move = 0; move < 4; move++) expect(detector.moved(HI16, index, index)).toBe(false);
    }
  });
});
