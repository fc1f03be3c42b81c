/** `tapctl impair`: faults that frames of a port meet, in the words of tc-netem. */

import type { Command } from 'commander';
import type { ImpairmentBody } from '../../control/shapes';
import { resource } from '../../api/client';
import {
  formatEffects,
  formatTime,
  impairmentChoice,
  readImpairment,
} from '../../config/values/impairment';
import { ValueError } from '../../config/values/rule';
import { UsageError } from '../../system/usage-error';
import type { Context } from '../context';

const IMPAIRMENTS = resource('impairments');

const EXAMPLES = `
Effects, as in tc-netem:
  delay TIME [JITTER [CORRELATION]]
    [distribution uniform|normal|pareto|paretonormal]
  loss [random] [PERCENT [CORRELATION]] | loss gemodel P [R [1-H [1-K]]]
  | loss state P13 [P31 [P32 [P23 [P14]]]]
  duplicate|corrupt [PERCENT [CORRELATION]]
  reorder [PERCENT [CORRELATION]] [gap N]
  rate RATE, limit FRAMES
and words of the switch:
  match FILTER (the words of tapctl capture), nth N, every N, at TIME, for TIME,
  seed N

Examples:
  tapctl impair add tap0 out delay 10ms 2ms distribution normal loss 1%
  tapctl impair add tap1 in nth 3 loss match tcp port 80
  tapctl impair add tap0 in rate 10mbit limit 100 for 30s
  tapctl impair del tap0
`.trimEnd();

const HEADINGS = [
  ...['PORT', 'DIRECTION', 'WORDS', 'MATCH', 'WHICH', 'STATE', 'SEED', 'FRAMES', 'HELD'],
  ...['LOST', 'DUPLICATED', 'CORRUPTED', 'REORDERED', 'FULL'],
];

export function addImpairCommands(program: Command, context: Context): void {
  const group = program.command('impair').description('faults that frames of a port meet');
  const show = async (): Promise<void> => {
    const impairments = await context.client.get<ImpairmentBody[]>(IMPAIRMENTS);
    context.print(impairments, (shown) => context.table(HEADINGS, shown.map(row)));
  };
  group.action(show);
  group.command('show').description('list the impairments and what they have done').action(show);
  group
    .command('add')
    .usage('PORT in|out EFFECT... [match FILTER] [nth N] [seed N]')
    .argument('[WORD...]')
    .description('impair frames from a port (in) or to it (out), or change an impairment')
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[]) => {
      await context.client.post(IMPAIRMENTS, bodyOf(words.join(' ')));
    });
  group
    .command('del')
    .usage('PORT [in|out] [match FILTER] [nth N] [every N]')
    .argument('[WORD...]')
    .description('remove the impairments of a port that fit; the frames that they hold go on')
    .action(async (words: string[]) => {
      const { every, nth, ...choice } = read(() => impairmentChoice(words.join(' ')));
      await context.client.delete(IMPAIRMENTS, {
        ...choice,
        ...(nth !== undefined && { nth: String(nth) }),
        ...(every !== undefined && { every: String(every) }),
      });
    });
}

function row(impairment: ImpairmentBody): (string | number)[] {
  const { at, every, for: time, match, nth, words } = impairment;
  const which = [
    ...(nth === undefined ? [] : [`nth ${nth}`]),
    ...(every === undefined ? [] : [`every ${every}`]),
    ...(at === undefined ? [] : [`at ${at}`]),
    ...(time === undefined ? [] : [`for ${time}`]),
  ].join(' ');
  const { corrupted, direction, duplicated, frames, full, held, lost, port, reordered } =
    impairment;
  return [
    ...[port, direction, words, match ?? '-', which || '-', impairment.state, impairment.seed],
    ...[frames, held, lost, duplicated, corrupted, reordered, full],
  ];
}

/** The body for the API. @throws UsageError for words that are no impairment */
function bodyOf(text: string): Record<string, unknown> {
  const { atMs, direction, every, forMs, match, nth, port, seed, ...effects } = read(() =>
    readImpairment(text),
  );
  return {
    ...{ port, direction, match, nth, every, seed, words: formatEffects(effects) },
    ...(atMs !== undefined && { at: formatTime(atMs) }),
    ...(forMs !== undefined && { for: formatTime(forMs) }),
  };
}

function read<T>(reader: () => T): T {
  try {
    return reader();
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  }
}
