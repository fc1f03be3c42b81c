// `npm test [-- JEST_ARGUMENTS]`: installs and builds what is missing, then runs every test. The
// tests in test/netns need root; for a plain user they run under sudo. The last line has the totals.
//
// With CI=true a skipped test fails the run: CI must have root and /dev/net/tun.

import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareNodes } from './nodes.mjs';
import {
  CLONE,
  TEST_PACKAGES,
  TEST_TARGETS,
  asOwner,
  asRoot,
  becomeRoot,
  build,
  installPackages,
  runMain,
  say,
} from './prepare.mjs';
import { prepareUnpacked } from './unpacked.mjs';

const JEST = join(CLONE, 'node_modules/jest/bin/jest.js');

await runMain(() => {
  installPackages(TEST_PACKAGES);
  build(TEST_TARGETS);
  prepareUnpacked();
  prepareNodes();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-test-'));
  try {
    const rootless = runRootless(folder);
    const netns = runNetns(folder, 'netns', '--maxWorkers=2');
    const alone = runNetns(folder, 'netns-alone', '--runInBand');
    return report([rootless, netns, alone]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function runRootless(folder) {
  const owner = asOwner();
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  return runJest(['unit', 'property', 'golden', 'fuzz'], join(folder, 'rootless.json'), (jest) =>
    spawnSync(jest[0], jest.slice(1), { ...owner, stdio: 'inherit' }),
  );
}

/** Runs one of the projects of namespace tests: see jest.config.js. */
function runNetns(folder, project, workers) {
  const root = becomeRoot('run the namespace tests');
  if (!root) say('no sudo, so the namespace tests are skipped; as root it is: npm test');
  return runJest([project, workers], join(folder, `${project}.json`), (jest) => {
    // sudo clears the environment. Python must not write compiled files into the clone as root.
    const environment = [`CI=${process.env.CI ?? ''}`, 'PYTHONDONTWRITEBYTECODE=1'];
    const command = ['env', ...environment, ...jest];
    const [program, ...args] = root ? asRoot(command) : command;
    return spawnSync(program, args, { cwd: CLONE, stdio: 'inherit' });
  });
}

/** Runs jest on some projects through `spawn`; returns its exit status and its counts. */
function runJest(projects, resultPath, spawn) {
  const selection = process.argv.slice(2);
  // The user's selection need not match in both runs.
  if (selection.length > 0) selection.push('--passWithNoTests');
  const options = ['--json', '--outputFile', resultPath, '--selectProjects', ...projects];
  const jest = [process.execPath, JEST, ...selection, ...options];
  const { status } = spawn(jest);
  if (!existsSync(resultPath)) return { status, passed: 0, failed: 1, skipped: 0 };
  const counts = JSON.parse(readFileSync(resultPath, 'utf8'));
  return {
    status,
    passed: counts.numPassedTests,
    failed: counts.numFailedTests + counts.numRuntimeErrorTestSuites,
    skipped: counts.numPendingTests,
  };
}

/** Prints the totals, returns the exit status. */
function report(runs) {
  const total = (key) => runs.reduce((sum, run) => sum + run[key], 0);
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(total);
  const skipFails = skipped > 0 && process.env.CI === 'true';
  if (skipped > 0) say(`skipped tests: ${skipped}${skipFails ? ', which fails under CI' : ''}`);
  const suffix = skipped > 0 ? `, ${skipped} skipped` : '';
  console.log(`\n${passed} passed, ${failed} failed${suffix}`);
  return failed === 0 && !skipFails && runs.every((run) => run.status === 0) ? 0 : 1;
}
