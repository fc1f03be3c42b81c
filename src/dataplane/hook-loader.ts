/**
 * Loads the module of a hook: CommonJS or ESM, and TypeScript where Node strips its types.
 *
 * The data plane's thread never returns to its event loop, so that a module must load at once:
 * `Module._compile` does for both kinds, as `require` does. A reload must not get the module that Node
 * remembers. So each load has a file name of its own, with a number behind a question mark. Imports of the
 * module itself are relative to its folder. Node remembers them, and a reload does not load them again.
 */

import Module from 'node:module';
import { dirname, extname } from 'node:path';
import { compileFilter } from '../capture/filter-compiler';
import { frameFilter } from '../capture/frame-filter';
import { type Hook, checkHook } from '../hooks/hook';
import type { HookProgram } from '../hooks/loaded-hook';
import { refuseChangedIntrinsics, restoreIntrinsics } from './intrinsics';

/** Formats of a module by its extension; for any other file, Node finds out. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['.mjs', 'module'],
  ['.cjs', 'commonjs'],
  ['.mts', 'module'],
  ['.cts', 'commonjs'],
]);
const TYPESCRIPT: readonly string[] = ['.ts', '.mts', '.cts'];

/** A module of CommonJS, with what Node keeps private. */
interface CompiledModule {
  filename: string;
  paths: string[];
  exports: unknown;
  /** @param format `module`, `commonjs` or absent; before Node 20.19, whether it is an ES module */
  _compile(source: string, filename: string, format?: string | boolean): void;
}

interface ModuleLoader {
  new (id: string): CompiledModule;
  _nodeModulePaths(folder: string): string[];
  stripTypeScriptTypes?(source: string): string;
}

const LOADER = Module as unknown as ModuleLoader;

/**
 * Whether this Node finds out by itself which kind a module is, and loads ES modules without an option: from
 * 20.19 on. Before, `startThread` gives the option.
 */
const findsFormat =
  (process.features as { readonly require_module?: boolean }).require_module === true;

/** What V8 says of an ES module that is compiled as CommonJS: `kEsmSyntaxErrorMessages` of src/node_contextify.cc. */
const IS_ES_MODULE =
  /^(Cannot use import statement outside a module|Unexpected token 'export'|Cannot use 'import\.meta' outside a module)/;

/** Number of the latest load. */
let loads = 0;

/**
 * Loads a hook from a file. The thread was prepared for hooks (`hook-surroundings.ts`), unless it is that of a test.
 * @param file absolute path
 * @param source text of the file
 * @throws Error with one line that says what is wrong
 */
export function loadHookFile(name: string, file: string, source: string): HookProgram {
  const exported = compile(javaScriptOf(source, file), file);
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

/** @throws Error for a syntax error, and where Node does not strip types */
function javaScriptOf(source: string, file: string): string {
  if (!TYPESCRIPT.includes(extname(file))) return source;
  if (LOADER.stripTypeScriptTypes === undefined) {
    throw new Error(`TypeScript needs Node 22.13 or newer, and this is ${process.version}`);
  }
  try {
    return LOADER.stripTypeScriptTypes(source);
  } catch (error) {
    throw new Error(`cannot be loaded: ${describe(error)}`, { cause: error });
  }
}

function compile(source: string, file: string): unknown {
  loads++;
  const filename = `${file}?${loads}`;
  const module = new LOADER(filename);
  module.filename = filename;
  module.paths = LOADER._nodeModulePaths(dirname(file));
  try {
    compileAs(FORMATS.get(extname(file)), module, source);
  } catch (error) {
    restoreIntrinsics();
    throw new Error(`cannot be loaded: ${describe(error)}`, { cause: error });
  }
  refuseChangedIntrinsics();
  return module.exports;
}

function compileAs(format: string | undefined, module: CompiledModule, source: string): void {
  const { filename } = module;
  if (findsFormat) return module._compile(source, filename, format);
  try {
    module._compile(source, filename, format === 'module');
  } catch (error) {
    const isModule = error instanceof SyntaxError && IS_ES_MODULE.test(error.message);
    if (format !== undefined || !isModule) throw error;
    module._compile(source, filename, true);
  }
}

/** Line of a module in a stack, and that of a syntax error in front of it. */
const STACK_LINE = /(?:\?|%3F)\d+:(\d+)/;
const SYNTAX_ERROR_LINE = /^[^\s(]*:(\d+)\n/;

/** What a module threw, and in which line. Node tells no line of a syntax error in an ES module. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [message = ''] = error.message.split('\n', 1);
  const { stack = '' } = error;
  const line = (SYNTAX_ERROR_LINE.exec(stack) ?? STACK_LINE.exec(stack))?.[1];
  return line === undefined
    ? `${error.name}: ${message}`
    : `${error.name}: ${message} (line ${line})`;
}
