// `node scripts/bundle.mjs DIST`: makes the bundles of the programs from the compiled sources in DIST.
// src/system/bundle.ts loads them. Packages that a start does not need are bundles of their own. The library takes
// these bundles too, so that whoever installs tapswitch installs no other package.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import esbuild from 'esbuild';

/** Programs by the name of their bundle: the file in which they begin. */
const PROGRAMS = {
  'run-switch': 'run-switch.js',
  'run-tapctl': 'run-tapctl.js',
  'run-lane': 'dataplane/run-lane.js',
  'run-trace': 'dataplane/run-trace.js',
};

/** Packages that are loaded when they are first used. All other packages are part of the programs. */
const PACKAGES = ['fastify', 'pino', 'pino-pretty', 'prom-client', 'yaml', 'zod'];

/** Modules that a program's entry point has loaded before its bundle. There must be one copy of their state. */
const SHARED = /\/early-signals$/;

const dist = resolve(process.argv[2]);
const bundles = join(dist, 'bundles');

/** What stays outside of a bundle: the shared module, and packages that are bundles of their own, beside it. */
const outside = (name) => ({
  name: 'outside',
  setup: ({ onResolve }) => {
    onResolve({ filter: SHARED }, () => ({ path: '../early-signals', external: true }));
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
};

const licenses = new Map();

for (const [name, file] of Object.entries(PROGRAMS)) {
  await bundle(name, { entryPoints: [join(dist, file)], sourcemap: true, sourcesContent: false });
}
for (const name of PACKAGES) {
  const contents = `module.exports = require(${JSON.stringify(name)});`;
  await bundle(name, { stdin: { contents, resolveDir: dist } });
}
writeFileSync(join(bundles, 'LICENSES'), [...licenses.values()].join('\n'));
takeBundles();

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
  if (isBuiltin || path === '../early-signals') return;
  if (PACKAGES.some((known) => path === `./${known}.js`)) return;
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
