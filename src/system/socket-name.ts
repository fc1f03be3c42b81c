/**
 * The name of a Unix socket, which others may have an interest in: a path in a folder.
 *
 * The switch may be root, and the folder may belong to another user, who can put a link where a file
 * was. So a socket is made in a new folder that nobody else can write to. It gets its owner and its
 * mode there, and its final name afterwards. Folders are held by descriptors; a path is looked up
 * once.
 *
 * What has the name already is replaced only by the caller's decision, and only if it is a socket: the
 * caller asks whether a process answers there.
 */

import {
  type Stats,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';

/** `sun_path` of struct sockaddr_un, without the zero that ends it: unix(7). */
export const SOCKET_PATH_BYTES_MAX = 107;

/** Names of the socket and of the folder in which it is made. Both are gone once it has its name. */
const BIRTH_NAME = 'socket';
const BIRTH_FOLDER = '.tapswitch-';

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

/** A name that a socket of the process has. */
export class SocketName {
  private readonly ours: Stats;

  /** @throws NodeJS.ErrnoException where somebody has removed the name already */
  constructor(
    private readonly folder: Folder,
    private readonly name: string,
  ) {
    this.ours = lstatSync(folder.at(name));
  }

  /** Removes the name if it still belongs to this socket and the process may remove it. */
  remove(): void {
    const path = this.folder.at(this.name);
    try {
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found !== undefined && isSame(found, this.ours)) unlinkSync(path);
    } catch {
      // The user may not be allowed to remove it. The next switch of that name replaces it.
    } finally {
      this.folder.close();
    }
  }
}

/** A socket on its way to its name. Ends by `settle` and `close`, or by `abandon`. */
export class SocketBirth {
  private readonly name: string;
  private readonly folder: Folder;
  private readonly birthPath: string;
  private readonly birthplace: Folder;

  /** @throws NodeJS.ErrnoException where the process may not write to the folder, or there is none */
  constructor(path: string) {
    this.name = basename(path);
    this.folder = new Folder(dirname(path), { followsLink: true });
    try {
      this.birthPath = mkdtempSync(this.folder.at(BIRTH_FOLDER));
      try {
        this.birthplace = openOwnFolder(this.birthPath);
      } catch (error) {
        removeEmptyFolder(this.birthPath);
        throw error;
      }
    } catch (error) {
      this.folder.close();
      throw error;
    }
  }

  /** Where the socket is made: a path in a folder in which nobody else can change a name. */
  get bindPath(): string {
    return this.birthplace.at(BIRTH_NAME);
  }

  /** The path of the final name, in the folder that was found first. */
  get place(): string {
    return this.folder.at(this.name);
  }

  /** What has the name; `undefined` where nothing has. */
  lookUp(): Stats | undefined {
    return lstatSync(this.place, { throwIfNoEntry: false });
  }

  /** Gives the socket its name, if nothing has it: link(2) replaces nothing. @returns whether it has it */
  claim(): boolean {
    try {
      linkSync(this.bindPath, this.place);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Removes a stale socket. If another process has taken the name meanwhile, it gets the name back. */
  removeStale(stale: Stats): void {
    const aside = this.birthplace.at('stale');
    try {
      renameSync(this.place, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    if (!isSame(lstatSync(aside), stale)) linkSync(aside, this.place);
    unlinkSync(aside);
  }

  /** Ends the birth of a socket that has its name. */
  settle(): SocketName {
    const name = new SocketName(this.folder, this.name);
    rmSync(this.bindPath, { force: true });
    removeEmptyFolder(this.birthPath);
    return name;
  }

  /** Lets go of the folder in which the socket was made: no other folder gets its descriptor before. */
  close(): void {
    this.birthplace.close();
  }

  /** Leaves nothing of a socket that gets no name. */
  abandon(): void {
    rmSync(this.bindPath, { force: true });
    this.birthplace.close();
    removeEmptyFolder(this.birthPath);
    this.folder.close();
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

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
