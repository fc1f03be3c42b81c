/** Hooks that an operator has loaded: programs on the frame path, by name. */

import { statSync } from 'node:fs';
import { HOOK_LIMIT, type HookSpec } from '../config/values/hook-file';
import { compileFilter } from '../capture/filter-compiler';
import { frameFilter } from '../capture/frame-filter';
import type { DataPlane } from '../dataplane/data-plane';
import type { HookState } from '../hooks/loaded-hook';
import type { TracedHook } from '../l2/trace';
import { RequestError } from '../system/request-error';
import { type EntryPorts, StaticEntries, type StaticEntry } from './static-entries';

/** Bits of a mode that let the group or everybody write. */
const WRITABLE_BY_OTHERS = 0o022;

/** A hook as a static entry. It is bound to no port. */
export type HookEntry = HookSpec & StaticEntry;

export function hookTable(ports: EntryPorts, dataPlane: DataPlane): StaticEntries<HookEntry> {
  return new StaticEntries<HookEntry>(ports, {
    ...HOOK_LIMIT,
    key: 'hook',
    identityOf: ({ name }) => name,
    add: async (hook) => {
      await loadHook(dataPlane, hook);
      return true;
    },
    remove: (name) => dataPlane.order({ kind: 'remove-hook', name }),
  });
}

/** Loads a hook, in place of the one of the same name. @throws RequestError that says why it is refused */
export async function loadHook(dataPlane: DataPlane, { name, file }: HookSpec): Promise<void> {
  try {
    await dataPlane.order({ kind: 'add-hook', name, file });
  } catch (error) {
    throw new RequestError('conflict', `hook: ${file}: ${(error as Error).message}`);
  }
}

/** The hooks that are on, for a trace. */
export function tracedHooks(
  states: readonly Pick<HookState, 'name' | 'match' | 'off'>[],
): TracedHook[] {
  const on = states.filter(({ off }) => off === undefined);
  return on.map(({ name, match = '' }) =>
    match.trim() === '' ? { name } : { name, accepts: frameFilter(compileFilter(match)) },
  );
}

/**
 * Refuses a file that somebody else could have written. Who may open the control socket administers the network,
 * and a hook may do all that the switch may do.
 * @throws RequestError for a file of another user than root or that of the switch, or one that others may write
 */
export function refuseForeignFile({ file }: HookSpec): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const isForeign = stats.uid !== 0 && stats.uid !== process.geteuid?.();
  if (!isForeign && (stats.mode & WRITABLE_BY_OTHERS) === 0) return;
  const fault = isForeign ? `belongs to the user ${stats.uid}` : 'can be written by others';
  throw new RequestError(
    'conflict',
    `hook: ${file}: ${fault}; a hook runs with the rights of the switch, so its file must belong to ` +
      'root or the user of the switch, and only the owner may write it',
  );
}
