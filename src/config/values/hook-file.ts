/** A hook: the file of its module. Its name is that of the file without the extension. */

import { parse, resolve } from 'node:path';
import { MAX_HOOKS } from '../../hooks/hooks';
import type { ListLimit } from '../list-limit';
import { type Rule, ValueError, textRule } from './rule';

export interface HookSpec {
  /** Name in tables, events and metrics. No two hooks share it. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
}

const NAME = /^[\w.-]{1,32}$/;

/** Limit of the hooks: the frame path asks one after the other. */
export const HOOK_LIMIT: ListLimit<unknown> = {
  max: MAX_HOOKS,
  groupOf: () => 'hooks',
  limitText: () => `${MAX_HOOKS} hooks at most`,
};

/** Rule of the name of a hook. */
export const hookName: Rule<string> = textRule(
  'the name of a hook: 1 to 32 letters, digits, dots, dashes or underscores',
  (text) => (NAME.test(text) ? text : undefined),
);

/** Rule of the file of a hook. A relative path counts from the working directory. */
export const hookFile: Rule<HookSpec> = textRule(
  'the file of a JavaScript module, such as /etc/tapswitch/firewall.mjs',
  (text) => {
    if (text === '') return undefined;
    const file = resolve(text);
    const { name } = parse(file);
    if (NAME.test(name)) return { name, file };
    throw new ValueError(
      `the name of the hook is that of its file, and ${JSON.stringify(name)} is none: give the file ` +
        'a name of 1 to 32 letters, digits, dots, dashes or underscores',
    );
  },
);
