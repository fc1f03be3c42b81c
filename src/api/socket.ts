/**
 * The control socket: a Unix socket that only its owner and its group may open.
 *
 * The switch may be root, and the folder may belong to another user, who can put a link where a file
 * was. So the socket is made in a new folder that nobody else can write to. It gets its owner and its
 * mode there, and its final name afterwards. Folders are held by descriptors; a path is looked up
 * once.
 *
 * The socket of a killed switch is replaced. A socket on which a process answers is not: it belongs to
 * another switch of the same name.
 */

import {
  type Stats,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { type Server, connect } from 'node:net';
import { basename, dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { descriptorsExhausted } from '../system/descriptors';
import { SOCKET_PATH_BYTES_MAX } from '../config/schema';
import { isOurFolder } from './control-path';
import { StartError } from '../system/start-error';

const SOCKET_MODE = 0o660;
/** Names of the socket and of the folder in which it is made. Both are gone when the switch listens. */
const BIRTH_NAME = 'socket';
const BIRTH_FOLDER = '.tapswitch-';
/** Most attempts to claim the name, where two switches of one name start at the same time. */
const CLAIMS_MAX = 5;

/** Owner and group of the socket: they may open it. */
export interface SocketAccess {
  /** User id; the process's user unless given. */
  readonly uid?: number;
  readonly gid?: number;
}

/** The socket under its name. */
export interface ControlSocket {
  readonly path: string;
  /** Removes the name if it still belongs to this socket and the process may remove it. */
  remove(): void;
}

/** An open folder: it stays the same, whatever its path leads to later. */
class Folder {
  readonly fd: number;

  /** @throws NodeJS.ErrnoException, with `ELOOP` or `ENOTDIR` for a link that is not followed */
  constructor(path: string, { followsLink }: { followsLink: boolean }) {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    this.fd = openSync(path, O_RDONLY | O_DIRECTORY | (followsLink ? 0 : O_NOFOLLOW));
  }

  /** A path that leads to this very folder: proc(5). */
  at(name: string): string {
    return `/proc/self/fd/${this.fd}/${name}`;
  }

  close(): void {
    closeSync(this.fd);
  }
}

/**
 * Listens at the first of the paths at which the process may make a socket.
 * @throws StartError where a running switch has the path or the system refuses; see its `cause`.
 */
export async function listenAt(
  paths: readonly string[],
  server: Server,
  access: SocketAccess = {},
): Promise<ControlSocket> {
  let refusal: StartError | undefined;
  for (const path of paths) {
    try {
      return await listenIn(path, server, access);
    } catch (error) {
      refusal = error instanceof StartError ? error : explain(path, error);
      if (!isForbidden(refusal)) throw refusal;
    }
  }
  throw refusal ?? new Error('there is no path to listen at');
}

/** Whether the process may not make a socket there, so that the next path is worth a try. */
export function isForbidden({ cause }: Error): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(
    (cause as NodeJS.ErrnoException | undefined)?.code ?? '',
  );
}

async function listenIn(
  path: string,
  server: Server,
  access: SocketAccess,
): Promise<ControlSocket> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw new StartError(
      `control socket ${path}: at most ${SOCKET_PATH_BYTES_MAX} bytes; choose another --control`,
    );
  }
  if (isOurFolder(dirname(path))) makeFolder(dirname(path));
  const folder = new Folder(dirname(path), { followsLink: true });
  try {
    await bearSocket(path, folder, server, access);
    const ours = lstatSync(folder.at(basename(path)));
    return { path, remove: () => removeName(folder, basename(path), ours) };
  } catch (error) {
    folder.close();
    throw error;
  }
}

/** Makes the socket where nobody else can touch it, then gives it its name. */
async function bearSocket(
  path: string,
  folder: Folder,
  server: Server,
  access: SocketAccess,
): Promise<void> {
  const birthPath = mkdtempSync(folder.at(BIRTH_FOLDER));
  try {
    const birthplace = openOwnFolder(birthPath);
    try {
      await bind(birthplace.at(BIRTH_NAME), server);
      giveAccess(birthplace.at(BIRTH_NAME), access);
      await claim(path, folder, birthplace);
      unlinkSync(birthplace.at(BIRTH_NAME));
      // libuv removes the bound name at the end. Until then, no other folder may get this descriptor.
      server.once('close', () => birthplace.close());
    } catch (error) {
      server.close();
      birthplace.close();
      throw error;
    }
  } finally {
    removeEmptyFolder(birthPath);
  }
}

/** Makes a folder that only switches use, unless it exists. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** @throws NodeJS.ErrnoException, also where another user has put another folder in its place */
function openOwnFolder(path: string): Folder {
  const folder = new Folder(path, { followsLink: false });
  const { uid, mode } = fstatSync(folder.fd);
  if (uid === process.geteuid?.() && (mode & 0o077) === 0) return folder;
  folder.close();
  throw Object.assign(new Error('somebody has put another folder there'), { code: 'EPERM' });
}

/** Removes a folder, but never its content: the name may belong to another folder by now. */
function removeEmptyFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // The folder is not ours, or not empty: then it does not hold the socket.
  }
}

function bind(path: string, server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** @param path path in a folder in which nobody else can change a name */
function giveAccess(path: string, { uid, gid }: SocketAccess): void {
  chmodSync(path, SOCKET_MODE);
  const { uid: ownUid, gid: ownGid } = lstatSync(path);
  if (uid === undefined && gid === undefined) return;
  try {
    chownSync(path, uid ?? ownUid, gid ?? ownGid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(
      `control socket: may not be given to user ${uid ?? ownUid} and group ${gid ?? ownGid} (${code}); ` +
        'name a --control-group of yours, or run with sudo',
    );
  }
}

/** Gives the socket its name. No other file may have the name: link(2) replaces nothing. */
async function claim(path: string, folder: Folder, birthplace: Folder): Promise<void> {
  const place = folder.at(basename(path));
  for (let turn = 0; turn < CLAIMS_MAX; turn++) {
    try {
      linkSync(birthplace.at(BIRTH_NAME), place);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (!found.isSocket()) {
      throw new StartError(`control socket ${path}: something else has that name; choose another`);
    }
    if (await answers(place)) break;
    removeStale(place, found, birthplace);
  }
  throw new StartError(
    `control socket ${path}: another switch answers there; choose another --name or --control`,
  );
}

/** Removes a stale socket. If another switch has taken the name meanwhile, it gets the name back. */
function removeStale(place: string, stale: Stats, birthplace: Folder): void {
  const aside = birthplace.at('stale');
  try {
    renameSync(place, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (!isSame(lstatSync(aside), stale)) linkSync(aside, place);
  unlinkSync(aside);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}

function removeName(folder: Folder, name: string, ours: Stats): void {
  try {
    const found = lstatSync(folder.at(name), { throwIfNoEntry: false });
    if (found !== undefined && isSame(found, ours)) unlinkSync(folder.at(name));
  } catch {
    // The user may not be allowed to remove it. The next switch of that name replaces it.
  } finally {
    folder.close();
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function explain(path: string, error: unknown): StartError {
  const folder = dirname(path);
  if (!existsSync(folder)) {
    return new StartError(
      `control socket ${path}: there is no folder ${folder}; make it, or choose another --control`,
      { cause: error },
    );
  }
  const exhausted = descriptorsExhausted(error);
  if (exhausted !== undefined) {
    return new StartError(`control socket ${path}: ${exhausted}`, { cause: error });
  }
  const { code = '', errno = 0, message } = error as NodeJS.ErrnoException;
  const [, reason = message] = getSystemErrorMap().get(errno) ?? [];
  return new StartError(
    `control socket ${path}: ${reason} (${code}); choose another --control, or none`,
    { cause: error },
  );
}
