/** The tables of `tapctl stats`. */

import { describe, expect, test } from '@jest/globals';
import type { StatsBody } from '../../../src/control/shapes';
import { statsLines } from '../../../src/tapctl/commands/stats';
import { renderLine, tableLines } from '../../../src/terminal/table';

const statsOf = (drops: Record<string, number>): StatsBody => {
  const counts = { counters: { 'rx-frames': 7, 'tx-frames': 0 }, drops };
  return {
    total: counts,
    ports: [{ port: 'tap0', ...counts }],
    bursts: [{ from: 1, to: 1, bursts: 7 }],
    hooks: [],
  };
};

const shown = (stats: StatsBody, isWhole = false): string[] =>
  statsLines(stats, tableLines, isWhole).map((line) => renderLine(line).trimEnd());

const COUNTED = ['COUNTER    tap0', 'rx-frames     7'];
const BURSTS = ['FRAMES AT ONCE  BURSTS', '1                    7'];

describe('the statistics', () => {
  test('have no table of drops where nothing was dropped', () => {
    expect(shown(statsOf({ congested: 0 }))).toEqual([...COUNTED, '', ...BURSTS]);
  });

  test('name the reasons for drops', () => {
    const drops = ['DROPPED BECAUSE  tap0', 'congested           4'];
    const lines = shown(statsOf({ congested: 4, reserved: 0 }));
    expect(lines).toEqual([...COUNTED, '', ...drops, '', ...BURSTS]);
  });

  test('have the counters of hooks that are not zero', () => {
    const counters = [
      { name: 'blocked', label: '02:00:00:00:00:01', value: 3 },
      { name: 'seen', label: '', value: 8 },
      { name: 'never', label: '', value: 0 },
    ];
    const lines = shown({ ...statsOf({}), hooks: [{ name: 'firewall', counters }] });
    expect(lines.slice(-4)).toEqual([
      '',
      'HOOK      COUNTER  LABEL              VALUE',
      'firewall  blocked  02:00:00:00:00:01      3',
      'firewall  seen     -                      8',
    ]);
  });

  test('have all rows where all are wanted', () => {
    const lines = shown(statsOf({ congested: 0 }), true);
    expect(lines).toEqual(expect.arrayContaining(['tx-frames     0', 'congested           0']));
  });
});
