// `npm run prebuild`: makes `prebuilds/`, a part of the package: an addon for x64 and for arm64, and the headers
// with which `scripts/install.mjs` compiles one on another machine. The addon of this machine's processor is
// the one of the clone (`npm run build`).
//
// An addon takes the versions of glibc and of libstdc++ that its symbols name: Debian 12, on which the package is
// made, gives one for glibc 2.34 and GCC 12, and newer. The cross compilers are Debian's.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  CLONE,
  CROSS_COMPILERS,
  PrepareError,
  build,
  findProgram,
  runMain,
  say,
} from './prepare.mjs';

const HEADERS = join(CLONE, 'prebuilds/include');

const placeOf = (arch) => join(CLONE, 'prebuilds', `linux-${arch}`, 'tapswitch.node');

await runMain(() => {
  for (const folder of ['node-api-headers/include', 'node-addon-api']) copyHeaders(folder);
  take(process.arch, join(CLONE, 'build/Release/tapswitch.node'), 'strip');
  for (const arch of Object.keys(CROSS_COMPILERS)) if (arch !== process.arch) takeForeign(arch);
});

function copyHeaders(folder) {
  mkdirSync(HEADERS, { recursive: true });
  const from = join(CLONE, 'node_modules', folder);
  for (const name of readdirSync(from).filter((file) => file.endsWith('.h'))) {
    copyFileSync(join(from, name), join(HEADERS, name));
  }
}

function takeForeign(arch) {
  const compiler = CROSS_COMPILERS[arch];
  if (findProgram(compiler) === undefined) {
    say(`no addon for ${arch}, there is no ${compiler}; it is compiled where it is installed`);
    return;
  }
  build([`addon-${arch}`]);
  take(arch, join(CLONE, 'build', arch, 'tapswitch.node'), compiler.replace(/g\+\+$/, 'strip'));
}

function take(arch, built, strip) {
  if (!existsSync(built)) throw new PrepareError('there is no addon; run npm run build');
  const to = placeOf(arch);
  mkdirSync(dirname(to), { recursive: true });
  const { status, stderr } = spawnSync(strip, ['-o', to, built], { encoding: 'utf8' });
  if (status !== 0) throw new PrepareError(`strip: ${stderr}`);
}
