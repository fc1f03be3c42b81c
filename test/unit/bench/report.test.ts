import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { drawChart, type Chart } from '../../../bench/report/chart';
import { replaceResults, resultsMarkdown } from '../../../bench/report/markdown';
import { formatNumber } from '../../../bench/report/numbers';
import { drawPlots } from '../../../bench/report/plots';
import { gaps, metricBlock, targetTable } from '../../../bench/report/text';
import { resultsOf } from '../../support/bench-results';

const RESULTS = resultsOf({
  'rate.60': { ours: [600_000, 590_000, 650_000], bridge: [400_000] },
  'rate.128': { ours: [580_000] },
  'rtt.p50': { ours: [9.5], bridge: [7] },
});

describe('formatNumber', () => {
  test.each([
    [0, '0'],
    [0.012345, '0.0123'],
    [0.5, '0.500'],
    [1.2345, '1.23'],
    [12.345, '12.3'],
    [123.45, '123'],
    [123456.7, '123457'],
    [-2.5, '-2.50'],
  ])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe('text', () => {
  test('a metric has a row for each device that was measured', () => {
    expect(metricBlock(RESULTS, 'rate.60').map((line) => line.split(/ {2,}/))).toEqual([
      ['60 B frames, one way (M frames/s)'],
      ['', 'tapswitch', '0.600', '(0.590 – 0.650)', '1.50 × bridge'],
      ['', 'Linux bridge + veth', '0.400', '(0.400 – 0.400)', '1.00 × bridge'],
    ]);
  });

  test('a median of enough readings has its error', () => {
    const ours = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((frames) => frames * 1e6);
    expect(metricBlock(resultsOf({ 'rate.60': { ours } }), 'rate.60')[1]).toMatch(
      / 5\.00 {2}\(1\.00 – 9\.00\) +95 % certain: 2\.00 – 8\.00$/,
    );
  });

  test('a metric without readings has no block', () => {
    expect(metricBlock(RESULTS, 'tcp.1x1500')).toEqual([]);
  });

  test('the table of targets says what was reached and what was not measured', () => {
    const lines = targetTable(RESULTS);
    const ofBridge = lines.find((line) => line.includes('60 B frames/s / kernel bridge'));
    expect(ofBridge?.trim().split(/ {2,}/).slice(1)).toEqual(['1.50', '≥ 1.3', '≥ 2', 'must']);
    expect(lines.find((line) => line.includes('TCP'))).toMatch(/– .* not measured$/);
  });

  test('without a figure there is no table of targets', () => {
    expect(targetTable(resultsOf({ 'decide.unicast': { ours: [40] } }))).toEqual([]);
  });

  test('an absent device and a failed experiment are named', () => {
    const failure = { experiment: 'tcp', dut: 'ours', message: 'it broke' };
    expect(gaps({ ...RESULTS, failures: [failure] })).toEqual([
      'vde_switch was not measured: it is not there',
      'tcp of ours failed: it broke',
    ]);
  });
});

describe('markdown', () => {
  test('the tables have as many cells in each row as in the head', () => {
    const rows = resultsMarkdown(RESULTS)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    const widths = new Set(rows.map((row) => row.split(' | ').length));
    // Targets: five columns. Figures: the title and two devices.
    expect([...widths]).toEqual([5, 3]);
    expect(rows).toContainEqual(
      '| 60 B frames, one way (M frames/s) | **0.600**<br>0.590 – 0.650 | **0.400**<br>0.400 – 0.400 |',
    );
  });

  test('the plots that can be drawn are shown', () => {
    expect(resultsMarkdown(RESULTS)).toMatch(
      /!\[Frames per second.*\]\(performance\/frame-rate.svg\)/,
    );
    expect(resultsMarkdown(resultsOf({}))).not.toContain('.svg');
  });

  test('only the text between the marks is replaced, any number of times', () => {
    const page = 'head\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nfoot\n';
    const once = replaceResults(page, RESULTS);
    expect(once).toMatch(/^head\n<!-- bench: begin -->\n/);
    expect(once).toMatch(/\n<!-- bench: end -->\nfoot\n$/);
    expect(once).not.toContain('old');
    expect(replaceResults(once, RESULTS)).toBe(once);
  });

  test('a page without marks is refused', () => {
    expect(() => replaceResults('no marks', RESULTS)).toThrow('bench: begin');
  });

  test('docs/performance.md has the marks', () => {
    const page = readFileSync(join(__dirname, '../../../docs/performance.md'), 'utf8');
    expect(replaceResults(page, RESULTS)).toContain('0.590 – 0.650');
  });
});

describe('plots', () => {
  test('both are drawn, with a line for each device that was measured', () => {
    const plots = drawPlots(RESULTS);
    expect(plots.map(({ file }) => file)).toEqual(['frame-rate.svg', 'latency.svg']);
    expect(plots[0]!.svg).toContain('>tapswitch</text>');
    expect(plots[0]!.svg).not.toContain('>vde_switch</text>');
  });

  test('a plot without readings is left out', () => {
    expect(drawPlots(resultsOf({}))).toEqual([]);
  });

  const CHART: Chart = {
    title: 'a < b & c',
    places: ['1', '2', '3'],
    xTitle: 'x',
    yTitle: 'y',
    isLogarithmic: false,
    series: [{ name: 's', values: [10, undefined, 40] }],
  };

  /** Heights of the circles, top to bottom in the order of the places. */
  const circleHeights = (svg: string): number[] =>
    [...svg.matchAll(/<circle .*?cy="([\d.]+)"/g)].map((match) => Number(match[1]));

  test('text is escaped', () => {
    expect(drawChart(CHART)).toContain('>a &lt; b &amp; c</text>');
  });

  test('a missing value has no point, and the line is cut there', () => {
    const svg = drawChart(CHART);
    expect(circleHeights(svg)).toHaveLength(2);
    expect(svg.match(/<path d="M[^L"]*" fill="none"/g)).toHaveLength(2);
  });

  test('a label may have two lines', () => {
    const svg = drawChart({ ...CHART, places: ['1', '2', 'three\nloaded'] });
    expect(svg).toContain('>three</text>');
    expect(svg).toContain('>loaded</text>');
  });

  test('an even scale begins at 0', () => {
    const [ten, forty] = circleHeights(drawChart(CHART)) as [number, number];
    const bottom = ten + (ten - forty) / 3;
    expect(bottom).toBeCloseTo(370, 0);
  });

  test('on a logarithmic scale equal ratios are equal distances', () => {
    const series = [{ name: 's', values: [2, 20, 200] }];
    const heights = circleHeights(drawChart({ ...CHART, isLogarithmic: true, series }));
    expect(heights[0]! - heights[1]!).toBeCloseTo(heights[1]! - heights[2]!, 0);
    expect(heights[0]).toBeGreaterThan(heights[1]!);
  });

  test('one value alone can be drawn on either scale', () => {
    for (const isLogarithmic of [false, true]) {
      const series = [{ name: 's', values: [5] }];
      const [height] = circleHeights(drawChart({ ...CHART, isLogarithmic, series }));
      expect(height).toBeGreaterThanOrEqual(50);
      expect(height).toBeLessThanOrEqual(370);
    }
  });
});
