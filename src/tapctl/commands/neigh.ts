/** `tapctl neigh`: the known hosts, with the keywords of `ip neigh`. */

import type { Command } from 'commander';
import { UsageError } from '../../system/usage-error';
import type { NeighbourBody } from '../../control/shapes';
import type { Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';
import { sortedBy } from '../sorted';
import { numberOrText, readWords } from '../words';

const NEIGHBOURS = resource('neighbours');

export function addNeighCommands(program: Command, context: Context): void {
  const neigh = program.command('neigh').description('the known hosts');
  const show = async (words: readonly string[]): Promise<void> => {
    const { dev: port, vlan } = readWords(words, { keywords: ['dev', 'vlan'] });
    const neighbours = await context.client.get<NeighbourBody[]>(NEIGHBOURS, { port, vlan });
    context.print(neighbours, (shown) => neighbourTable(shown, context));
  };
  neigh.action(() => show([]));
  neigh
    .command('show')
    .usage('[dev PORT] [vlan VID]')
    .argument('[WORD...]')
    .description('list the addresses and their stations')
    .action(show);
  neigh
    .command('add')
    .usage('IP lladdr MAC [dev PORT] [vlan VID]')
    .argument('<IP>')
    .argument('[WORD...]')
    .description(
      'bind an address to a station permanently, behind any port or behind one port only',
    )
    .action(async (address: string, words: string[]) => {
      const spoken = readWords(words, { keywords: ['lladdr', 'dev', 'vlan'] });
      const { lladdr: mac, dev: port, vlan } = spoken;
      if (mac === undefined) throw new UsageError('needs a station: neigh add IP lladdr MAC');
      await context.client.post(NEIGHBOURS, {
        ...{ address, mac },
        ...(port !== undefined && { port }),
        ...(vlan !== undefined && { vlan: numberOrText(vlan) }),
      });
    });
  neigh
    .command('del')
    .usage('IP [vlan VID]')
    .argument('<IP>')
    .argument('[WORD...]')
    .description('remove a binding')
    .action(async (address: string, words: string[]) => {
      const { vlan } = readWords(words, { keywords: ['vlan'] });
      await context.client.delete(NEIGHBOURS, { address, vlan });
    });
  neigh
    .command('flush')
    .usage('[dev PORT] [vlan VID]')
    .argument('[WORD...]')
    .description('forget learned bindings')
    .action(async (words: string[]) => {
      const { dev: port, vlan } = readWords(words, { keywords: ['dev', 'vlan'] });
      const answer = await context.client.delete<{ removed: number }>(NEIGHBOURS, { port, vlan });
      context.print(answer, ({ removed }) => [`${removed} bindings forgotten`]);
    });
}

/** The column of VLANs is there only if a host is in one. */
function neighbourTable(neighbours: readonly NeighbourBody[], context: Context): Line[] {
  const hasVlans = neighbours.some(({ vlan }) => vlan !== undefined);
  return context.table(
    ['ADDRESS', 'MAC', 'PORT', ...(hasVlans ? ['VLAN'] : []), 'STATE', 'HEARD'],
    sortedBy(neighbours, ({ dst }) => [dst.includes(':') ? '6' : '4', dst]).map(
      ({ dst, lladdr, dev, vlan, state, updated }) => [
        dst,
        lladdr,
        dev ?? 'any',
        ...(hasVlans ? [vlan ?? '-'] : []),
        state.join(' ').toLowerCase(),
        updated === undefined ? 'never' : `${updated} s ago`,
      ],
    ),
  );
}
