/** `tapctl events`: events as they happen. */

import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { StartError } from '../../system/start-error';
import type { Context } from '../context';
import { eventText } from '../event-text';
import { resource } from '../../api/client';

export function addEventsCommand(program: Command, context: Context): void {
  program
    .command('events')
    .description(
      'print events as they happen: learn, move, age, port-up, …; as text on a terminal, else one JSON object per line',
    )
    .action(async () => {
      const events = await context.client.open('GET', resource('events'));
      try {
        if (context.isForPeople) await printAsText(events);
        else await pipeline(events, process.stdout, { end: false });
      } catch (error) {
        // The program has reported the error of standard output already.
        if (events.complete) throw error;
      }
      throw new StartError('the switch has ended');
    });
}

/** Prints a line of text for each event, until the stream ends. */
async function printAsText(events: IncomingMessage): Promise<void> {
  const lines = createInterface({ input: events });
  // If the switch ends, its answer breaks off with an error.
  events.on('error', () => lines.close());
  for await (const line of lines) process.stdout.write(`${eventText(line)}\n`);
}
