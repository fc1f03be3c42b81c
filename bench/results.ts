/**
 * The results of one run, as they are printed, drawn and written to a JSON file.
 */

import type { Machine } from './machine';
import { summarize, type Summary } from './stats';

export interface Failure {
  experiment: string;
  dut: string;
  message: string;
}

export interface Results {
  machine: Machine;
  run: { isQuick: boolean; repeats: number; startedAt: string; elapsedS: number };
  /** The commit that this tree was compared with. */
  against?: string;
  /** In the order of the tables; `obstacle` says why one was not measured. */
  duts: { name: string; title: string; obstacle?: string }[];
  /** Metric id → name of the device → readings, in the units of metrics.ts. */
  readings: Record<string, Record<string, number[]>>;
  failures: Failure[];
}

export function addReading(results: Results, metric: string, dut: string, reading: number): void {
  const ofMetric = (results.readings[metric] ??= {});
  (ofMetric[dut] ??= []).push(reading);
}

/** Undefined if there is no reading. */
export function summaryOf(results: Results, metric: string, dut: string): Summary | undefined {
  const readings = results.readings[metric]?.[dut];
  return readings === undefined ? undefined : summarize(readings);
}

export function medianOf(results: Results, metric: string, dut: string): number | undefined {
  return summaryOf(results, metric, dut)?.median;
}
