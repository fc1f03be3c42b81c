// `node scripts/bundle.mjs DIST`: makes the bundles of the programs in DIST. src/system/bundle.ts loads them. Packages that a start does not need are bundles of their own. The library is a bundle,
// too: who installs tapswitch installs no other package, and npm unpacks two hundred files instead of two thousand.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import esbuild from 'esbuild';

/**
 * Programs by the name of their bundle: the source in which they begin. In sources esbuild sees what a module uses of another one,
 * and leaves out the rest.
 */
const PROGRAMS = { 'run-tapctl': 'run-tapctl.ts' };

/**
 * Programs that are made from what tsc has compiled. From sources esbuild would join the scopes of the modules. V8 takes what a
 * module exports as constant, and the variables of one large scope not: a decision about a frame would take a tenth
 * longer. Nor would a module be tried again whose loading has failed, as the API is where no descriptor was left.
 */
const COMPILED_PROGRAMS = {
  'run-switch': 'run-switch.js',
  'run-lane': 'dataplane/run-lane.js',
  'run-trace': 'dataplane/run-trace.js',
};

/** Modules of the library, by what they are in its bundle: one bundle, so that there is one copy of each class. */
const LIBRARY = { index: 'index.js', testing: 'testing/index.js' };

/** Second line of a module that writeEntry has written. */
const ENTRY = '// The library is a bundle: scripts/bundle.mjs.';

/** Packages that are loaded when they are first used. All other packages are part of the programs. */
const PACKAGES = ['fastify', 'pino', 'pino-pretty', 'prom-client', 'yaml', 'zod'];

/** Modules that a program's entry point has loaded before its bundle. There must be one copy of their state. */
const SHARED = { 'early-signals': '../early-signals', 'v8-flags': '../system/v8-flags' };
/** Module that other programs load when they first need it: the whole bridge is in it. */
const TRACE = /\/run-trace$/;

const SOURCES = join(import.meta.dirname, '../src');
const dist = resolve(process.argv[2]);
const bundles = join(dist, 'bundles');

/** Modules outside of a bundle: the shared module, and packages that are bundles of their own, beside it. */
const outside = (name) => ({
  name: 'outside',
  setup: ({ onResolve }) => {
    for (const [module, path] of Object.entries(SHARED)) {
      onResolve({ filter: new RegExp(`/${module}$`) }, () => ({ path, external: true }));
    }
    onResolve({ filter: TRACE }, () =>
      name === 'run-trace' ? undefined : { path: './run-trace.js', external: true },
    );
    onResolve({ filter: /^[a-z-]+$/ }, ({ path }) =>
      PACKAGES.includes(path) && path !== name
        ? { path: `./${path}.js`, external: true }
        : undefined,
    );
  },
});

const OPTIONS = {
  bundle: true,
  charset: 'ascii',
  format: 'cjs',
  legalComments: 'inline',
  logLevel: 'warning',
  metafile: true,
  platform: 'node',
  target: 'node20',
  tsconfig: join(import.meta.dirname, '../tsconfig.json'),
};

const licenses = new Map();

for (const [folder, programs] of [
  [SOURCES, PROGRAMS],
  [dist, COMPILED_PROGRAMS],
]) {
  for (const [name, file] of Object.entries(programs)) {
    await bundle(name, {
      entryPoints: [join(folder, file)],
      sourcemap: true,
      sourcesContent: false,
    });
  }
}
const exported = Object.entries(LIBRARY).map(([key, file]) => ({
  key,
  file,
  names: namesOf(file),
}));
const getters = exported.map(({ key, file }) => `get ${key}() { return require('./${file}'); },`);
const library = `module.exports = { ${getters.join(' ')} };`;
await bundle('library', { stdin: { contents: library, resolveDir: dist } });
for (const name of PACKAGES) {
  const contents = `module.exports = require(${JSON.stringify(name)});`;
  // Nobody reads a stack of these: without white space the package is a fifth smaller.
  await bundle(name, { stdin: { contents, resolveDir: dist }, minifyWhitespace: true });
}
writeFileSync(join(bundles, 'LICENSES'), [...licenses.values()].join('\n'));
takeBundles();
for (const entry of exported) writeEntry(entry);

async function bundle(name, input) {
  const outfile = join(bundles, `${name}.js`);
  const plugins = [outside(name)];
  const { metafile } = await esbuild.build({ ...OPTIONS, ...input, outfile, plugins });
  for (const output of Object.values(metafile.outputs)) {
    for (const { path } of output.imports) requireKnown(name, path);
  }
  for (const path of Object.keys(metafile.inputs)) noteLicense(path);
}

/** Fails if a bundle would load a file that is neither a bundle nor a part of Node. */
function requireKnown(name, path) {
  const isBuiltin = path.startsWith('node:') || builtinModules.includes(path);
  if (isBuiltin || Object.values(SHARED).includes(path)) return;
  if ([...PACKAGES, 'run-trace'].some((known) => path === `./${known}.js`)) return;
  throw new Error(`the bundle ${name} loads ${path}, which is in no bundle`);
}

/** Keeps the licence of the package to which a file belongs: the bundles have copies of its code. */
function noteLicense(path) {
  const [folder, name] = /^.*node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(path) ?? [];
  if (folder === undefined || licenses.has(name)) return;
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  licenses.set(name, `${name} ${version} (${license})\n\n${text}\n`);
}

/** Names that a compiled module of the library exports. */
function namesOf(file) {
  const path = join(dist, file);
  if (readFileSync(path, 'utf8').includes(ENTRY)) {
    throw new Error(`${path} is no compiled source any more; run tsc first`);
  }
  return Object.keys(createRequire(path)(path));
}

/**
 * Has a module of the library come from its bundle. The names stand there one by one, because Node reads
 * them from the text when an ESM program imports the module.
 */
function writeEntry({ key, file, names }) {
  const path = join(dist, file);
  const bundlePath = join(relative(dirname(path), bundles), 'library.js');
  const lines = names.map((name) => `exports.${name} = library.${name};`);
  const head = ['"use strict";', ENTRY, `const library = require("./${bundlePath}").${key};`];
  writeFileSync(path, [...head, ...lines, ''].join('\n'));
}

/** Lets the compiled sources load the bundles of packages. They were the inputs of the bundles until now. */
function takeBundles() {
  const required = new RegExp(`require\\((['"])(${PACKAGES.join('|')})\\1\\)`, 'g');
  for (const file of readdirSync(dist, { recursive: true }).filter((path) =>
    path.endsWith('.js'),
  )) {
    const path = join(dist, file);
    if (dirname(path) === bundles) continue;
    const source = readFileSync(path, 'utf8');
    const folder = `${relative(dirname(path), dist) || '.'}/bundles`;
    const changed = source.replace(required, (_, quote, name) => `require("${folder}/${name}.js")`);
    if (changed !== source) writeFileSync(path, changed);
  }
}
