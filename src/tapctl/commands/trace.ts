/** `tapctl trace`: explains what the switch would do with a frame. */

import type { Command } from 'commander';
import type { TraceBody } from '../../api/shapes';
import type { Context } from '../context';
import { resource } from '../../api/client';

export function addTraceCommand(program: Command, context: Context): void {
  program
    .command('trace')
    .argument('<PORT>', 'port that the frame comes from')
    .argument(
      '<HEX...>',
      'bytes of the frame from its destination address on, with or without colons',
    )
    .description('show what the switch would do with a frame, and why; it sends and learns nothing')
    .action(async (port: string, hex: string[]) => {
      const body = { port, frame: hex.join('') };
      const trace = await context.client.post<TraceBody>(resource('trace'), body);
      context.print(trace, ({ steps }) => steps.map((step, index) => `${index + 1}. ${step}`));
    });
}
