/** What commander complains of, as one line in the project's own way. */

import type { CommanderError } from 'commander';

/** Without its prefix, the suggestion on the same line. */
export function plainComplaint({ message }: CommanderError): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)$/, '; did you mean $1?')
    .replace(/ argument missing$/, ' needs a value');
}
