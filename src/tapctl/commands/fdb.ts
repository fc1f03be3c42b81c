/** `tapctl fdb`: the forwarding database, with the keywords of `bridge fdb`. */

import type { Command } from 'commander';
import type { StationBody } from '../../control/shapes';
import { UsageError } from '../../system/usage-error';
import type { Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';
import { sortedBy } from '../sorted';
import { numberOrText, readWords } from '../words';

const FDB = resource('fdb');

export function addFdbCommands(program: Command, context: Context): void {
  const fdb = program.command('fdb').description('the forwarding database');
  const show = async (words: readonly string[]): Promise<void> => {
    const { dev: port, vlan } = readWords(words, { keywords: ['dev', 'vlan'] });
    const stations = await context.client.get<StationBody[]>(FDB, { port, vlan });
    context.print(stations, (shown) => stationTable(shown, context));
  };
  fdb.action(() => show([]));
  fdb
    .command('show')
    .usage('[dev PORT] [vlan VID]')
    .argument('[WORD...]')
    .description('list the stations and their ports')
    .action(show);
  fdb
    .command('add')
    .alias('replace')
    .usage('MAC dev PORT [vlan VID] [static|sticky]')
    .argument('<MAC>')
    .argument('[WORD...]')
    .description(
      'add or replace an entry: static (never moves or ages), or sticky (never moves, but ages)',
    )
    .action(async (mac: string, words: string[]) => {
      const spoken = readWords(words, { keywords: ['dev', 'vlan'], flags: ['static', 'sticky'] });
      if (spoken.dev === undefined) throw new UsageError('needs a port: fdb add MAC dev PORT');
      if (spoken.static && spoken.sticky) throw new UsageError('static or sticky, not both');
      await context.client.post(FDB, {
        mac,
        port: spoken.dev,
        kind: spoken.sticky ? 'sticky' : 'static',
        ...(spoken.vlan !== undefined && { vlan: numberOrText(spoken.vlan) }),
      });
    });
  fdb
    .command('del')
    .usage('MAC [dev PORT] [vlan VID]')
    .argument('<MAC>')
    .argument('[WORD...]')
    .description('remove an entry; with a port, only if it is there')
    .action(async (mac: string, words: string[]) => {
      const { dev: port, vlan } = readWords(words, { keywords: ['dev', 'vlan'] });
      await context.client.delete(FDB, { mac, port, vlan });
    });
  fdb
    .command('flush')
    .usage('[dev PORT] [vlan VID] [static|dynamic]')
    .argument('[WORD...]')
    .description(
      'forget the stations that match: "dynamic" ones age; without any word, static ones stay',
    )
    .action(async (words: string[]) => {
      const spoken = readWords(words, { keywords: ['dev', 'vlan'], flags: ['static', 'dynamic'] });
      const { dev: port, vlan } = spoken;
      if (spoken.static && spoken.dynamic) throw new UsageError('static or dynamic, not both');
      const kind = spoken.static ? 'static' : spoken.dynamic ? 'dynamic' : undefined;
      const answer = await context.client.delete<{ removed: number }>(FDB, { port, vlan, kind });
      context.print(answer, ({ removed }) => [`${removed} entries forgotten`]);
    });
}

function stationTable(stations: readonly StationBody[], context: Context): Line[] {
  return context.table(
    ['MAC', 'PORT', 'VLAN', 'KIND', 'USED', 'HEARD'],
    sortedBy(stations, ({ ifname, mac }) => [ifname, mac]).map(
      ({ mac, ifname, vlan, flags, state, used, updated }) => [
        mac,
        ifname,
        vlan === undefined ? '-' : String(vlan),
        state || (flags[0] ?? 'learned'),
        `${used} s ago`,
        `${updated} s ago`,
      ],
    ),
  );
}
