// `npm run soak [-- JEST_ARGUMENTS]`: the tests in test/soak, which take minutes and need an idle
// machine. Installs and builds what is missing, then runs them as root.

import { join } from 'node:path';
import { runInForeground } from './foreground.mjs';
import {
  CLONE,
  PrepareError,
  TEST_PACKAGES,
  TEST_TARGETS,
  asRoot,
  becomeRoot,
  build,
  installPackages,
  runMain,
} from './prepare.mjs';

await runMain(() => {
  installPackages(TEST_PACKAGES);
  build([...TEST_TARGETS, 'bench-programs']);
  if (!becomeRoot('run the long tests')) throw new PrepareError('the long tests need root or sudo');
  const jest = [process.execPath, join(CLONE, 'node_modules/jest/bin/jest.js')];
  const options = ['--selectProjects', 'soak', '--runInBand', ...process.argv.slice(2)];
  return runInForeground(asRoot([...jest, ...options]));
});
