/**
 * `npm run bench`: tapswitch and its peers, side by side on this machine.
 *
 * Assumes that the switch, these sources and the C programs beside them are built (scripts/bench.mjs
 * does it). Experiments that make interfaces need root and two CPUs: the first for the generator, the
 * second for the switch.
 */

import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SWITCH_CPU } from './child';
import type { Pace } from './experiments/experiment';
import { REFERENCE_CPU_COUNT, describeMachine } from './machine';
import { METRICS } from './metrics';
import { parseOptions, type Options } from './options';
import { comparisonLines } from './report/comparison-text';
import { replaceResults } from './report/markdown';
import { drawPlots } from './report/plots';
import { gaps, metricBlock, targetTable } from './report/text';
import type { Results } from './results';
import { runPlan, type Progress } from './runner';
import { undoOnExit } from './undo';

const DOCS = join(__dirname, '../../docs');

const FULL_PACE: Pace = {
  frameTrialMs: 500,
  streamSeconds: 1,
  pings: 30_000,
  idleMs: 20_000,
  isQuick: false,
};
const QUICK_PACE: Pace = {
  frameTrialMs: 500,
  streamSeconds: 1,
  pings: 20_000,
  idleMs: 20_000,
  isQuick: true,
};

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const results =
    options.from === undefined
      ? await measure(options)
      : (JSON.parse(readFileSync(options.from, 'utf8')) as Results);
  if (options.json !== undefined) writeFile(options.json, `${JSON.stringify(results, null, 1)}\n`);
  if (options.updatesDocs) updateDocs(results);
  if (options.from !== undefined) printLines(blocks(results, [...METRICS.keys()]));
  const outcome = results.against === undefined ? targetTable(results) : comparisonLines(results);
  printLines(['', ...outcome, '', ...gaps(results)]);
}

async function measure(options: Options): Promise<Results> {
  const { duts, experiments, isQuick, repeats, against } = options;
  if (options.needsDevices) requireRootAndCpus();
  undoOnExit();
  const started = new Date();
  const described = duts.map((dut) => {
    const obstacle = options.needsDevices ? dut.prepare() : undefined;
    const { name, title } = dut;
    return obstacle === undefined ? { name, title } : { name, title, obstacle };
  });
  const results: Results = {
    machine: describeMachine(),
    run: { isQuick, repeats, startedAt: started.toISOString(), elapsedS: 0 },
    ...(against === undefined ? {} : { against }),
    duts: described,
    readings: {},
    failures: [],
  };
  if (results.machine.cpuCount !== REFERENCE_CPU_COUNT) {
    const { cpuCount } = results.machine;
    printLines([`This machine has ${cpuCount} CPUs; the targets are for ${REFERENCE_CPU_COUNT}.`]);
  }
  const present = duts.filter((_, index) => described[index]!.obstacle === undefined);
  const pace = isQuick ? QUICK_PACE : FULL_PACE;
  const isPaired = against !== undefined;
  const plan = { experiments, duts: present, repeats, pace, isPaired };
  await runPlan(plan, results, progressFor(results));
  results.run.elapsedS = (Date.now() - started.getTime()) / 1000;
  return results;
}

function requireRootAndCpus(): void {
  if (process.getuid?.() !== 0) fail('network namespaces need root; run it with sudo');
  if (describeMachine().cpuCount <= SWITCH_CPU) fail('needs two CPUs');
}

function progressFor(results: Results): Progress {
  const startMs = Date.now();
  return {
    turn(done, total, what) {
      const seconds = Math.round((Date.now() - startMs) / 1000);
      showProgress(`${Math.floor((100 * done) / total)} %, ${seconds} s, ${what}`);
    },
    finished(metrics) {
      showProgress('');
      printLines(blocks(results, metrics));
    },
  };
}

const blocks = (results: Results, metrics: readonly string[]): string[] =>
  metrics.flatMap((id) => metricBlock(results, id));

/** A progress line that replaces itself on a terminal; nothing in a file. */
function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function updateDocs(results: Results): void {
  const page = join(DOCS, 'performance.md');
  writeFile(page, replaceResults(readFileSync(page, 'utf8'), results));
  for (const { file, svg } of drawPlots(results)) writeFile(join(DOCS, 'performance', file), svg);
}

/** Gives a file to the owner of its folder instead of root. */
function writeFile(path: string, content: string): void {
  const folder = dirname(resolve(path));
  if (mkdirSync(folder, { recursive: true }) !== undefined) giveTo(folder, dirname(folder));
  writeFileSync(path, content);
  giveTo(path, folder);
}

function giveTo(path: string, owned: string): void {
  const { uid, gid } = statSync(owned);
  chownSync(path, uid, gid);
}

function fail(message: string): never {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(1);
}

main().then(
  () => process.exit(0),
  (error: unknown) => fail(error instanceof Error ? error.message : String(error)),
);
