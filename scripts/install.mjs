// npm's `install` script: builds the addon where the package is installed as a dependency. Without a
// compiler it says what is missing and succeeds, because everything that needs no TAP device, such as
// the bridge and the in-memory ports, works without the addon. It also writes the bytecode of the programs for
// the Node of this machine. Without it they start later.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BUILD_PACKAGES, CLONE, say } from './prepare.mjs';

const cmakeJs = dirname(createRequire(import.meta.url).resolve('cmake-js/package.json'));
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [join(cmakeJs, 'bin/cmake-js'), 'compile'],
  { cwd: CLONE, encoding: 'utf8' },
);
if (status !== 0) {
  process.stderr.write(`${stdout}${stderr}`);
  const packages = Object.keys(BUILD_PACKAGES).join(' ');
  say(`no TAP devices: the addon was not built; apt-get install ${packages}, then npm rebuild`);
}
spawnSync(process.execPath, [join(CLONE, 'scripts/bytecode.mjs')], { cwd: CLONE, stdio: 'ignore' });
