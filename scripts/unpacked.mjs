// Files that the tests need of Debian packages which cannot be installed: those with a service (prometheus,
// which reads the metrics, promtool, which checks them, sshd, the other end of a recipe, systemd-nspawn, in which the service
// runs, and Open vSwitch, a peer for spanning trees),
// and the kernel of a guest. The packages are downloaded, and the files are unpacked. That needs no root.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, asOwner, asRoot, becomeRoot, findProgram, say } from './prepare.mjs';

const BYTES_PER_MB = 1e6;

/**
 * Files that are unpacked. `to` is their place for the tests. A folder gets all files of that pattern; one without the
 * file `has` is of an older list, and is unpacked again.
 */
const FILES = [
  { to: 'build/promtool', from: ['usr/bin/promtool'], package: () => 'prometheus' },
  { to: 'build/prometheus', from: ['usr/bin/prometheus'], package: () => 'prometheus' },
  { to: 'build/sshd', from: ['usr/sbin/sshd'], package: () => 'openssh-server' },
  {
    to: 'build/systemd-nspawn',
    from: ['usr/bin/systemd-nspawn'],
    package: () => 'systemd-container',
  },
  { to: 'build/busybox', from: ['bin/busybox'], package: () => 'busybox-static' },
  {
    to: 'build/open-vswitch/',
    from: [
      'usr/lib/openvswitch-switch/ovs-vswitchd',
      'usr/bin/ovs-vsctl',
      'usr/share/openvswitch/vswitch.ovsschema',
    ],
    package: () => 'openvswitch-switch',
  },
  {
    to: 'build/guest-kernel/',
    from: [
      'boot/vmlinuz-*',
      ...['virtio*', '*failover', 'veth', 'sch_netem'].map((name) => `lib/modules/*/${name}.ko`),
    ],
    has: 'sch_netem.ko',
    package: () => dependencyOf('linux-image-cloud-amd64'),
  },
];

/** Commands that unpack in a temporary folder, so that nothing incomplete is ever in place. */
const unpacking = ({ to, from }, name) => `
  mkdir -p build
  clone=$PWD
  folder=$(mktemp -d "$PWD/build/unpacked.XXXXXX")
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  mkdir all taken
  apt-get -q download ${name}
  dpkg-deb --fsys-tarfile *.deb | tar -x -C all --wildcards ${from.map((file) => `'./${file}'`).join(' ')}
  find all -type f -exec mv -t taken {} +
  ${to.endsWith('/') ? `rm -rf "$clone/${to}"` : ''}
  mv -T ${to.endsWith('/') ? 'taken' : 'taken/*'} "$clone/${to}"
`;

/** Unpacks what does not exist. Says so where that fails; the other tests do not need it. */
export function prepareUnpacked() {
  for (const files of FILES) {
    if (existsSync(join(CLONE, files.to, files.has ?? ''))) continue;
    const failure = unpack(files);
    if (failure !== undefined) {
      say(`no ${join(files.to, files.has ?? '')}, so its tests are skipped: ${failure}`);
    }
  }
}

/** @returns the reason if the files are still missing. */
function unpack(files) {
  if (findProgram('apt-get') === undefined) return 'there is no apt-get; put it there';
  const bytes = downloadBytes(files) ?? (updateLists() ? downloadBytes(files) : undefined);
  const name = files.package();
  if (bytes === undefined) return `apt knows of no package ${name}; run as root: apt-get update`;
  say(`downloading ${files.to} (${Math.ceil(bytes / BYTES_PER_MB)} MB, from package ${name})`);
  const { status, stderr } = asOwnerRun(['sh', '-ec', unpacking(files, name)]);
  if (status === 0) return undefined;
  return `'apt-get download ${name}' and unpacking it failed: ${lastLineOf(stderr)}`;
}

/** The first package that a package without files depends on; that itself where apt does not know. */
function dependencyOf(name) {
  const { stdout } = asOwnerRun(['apt-cache', 'depends', name]);
  return /Depends: (\S+)/.exec(stdout ?? '')?.[1] ?? name;
}

/** @returns size of a package, bytes, or undefined where apt's lists do not have it. */
function downloadBytes(files) {
  const { stdout } = asOwnerRun(['apt-get', '-q', 'download', '--print-uris', files.package()]);
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
