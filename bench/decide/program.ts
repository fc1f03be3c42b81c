/**
 * What `decide` measures in: a process of its own, which loads one build of the package.
 *
 *     node --expose-gc --no-concurrent-recompilation program.js MODULE
 *
 * It says that it is ready, and answers each message with turns of every pattern.
 *
 * V8 compiles in the thread that runs: when it compiles beside it, what is inlined depends on the
 * moment, and two processes of one build differ by up to 30 % for as long as they live. The warm-up
 * is a number of turns and no time, for the same reason.
 */

import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { requireLibrary } from './library';
import { PATTERNS } from './patterns';
import { Trial } from './trial';

/** Nanoseconds per frame, by pattern. */
export type Turn = Record<string, number>;

const WARM_UP_TURNS = 200;
/** Turns that are taken at once, of which the shortest is given: nothing has interrupted that one. */
const PASSES = 12;

function main(): void {
  const exported: unknown = createRequire(__filename)(resolve(process.argv[2]!));
  const library = requireLibrary(exported);
  const trials = new Map([...PATTERNS].map(([id, pattern]) => [id, new Trial(library, pattern)]));
  const now = process.hrtime.bigint.bind(process.hrtime);
  const takeTurns = (count: number): Turn => {
    const shortest: Turn = {};
    for (let turn = 0; turn < count; turn++) {
      for (const [id, trial] of trials) {
        shortest[id] = Math.min(shortest[id] ?? Infinity, trial.takeTurn(now));
      }
    }
    return shortest;
  };

  takeTurns(WARM_UP_TURNS);
  process.on('message', () => {
    // The garbage of earlier turns is not these turns' cost.
    globalThis.gc!();
    process.send!(takeTurns(PASSES));
  });
  process.send!('ready');
}

main();
