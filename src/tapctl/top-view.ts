/** View of `tapctl top`: the differences between two readings of the switch. */

import type { BridgeBody, StatsBody } from '../control/shapes';
import { type Line, cut, painted, tableLines } from '../terminal/table';

export interface Reading {
  /** Monotonic time of the reading. */
  readonly atMs: number;
  readonly bridge: BridgeBody;
  readonly stats: StatsBody;
}

/** Rates: title, title on a narrow terminal, counter. */
const RATES = [
  ['RX FRAMES/S', 'RX F/S', 'rx-frames'],
  ['RX BYTES/S', 'RX B/S', 'rx-bytes'],
  ['TX FRAMES/S', 'TX F/S', 'tx-frames'],
  ['TX BYTES/S', 'TX B/S', 'tx-bytes'],
] as const;

/** Columns below which titles are short. */
const WIDE_COLUMNS = 80;

/** Last line of the view on a terminal. */
export const FOOTER = 'q: quit   h: help   space: pause';

/** What the view shows, for the key `h`. */
export const HELP: readonly string[] = [
  'RX    frames and bytes per second that the port brought in',
  'TX    frames and bytes per second that the port took',
  'DROPS frames per second, or copies, that went no further',
  'Each reason for a drop is explained in docs/counters.md.',
  'k, M, G, T: a thousand, a million, …',
  '',
  'q     quit',
  'h     this help, and back',
  'space hold the view, and go on',
];

/** Text of a number with three digits: `1.23M` for 1234567. More are hard to read at a glance. */
export function short(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const digits = unit === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return scaled.toFixed(digits) + (units[unit] ?? '');
}

/**
 * @param news the latest events, newest first
 * @param columns width of the terminal; longer lines are cut
 */
export function topLines(
  before: Reading,
  after: Reading,
  news: readonly string[],
  columns = Number.POSITIVE_INFINITY,
): Line[] {
  const { name, fdb, uptime } = after.bridge;
  const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1000);
  const title = `${name}  up ${uptime} s  ${fdb.dynamic} of ${fdb.max} stations`;
  const lines: Line[] = [
    painted('bold', title),
    '',
    ...headed(portTable(before, after, seconds, columns < WIDE_COLUMNS)),
    '',
    ...headed(dropTable(before, after, seconds)),
    '',
    painted('bold', 'LATELY'),
    ...news,
  ];
  return lines.map((line) => cut(line, columns));
}

function headed([head = '', ...rows]: Line[]): Line[] {
  return [painted('bold', head), ...rows];
}

function portTable(before: Reading, after: Reading, seconds: number, isNarrow: boolean): Line[] {
  const states = new Map(after.bridge.ports.map(({ port, state }) => [port, state]));
  return tableLines(
    ['PORT', 'STATE', ...RATES.map(([title, narrow]) => (isNarrow ? narrow : title)), 'DROPS/S'],
    after.stats.ports.map(({ port, counters, drops }) => {
      const old = before.stats.ports.find((earlier) => earlier.port === port);
      const rates = RATES.map(([, , counter]) =>
        short(perSecond(old?.counters[counter], counters[counter], seconds)),
      );
      const dropRate = short(perSecond(old && sumOf(old.drops), sumOf(drops), seconds));
      return [port, states.get(port) ?? '-', ...rates, dropRate];
    }),
  );
}

/** Table of the drop reasons that have occurred. */
function dropTable(before: Reading, after: Reading, seconds: number): Line[] {
  const { drops } = after.stats.total;
  return tableLines(
    ['DROPPED BECAUSE', 'TOTAL', 'PER SECOND'],
    Object.entries(drops)
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => [
        reason,
        count,
        short(perSecond(before.stats.total.drops[reason], count, seconds)),
      ]),
  );
}

/** Rate of a counter; 0 for one that has fallen, because its port was removed and added again. */
function perSecond(before: number | undefined, after: number | undefined, seconds: number): number {
  return Math.max(0, (after ?? 0) - (before ?? 0)) / seconds;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
