// Compiles the addon with a C++ compiler alone, for packages: `scripts/prebuild.mjs` makes the addons that are in
// the package, `scripts/install.mjs` makes one where none of them fits. CMakeLists.txt is for work on the sources.
//
// No dependencies: this file is a part of the package.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The same as in CMakeLists.txt, which has the reasons. */
const DEFINES = [
  'NAPI_VERSION=8',
  'NODE_ADDON_API_DISABLE_DEPRECATED',
  'NODE_ADDON_API_CPP_EXCEPTIONS_ALL',
];

/**
 * @param root folder of the package or the clone
 * @param compiler a C++ compiler: `g++`
 * @param headers folders with the headers of Node-API and of node-addon-api
 * @param out path of the addon
 * @returns the compiler's complaint, or undefined after success
 */
export function compileAddon({ root, compiler, headers, out }) {
  const sources = readdirSync(join(root, 'addon'), { recursive: true })
    .filter((path) => path.endsWith('.cc'))
    .sort()
    .map((path) => join('addon', path));
  mkdirSync(dirname(out), { recursive: true });
  const unfinished = `${out}.${process.pid}`;
  const { status, error, stderr } = spawnSync(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-pthread', '-s'],
      ...DEFINES.map((define) => `-D${define}`),
      ...['-I', 'addon', ...headers.flatMap((folder) => ['-isystem', folder])],
      // -static-libstdc++ is not used: that of Debian 12 needs glibc 2.36, and each machine with Node has the shared one.
      ...['-Wl,-z,nodelete', '-o', unfinished, ...sources],
    ],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) return error?.message ?? stderr;
  renameSync(unfinished, out);
  return undefined;
}
