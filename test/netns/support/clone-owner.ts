/** Commands as the owner of the clone, for what they leave in it. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './command';

const CLONE = join(__dirname, '../../..');

const AS_USER =
  'uid=$1 gid=$2; shift 2; export HOME="$(getent passwd "$uid" | cut -d: -f6)"; ' +
  'exec setpriv --reuid="$uid" --regid="$gid" --clear-groups "$@"';

/**
 * Words in front of a command that run it as the owner of the clone: root could leave files there that the owner can
 * neither write nor remove.
 */
export function asCloneOwner(): Command {
  const { uid, gid } = statSync(CLONE);
  return uid === 0 ? [] : ['sh', '-c', AS_USER, 'sh', String(uid), String(gid)];
}
