// `node scripts/format-cpp.mjs [--check]`: formats the C and C++ sources by .clang-format, or names the
// files that are not formatted. Without clang-format it says so and passes, so that `npm run check`
// needs npm's packages only. `npm test` installs clang-format.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, say } from './prepare.mjs';

const FOLDERS = ['addon', 'bench', 'test/addon'];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(CLONE, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(c|cc|h)$/.test(name))
    .map((name) => join(folder, name)),
);
const mode = process.argv[2] === '--check' ? ['--dry-run', '--Werror'] : ['-i'];
const result = spawnSync('clang-format', [...mode, ...sources], { cwd: CLONE, stdio: 'inherit' });
if (result.error) say('clang-format is not installed: C++ format skipped (apt-get install it)');
else process.exitCode = result.status;
