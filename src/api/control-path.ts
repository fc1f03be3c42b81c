/**
 * Where a switch listens for its operator, and where tapctl looks for it, when neither was told: in
 * the system's folder, or in the user's for a switch whose user may not write there.
 */

import { isAbsolute, join } from 'node:path';

const SYSTEM_FOLDER = '/run/tapswitch';
const USER_FOLDER = 'tapswitch';

/** Where the switch of this name listens if it may write to the system's folder. */
export function defaultControlPath(name: string): string {
  return join(SYSTEM_FOLDER, socketName(name));
}

/** Where the switch of this name may listen, the system's folder first. */
export function defaultControlPaths(name: string): string[] {
  return folders().map((folder) => join(folder, socketName(name)));
}

/** Whether a folder is there for switches only, and so theirs to make. */
export function isOurFolder(path: string): boolean {
  return folders().includes(path);
}

/**
 * Behind the system's comes that in `$XDG_RUNTIME_DIR`, which is the user's alone (XDG Base Directory
 * Specification; it says to ignore a relative path).
 */
function folders(): string[] {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const isKnown = runtime !== undefined && isAbsolute(runtime);
  return [SYSTEM_FOLDER, ...(isKnown ? [join(runtime, USER_FOLDER)] : [])];
}

function socketName(name: string): string {
  return `${name}.sock`;
}
