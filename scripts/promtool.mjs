// promtool, which judges what Prometheus is to scrape. Its Debian package brings a service, and so
// it is not installed: it is downloaded and the one program unpacked, which takes no root.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, asOwner, asRoot, becomeRoot, findProgram, say } from './prepare.mjs';

const PACKAGE = 'prometheus';
const BYTES_PER_MB = 1e6;

/** Where the tests look for it. */
const PROMTOOL = 'build/promtool';

/** In a folder of its own, so that nobody finds half of the program. */
const UNPACK = `
  mkdir -p build
  folder=$(mktemp -d "$PWD/${PROMTOOL}.XXXXXX")
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  apt-get -q download ${PACKAGE}
  dpkg-deb --fsys-tarfile *.deb | tar -x ./usr/bin/promtool
  mv usr/bin/promtool ..
`;

/** Unpacks promtool unless it is there. Where it cannot be had, says so: the rest is not worse for it. */
export function preparePromtool() {
  if (existsSync(join(CLONE, PROMTOOL))) return;
  const failure = unpack();
  if (failure === undefined) return;
  say(`no promtool, so its test of /metrics is skipped: ${failure}`);
}

/** @returns why it is still not there. */
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

/** @returns the size of the package, or undefined where apt's lists do not have it. */
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
