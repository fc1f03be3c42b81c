// `node scripts/cross-compile.mjs ARCH`: compiles the addon for another processor to build/ARCH/tapswitch.node, with
// Debian's cross compiler.

import { join } from 'node:path';
import { compileAddon } from './compile-addon.mjs';
import { CLONE, CROSS_COMPILERS, PrepareError, runMain } from './prepare.mjs';

await runMain(() => {
  const arch = process.argv[2];
  const compiler = CROSS_COMPILERS[arch];
  const headers = ['node-api-headers/include', 'node-addon-api'].map((folder) =>
    join(CLONE, 'node_modules', folder),
  );
  const out = join(CLONE, 'build', arch, 'tapswitch.node');
  const complaint = compileAddon({ root: CLONE, compiler, headers, out });
  if (complaint !== undefined) throw new PrepareError(`the addon for ${arch}: ${complaint}`);
});
