/** Hooks that an operator has loaded: programs on the frame path, by name. */

import { HOOK_LIMIT, type HookSpec } from '../config/values/hook-file';
import type { DataPlane } from '../dataplane/data-plane';
import type { TracedHookFile } from '../dataplane/trace-order';
import type { HookState } from '../hooks/loaded-hook';
import { RequestError } from '../system/request-error';
import { placeOfSyntaxError } from '../system/syntax-error';
import { readHookFile } from './hook-source';
import { type EntryPorts, StaticEntries, type StaticEntry } from './static-entries';

/** A hook as a static entry. It is bound to no port. */
export type HookEntry = HookSpec & StaticEntry;

/** A syntax error without its line: `describe` in `dataplane/hook-loader.ts`. */
const UNPLACED_SYNTAX_ERROR =
  /^cannot be loaded: SyntaxError: ((?!The requested module).*)(?<! \(line \d+\))$/;

/** What a trace knows of a hook that is loaded. */
type TracedHookState = Pick<HookState, 'name' | 'match' | 'off'> & Pick<HookSpec, 'file'>;

/** Loads hooks from their files, and removes them. */
export class HookFiles {
  /** Files that came over the control socket. */
  private readonly ordered = new Set<string>();
  /** Texts of the hooks that are loaded, by name. */
  private readonly sources = new Map<string, string>();

  constructor(private readonly dataPlane: DataPlane) {}

  /** The table of the hooks. */
  table(ports: EntryPorts): StaticEntries<HookEntry> {
    return new StaticEntries<HookEntry>(ports, {
      ...HOOK_LIMIT,
      key: 'hook',
      identityOf: ({ name }) => name,
      add: async (hook) => {
        await this.load(hook);
        return true;
      },
      remove: (name) => {
        this.sources.delete(name);
        return this.dataPlane.order({ kind: 'remove-hook', name });
      },
    });
  }

  /**
   * Adds a hook whose file comes over the control socket. From then on the file is refused if somebody else could have
   * written it: who may open the socket administers the network, and a hook may do all that the switch may do.
   * @throws RequestError of `add`
   */
  async order({ file }: HookSpec, add: () => Promise<void>): Promise<void> {
    const wasOrdered = this.ordered.has(file);
    this.ordered.add(file);
    try {
      await add();
    } catch (error) {
      if (!wasOrdered) this.ordered.delete(file);
      throw error;
    }
  }

  /** Loads a hook, in place of the one of the same name. @throws RequestError that says why it is refused */
  async load({ name, file }: HookSpec): Promise<void> {
    try {
      const source = readHookFile(file, this.ordered.has(file));
      await this.dataPlane.order({ kind: 'add-hook', name, file, source });
      this.sources.set(name, source);
    } catch (error) {
      const why = await withPlace((error as Error).message, file);
      throw new RequestError('conflict', `hook: ${file}: ${why}`);
    }
  }

  /** The hooks that are on, for a trace. */
  traced(states: readonly TracedHookState[]): TracedHookFile[] {
    const on = states.filter(({ off }) => off === undefined);
    return on.map(({ file, match, name }) => {
      const source = this.sources.get(name);
      return {
        ...{ file, name },
        ...(match !== undefined && { match }),
        ...(source !== undefined && { source }),
      };
    });
  }
}

/** The words for an error, with the place of a syntax error in an ES module, which Node does not tell. */
async function withPlace(why: string, file: string): Promise<string> {
  const [, message] = UNPLACED_SYNTAX_ERROR.exec(why) ?? [];
  if (message === undefined) return why;
  const place = await placeOfSyntaxError(file, message);
  return place === undefined ? why : `${why} (${place})`;
}
