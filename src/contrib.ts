/**
 * Files for packagers and editors that are made from the sources: manual pages, completion for bash, and the
 * schema of the configuration file. `npm run contrib` writes them to `dist/contrib`.
 */

import { HELP_BEFORE } from './config/help';
import { switchProgram } from './config/command-line';
import { configFileSchema } from './config/file-schema';
import { PORT_KINDS } from './ports/kinds';
import { packageVersion } from './system/package-version';
import { tapctlCompletion, tapswitchCompletion } from './tapctl/commands/completion';
import { createProgram } from './tapctl/program';
import { manualPage } from './terminal/manual';

/** The control socket, at its two places. */
const SOCKETS = [
  ['/run/tapswitch/NAME.sock', 'the control socket of the switch NAME'],
  ['$XDG_RUNTIME_DIR/tapswitch/NAME.sock', 'the same, of a user who may not write there'],
] as const;

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
      files: SOCKETS,
      seeAlso: ['tapswitch(8)', 'bridge(8)', 'ip-neighbour(8)', 'pcap-filter(7)', 'wireshark(1)'],
    }),
    'tapswitch.8': manualPage(switchProgram(PORT_KINDS), {
      name: 'tapswitch',
      section: 8,
      what: 'userspace Ethernet switch for TAP devices',
      description: HELP_BEFORE.trim().replaceAll('\n', ' '),
      version,
      files: [
        ...SOCKETS,
        ['/etc/tapswitch/NAME.yaml', 'the configuration of the service tapswitch@NAME'],
        ['/dev/net/tun', 'the driver of TAP devices'],
        ['/run/netns', 'network namespaces with names'],
      ],
      seeAlso: ['tapctl(1)', 'ip-tuntap(8)', 'ip-netns(8)', 'bridge(8)', 'systemd(1)'],
    }),
    'tapctl.bash': tapctlCompletion(tapctl),
    'tapswitch.bash': tapswitchCompletion(),
    'config.schema.json': `${JSON.stringify(schema, undefined, 2)}\n`,
  };
}
