/** `tapctl mdb`: the group table, with the keywords of `bridge mdb`. */

import type { Command } from 'commander';
import { resource } from '../../api/client';
import type { MdbBody } from '../../control/shapes';
import { UsageError } from '../../system/usage-error';
import type { Line } from '../../terminal/table';
import type { Context } from '../context';
import { readWords } from '../words';

const MDB = resource('mdb');

const ENTRY = 'GROUP dev PORT [src IP] [permanent|temp] [vlan VID]';
const KEYWORDS = [
  'grp',
  'dev',
  'port',
  'src',
  'vlan',
  'vid',
  'filter_mode',
  'source_list',
] as const;
const STATES = ['permanent', 'temp'] as const;

export function addMdbCommands(program: Command, context: Context): void {
  const mdb = program.command('mdb').description('the groups that ports have joined');
  const show = async (words: readonly string[]): Promise<void> => {
    const { dev: port } = readWords(words, { keywords: ['dev'] });
    const shown = await context.client.get<MdbBody[]>(MDB, { port });
    context.print(shown, ([body]) => (body === undefined ? [] : mdbTable(body, context)));
  };
  mdb.action(() => show([]));
  mdb
    .command('show')
    .usage('[dev PORT]')
    .argument('[WORD...]')
    .description('list the groups with their ports, and the ports of multicast routers')
    .action(show);
  for (const replace of [false, true]) {
    mdb
      .command(replace ? 'replace' : 'add')
      .usage(`${ENTRY} [filter_mode include|exclude] [source_list IP,IP]`)
      .argument('[WORD...]')
      .description(replace ? 'add an entry, in place of the one that is there' : 'add an entry')
      .action(async (words: string[]) => {
        await context.client.post(MDB, { ...bodyOf(readEntry(words)), replace });
      });
  }
  mdb
    .command('del')
    .usage('GROUP dev PORT [src IP] [vlan VID]')
    .argument('[WORD...]')
    .description('remove an entry')
    .action(async (words: string[]) => {
      const { group, port, src: source, vlan } = readEntry(words);
      await context.client.delete(MDB, { group, port, source, vlan });
    });
  mdb
    .command('flush')
    .usage('[dev PORT] [vlan VID] [permanent|temp]')
    .argument('[WORD...]')
    .description('remove all entries, or those of a port, a VLAN or a state')
    .action(async (words: string[]) => {
      const answer = await context.client.delete<{ removed: number }>(MDB, readFilter(words));
      context.print(answer, ({ removed }) => [`${removed} entries removed`]);
    });
}

type SpokenFilter = Readonly<Record<'port' | 'vlan' | 'state', string | undefined>>;

/** Reads the words of a flush. @throws UsageError for a word that it does not know */
export function readFilter(words: readonly string[]): SpokenFilter {
  const spoken = readWords(words, { keywords: ['dev', 'vlan'], flags: STATES });
  return { port: spoken.dev, vlan: spoken.vlan, state: stateOf(spoken) };
}

interface SpokenEntry {
  readonly group: string;
  readonly port: string;
  readonly src: string | undefined;
  readonly vlan: string | undefined;
  readonly state: string | undefined;
  readonly mode: string | undefined;
  readonly list: string | undefined;
}

/** Reads the words of an entry. The group may come first, without `grp`; `dev BRIDGE port PORT` is known, too. */
function readEntry(words: readonly string[]): SpokenEntry {
  const [first] = words;
  const hasGroup = first !== undefined && !isWord(first);
  const spoken = readWords(hasGroup ? ['grp', ...words] : words, {
    keywords: KEYWORDS,
    flags: STATES,
  });
  const port = spoken.port ?? spoken.dev;
  if (spoken.grp === undefined || port === undefined) {
    throw new UsageError('needs a group and a port: mdb add 239.1.1.1 dev tap0');
  }
  return {
    group: spoken.grp,
    port,
    src: spoken.src,
    vlan: spoken.vlan ?? spoken.vid,
    state: stateOf(spoken),
    mode: spoken.filter_mode,
    list: spoken.source_list,
  };
}

function isWord(word: string): boolean {
  return ([...KEYWORDS, ...STATES] as readonly string[]).includes(word);
}

function stateOf({ permanent, temp }: { permanent?: true; temp?: true }): string | undefined {
  if (permanent && temp) throw new UsageError('permanent or temp, not both');
  if (permanent) return 'permanent';
  return temp ? 'temp' : undefined;
}

function bodyOf({ group, port, src, vlan, state, mode, list }: SpokenEntry): object {
  return {
    group,
    port,
    ...(src !== undefined && { source: src }),
    ...(vlan !== undefined && { vlan: /^\d+$/.test(vlan) ? Number(vlan) : vlan }),
    ...(state !== undefined && { state }),
    ...(mode !== undefined && { filter_mode: mode }),
    ...(list !== undefined && { source_list: list.split(',') }),
  };
}

function mdbTable({ mdb, router }: MdbBody, context: Context): Line[] {
  const groups = mdb.map((entry) => [
    entry.grp,
    entry.src ?? '*',
    entry.port,
    entry.vid === undefined ? '-' : String(entry.vid),
    entry.state,
    [entry.filter_mode, ...entry.flags].join(' '),
    (entry.source_list ?? []).map(({ address }) => address).join(' '),
  ]);
  const routers = Object.values(router).flat();
  return [
    ...context.table(['GROUP', 'SOURCE', 'PORT', 'VLAN', 'STATE', 'MODE', 'SOURCES'], groups),
    ...routers.map(({ port, type }) => `router: ${port} (${type})`),
  ];
}
