// `node scripts/bundle.mjs DIST`: makes the bundles of the programs from the compiled sources in DIST.
// src/system/bundle.ts loads them. Packages that a start does not need are bundles of their own.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import esbuild from 'esbuild';

/** Programs by the name of their bundle: the file in which they begin. */
const PROGRAMS = {
  'run-switch': 'run-switch.js',
  'run-tapctl': 'run-tapctl.js',
  'run-lane': 'dataplane/run-lane.js',
};

/** Packages that are loaded when they are first used. All other packages are part of the programs. */
const PACKAGES = [
  '@fastify/swagger',
  'fastify',
  'pino',
  'pino-pretty',
  'prom-client',
  'yaml',
  'zod',
];

/** Modules that a program's entry point has loaded before its bundle. There must be one copy of their state. */
const SHARED = /\/early-signals$/;

const dist = resolve(process.argv[2]);
const bundles = join(dist, 'bundles');

const sharedModules = {
  name: 'shared-modules',
  setup: ({ onResolve }) =>
    onResolve({ filter: SHARED }, () => ({ path: '../early-signals', external: true })),
};

const OPTIONS = {
  bundle: true,
  charset: 'ascii',
  format: 'cjs',
  legalComments: 'inline',
  logLevel: 'warning',
  metafile: true,
  platform: 'node',
  plugins: [sharedModules],
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

async function bundle(name, input) {
  const outfile = join(bundles, `${name.replace('/', '+')}.js`);
  const external = PACKAGES.filter((other) => other !== name);
  const { metafile } = await esbuild.build({ ...OPTIONS, ...input, outfile, external });
  for (const output of Object.values(metafile.outputs)) {
    for (const { path } of output.imports) requireKnown(name, path);
  }
  for (const path of Object.keys(metafile.inputs)) noteLicense(path);
}

/** Fails if a bundle would load a file that is neither a bundle nor a part of Node. */
function requireKnown(name, path) {
  const isBuiltin = path.startsWith('node:') || builtinModules.includes(path);
  if (isBuiltin || path === '../early-signals' || PACKAGES.includes(path)) return;
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
