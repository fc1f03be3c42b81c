// npm's `install` script, where the package is installed as a dependency. The package has addons for x64 and
// arm64 with glibc. Where none of them can be loaded, this script compiles one, which takes a C++ compiler.
// Without one it says what is missing and succeeds: the bridge and the in-memory ports need no addon.
// It also writes the bytecode of the programs for the Node of this machine. Without it they start later.
//
// No dependencies: this file is a part of the package.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAddon } from './compile-addon.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PREBUILT = join(ROOT, 'prebuilds', `linux-${process.arch}`, 'tapswitch.node');
const BUILT = join(ROOT, 'build/Release/tapswitch.node');
/** Headers in the package, or in a clone. */
const HEADERS = [
  'prebuilds/include',
  'node_modules/node-api-headers/include',
  'node_modules/node-addon-api',
];

/** Whether this Node can load the addon. The test runs in its own process, because an addon stays loaded. */
function loads(path) {
  if (!existsSync(path)) return false;
  const { status } = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(path)})`]);
  return status === 0;
}

function say(text) {
  process.stderr.write(`tapswitch: ${text}\n`);
}

// Both take a tenth of a second and more, and run at the same time.
spawn(process.execPath, [join(ROOT, 'scripts/bytecode.mjs')], { cwd: ROOT, stdio: 'ignore' });
if (!loads(PREBUILT) && !loads(BUILT)) {
  const headers = HEADERS.map((folder) => join(ROOT, folder)).filter(existsSync);
  const compiler = process.env.CXX ?? 'g++';
  const complaint = compileAddon({ root: ROOT, compiler, headers, out: BUILT });
  if (complaint !== undefined) {
    say(complaint.trimEnd());
    say(
      `no TAP devices: there is no addon for ${process.platform}-${process.arch} in the package, and none could be ` +
        'compiled; install a C++ compiler (apt-get install g++), then npm rebuild tapswitch',
    );
  }
}
