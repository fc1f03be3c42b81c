/**
 * The control socket: a Unix socket that only its owner and its group may open. `system/socket-name.ts`
 * says how it gets its name.
 *
 * The socket of a killed switch is replaced. A socket on which a process answers is not: it belongs to
 * another switch of the same name.
 */

import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { type Server, connect } from 'node:net';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { descriptorsExhausted } from '../system/descriptors';
import { isOurFolder } from './control-path';
import { SOCKET_PATH_BYTES_MAX, SocketBirth } from '../system/socket-name';
import { StartError } from '../system/start-error';

const SOCKET_MODE = 0o660;
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
  const birth = new SocketBirth(path);
  try {
    await bind(birth.bindPath, server);
    giveAccess(birth.bindPath, access);
    await claim(path, birth);
    const name = birth.settle();
    // libuv removes the bound name at the end.
    server.once('close', () => birth.close());
    return { path, remove: () => name.remove() };
  } catch (error) {
    server.close();
    birth.abandon();
    throw error;
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

/** Gives the socket its name. No other file may have the name. */
async function claim(path: string, birth: SocketBirth): Promise<void> {
  for (let turn = 0; turn < CLAIMS_MAX; turn++) {
    if (birth.claim()) return;
    const found = birth.lookUp();
    if (found === undefined) continue;
    if (!found.isSocket()) {
      throw new StartError(`control socket ${path}: something else has that name; choose another`);
    }
    if (await answers(birth.place)) break;
    birth.removeStale(found);
  }
  throw new StartError(
    `control socket ${path}: another switch answers there; choose another --name or --control`,
    { code: 'ERR_SWITCH_EXISTS' },
  );
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
