/** `tapctl trace`: explains what the switch would do with a frame. */

import type { Command } from 'commander';
import type { TraceBody } from '../../control/shapes';
import type { Context } from '../context';
import { resource } from '../../api/client';
import { numberOrText } from '../words';

export function addTraceCommand(program: Command, context: Context): void {
  program
    .command('trace')
    .argument('<PORT>', 'port that the frame comes from')
    .usage('PORT [vlan VID] HEX...')
    .argument(
      '<HEX...>',
      'bytes of the frame from its destination address on, with or without colons',
    )
    .description('show what the switch would do with a frame, and why; it sends and learns nothing')
    .action(async (port: string, words: string[]) => {
      // Also behind the frame, where the other commands take it.
      const at = words.indexOf('vlan');
      const vlan = at < 0 ? undefined : (words[at + 1] ?? '');
      const hex = at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
      const body = {
        port,
        frame: hex.join(''),
        ...(vlan !== undefined && { vlan: numberOrText(vlan) }),
      };
      const trace = await context.client.post<TraceBody>(resource('trace'), body);
      context.print(trace, ({ steps }) => steps.map((step, index) => `${index + 1}. ${step}`));
    });
}
