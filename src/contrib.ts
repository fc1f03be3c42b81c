/**
 * Files for packagers and editors that are made from the sources: manual pages, completion for bash, and the
 * schema of the configuration file. `npm run contrib` writes them to `dist/contrib`.
 */

import { switchProgram } from './config/command-line';
import { configFileSchema } from './config/file-schema';
import { PORT_KINDS } from './ports/kinds';
import { packageVersion } from './system/package-version';
import { tapctlCompletion } from './tapctl/commands/completion';
import { createProgram } from './tapctl/program';
import { manualPage } from './terminal/manual';

/** @returns the texts of the files, by name. */
export function contribFiles(): Readonly<Record<string, string>> {
  const version = packageVersion();
  const tapctl = createProgram();
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of tapswitch',
    ...configFileSchema(PORT_KINDS),
  };
  return {
    'tapctl.1': manualPage(tapctl, {
      name: 'tapctl',
      section: 1,
      what: 'show and control a running Ethernet switch',
      version,
    }),
    'tapswitch.8': manualPage(switchProgram(PORT_KINDS), {
      name: 'tapswitch',
      section: 8,
      what: 'userspace Ethernet switch for TAP devices',
      version,
    }),
    'tapctl.bash': tapctlCompletion(tapctl),
    'config.schema.json': `${JSON.stringify(schema, undefined, 2)}\n`,
  };
}
