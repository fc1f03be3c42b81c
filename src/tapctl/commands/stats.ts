/** `tapctl stats`: counters, and drops by reason. */

import type { Command } from 'commander';
import type { StatsBody } from '../../api/shapes';
import type { Cell, Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';

export function addStatsCommand(program: Command, context: Context): void {
  program
    .command('stats')
    .argument('[PORT]')
    .description('show counters, drops by reason, and the sizes of bursts')
    .action(async (port: string | undefined) => {
      const stats = await context.client.get<StatsBody>(resource('stats'), { port });
      context.print(stats, (shown) => [
        ...countTable('COUNTER', 'counters', shown, context),
        '',
        ...countTable('DROPPED BECAUSE', 'drops', shown, context),
        '',
        ...context.table(
          ['FRAMES AT ONCE', 'BURSTS'],
          shown.bursts.map(({ from, to, bursts }) => [
            from === to ? String(from) : `${from}-${to}`,
            bursts,
          ]),
        ),
      ]);
    });
}

/** Table with a row for each counter, a column for each port, and a column for the sum of several ports. */
function countTable(
  title: string,
  kind: 'counters' | 'drops',
  { total, ports }: StatsBody,
  context: Context,
): Line[] {
  const isSummed = ports.length > 1;
  const head = [title, ...ports.map(({ port }) => port), ...(isSummed ? ['TOTAL'] : [])];
  const rows = Object.entries(total[kind]).map(([name, sum]): Cell[] => [
    name,
    ...ports.map((port) => port[kind][name] ?? 0),
    ...(isSummed ? [sum] : []),
  ]);
  return context.table(head, rows);
}
