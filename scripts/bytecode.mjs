// `node scripts/bytecode.mjs`: writes the bytecode of the bundles in dist/, which is what V8 makes of them.
// It is good for the version of Node that runs this. src/system/bundle.ts reads it. Without it, the
// programs work and start later.

import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

const DIST = join(import.meta.dirname, '../dist');
const BUNDLES = join(DIST, 'bundles');

/** Bundles of the programs. The others are packages of npm. */
const PROGRAMS = /^run-/;
/** Bundles that are loaded before the data plane sets V8's flags, and never later. */
const EARLY = /^run-(switch|tapctl)\./;

/** Bundle that Node itself loads, for programs that use the library. */
const LIBRARY = 'library.js';

const require = createRequire(import.meta.url);
const { bytecodePath, compileBundle, runBundle } = require(join(DIST, 'system/bundle.js'));
const { inlineMore } = require(join(DIST, 'system/v8-flags.js'));

const files = readdirSync(BUNDLES).filter((name) => name.endsWith('.js') && name !== LIBRARY);
files.forEach(writeBytecode);
inlineMore();
files.filter((file) => !EARLY.test(file)).forEach(writeBytecode);

function writeBytecode(file) {
  const path = join(BUNDLES, file);
  rmSync(bytecodePath(path), { force: true });
  const script = PROGRAMS.test(file) ? compileWhole(path) : compileUsed(path);
  // The bytecode appears at once: a program may start meanwhile.
  const fresh = `${path}.new-${process.pid}`;
  writeFileSync(fresh, script.createCachedData());
  renameSync(fresh, bytecodePath(path));
}

/** Compiles every function of a bundle. Without the flag, V8 compiles a function when it is first called. */
function compileWhole(path) {
  setFlagsFromString('--no-lazy');
  const script = compileBundle(path);
  // V8 compares its flags with those under which the bytecode was written.
  setFlagsFromString('--lazy');
  return script;
}

/** Compiles the functions that the loading of a bundle calls. A program uses a small part of a package. */
function compileUsed(path) {
  const script = compileBundle(path);
  runBundle(script, path);
  return script;
}
