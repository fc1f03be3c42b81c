import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { IDLE_HOOK } from '../../../bench/duts/tapswitch';
import { busiest } from '../../../bench/experiments/footprint';
import { FEATURES, modesOf } from '../../../bench/experiments/features';
import { METRICS } from '../../../bench/metrics';
import { growth } from '../../../bench/proc';
import { parseFilter } from '../../../src/capture/filter-parser';
import { readFileValues } from '../../../src/config/file-schema';
import { PORT_KINDS } from '../../../src/ports/kinds';

describe('features', () => {
  test('have the hook that they load', () => {
    expect(existsSync(IDLE_HOOK)).toBe(true);
  });

  test.each([...FEATURES])('%s differs from its reference, and both have valid options', (id) => {
    const modes = modesOf(FEATURES.get(id)!, 'tap2');
    expect(modes.with).not.toEqual(modes.without);
    for (const { lines, captureFilter = 'ip' } of [modes.with, modes.without]) {
      expect(readFileValues(parse(lines) ?? {}, PORT_KINDS)).toHaveProperty('given');
      expect(() => parseFilter(captureFilter)).not.toThrow();
    }
    expect(METRICS.has(`price.${id}`)).toBe(true);
  });
});

describe('threads', () => {
  test('the working thread is the one whose CPU time grows most, and not the one with the most CPU time', () => {
    const before = new Map([
      [10, 900],
      [11, 100],
    ]);
    const after = new Map([
      [10, 950],
      [11, 400],
      [12, 200],
    ]);
    const grown = growth(before, after);
    expect([...grown]).toEqual([
      [10, 50],
      [11, 300],
      [12, 200],
    ]);
    expect(busiest(grown)).toBe(11);
  });
});
