/**
 * Results as plain text for a terminal: a block for each metric, and the table of targets.
 */

import { OTHER } from '../duts/tapswitch';
import { METRICS } from '../metrics';
import { summaryOf, type Results } from '../results';
import { medianRange } from '../stats';
import { judge } from '../targets';
import { formatNumber, formatSummary, metricTitle, verdictWord } from './numbers';

/** The device with which all others are compared. */
const YARDSTICK = 'bridge';
const NAME_WIDTH = 28;
const NUMBER_WIDTH = 10;
const RANGE_WIDTH = 22;
const TARGET_WIDTH = 58;

/** The block of one metric: a row for each device that has a reading. */
export function metricBlock(results: Results, id: string): string[] {
  const metric = METRICS.get(id)!;
  const yardstickName = results.against === undefined ? YARDSTICK : OTHER;
  const yardstick = summaryOf(results, id, yardstickName)?.median;
  const rows = results.duts.flatMap(({ name, title }) => {
    const summary = summaryOf(results, id, name);
    if (summary === undefined) return [];
    const { median, range } = formatSummary(summary, metric);
    const ratio = yardstick
      ? `  ${formatNumber(summary.median / yardstick)} × ${yardstickName}`
      : '';
    const numbers = median.padStart(NUMBER_WIDTH) + `  (${range})`.padEnd(RANGE_WIDTH);
    const error = errorOf(results.readings[id]![name]!, metric.scale);
    return [`  ${title.padEnd(NAME_WIDTH)}${numbers}${ratio}${error}`.trimEnd()];
  });
  return rows.length === 0 ? [] : [metricTitle(metric), ...rows];
}

/** Range of the true median, if there are enough readings. */
function errorOf(readings: readonly number[], scale: number): string {
  const range = medianRange(readings);
  if (range === undefined) return '';
  const [low, high] = [range.low, range.high].map((limit) => formatNumber(limit / scale));
  return `  95 % certain: ${low} – ${high}`;
}

/** The targets and the measured figures. Nothing if no target was measured. */
export function targetTable(results: Results): string[] {
  const row = (title: string, ...cells: string[]): string =>
    `  ${title.padEnd(TARGET_WIDTH)}${cells.map((cell) => cell.padStart(NUMBER_WIDTH)).join('')}`;
  const verdicts = judge(results);
  if (verdicts.every(({ figure }) => figure === undefined)) return [];
  const rows = verdicts.map((verdict) => {
    const { target, figure } = verdict;
    const sign = target.bound === 'least' ? '≥' : '≤';
    const limits = [target.must, target.want].map((limit) =>
      limit === undefined ? '–' : `${sign} ${limit}`,
    );
    const value = figure === undefined ? '–' : formatNumber(figure);
    const title = target.unit === '' ? target.title : `${target.title}, ${target.unit}`;
    return row(title, value, ...limits, ` ${verdictWord(verdict)}`);
  });
  return [row('Where we must stand', 'measured', 'must', 'want', ''), ...rows];
}

/** Failed measurements and their reasons. */
export function gaps(results: Results): string[] {
  return [
    ...results.duts
      .filter(({ obstacle }) => obstacle !== undefined)
      .map(({ title, obstacle }) => `${title} was not measured: ${obstacle}`),
    ...results.failures.map(
      ({ experiment, dut, message }) => `${experiment} of ${dut} failed: ${message}`,
    ),
  ];
}
