/** Reads the file of a hook. */

import {
  type Stats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs';

/** 1 MiB: far longer than a program that anybody writes by hand. */
const FILE_MAX_BYTES = 2 ** 20;

/** Bits of a mode that let the group or everybody write. */
const WRITABLE_BY_OTHERS = 0o022;

/** Errors of the system that a missing or closed file causes. */
const READ_ERRORS: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'the switch may not read it'],
]);

/**
 * Reads the file of a hook. What it is and to whom it belongs is asked of the open file, so that nobody can put another one
 * in its place.
 * @param isOrdered whether it must belong to root or the user of the switch, and only the owner may write it
 * @throws Error with one line that says what is wrong
 */
export function readHookFile(file: string, isOrdered: boolean): string {
  let descriptor: number | undefined;
  try {
    requireProgram(statSync(file));
    // The path may name another file by now. The flags have no effect on a regular file.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = fstatSync(descriptor);
    requireProgram(stats);
    if (isOrdered) refuseForeign(stats);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(READ_ERRORS.get(code) ?? message, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** @throws Error for what is no file: reading a FIFO or a device may never end */
function requireProgram(stats: Stats): void {
  if (stats.isDirectory()) throw new Error('it is a folder');
  if (!stats.isFile()) throw new Error('it is a pipe, a socket or a device; expected a file');
  if (stats.size > FILE_MAX_BYTES) throw new Error(`longer than ${FILE_MAX_BYTES} bytes`);
}

/** @throws Error for a file of another user than root or that of the switch, or one that others may write */
function refuseForeign({ mode, uid }: Stats): void {
  const isForeign = uid !== 0 && uid !== process.geteuid?.();
  if (!isForeign && (mode & WRITABLE_BY_OTHERS) === 0) return;
  const fault = isForeign ? `belongs to the user ${uid}` : 'can be written by others';
  throw new Error(
    `${fault}; a hook runs with the rights of the switch, so its file must belong to ` +
      'root or the user of the switch, and only the owner may write it',
  );
}
