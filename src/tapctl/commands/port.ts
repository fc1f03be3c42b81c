/** `tapctl port`: shows and changes ports while frames flow. */

import type { Command } from 'commander';
import { formatPortValue } from '../../config/port-grammar';
import { splitKind } from '../../config/values/port-spec';
import { ValueError, onOff as onOffRule } from '../../config/values/rule';
import { BRIDGE_KEYS } from '../../ports/bridge-keys';
import { PORT_KINDS } from '../../ports/kinds';
import { UsageError } from '../../system/usage-error';
import type { PortBody } from '../../control/shapes';
import type { Colour, Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';

const COLOUR_OF: Readonly<Record<PortBody['state'], Colour>> = {
  up: 'green',
  down: 'yellow',
  gone: 'red',
};

export function addPortCommands(program: Command, context: Context): void {
  const port = program.command('port').description('ports of a running switch');
  const show = async (label: string | undefined): Promise<void> => {
    const { client } = context;
    if (label === undefined) {
      const ports = await client.get<PortBody[]>(resource('ports'));
      context.print(ports, (shown) => portTable(shown, context));
    } else {
      const shown = await client.get<PortBody>(resource('ports', label));
      context.print(shown, (one) => portTable([one], context));
    }
  };
  port.action(() => show(undefined));
  port.command('show').argument('[PORT]').description('show all ports, or one').action(show);
  port
    .command('add')
    .argument(
      '<SPEC>',
      '[KIND:]NAME[@NETNS][,KEY[=VALUE]]..., as on the command line of the switch',
    )
    .description('open a port and plug it in')
    .action(async (spec: string) => {
      const added = await context.client.post<PortBody | PortBody[]>(resource('ports'), spec);
      context.print(added, (ports) => portTable([ports].flat(), context));
    });
  port
    .command('del')
    .argument('<PORT>')
    .description('remove a port; a TAP that the switch made is deleted, unless it persists')
    .action(async (label: string) => {
      await context.client.delete(resource('ports', label));
    });
  port
    .command('set')
    .argument('<PORT>')
    .argument('<KEY...>', settingsHelp())
    .usage('PORT KEY VALUE...')
    .description(
      'change a port or its interface: most keys of tapswitch(8), and up; KEY=VALUE is the same',
    )
    .action(async (label: string, texts: string[]) => {
      const settings = usage(() => PORT_KINDS.parseSettings(label, settingTexts(texts)));
      const changed = await context.client.patch<PortBody>(resource('ports', label), settings);
      context.print(changed, (one) => portTable([one], context));
    });
}

/** Settings as `KEY=VALUE`: of `mtu 9000` too, in the way of iproute2. */
export function settingTexts(words: readonly string[]): string[] {
  const texts: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const value = word.includes('=') ? undefined : words[at + 1];
    texts.push(value === undefined ? word : `${word}=${value}`);
    if (value !== undefined) at++;
  }
  return texts;
}

/** Turns a ValueError into a UsageError: a wrong value is a mistake in the usage. */
function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  }
}

/** Help on the keys: those of every port, then what each kind has besides: `isolated=on|off, …; tap: mtu=N, …`. */
function settingsHelp(): string {
  const ofKinds = PORT_KINDS.kinds.map((kind) => ({
    name: kind.name,
    texts: Object.entries(PORT_KINDS.liveKeys(kind)).map(
      ([key, { rule, placeholder }]) => `${key}=${rule === onOffRule ? 'on|off' : placeholder}`,
    ),
  }));
  const [first, ...others] = ofKinds.map(({ texts }) => texts);
  const common = (first ?? []).filter((text) => others.every((texts) => texts.includes(text)));
  const own = ofKinds.map(({ name, texts }) => {
    const rest = texts.filter((text) => !common.includes(text));
    return `${name}: ${rest.join(', ')}`;
  });
  return [common.join(', '), ...own].join('; ');
}

interface Column {
  readonly head: string;
  readonly cell: (port: PortBody) => string;
  /** Whether the port has an unusual value. Without this function, the column is always shown. */
  readonly isRare?: (port: PortBody) => boolean;
}

const COLUMNS: readonly Column[] = [
  { head: 'OFFLOAD', cell: ({ offload }) => text(offload) },
  ...[...BRIDGE_KEYS].map(([key, { fallback, isAlwaysShown = false }]): Column => ({
    head: key.toUpperCase(),
    cell: (port) => text(port[key]),
    ...(!isAlwaysShown && { isRare: (port: PortBody) => port[key] !== fallback }),
  })),
  {
    head: 'FAST',
    isRare: ({ fast, kind }) => fast || kind !== 'tap',
    cell: ({ fast, fastObstacle }) => (fast ? 'on' : `off: ${fastObstacle ?? ''}`),
  },
  {
    head: 'ADDRESS',
    isRare: ({ address }) => address !== undefined && address.length > 0,
    cell: ({ address }) => address?.join(' ') || '-',
  },
  { head: 'ORIGIN', cell: ({ origin }) => origin },
  {
    head: 'KERNEL-NAME',
    isRare: ({ port, kernelName }) => {
      const { rest } = splitKind(port);
      return rest !== kernelName && rest.split('@')[0] !== kernelName;
    },
    cell: ({ kernelName }) => kernelName,
  },
];

export function portTable(ports: readonly PortBody[], context: Context): Line[] {
  const columns = COLUMNS.filter(({ isRare }) => isRare === undefined || ports.some(isRare));
  return [
    ...context.table(
      ['PORT', 'STATE', 'MTU', ...columns.map(({ head }) => head)],
      ports.map((body) => [
        body.port,
        { text: body.state, colour: COLOUR_OF[body.state] },
        body.mtu,
        ...columns.map(({ cell }) => cell(body)),
      ]),
    ),
    ...ports.flatMap(({ port, problem }) => (problem === undefined ? [] : `${port}: ${problem}`)),
  ];
}

/** Text of a value, as in `port set`. */
function text(value: unknown): string {
  return value === undefined ? '-' : formatPortValue(value);
}
