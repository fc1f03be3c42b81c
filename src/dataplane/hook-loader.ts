/**
 * Loads the module of a hook: CommonJS or ESM, and TypeScript where Node strips its types.
 *
 * The data plane's thread never returns to its event loop, so that a module must load at once:
 * `Module._compile` does for both kinds, as `require` does. A reload must not get the module that Node
 * remembers. So each load has a file name of its own, with a number behind a question mark. Imports of the
 * module itself are relative to its folder. Node remembers them, and a reload does not load them again.
 */

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, extname } from 'node:path';
import { compileFilter } from '../capture/filter-compiler';
import { frameFilter } from '../capture/frame-filter';
import { type Hook, checkHook } from '../hooks/hook';
import type { HookProgram } from '../hooks/loaded-hook';
import { prepareForHooks } from './hook-surroundings';

/** Formats of a module by its extension; for any other file, Node finds out. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['.mjs', 'module'],
  ['.cjs', 'commonjs'],
  ['.mts', 'module'],
  ['.cts', 'commonjs'],
]);
const TYPESCRIPT: readonly string[] = ['.ts', '.mts', '.cts'];

/** Errors of the system that a missing or closed file causes. */
const READ_ERRORS: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'the switch may not read it'],
  ['EISDIR', 'it is a folder'],
  ['ENXIO', 'it is a pipe, a socket or a device; expected a file'],
]);

/** A module of CommonJS, with what Node keeps private. */
interface CompiledModule {
  filename: string;
  paths: string[];
  exports: unknown;
  _compile(source: string, filename: string, format?: string): void;
}

interface ModuleLoader {
  new (id: string): CompiledModule;
  _nodeModulePaths(folder: string): string[];
  stripTypeScriptTypes?(source: string): string;
}

const LOADER = Module as unknown as ModuleLoader;

/** Number of the latest load. */
let loads = 0;

/**
 * Loads a hook from a file.
 * @param file absolute path
 * @throws Error with one line that says what is wrong
 */
export function loadHookFile(name: string, file: string): HookProgram {
  prepareForHooks();
  const exported = compile(readSource(file), file);
  return hookProgram(name, (exported as { readonly default?: unknown }).default ?? exported);
}

/**
 * Makes a program of the default export of a module.
 * @throws TypeError for what is no hook, and FilterError for a wrong filter
 */
export function hookProgram(name: string, exported: unknown): HookProgram {
  const hook: Hook = checkHook(exported);
  const { match = '' } = hook;
  if (match.trim() === '') return { name, hook };
  try {
    return { name, hook, accepts: frameFilter(compileFilter(match)) };
  } catch (error) {
    throw new TypeError(`match: ${(error as Error).message}`, { cause: error });
  }
}

function readSource(file: string): string {
  const source = readFile(file);
  if (!TYPESCRIPT.includes(extname(file))) return source;
  if (LOADER.stripTypeScriptTypes !== undefined) return LOADER.stripTypeScriptTypes(source);
  throw new Error(`TypeScript needs Node 22.13 or newer, and this is ${process.version}`);
}

/** A pipe, a terminal or another device may give nothing for ever, and no watchdog ends the call that waits for it. */
function readFile(file: string): string {
  const descriptor = openAtOnce(file);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new Error('it is a pipe, a socket or a device; expected a file');
    }
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    throw readError(error);
  } finally {
    closeSync(descriptor);
  }
}

/** Opens a file to read. Without O_NONBLOCK, a named pipe would wait for somebody who writes to it: fifo(7). */
function openAtOnce(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw readError(error);
  }
}

function readError(error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Error(READ_ERRORS.get(code) ?? message, { cause: error });
}

function compile(source: string, file: string): unknown {
  loads++;
  const filename = `${file}?${loads}`;
  const module = new LOADER(filename);
  module.filename = filename;
  module.paths = LOADER._nodeModulePaths(dirname(file));
  try {
    module._compile(source, filename, FORMATS.get(extname(file)));
  } catch (error) {
    throw new Error(`cannot be loaded: ${describe(error)}`, { cause: error });
  }
  return module.exports;
}

/** What a module threw, and in which line. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [message = ''] = error.message.split('\n', 1);
  const line = /(?:\?|%3F)\d+:(\d+)/.exec(error.stack ?? '')?.[1];
  return line === undefined
    ? `${error.name}: ${message}`
    : `${error.name}: ${message} (line ${line})`;
}
