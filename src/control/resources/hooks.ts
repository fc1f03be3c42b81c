/** Hooks: what may be asked of them. */

import { isAbsolute } from 'node:path';
import { field, mapping } from '../../config/rule-schema';
import { hookFile, hookName } from '../../config/values/hook-file';
import { type Rule, ValueError } from '../../config/values/rule';
import type { HookBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { MAPPING, inBothForms } from './forms';

/** A path from a client, whose working directory the switch does not know. */
const absoluteFile: Rule<ReturnType<typeof hookFile.fromText>> = {
  ...hookFile,
  fromValue: (value) => {
    const hook = hookFile.fromValue(value);
    if (isAbsolute(value as string)) return hook;
    throw new ValueError('expected an absolute path: the switch has another working directory');
  },
};

export const newHook = mapping(
  { file: field(absoluteFile).describe('absolute path of the module') },
  MAPPING,
).meta({ id: 'NewHook' });

export const namedHook = inBothForms((to, words) => mapping({ name: to(hookName) }, words));

/** Loads a hook, or replaces the one of the same name. @throws RequestError that says why it is refused */
export function addHook(
  tapSwitch: TapSwitch,
  { file }: ReturnType<typeof newHook.parse>,
): Promise<void> {
  return tapSwitch.change(() => tapSwitch.addHook(file));
}

/** Loads the file of a hook again. @throws RequestError if it is refused; the old one stays then */
export function reloadHook(tapSwitch: TapSwitch, name: string): Promise<void> {
  return tapSwitch.change(() => tapSwitch.reloadHook(name));
}

/** @throws RequestError if there is no such hook */
export function removeHook(tapSwitch: TapSwitch, name: string): Promise<void> {
  return tapSwitch.change(() => tapSwitch.removeHook(name));
}

/** Hooks in the order in which frames meet them, and what they have done. */
export async function listHooks(tapSwitch: TapSwitch): Promise<HookBody[]> {
  const hooks = await tapSwitch.hooks();
  return hooks.map(({ counters, ...hook }) => ({
    ...hook,
    counters: counters.map((counter) => ({ ...counter })),
  }));
}
