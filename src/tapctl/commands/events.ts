/** `tapctl events`: events as they happen. */

import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { StartError } from '../../system/start-error';
import type { Context } from '../context';
import { resource } from '../../api/client';

export function addEventsCommand(program: Command, context: Context): void {
  program
    .command('events')
    .description(
      'print events as they happen, one JSON object per line: learn, move, age, port-up, …',
    )
    .action(async () => {
      const events = await context.client.open('GET', resource('events'));
      try {
        await pipeline(events, process.stdout, { end: false });
      } catch (error) {
        // The program has reported the error of standard output already.
        if (events.complete) throw error;
      }
      throw new StartError('the switch has ended');
    });
}
