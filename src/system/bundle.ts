/**
 * Loads a program's code from `dist/bundles`. A bundle is one file that has all modules of a program, or all
 * modules of an npm package. V8's bytecode lies beside it, so that Node reads two files instead of hundreds and
 * compiles nothing (docs/adr/0032-programs-start-from-bundles.md). `scripts/bundle.mjs` makes both.
 *
 * The name of the bytecode has the version of Node: V8 takes bytecode of another Node with the same version of V8,
 * but Node's changes to V8 may differ, and the program may end with a segmentation fault. V8 refuses bytecode of other
 * flags, so a bundle that may be loaded before and after the flags change (v8-flags.ts) has bytecode of both
 * kinds. V8 compiles the bundle where it refuses, as it does without a bytecode file. It does not compare the contents:
 * bytecode and bundle must come from one build.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { inlinesMore } from './v8-flags';

/** Parameters of a CommonJS module. */
type ModuleFunction = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

const FOLDER = join(__dirname, '../bundles');
const SCOPE = 'exports, require, module, __filename, __dirname';

/** What a bundle writes for another one beside it. */
const BESIDE = /^\.\/([a-z-]+)\.js$/;

/** Names of the bundles, to what they export. */
const loaded = new Map<string, unknown>();

/** Path of the bytecode of a bundle for this Node and the present flags of V8. */
export function bytecodePath(filename: string): string {
  const flags = inlinesMore() ? '.inlined' : '';
  return `${filename}.${process.version}${flags}.bytecode`;
}

/**
 * Compiles a bundle, from bytecode where there is any.
 * @param filename path of the bundle
 * @throws Error of the system if there is no such file
 */
export function compileBundle(filename: string): Script {
  // Bundles are ASCII, and V8 keeps a string of one byte per character as it is.
  const source = `(function (${SCOPE}) {${readFileSync(filename, 'latin1')}\n})`;
  const cachedData = readBytecode(filename);
  return new Script(source, { filename, ...(cachedData && { cachedData }) });
}

/**
 * Runs a compiled bundle.
 * @returns what it exports
 */
export function runBundle(script: Script, filename: string): unknown {
  const module = { exports: {} as unknown };
  const requireFile = createRequire(filename);
  const require = (id: string): unknown => {
    const name = BESIDE.exec(id)?.[1];
    return name === undefined ? requireFile(id) : loadBundle(name);
  };
  const run = script.runInThisContext() as ModuleFunction;
  run(module.exports, require, module, filename, FOLDER);
  return module.exports;
}

/**
 * Loads a bundle, once per thread.
 * @param name file in `src` from which the bundle was made, or name of an npm package
 * @returns what that file exports
 * @throws Error of the system if there is no such bundle
 */
export function loadBundle(name: string): unknown {
  if (!loaded.has(name)) {
    const filename = join(FOLDER, `${name}.js`);
    loaded.set(name, runBundle(compileBundle(filename), filename));
  }
  return loaded.get(name);
}

function readBytecode(filename: string): Buffer | undefined {
  try {
    return readFileSync(bytecodePath(filename));
  } catch {
    return undefined;
  }
}
