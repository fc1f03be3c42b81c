/**
 * The default paths of the control socket, for the switch and for tapctl: in the system's folder, or
 * in the user's folder where the switch may not write to the system's.
 */

import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

const SYSTEM_FOLDER = '/run/tapswitch';
const USER_FOLDER = 'tapswitch';

/** Path in the system's folder for the switch of this name. */
export function defaultControlPath(name: string): string {
  return join(SYSTEM_FOLDER, socketName(name));
}

/** Paths at which the switch of this name may listen, the system's folder first. */
export function defaultControlPaths(name: string): string[] {
  return folders().map((folder) => join(folder, socketName(name)));
}

/** Whether only switches use a folder, so that a switch may make it. */
export function isOurFolder(path: string): boolean {
  return folders().includes(path);
}

/**
 * The system's folder, then the one in `$XDG_RUNTIME_DIR`, which belongs to the user alone (XDG Base
 * Directory Specification; it says to ignore a relative path). A folder that is missing is not made: it would
 * not belong to the session.
 */
function folders(): string[] {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const isKnown = runtime !== undefined && isAbsolute(runtime) && existsSync(runtime);
  return [SYSTEM_FOLDER, ...(isKnown ? [join(runtime, USER_FOLDER)] : [])];
}

function socketName(name: string): string {
  return `${name}.sock`;
}
