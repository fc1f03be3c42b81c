/** `tapctl mirror`: copies of the frames of some ports for another port. */

import type { Command } from 'commander';
import type { MirrorBody } from '../../control/shapes';
import { resource } from '../../api/client';
import { type MirrorSpec, mirrorSpec } from '../../config/values/mirror';
import { ValueError, expected } from '../../config/values/rule';
import { UsageError } from '../../system/usage-error';
import type { Context } from '../context';

const MIRRORS = resource('mirrors');

const EXAMPLES = `
The target takes part in nothing but the mirror, unless the last word is
"shared". Filters have the words of tapctl capture.

Examples:
  tapctl mirror add m1 from tap0 to tap9
  tapctl mirror add m2 from tap0,tap1 in vlan 10 filter arp to tap9 shared
`.trimEnd();

export function addMirrorCommands(program: Command, context: Context): void {
  const group = program
    .command('mirror')
    .description('copies of the frames of some ports for another port');
  const show = async (): Promise<void> => {
    const mirrors = await context.client.get<MirrorBody[]>(MIRRORS);
    context.print(mirrors, (shown) =>
      context.table(
        ['NAME', 'FROM', 'DIRECTION', 'VLAN', 'FILTER', 'TO', 'SHARED', 'COPIES', 'LOST'],
        shown.map(({ name, from, direction, vlan, filter, to, shared, copies, lost }) => [
          ...[name, from.join(',') || '-', direction, vlan ?? '-', filter ?? '-', to],
          ...[shared ? 'on' : 'off', copies, lost],
        ]),
      ),
    );
  };
  group.action(show);
  group
    .command('show')
    .description('list the mirrors and the numbers of their copies')
    .action(show);
  for (const replace of [false, true]) {
    group
      .command(replace ? 'replace' : 'add')
      .usage('NAME from PORT[,PORT] [in|out|both] [vlan VID] [filter FILTER] to PORT [shared]')
      .argument('[WORD...]')
      .description(
        replace
          ? 'add a mirror, in place of the one of the same name'
          : 'copy what the ports give the switch (in), what they get (out), or both',
      )
      .addHelpText('after', EXAMPLES)
      .action(async (words: string[]) => {
        const { port, ...mirror } = readMirror(words);
        await context.client.post(MIRRORS, { ...mirror, to: port, replace });
      });
  }
  group
    .command('del')
    .argument('<NAME>')
    .description('remove a mirror')
    .action(async (name: string) => {
      await context.client.delete(MIRRORS, { name });
    });
}

/** Words that may stand behind the ports of a mirror. */
const BEHIND_PORTS = ['in', 'out', 'both', 'vlan', 'filter', 'to'];

/** @param words as the shell has split them: a port with a space is one word. @throws UsageError for words that are no mirror */
export function readMirror(words: readonly string[]): MirrorSpec {
  const [, from, ports = '', next = ''] = words;
  const hasPorts = from === 'from' && !BEHIND_PORTS.includes(ports) && next !== '';
  const isList = ports.endsWith(',') || next.startsWith(',');
  if (hasPorts && !isList && !BEHIND_PORTS.includes(next)) {
    throw new UsageError(expected(`in, out or both behind ${ports}`, next).message);
  }
  try {
    return mirrorSpec.fromText(words.join(' '));
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  }
}
