/** `tapctl events`: what happens, as it happens. */

import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { StartError } from '../../system/start-error';
import type { Context } from '../context';
import { resource } from '../../api/client';

export function addEventsCommand(program: Command, context: Context): void {
  program
    .command('events')
    .description('one JSON object a line: learn, move, age, port-up, port-down, …')
    .action(async () => {
      const events = await context.client.open('GET', resource('events'));
      try {
        await pipeline(events, process.stdout, { end: false });
      } catch (error) {
        // The program has said what is wrong with standard output.
        if (events.complete) throw error;
      }
      throw new StartError('the switch has ended, and its events with it');
    });
}
