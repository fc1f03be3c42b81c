// `npm run build`, `npm run build:asan`: makes what is named on the command line, if it is out of
// date. See TARGETS in prepare.mjs for the names.

import { PrepareError, TARGETS, build, runMain } from './prepare.mjs';

await runMain(() => {
  const targets = process.argv.slice(2);
  for (const target of targets) {
    if (target in TARGETS) continue;
    throw new PrepareError(`no target '${target}'; there are ${Object.keys(TARGETS).join(', ')}`);
  }
  build(targets);
});
