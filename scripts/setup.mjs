// `npm run setup`: everything that the checks and the tests need, and nothing is run.

import { TARGETS, TEST_PACKAGES, build, installPackages, runMain } from './prepare.mjs';

await runMain(() => {
  installPackages(TEST_PACKAGES);
  build(Object.keys(TARGETS));
});
