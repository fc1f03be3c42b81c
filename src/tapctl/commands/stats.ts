/** `tapctl stats`: counters, and drops by reason. */

import type { Command } from 'commander';
import type { StatsBody } from '../../control/shapes';
import type { Cell, Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';

export function addStatsCommand(program: Command, context: Context): void {
  program
    .command('stats')
    .argument('[PORT]')
    .option('--all', 'the rows that have only zeros, too')
    .description('show counters, drops by reason, the sizes of bursts, and the counters of hooks')
    .action(async (port: string | undefined, { all }: { all?: true }) => {
      const stats = await context.client.get<StatsBody>(resource('stats'), { port });
      const table: MakeTable = (head, rows) => context.table(head, rows);
      context.print(stats, (shown) => statsLines(shown, table, all === true));
    });
}

type MakeTable = Context['table'];

/**
 * Tables of counters, drops, bursts, and counters of hooks. Where nothing was dropped, or no hook has counters, the table is left out.
 * @param isWhole whether rows that have only zeros are shown
 */
export function statsLines(stats: StatsBody, table: MakeTable, isWhole: boolean): Line[] {
  const drops = countRows('drops', stats, isWhole);
  const hooks = hookRows(stats, isWhole);
  return [
    ...table(headOf('COUNTER', stats), countRows('counters', stats, isWhole)),
    '',
    ...(drops.length === 0 ? [] : [...table(headOf('DROPPED BECAUSE', stats), drops), '']),
    ...table(
      ['FRAMES AT ONCE', 'BURSTS'],
      stats.bursts
        .filter(({ bursts }) => isWhole || bursts > 0)
        .map(({ from, to, bursts }) => [from === to ? String(from) : `${from}-${to}`, bursts]),
    ),
    ...(hooks.length === 0 ? [] : ['', ...table(['HOOK', 'COUNTER', 'LABEL', 'VALUE'], hooks)]),
  ];
}

/** Rows of the counters of hooks. */
function hookRows({ hooks }: StatsBody, isWhole: boolean): Cell[][] {
  return hooks.flatMap(({ name: hook, counters }) =>
    counters
      .filter(({ value }) => isWhole || value > 0)
      .map(({ name, label, value }) => [hook, name, label === '' ? '-' : label, value]),
  );
}

/** Head of a table with a column for each port, and one for the sum of several ports. */
function headOf(title: string, { ports }: StatsBody): string[] {
  return [title, ...ports.map(({ port }) => port), ...(ports.length > 1 ? ['TOTAL'] : [])];
}

/** Rows of the counters that are not zero everywhere, or of all. */
function countRows(
  kind: 'counters' | 'drops',
  { total, ports }: StatsBody,
  isWhole: boolean,
): Cell[][] {
  const counted = Object.entries(total[kind]).filter(
    ([name]) => isWhole || ports.some((port) => (port[kind][name] ?? 0) > 0),
  );
  return counted.map(([name, sum]) => [
    name,
    ...ports.map((port) => port[kind][name] ?? 0),
    ...(ports.length > 1 ? [sum] : []),
  ]);
}
