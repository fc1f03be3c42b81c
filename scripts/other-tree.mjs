// Another commit of this repository, built beside this tree, for `npm run bench -- --against`. It stays
// in build/against/, where the next run finds it; `npm run clean` removes it.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, PrepareError, asOwner, say } from './prepare.mjs';

const FOLDER = join(CLONE, 'build/against');
const SHORT_HASH_LENGTH = 12;
const MODULES = 'node_modules';
const LOCK_FILE = 'package-lock.json';

/**
 * Checks out `ref` and builds `targets` (names of TARGETS in that commit's scripts/prepare.mjs), as the
 * clone's owner. Returns the folder.
 */
export function buildOtherTree(ref, targets) {
  const commit = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
  if (commit === undefined) {
    throw new PrepareError(`git knows no commit '${ref}' here; git fetch may bring it`);
  }
  const tree = join(FOLDER, commit.trim().slice(0, SHORT_HASH_LENGTH));
  if (!existsSync(tree)) checkOut(commit.trim(), tree);
  buildTree(tree, targets);
  return tree;
}

/** Unpacks the commit into another folder first, so that `tree` is never incomplete. */
function checkOut(commit, tree) {
  const fresh = `${tree}.new-${process.pid}`;
  const archive = `${fresh}.tar`;
  run('mkdir', '-p', fresh);
  try {
    if (git('archive', '--format=tar', '-o', archive, commit) === undefined) {
      throw new PrepareError(`git cannot unpack ${commit}: is this a clone of the repository?`);
    }
    run('tar', '-x', '-f', archive, '-C', fresh);
    // With the same packages, npm need not fetch them again.
    if (sameLockFile(fresh)) run('ln', '-s', join(CLONE, MODULES), join(fresh, MODULES));
    renameSync(fresh, tree);
  } finally {
    for (const path of [fresh, archive]) rmSync(path, { recursive: true, force: true });
  }
}

/** Builds a tree by its own scripts. They must not install packages into this tree's folder. */
function buildTree(tree, targets) {
  const own = sameLockFile(tree) ? targets.filter((target) => target !== 'dependencies') : targets;
  say(`building ${own.join(', ')} of ${tree}`);
  const builder = join(tree, 'scripts/build.mjs');
  const options = { ...asOwner(), cwd: tree, stdio: ['ignore', 2, 2] };
  const { status } = spawnSync(process.execPath, [builder, ...own], options);
  if (status !== 0) throw new PrepareError(`${tree} could not be built; its own words are above`);
}

const sameLockFile = (tree) =>
  readFileSync(join(tree, LOCK_FILE), 'utf8') === readFileSync(join(CLONE, LOCK_FILE), 'utf8');

/** Output of a git command, or undefined if it fails. */
function git(...words) {
  const { status, stdout } = spawnSync('git', words, { ...asOwner(), encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** Runs a program as the clone's owner, because it writes into the clone. */
function run(program, ...words) {
  const { status, stderr } = spawnSync(program, words, { ...asOwner(), encoding: 'utf8' });
  if (status !== 0) throw new PrepareError(`${program} failed: ${stderr.trim()}`);
}
