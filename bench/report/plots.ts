/**
 * The two plots of the documentation: frame rate by frame size, and round-trip times.
 */

import { FRAME_SIZES_BYTES, METRICS } from '../metrics';
import { medianOf, type Results } from '../results';
import { drawChart, type Chart, type Series } from './chart';

const ROUND_TRIPS = [
  ['50 %', 'rtt.p50'],
  ['99 %', 'rtt.p99'],
  ['99.9 %', 'rtt.p99.9'],
  ['', 'between the two groups'],
  ['50 %\nloaded', 'rtt-loaded.p50'],
  ['99 %\nloaded', 'rtt-loaded.p99'],
  ['99.9 %\nloaded', 'rtt-loaded.p99.9'],
] as const;

export interface Plot {
  file: string;
  title: string;
  svg: string;
}

/** A plot without a single reading is left out. */
export function drawPlots(results: Results): Plot[] {
  const sizes = FRAME_SIZES_BYTES.map((size): [string, string] => [String(size), `rate.${size}`]);
  const charts: [string, Chart][] = [
    [
      'frame-rate.svg',
      {
        title: 'Frames per second by frame size, one way',
        xTitle: 'frame size in bytes, without FCS',
        yTitle: 'M frames/s, median',
        isLogarithmic: false,
        ...seriesOf(results, sizes),
      },
    ],
    [
      'latency.svg',
      {
        title: 'Round-trip time, alone and beside half the highest frame rate',
        xTitle: 'percentile',
        yTitle: 'µs, median of the repeats',
        isLogarithmic: true,
        ...seriesOf(results, ROUND_TRIPS),
      },
    ],
  ];
  const drawable = charts.filter(([, chart]) => chart.series.length > 0);
  return drawable.map(([file, chart]) => ({ file, title: chart.title, svg: drawChart(chart) }));
}

function seriesOf(
  results: Results,
  /** A metric that does not exist leaves a gap. */
  places: readonly (readonly [label: string, metric: string])[],
): { places: string[]; series: Series[] } {
  const series = results.duts.map(({ name, title }) => ({
    name: title,
    values: places.map(([, id]) => {
      const median = medianOf(results, id, name);
      return median === undefined ? undefined : median / METRICS.get(id)!.scale;
    }),
  }));
  const measured = series.filter(({ values }) => values.some((value) => value !== undefined));
  return { places: places.map(([label]) => label), series: measured };
}
