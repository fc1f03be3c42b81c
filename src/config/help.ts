/** Texts of `--help` besides the options. */

import { SWITCH_COMMAND } from '../system/command-name';
import type { PortGrammar, PortKeys } from './port-grammar';
import { DEFAULT_KIND } from './values/port-spec';

/** Width of the help in columns, for the options too. */
export const HELP_WIDTH = 80;
/** Least width of the text beside an option, in columns. */
export const HELP_TEXT_WIDTH_MIN = 30;

export const HELP_BEFORE = `\
An Ethernet switch between TAP devices. It learns which station is behind
which port, sends each frame where it belongs, and answers ARP and ping for
addresses of its own.
`;

/** Column at which the text on a port begins. */
const PORT_TEXT_COLUMN = 15;

const NETNS_HELP =
  'the network namespace of the interface: a name as in "ip netns", or a path such as ' +
  '/proc/1234/ns/net. The same NAME may be used in several namespaces.';

/**
 * @param grammar the kinds of port, with the keys of each
 * @param command the switch's command, for the examples
 */
export function helpAfter(grammar: PortGrammar, command = SWITCH_COMMAND): string {
  return `
Ports: [KIND:]NAME[@NETNS][,KEY[=VALUE]]...
${portHelp(grammar)}
${HELP_END.replaceAll('COMMAND', command)}`;
}

function portHelp({ kinds, common }: PortGrammar): string {
  const ofKinds = kinds.flatMap(({ name, placeholder, help, hasNetns, keys }, index) => {
    const head = name === DEFAULT_KIND ? placeholder : `${name}:${placeholder}`;
    const place = hasNetns && index === 0 ? entry('@NETNS', NETNS_HELP) : [];
    return [...entry(head, help), ...place, ...keyHelp(keys)];
  });
  return [...ofKinds, ...keyHelp(common)].join('\n');
}

function keyHelp(keys: PortKeys): string[] {
  return Object.entries(keys)
    .filter(([, { when }]) => when !== 'open')
    .flatMap(([key, { placeholder, help }]) =>
      entry(placeholder === undefined ? key : `${key}=${placeholder}`, help),
    );
}

/** Lines of one entry: a word, and its text in the column beside it. */
function entry(word: string, text: string): string[] {
  const indent = ' '.repeat(PORT_TEXT_COLUMN);
  const lines = wrap(text, HELP_WIDTH - PORT_TEXT_COLUMN);
  const head = `  ${word}`;
  if (head.length + 1 > PORT_TEXT_COLUMN) return [head, ...lines.map((line) => indent + line)];
  return lines.map((line, index) => (index === 0 ? head.padEnd(PORT_TEXT_COLUMN) : indent) + line);
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const HELP_END = `
Configuration file:
  YAML or JSON. The keys are the options without their dashes, and "ports". The
  command line overrides the file; a list there replaces the file's list.

    name: lab
    address: [192.0.2.1/24, 2001:db8::1/64]
    ageing: 60
    offload: false
    ports:
      - tap0,mtu=9000
      - { name: eth0, netns: red, persist: true }

Examples:
  sudo COMMAND tap0 tap1 tap2
  sudo COMMAND --address 192.0.2.1/24 eth0@red eth0@green
  sudo COMMAND --ageing 60 tap0,persist,owner=alice tap1,mtu=9000
  sudo COMMAND --config lab.yaml --log-level debug

Output:
  As soon as every port is open, one line on standard output lists them by the
  kernel's names. On a terminal, one more line says what to do next.

    ready br0 tap0 tap1 tap2

Signals:
  SIGTERM, SIGINT  stop
  SIGHUP           read the configuration file again and apply the difference
  SIGUSR1          print ports and tables to standard error

Exit status:
  0  stopped on request
  1  could not run; the line on standard error says why
  2  wrong usage; the line on standard error says what would be right
`.trimEnd();
