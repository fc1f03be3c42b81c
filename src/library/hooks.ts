/** Hooks, for programs. */

import {
  addHook,
  listHooks,
  namedHook,
  newHook,
  reloadHook,
  removeHook,
} from '../control/resources/hooks';
import type { HookBody } from '../control/shapes';
import type { Requests } from './requests';

export interface HookEntry {
  /**
   * Absolute path of the module; the name of the file without its extension is that of the hook. Only root or the
   * user of the switch may own the file, and nobody else may write it.
   */
  readonly file: string;
}

/** Programs on the frame path, which run in the thread of the data plane. Errors: see `Switch`. */
export class Hooks {
  /** @internal */
  constructor(private readonly requests: Requests) {}

  /** Hooks in the order in which frames meet them, what they have done, and their counters. */
  list(): Promise<HookBody[]> {
    return this.requests.ask(listHooks);
  }

  /** Loads a hook, or replaces the one of the same name. Its counters start at zero. */
  add(hook: HookEntry): Promise<void> {
    return this.requests.run(newHook, hook, addHook);
  }

  /** Loads the file of a hook again. If it is refused, the old hook stays. No frame is lost. */
  reload(name: string): Promise<void> {
    return this.requests.run(namedHook.value, { name }, (tapSwitch, wanted) =>
      reloadHook(tapSwitch, wanted.name),
    );
  }

  remove(name: string): Promise<void> {
    return this.requests.run(namedHook.value, { name }, (tapSwitch, wanted) =>
      removeHook(tapSwitch, wanted.name),
    );
  }
}
