/**
 * The command line.
 */

import { Command, InvalidArgumentError, Option } from 'commander';
import { DUTS } from './duts/all';
import type { Dut } from './duts/dut';
import { otherTapswitch, tapswitch } from './duts/tapswitch';
import { EXPERIMENTS } from './experiments/all';
import type { Experiment } from './experiments/experiment';
import { takesPart } from './runner';
import { treeAt } from './tree';

export interface Options {
  isQuick: boolean;
  repeats: number;
  /** Devices that take part in one of the experiments. */
  duts: readonly Dut[];
  experiments: readonly Experiment[];
  /** File for the results. */
  json?: string;
  /** File with the results of an earlier run, which are shown instead of measuring. */
  from?: string;
  updatesDocs: boolean;
  /** The commit that this tree is compared with. */
  against?: string;
  /** Whether the run makes interfaces, which needs root. */
  needsDevices: boolean;
}

const FULL_REPEATS = 5;
/** Repeats of a comparison: the third reading from either end bounds the median. Six is the minimum. */
const PAIRS = 12;
const QUICK_PAIRS = 6;

/** Ends the process with status 2 and one line if something is wrong with `argv`. */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('bench')
    .description('Measures tapswitch beside other switches. Needs root.')
    .option('--quick', 'one repeat of what the targets need: under two minutes', false)
    .option(
      '--repeats <n>',
      `repeats (default: ${FULL_REPEATS}, quick 1; against a commit: ${PAIRS}, quick ${QUICK_PAIRS})`,
      parseRepeats,
    )
    .option('--against <commit>', 'this tree beside another commit, in turns')
    .addOption(new Option('--against-tree <folder>', 'where that commit was built').hideHelp())
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
    against?: string;
    againstTree?: string;
  }>();
  const { quick: isQuick, only, dut, json, from, against, againstTree } = given;
  if (against !== undefined && (dut !== undefined || given.docs)) {
    command.error('--against compares two tapswitches: neither --dut nor --docs goes with it');
  }
  const experiments = EXPERIMENTS.filter(
    ({ id, quickRun, isOptional }) =>
      only?.includes(id) ?? !(isOptional || (isQuick && quickRun === 'none')),
  );
  const candidates =
    against === undefined
      ? DUTS.filter(({ name, isOptional }) => dut?.includes(name) ?? !isOptional)
      : pairOf(against, againstTree);
  const repeats = against === undefined ? [FULL_REPEATS, 1] : [PAIRS, QUICK_PAIRS];
  return {
    isQuick,
    repeats: given.repeats ?? repeats[isQuick ? 1 : 0]!,
    duts: candidates.filter((one) => experiments.some((each) => takesPart(one, each, isQuick))),
    experiments,
    updatesDocs: given.docs,
    needsDevices: from === undefined && experiments.some(({ needsNoDevices }) => !needsNoDevices),
    ...(json === undefined ? {} : { json }),
    ...(from === undefined ? {} : { from }),
    ...(against === undefined ? {} : { against }),
  };
}

/** @param folder undefined until that commit is built */
function pairOf(commit: string, folder: string | undefined): readonly Dut[] {
  const here = { ...tapswitch, title: 'tapswitch, this tree' };
  return folder === undefined
    ? [here]
    : [here, otherTapswitch(`tapswitch, ${commit}`, treeAt(folder))];
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
