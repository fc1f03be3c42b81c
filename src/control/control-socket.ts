/**
 * Where a switch listens for its operator: a Unix socket that only its owner and group may open.
 *
 * The socket of a switch that was killed is replaced. One behind which somebody answers never is:
 * that is another switch of the same name.
 */

import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { type Server, connect } from 'node:net';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { StartError } from './start-error';

const FOLDER = '/run/tapswitch';
const SOCKET_MODE = 0o660;
/** To chown(2). */
const SAME_OWNER = -1;

/** Where the switch of this name listens, unless told otherwise. */
export function defaultControlPath(name: string): string {
  return `${FOLDER}/${name}.sock`;
}

/**
 * Binds the socket and listens.
 * @param gid of those who may open it besides its owner; the group of the process unless given
 * @throws StartError where a living switch has it, or the system refuses.
 */
export async function listenAt(path: string, server: Server, gid?: number): Promise<void> {
  try {
    if (dirname(path) === FOLDER) mkdirSync(FOLDER, { recursive: true });
    if (await isTaken(path)) {
      throw new StartError(
        `control socket ${path}: another switch answers there; choose another --name or --control`,
      );
    }
    await bind(path, server);
    if (gid !== undefined) chownSync(path, SAME_OWNER, gid);
  } catch (error) {
    throw error instanceof StartError ? error : new StartError(refusalOf(path, error));
  }
}

/** Removes a socket that nobody listens at. @returns whether somebody does */
async function isTaken(path: string): Promise<boolean> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return false;
  if (!status.isSocket()) {
    throw new StartError(`control socket ${path}: something else has that name; choose another`);
  }
  if (await answers(path)) return true;
  unlinkSync(path);
  return false;
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

/** Nobody may slip in between the birth of the socket and its mode: the mask is there from birth. */
function bind(path: string, server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const mask = process.umask(0o777 & ~SOCKET_MODE);
    server.listen(path, () => {
      server.off('error', reject);
      chmodSync(path, SOCKET_MODE);
      resolve();
    });
    process.umask(mask);
  });
}

function refusalOf(path: string, error: unknown): string {
  const folder = dirname(path);
  // libuv calls that EACCES: uv_pipe_bind2, src/unix/pipe.c.
  if (!existsSync(folder)) {
    return `control socket ${path}: there is no folder ${folder}; make it, or choose another --control`;
  }
  const { code = '', errno = 0, message } = error as NodeJS.ErrnoException;
  const [, reason = message] = getSystemErrorMap().get(errno) ?? [];
  if ((error as NodeJS.ErrnoException).syscall === 'chown') {
    return `control socket ${path}: may not be given to --control-group (${code}); name a group of yours, or run with sudo`;
  }
  return `control socket ${path}: ${reason} (${code}); choose another --control, or none`;
}
