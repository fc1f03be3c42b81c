/** `tapctl hook`: programs on the frame path. */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { HookBody } from '../../control/shapes';
import { resource } from '../../api/client';
import type { Context } from '../context';

const HOOKS = resource('hooks');
const RELOAD = resource('hooks', 'reload');

const EXAMPLES = `
A hook is a module of JavaScript that decides about frames: docs/hooks.md. Its
name is that of the file without the extension.

Examples:
  tapctl hook add /etc/tapswitch/firewall.mjs
  tapctl hook reload firewall
`.trimEnd();

export function addHookCommands(program: Command, context: Context): void {
  const group = program.command('hook').description('programs on the frame path');
  const show = async (): Promise<void> => {
    const hooks = await context.client.get<HookBody[]>(HOOKS);
    context.print(hooks, (shown) => [
      ...context.table(
        ['NAME', 'STATE', 'FRAMES', 'EDITED', 'TO PORTS', 'DROPPED', 'SENT', 'FAILED', 'MATCH'],
        shown.map(({ name, off, frames, edited, redirected, dropped, sent, failures, match }) => [
          ...[name, off === undefined ? 'on' : 'off', frames, edited, redirected],
          ...[dropped, sent, failures, match ?? 'every frame'],
        ]),
      ),
      ...shown.flatMap(detailsOf),
    ]);
  };
  group.action(show);
  group
    .command('show')
    .description('list the hooks, what they have done, and their counters')
    .action(show);
  group
    .command('add')
    .argument('<FILE>')
    .description('load a hook, or replace the one of the same name')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string) => {
      await context.client.post(HOOKS, { file: resolve(file) });
    });
  group
    .command('del')
    .argument('<NAME>')
    .description('remove a hook')
    .action(async (name: string) => {
      await context.client.delete(HOOKS, { name });
    });
  group
    .command('reload')
    .argument('<NAME>')
    .description(
      'load the file of a hook again; no frame is lost, and if it fails, the old one stays',
    )
    .action(async (name: string) => {
      await context.client.post(RELOAD, { name });
    });
}

/** What the table of hooks has no column for: counters, and what went wrong. */
function detailsOf({ name, off, failure, counters }: HookBody): string[] {
  return [
    ...(off === undefined ? [] : [`${name}: off: ${off}`]),
    ...(failure === undefined ? [] : [`${name}: failed: ${failure}`]),
    ...counters.map(({ name: counter, label, value }) =>
      [`${name}: ${counter}`, label, String(value)].filter(Boolean).join(' '),
    ),
  ];
}
