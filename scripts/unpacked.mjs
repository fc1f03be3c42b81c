// Programs whose Debian packages have a service: promtool, which checks the metrics for Prometheus, and sshd,
// the other end of a recipe. The packages are not installed: they are downloaded, and the one program is
// unpacked. That needs no root.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, asOwner, asRoot, becomeRoot, findProgram, say } from './prepare.mjs';

const BYTES_PER_MB = 1e6;

/** The programs: `to` is where the tests look for each. */
const PROGRAMS = [
  { to: 'build/promtool', from: 'usr/bin/promtool', package: 'prometheus' },
  { to: 'build/sshd', from: 'usr/sbin/sshd', package: 'openssh-server' },
];

/** Commands that unpack a program in a temporary folder, so that an incomplete file is never in place. */
const unpacking = (program) => `
  mkdir -p build
  folder=$(mktemp -d "$PWD/${program.to}.XXXXXX")
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  apt-get -q download ${program.package}
  dpkg-deb --fsys-tarfile *.deb | tar -x ./${program.from}
  mv ${program.from} ..
`;

/** Unpacks the programs that do not exist. Says so where that fails; the other tests do not need them. */
export function prepareUnpacked() {
  for (const program of PROGRAMS) {
    if (existsSync(join(CLONE, program.to))) continue;
    const failure = unpack(program);
    if (failure === undefined) continue;
    say(`no ${program.to}, so its tests are skipped: ${failure}`);
  }
}

/** @returns the reason if the program is still missing. */
function unpack(program) {
  const { package: name, to } = program;
  if (findProgram('apt-get') === undefined) return `there is no apt-get; put it there`;
  const bytes = downloadBytes(name) ?? (updateLists() ? downloadBytes(name) : undefined);
  if (bytes === undefined) return `apt knows of no package ${name}; run as root: apt-get update`;
  say(`downloading ${to} (${Math.ceil(bytes / BYTES_PER_MB)} MB, from package ${name})`);
  const { status, stderr } = asOwnerRun(['sh', '-ec', unpacking(program)]);
  if (status === 0) return undefined;
  return `'apt-get download ${name}' and unpacking it failed: ${lastLineOf(stderr)}`;
}

/** @returns size of a package, bytes, or undefined where apt's lists do not have it. */
function downloadBytes(name) {
  const { stdout } = asOwnerRun(['apt-get', '-q', 'download', '--print-uris', name]);
  const [, bytes] = /^'[^']+' \S+ (\d+)/m.exec(stdout ?? '') ?? [];
  return bytes === undefined ? undefined : Number(bytes);
}

function updateLists() {
  if (!becomeRoot("update apt's lists")) return false;
  const [program, ...args] = asRoot(['apt-get', '-q', 'update']);
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function asOwnerRun([program, ...args]) {
  return spawnSync(program, args, { ...asOwner(), encoding: 'utf8' });
}

function lastLineOf(text) {
  return text.trim().split('\n').at(-1);
}
