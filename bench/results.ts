/**
 * The results of one run, for the tables, the plots and the JSON file.
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
  /** Devices in the order of the tables; `obstacle` says why one was not measured. */
  duts: { name: string; title: string; obstacle?: string }[];
  /** Readings by metric id and name of the device, in the units of metrics.ts. */
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
