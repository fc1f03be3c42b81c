/**
 * Numbers and verdicts as text.
 */

import type { Metric } from '../metrics';
import type { Summary } from '../stats';
import type { Verdict } from '../targets';

const DIGITS = 3;

/** Text with three significant digits and no exponent: 0.0123, 1.23, 123, 12300. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.max(0, DIGITS - 1 - magnitude));
}

/** Median and range in the metric's unit. */
export function formatSummary(
  { median, min, max }: Summary,
  { scale }: Metric,
): { median: string; range: string } {
  const range = `${formatNumber(min / scale)} – ${formatNumber(max / scale)}`;
  return { median: formatNumber(median / scale), range };
}

/** Title and unit. */
export function metricTitle({ title, unit }: Metric): string {
  return unit === '' ? title : `${title} (${unit})`;
}

export function verdictWord({ figure, meetsMust, meetsWant }: Verdict): string {
  if (figure === undefined) return 'not measured';
  if (meetsWant) return 'want';
  return meetsMust ? 'must' : 'missed';
}
