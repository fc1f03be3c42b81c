/**
 * Three tables: the cost of operators of a running switch, the cost of dumps of its tables, and the gap
 * when it is killed and started again.
 *
 *     node scripts/build.mjs addon typescript bench bench-programs
 *     sudo node build/bench/control.js [load|dump|restart]... [REPEATS]
 */

import { measureDumps } from './control/dump';
import { measureLoad } from './control/load';
import { measureRestarts } from './control/restart';
import { undoOnExit } from './undo';

const MEASUREMENTS: ReadonlyMap<string, (repeats: number) => Promise<string[]>> = new Map([
  ['load', measureLoad],
  ['dump', measureDumps],
  ['restart', measureRestarts],
]);
const DEFAULT_REPEATS = 5;

async function main(): Promise<void> {
  undoOnExit();
  const words = process.argv.slice(2);
  const repeats = Number(words.find((word) => /^[1-9]\d*$/.test(word)) ?? DEFAULT_REPEATS);
  const named = words.filter((word) => MEASUREMENTS.has(word));
  for (const name of named.length > 0 ? named : MEASUREMENTS.keys()) {
    const lines = await MEASUREMENTS.get(name)!(repeats);
    process.stdout.write(`${lines.join('\n')}\n\n`);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`control: ${String(error)}\n`);
    process.exit(1);
  },
);
