/**
 * Functions of Node that a hook is refused, because they would keep the thread of the data plane waiting, and all ports
 * with it: a system call cannot be ended from outside. They throw at once, and the hook fails on one frame.
 *
 * - Programs and threads: the functions of `child_process`, and `Worker`. Both would also outlive the hook.
 * - Asynchronous functions of `fs` and `dns`: nobody would hear the answer, and the end of the thread waits for them.
 * - Sockets: what the functions do at once (a socket listens, a peer is called) nobody would go on with.
 * - Pipes, sockets and devices as files: opening, reading or writing one may wait for ever.
 * - The end of the process, by a signal to itself among other ways.
 *
 * The functions are replaced in the modules themselves, for CommonJS and ESM alike. This is no cage: a hook has the
 * rights of the switch. It keeps a hook from a wait that its author did not think of.
 */

import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs, { type PathLike, type Stats } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import workerThreads from 'node:worker_threads';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- functions of any kind
type AnyFunction = (...given: any[]) => unknown;
/** A module of Node as an object whose functions can be replaced. */
type Functions = Record<string, unknown>;

const NO_END = 'a hook cannot end the switch';
const NO_PROGRAM = 'a hook cannot start a program: all ports would wait for it';
const NO_THREAD = 'a hook cannot start a thread';
const NO_SOCKET = 'a hook is synchronous, and cannot use sockets';

/** Functions of `fs` that open, read or write what their first argument names: a path or a descriptor. */
const OF_ONE_FILE = [
  ...['openSync', 'readFileSync', 'writeFileSync', 'appendFileSync', 'truncateSync'],
  ...['readSync', 'readvSync', 'writeSync', 'writevSync'],
];
/** Functions of `fs` that read one file and write another. */
const OF_TWO_FILES = ['copyFileSync', 'cpSync'];
/** Asynchronous functions of `fs` that have no synchronous twin. */
const STREAMS = [
  ...['createReadStream', 'createWriteStream', 'ReadStream', 'WriteStream'],
  ...['FileReadStream', 'FileWriteStream', 'openAsBlob'],
];

const { fstatSync, statSync } = fs;

/** Replaces the functions, once and for the thread. */
export function refuseWaits(): void {
  refuseAll(childProcess, NO_PROGRAM);
  refuse(workerThreads, 'Worker', NO_THREAD);
  refuse(net.Socket.prototype, 'connect', NO_SOCKET);
  refuse(net.Server.prototype, 'listen', NO_SOCKET);
  for (const name of ['bind', 'connect', 'send']) refuse(dgram.Socket.prototype, name, NO_SOCKET);
  for (const name of ['lookup', 'lookupService']) refuseAsync(dns, 'dns', name);
  refuseAllAsync(dns.promises, 'dns.promises');
  guardFiles();
  guardProcess();
  syncBuiltinESMExports();
}

function guardFiles(): void {
  const functions = fs as unknown as Functions;
  for (const name of Object.keys(fs)) {
    const twin = `${name}Sync`;
    if (twin in fs) refuse(fs, name, `a hook is synchronous: use fs.${twin}, not fs.${name}`);
  }
  for (const name of STREAMS) refuseAsync(fs, 'fs', name);
  refuseAllAsync(fs.promises, 'fs.promises');
  for (const name of [...OF_ONE_FILE, ...OF_TWO_FILES]) {
    const original = functions[name] as AnyFunction;
    const files = OF_TWO_FILES.includes(name) ? 2 : 1;
    functions[name] = (...given: unknown[]): unknown => {
      for (const file of given.slice(0, files)) requireFile(file);
      return original.apply(fs, given);
    };
  }
}

/** A signal to itself, or to its group, ends the process as much as `process.exit` does. */
function guardProcess(): void {
  const kill = process.kill.bind(process);
  process.kill = (pid, signal): true => {
    if (pid <= 0 || pid === process.pid) throw new Error(NO_END);
    return kill(pid, signal);
  };
  for (const name of ['exit', 'abort']) refuse(process, name, NO_END);
}

/**
 * What is not there may be made, and is a file then. Everything else that is wrong the function says itself.
 * @throws Error for what may keep its reader or writer waiting
 */
function requireFile(file: unknown): void {
  const stats = statsOf(file);
  if (stats === undefined || stats.isFile() || stats.isDirectory()) return;
  const name = typeof file === 'number' ? `descriptor ${file}` : String(file);
  throw new Error(`a hook cannot wait: ${name} is a pipe, a socket or a device`);
}

function statsOf(file: unknown): Stats | undefined {
  try {
    if (typeof file === 'number') return fstatSync(file);
    return statSync(file as PathLike, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

// Replacements ----------------------------------------------------------------------------------

function refuseAll(module: object, why: string): void {
  for (const [name, value] of Object.entries(module)) {
    if (typeof value === 'function') refuse(module, name, why);
  }
}

function refuseAllAsync(module: object, label: string): void {
  for (const [name, value] of Object.entries(module)) {
    if (typeof value === 'function') refuseAsync(module, label, name);
  }
}

function refuseAsync(module: object, label: string, name: string): void {
  refuse(module, name, `a hook is synchronous: nobody would hear the answer of ${label}.${name}`);
}

/** Has a function throw. It may be called with `new`. */
function refuse(module: object, name: string, why: string): void {
  (module as Functions)[name] = function refused(): never {
    throw new Error(why);
  };
}
