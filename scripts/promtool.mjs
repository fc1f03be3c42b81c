// promtool, which checks the metrics for Prometheus. Its Debian package has a service, so the package is
// not installed: it is downloaded, and this one program is unpacked. That needs no root.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, asOwner, asRoot, becomeRoot, findProgram, say } from './prepare.mjs';

const PACKAGE = 'prometheus';
const BYTES_PER_MB = 1e6;

/** Path at which the tests look for promtool. */
const PROMTOOL = 'build/promtool';

/** Commands that unpack promtool in a temporary folder, so that an incomplete file is never in place. */
const UNPACK = `
  mkdir -p build
  folder=$(mktemp -d "$PWD/${PROMTOOL}.XXXXXX")
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  apt-get -q download ${PACKAGE}
  dpkg-deb --fsys-tarfile *.deb | tar -x ./usr/bin/promtool
  mv usr/bin/promtool ..
`;

/** Unpacks promtool unless it exists. Says so where that fails; the other tests do not need it. */
export function preparePromtool() {
  if (existsSync(join(CLONE, PROMTOOL))) return;
  const failure = unpack();
  if (failure === undefined) return;
  say(`no promtool, so its test of /metrics is skipped: ${failure}`);
}

/** @returns the reason if promtool is still missing. */
function unpack() {
  if (findProgram('apt-get') === undefined) return `there is no apt-get; put it at ${PROMTOOL}`;
  const bytes = downloadBytes() ?? (updateLists() ? downloadBytes() : undefined);
  if (bytes === undefined) {
    return `apt knows of no package ${PACKAGE}; run as root: apt-get update`;
  }
  say(`downloading promtool (${Math.round(bytes / BYTES_PER_MB)} MB, from package ${PACKAGE})`);
  const { status, stderr } = asOwnerRun(['sh', '-ec', UNPACK]);
  if (status === 0) return undefined;
  return `'apt-get download ${PACKAGE}' and unpacking it failed: ${lastLineOf(stderr)}`;
}

/** @returns size of the package, bytes, or undefined where apt's lists do not have it. */
function downloadBytes() {
  const { stdout } = asOwnerRun(['apt-get', '-q', 'download', '--print-uris', PACKAGE]);
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
