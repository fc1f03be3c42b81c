/**
 * The measured process of `decide`, which loads one build of the package.
 *
 *     node --expose-gc --no-concurrent-recompilation program.js MODULE
 *
 * It reports that it is ready, and answers each message with turns of every pattern.
 *
 * V8 compiles in the running thread. With a concurrent compiler, the choice of inlined functions depends
 * on the moment, and two processes of one build differ by up to 30 % for as long as they live. For the
 * same reason the warm-up is a number of turns and not a time.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { requireLibrary } from './library';
import { PATTERNS } from './patterns';
import { Trial } from './trial';

/** Nanoseconds per frame, by pattern. */
export type Turn = Record<string, number>;

const WARM_UP_TURNS = 200;
/** Turns per message. The shortest one, which nothing has interrupted, is the answer. */
const PASSES = 12;

function main(): void {
  const module = resolve(process.argv[2]!);
  const require = createRequire(__filename);
  setFlags(require, dirname(module));
  const exported: unknown = require(module);
  const library = requireLibrary(exported);
  const bridge = new library.Bridge({});
  const known = [...PATTERNS].filter(([, pattern]) => pattern.isKnownTo?.(bridge) ?? true);
  const trials = new Map(known.map(([id, pattern]) => [id, new Trial(library, pattern)]));
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
    // Collects the garbage of earlier turns, so that it does not count in these turns.
    globalThis.gc!();
    process.send!(takeTurns(PASSES));
  });
  process.send!('ready');
}

/** Sets the flags of V8 that the programs of that commit set, if they set any. Some set them while the file loads. */
function setFlags(require: NodeRequire, dist: string): void {
  const file = join(dist, 'system/v8-flags.js');
  if (!existsSync(file)) return;
  const flags = require(file) as { inlineMore?(): void };
  flags.inlineMore?.();
}

main();
