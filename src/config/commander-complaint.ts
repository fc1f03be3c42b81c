/** Complaints of commander, each as one line in the project's own words. */

import type { CommanderError } from 'commander';

/** @returns the complaint without the prefix `error: `, with the suggestion on the same line */
export function plainComplaint({ message }: CommanderError): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)$/, '; did you mean $1?')
    .replace(/ argument missing$/, ' needs a value');
}
