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
    .description('show counters, drops by reason, and the sizes of bursts')
    .action(async (port: string | undefined, { all }: { all?: true }) => {
      const stats = await context.client.get<StatsBody>(resource('stats'), { port });
      context.print(stats, (shown) => [
        ...countTable('COUNTER', 'counters', shown, context, all === true),
        '',
        ...countTable('DROPPED BECAUSE', 'drops', shown, context, all === true),
        '',
        ...context.table(
          ['FRAMES AT ONCE', 'BURSTS'],
          shown.bursts
            .filter(({ bursts }) => all === true || bursts > 0)
            .map(({ from, to, bursts }) => [from === to ? String(from) : `${from}-${to}`, bursts]),
        ),
      ]);
    });
}

/** Table with a row for each counter that is not zero everywhere, or for all, a column for each port, and a column for the sum of several ports. */
function countTable(
  title: string,
  kind: 'counters' | 'drops',
  { total, ports }: StatsBody,
  context: Context,
  isWhole: boolean,
): Line[] {
  const isSummed = ports.length > 1;
  const head = [title, ...ports.map(({ port }) => port), ...(isSummed ? ['TOTAL'] : [])];
  const counted = Object.entries(total[kind]).filter(
    ([name]) => isWhole || ports.some((port) => (port[kind][name] ?? 0) > 0),
  );
  const rows = counted.map(([name, sum]): Cell[] => [
    name,
    ...ports.map((port) => port[kind][name] ?? 0),
    ...(isSummed ? [sum] : []),
  ]);
  return context.table(head, rows);
}
