/**
 * Files of the service for systemd: the unit, and the user that it runs as. They are those of `contrib/`, with the
 * places of Node and of the switch on this machine.
 */

import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../system/package-root';
import { StartError } from '../system/start-error';

/** Places of the two programs, as absolute paths. */
export interface ServicePrograms {
  readonly node: string;
  readonly switchFile: string;
}

/** Where systemd looks for what an administrator has added: systemd.unit(5), sysusers.d(5). */
const UNIT = 'etc/systemd/system/tapswitch@.service';
const USERS = 'etc/sysusers.d/tapswitch.conf';

/** Folders that `ProtectHome=yes` hides: systemd.exec(5). */
const HOMES = /^\/(home|root|run\/user)\//;

/** Files by their paths below the root of a file system. */
export function serviceFiles(programs: ServicePrograms): Readonly<Record<string, string>> {
  const contrib = (name: string): string =>
    readFileSync(join(PACKAGE_ROOT, 'contrib', name), 'utf8');
  return {
    [UNIT]: unitFor(contrib('tapswitch@.service'), programs),
    [USERS]: contrib('tapswitch.sysusers'),
  };
}

/** The unit, with the places of the programs. */
export function unitFor(template: string, { node, switchFile }: ServicePrograms): string {
  const unit = template.replace(
    /^ExecStart=\/usr\/bin\/env node (\S+) \S+/m,
    (_, option: string) => `ExecStart=${quoted(node)} ${option} ${quoted(switchFile)}`,
  );
  const isAtHome = [node, switchFile].some((path) => HOMES.test(path));
  return isAtHome ? unit.replace(/^ProtectHome=yes$/m, 'ProtectHome=read-only') : unit;
}

/**
 * Refuses programs that the user of the service could not read: npm installs for one user into that user's home.
 * @throws StartError
 */
export function requireReadable({ node, switchFile }: ServicePrograms): void {
  for (const path of [node, switchFile]) {
    const closed = foldersOf(path).find(
      (folder) => (statSync(folder).mode & constants.S_IXOTH) === 0,
    );
    if (closed === undefined) continue;
    throw new StartError(
      `${path}: the user tapswitch may not enter ${closed}; install Node and tapswitch for all users: sudo npm install -g ./tapswitch-*.tgz`,
    );
  }
}

/**
 * Writes the files, or none.
 * @returns paths of the files
 * @throws StartError
 */
export function writeServiceFiles(root: string, files: Readonly<Record<string, string>>): string[] {
  const paths = Object.keys(files).map((path) => join(root, path));
  try {
    for (const path of paths) {
      mkdirSync(dirname(path), { recursive: true });
      accessSync(dirname(path), constants.W_OK);
    }
    for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  } catch (error) {
    throw refusal(error);
  }
  return paths;
}

/**
 * Removes the files that exist.
 * @returns their paths
 * @throws StartError
 */
export function removeServiceFiles(root: string): string[] {
  const paths = [UNIT, USERS].map((path) => join(root, path));
  const found = paths.filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
  try {
    for (const path of found) rmSync(path);
  } catch (error) {
    throw refusal(error);
  }
  return found;
}

function refusal(error: unknown): StartError {
  const { path = '', code = '' } = error as NodeJS.ErrnoException;
  const cure = code === 'EACCES' ? '; run it as root: sudo' : '';
  return new StartError(`may not write ${path} (${code})${cure}`);
}

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [...foldersOf(folder), folder];
}

/** A path as one word of a command line: systemd.service(5), COMMAND LINES, and systemd.unit(5), SPECIFIERS. */
function quoted(path: string): string {
  const text = path.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w/.@%$+-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
