/** `tapctl reload`: makes the switch read its configuration file again. */

import type { Command } from 'commander';
import type { Reloaded } from '../../control/reload';
import type { Context } from '../context';
import { resource } from '../../api/client';

export function addReloadCommand(program: Command, context: Context): void {
  program
    .command('reload')
    .description('make the switch read its configuration file again and apply the difference')
    .action(async () => {
      const reloaded = await context.client.post<Reloaded>(resource('reload'));
      context.print(reloaded, (shown) =>
        Object.entries(shown).map(
          ([what, ports]: [string, string[]]) => `${what}: ${ports.join(' ') || 'nothing'}`,
        ),
      );
    });
}
