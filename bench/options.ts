/**
 * The command line.
 */

import { Command, InvalidArgumentError, Option } from 'commander';
import { DUTS } from './duts/all';
import type { Dut } from './duts/dut';
import { EXPERIMENTS } from './experiments/all';
import type { Experiment } from './experiments/experiment';

export interface Options {
  isQuick: boolean;
  repeats: number;
  duts: readonly Dut[];
  experiments: readonly Experiment[];
  /** Where to write the results. */
  json?: string;
  /** Results of an earlier run, to be shown instead of measuring. */
  from?: string;
  updatesDocs: boolean;
}

const FULL_REPEATS = 5;

/** Ends the process with status 2 and one line if something is wrong with `argv`. */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('bench')
    .description('Measures tapswitch beside other switches. Needs root.')
    .option('--quick', 'one repeat of what the targets need: under two minutes', false)
    .option('--repeats <n>', `repeats (default: ${FULL_REPEATS}, quick 1)`, parseRepeats)
    .addOption(
      listOption(
        '--only <experiments>',
        'only these',
        EXPERIMENTS.map(({ id }) => id),
      ),
    )
    .addOption(
      listOption(
        '--dut <devices>',
        'only these',
        DUTS.map(({ name }) => name),
      ),
    )
    .option('--json <file>', 'write the results to a file')
    .option('--from <file>', 'show the results in a file instead of measuring')
    .option('--docs', 'put the results into docs/performance.md and its plots', false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  const given = command.parse(argv, { from: 'user' }).opts<{
    quick: boolean;
    repeats?: number;
    only?: string[];
    dut?: string[];
    json?: string;
    from?: string;
    docs: boolean;
  }>();
  const { quick: isQuick, only, dut, json, from } = given;
  return {
    isQuick,
    repeats: given.repeats ?? (isQuick ? 1 : FULL_REPEATS),
    duts: DUTS.filter(({ name, isOptional }) => dut?.includes(name) ?? !isOptional),
    experiments: EXPERIMENTS.filter(
      ({ id, quickRun, isOptional }) =>
        only?.includes(id) ?? !(isOptional || (isQuick && quickRun === 'none')),
    ),
    updatesDocs: given.docs,
    ...(json === undefined ? {} : { json }),
    ...(from === undefined ? {} : { from }),
  };
}

function parseRepeats(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('It must be 1 to 999.');
  return Number(text);
}

/** An option with a comma-separated list of some of `names`. */
function listOption(flags: string, description: string, names: readonly string[]): Option {
  const option = new Option(flags, `${description} of: ${names.join(', ')}`);
  return option.argParser((text: string) => {
    const chosen = text.split(',');
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown === undefined) return chosen;
    throw new InvalidArgumentError(`'${unknown}' is none of ${names.join(', ')}.`);
  });
}
