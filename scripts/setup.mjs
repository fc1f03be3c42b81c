// `npm run setup`: installs and builds what the checks and the tests need, and runs nothing.

import { prepareNodes } from './nodes.mjs';
import { TEST_PACKAGES, TEST_TARGETS, build, installPackages, runMain } from './prepare.mjs';
import { prepareUnpacked } from './unpacked.mjs';

await runMain(() => {
  installPackages(TEST_PACKAGES);
  build(TEST_TARGETS);
  prepareUnpacked();
  prepareNodes();
});
