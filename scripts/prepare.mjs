// Prepares a clone: system packages, the packages of npm, the addon, the compiled TypeScript. The
// commands in this folder share it.
//
// Rules for all steps:
// - Nothing is done twice. A stamp beside each result holds a hash of its inputs; a second run compares
//   hashes and does nothing.
// - Only system packages need root. Files in the clone are written by the clone's owner, also when root
//   runs the command, so that no file changes its owner.
// - A step that fails ends the command with one line that says what to do.
// - No dependencies: this file runs before `npm ci`.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the clone. */
export const CLONE = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/**
 * System packages by Debian's name, each with a program that it installs. A bare name is looked up
 * like a command; a path must exist. The paths are there because two packages have a command `arping`,
 * and a version manager may put another `python3` first. The tests run these programs by their paths.
 */
export const BUILD_PACKAGES = { 'g++': 'g++', make: 'make', cmake: 'cmake' };
export const START_PACKAGES = { ...BUILD_PACKAGES, iproute2: 'ip' };
export const TEST_PACKAGES = {
  ...START_PACKAGES,
  'arp-scan': 'arp-scan',
  bpftool: 'bpftool',
  'clang-format': 'clang-format',
  'dnsmasq-base': 'dnsmasq',
  'g++-aarch64-linux-gnu': 'aarch64-linux-gnu-g++',
  iperf3: 'iperf3',
  'iputils-arping': '/usr/bin/arping',
  'iputils-ping': 'ping',
  ndisc6: 'ndisc6',
  'netsniff-ng': 'trafgen',
  nftables: 'nft',
  'openssh-client': 'ssh',
  'openvswitch-common': 'ovsdb-server',
  procps: 'pgrep',
  python3: '/usr/bin/python3',
  'python3-scapy': 'scapy',
  'qemu-system-x86': 'qemu-system-x86_64',
  'qemu-user': 'qemu-aarch64',
  socat: 'socat',
  systemd: 'systemd-analyze',
  tcpdump: 'tcpdump',
  tshark: 'tshark',
  udhcpc: 'udhcpc',
  vde2: 'vde_switch',
  vpcs: 'vpcs',
  'wireguard-go': 'wireguard-go',
  'wireguard-tools': 'wg',
};

/** Compilers for the processors for which the package has an addon. */
export const CROSS_COMPILERS = { x64: 'x86_64-linux-gnu-g++', arm64: 'aarch64-linux-gnu-g++' };

/** Targets that the tests need. */
export const TEST_TARGETS = [
  ...['dependencies', 'addon', 'addon-asan', 'typescript'],
  ...(process.arch === 'x64' ? ['addon-arm64'] : []),
];

/** Targets of `build`. */
export const TARGETS = {
  dependencies: installDependencies,
  addon: () => buildAddon({ out: 'build' }),
  /** The addon and its own tests, with sanitizers. */
  'addon-asan': () =>
    buildAddon({
      out: 'build-asan',
      tests: ['test/addon'],
      options: ['--CDTAPSWITCH_SANITIZE=ON', '--CDTAPSWITCH_TESTS=ON'],
    }),
  'addon-x64': () => crossCompileAddon('x64'),
  'addon-arm64': () => crossCompileAddon('arm64'),
  typescript: compileTypeScript,
  bench: compileBench,
  'bench-programs': buildBenchPrograms,
};

/** Inputs of every build: the versions of the tools, and the commands in this file. */
const EVERY_BUILD = ['package-lock.json', 'scripts/prepare.mjs'];

/** Oldest Node that the tools for the sources run on: eslint asks for it. */
const OLDEST_NODE = [20, 19];

/** Scripts that make the bundles of the programs. */
const BUNDLERS = ['scripts/bundle.mjs', 'scripts/bytecode.mjs'];

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** A failure that the user can do something about: printed as one line, without a stack. */
export class PrepareError extends Error {}

/** Progress goes to standard error: standard output belongs to the switch and to the tests. */
export function say(text) {
  process.stderr.write(`tapswitch: ${text}\n`);
}

export const isRoot = () => process.getuid() === 0;

/** Runs `main` and turns a PrepareError into one line and exit status 1. */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

/** Whether a command can run as root, for the given purpose. sudo may ask for a password. */
export function becomeRoot(purpose) {
  if (isRoot()) return true;
  if (findProgram('sudo') === undefined) return false;
  say(`using sudo to ${purpose}`);
  return spawnSync('sudo', ['true'], { stdio: ['inherit', 2, 2] }).status === 0;
}

/** The command line that runs `command` as root. Call `becomeRoot` first. */
export const asRoot = (command) => (isRoot() ? command : ['sudo', '--', ...command]);

/** Options of spawn that run a process as the clone's owner. They change something only for root. */
export function asOwner() {
  const { uid, gid } = statSync(CLONE);
  if (!isRoot() || uid === 0) return { cwd: CLONE };
  // npm passes its settings (root's cache, root's .npmrc) to its children in npm_* variables.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')),
  );
  const [name, , , , , home] = readPasswordEntry(uid);
  return { cwd: CLONE, uid, gid, env: { ...env, HOME: home, USER: name, LOGNAME: name } };
}

/** Installs the packages whose program is missing. */
export function installPackages(packages) {
  const missing = Object.keys(packages).filter((name) => !isInstalled(packages[name]));
  if (missing.length === 0) return;
  const cure = `run as root: apt-get install -y ${missing.join(' ')}`;
  if (findProgram('apt-get') === undefined) {
    const programs = missing.map((name) => packages[name]).join(', ');
    throw new PrepareError(`there is no apt-get; install packages with the programs ${programs}`);
  }
  say(`installing system packages: ${missing.join(' ')}`);
  if (!becomeRoot('install them')) {
    throw new PrepareError(`no sudo, so the packages are not installed; ${cure}`);
  }
  const aptGet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y'];
  const options = ['-o', 'DPkg::Lock::Timeout=120'];
  // Ignores a failed update: the installation fails if the old lists are not good enough.
  runStep(asRoot([...aptGet, 'update']));
  const install = [...aptGet, ...options, 'install', '--no-install-recommends', ...missing];
  const failure = runStep(asRoot(install));
  if (failure !== undefined) {
    process.stderr.write(failure);
    throw new PrepareError(`the packages could not be installed; ${cure}`);
  }
}

/** Builds the targets that are out of date (names of TARGETS, in order), as the clone's owner. */
export function build(targets) {
  requireNode();
  const owner = asOwner();
  if (owner.uid === undefined) {
    for (const target of targets) TARGETS[target]();
    return;
  }
  const builder = join(CLONE, 'scripts/build.mjs');
  const { status } = spawnSync(process.execPath, [builder, ...targets], {
    ...owner,
    stdio: ['ignore', 2, 2],
  });
  // The builder has printed the reason.
  if (status !== 0) process.exit(1);
}

function installDependencies() {
  make({
    what: 'npm packages',
    stamp: 'node_modules/.tapswitch-stamp',
    from: ['package-lock.json'],
    steps: [['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund']],
  });
}

function buildAddon({ out, tests = [], options = [] }) {
  make({
    what: `addon (${out}/)`,
    stamp: `${out}/.tapswitch-stamp`,
    from: [...EVERY_BUILD, 'addon', ...tests, 'CMakeLists.txt'],
    steps: [['node', 'node_modules/cmake-js/bin/cmake-js', 'compile', '--out', out, ...options]],
  });
}

/** The addon for another processor, with Debian's cross compiler. The package has it: see prebuild.mjs. */
function crossCompileAddon(arch) {
  make({
    what: `addon for ${arch} (build/${arch}/)`,
    stamp: `build/${arch}/.tapswitch-stamp`,
    from: [...EVERY_BUILD, 'addon', 'scripts/compile-addon.mjs'],
    steps: [['node', 'scripts/cross-compile.mjs', arch]],
  });
}

/**
 * Compiles into a new folder, then replaces dist/. So an error leaves the last good dist/ in place, the
 * output of a removed source disappears, and two runs at once do not mix their outputs.
 */
function compileTypeScript() {
  const fresh = `dist.new-${process.pid}`;
  make({
    what: 'TypeScript (dist/)',
    stamp: 'dist/.tapswitch-stamp',
    from: [...EVERY_BUILD, ...BUNDLERS, 'src', 'tsconfig.json', 'tsconfig.build.json'],
    // The bytecode is that of one version of Node.
    fromTools: process.version,
    steps: [
      ['node', 'node_modules/.bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh],
      ['node', 'scripts/bundle.mjs', fresh],
      () => {
        rmSync(join(CLONE, 'dist'), { recursive: true, force: true });
        renameSync(join(CLONE, fresh), join(CLONE, 'dist'));
      },
      // Bytecode has the path of its source in it, so that it comes after the renaming.
      ['node', 'scripts/bytecode.mjs'],
    ],
  });
}

function compileBench() {
  make({
    what: 'benchmark (build/bench/)',
    stamp: 'build/bench/.tapswitch-stamp',
    from: [...EVERY_BUILD, 'bench', 'tsconfig.json'],
    steps: [['node', 'node_modules/.bin/tsc', '-p', 'bench/tsconfig.json']],
  });
}

function buildBenchPrograms() {
  make({
    what: 'C programs of the benchmark (build/bench/)',
    stamp: 'build/bench/.programs-stamp',
    from: [...EVERY_BUILD, 'bench', 'addon'],
    steps: [['make', '--silent', '-C', 'bench']],
  });
}

/** Takes the steps, which are commands or functions, unless `stamp` shows that it was done for the same inputs. */
function make({ what, stamp, from, fromTools = '', steps }) {
  const stampPath = join(CLONE, stamp);
  const wanted = `${hashOf(from)}${fromTools}`;
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return;
  requireWritable();
  say(`building ${what}`);
  for (const step of steps) {
    const failure = typeof step === 'function' ? step() : runStep(step);
    if (failure === undefined) continue;
    process.stderr.write(failure);
    throw new PrepareError(`${what}: '${step.join(' ')}' in ${CLONE} failed`);
  }
  writeFileSync(stampPath, wanted);
}

/** Runs a command in the clone without showing its output; returns the output if it fails. */
function runStep([program, ...args]) {
  const result = spawnSync(program === 'node' ? process.execPath : program, args, {
    cwd: CLONE,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  if (result.status === 0) return undefined;
  return result.error ? `${result.error.message}\n` : `${result.stdout}${result.stderr}`;
}

/** Hash of the names and contents of files and folders, and of the platform. */
function hashOf(paths) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const path of paths.flatMap(filesUnder)) {
    hash.update(`\0${path}\0`).update(readFileSync(join(CLONE, path)));
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!statSync(join(CLONE, path)).isDirectory()) return [path];
  return readdirSync(join(CLONE, path))
    .sort()
    .flatMap((name) => filesUnder(`${path}/${name}`));
}

function isInstalled(program) {
  return program.startsWith('/') ? existsSync(program) : findProgram(program) !== undefined;
}

/** Path of a program, also in the folders of root's PATH, or undefined. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), ...SYSTEM_PATH];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readPasswordEntry(uid) {
  const { stdout } = spawnSync('getent', ['passwd', String(uid)], { encoding: 'utf8' });
  if (!stdout) throw new PrepareError(`${CLONE} belongs to user id ${uid}, who has no account`);
  return stdout.trim().split(':');
}

function requireWritable() {
  try {
    accessSync(CLONE, constants.W_OK);
  } catch {
    const [name] = readPasswordEntry(statSync(CLONE).uid);
    throw new PrepareError(`${CLONE} is not yours to build in; run this as ${name}`);
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  const oldest = OLDEST_NODE.join('.');
  throw new PrepareError(
    `Node ${process.versions.node} is too old; install Node ${oldest} or newer`,
  );
}
