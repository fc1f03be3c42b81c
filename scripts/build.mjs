// `npm run build`, `npm run build:asan`: builds the named targets that are out of date. The names are
// those of TARGETS in prepare.mjs.

import { PrepareError, TARGETS, build, runMain } from './prepare.mjs';

await runMain(() => {
  const targets = process.argv.slice(2);
  for (const target of targets) {
    if (target in TARGETS) continue;
    throw new PrepareError(`no target '${target}'; there are ${Object.keys(TARGETS).join(', ')}`);
  }
  build(targets);
});
