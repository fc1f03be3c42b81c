/** `tapctl port`: the ports, while frames flow. */

import type { Command } from 'commander';
import { parsePortSettings } from '../../config/values/port-spec';
import { ValueError } from '../../config/values/rule';
import { UsageError } from '../../system/usage-error';
import type { PortBody } from '../../api/shapes';
import type { Colour, Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';

const COLOUR_OF: Readonly<Record<PortBody['state'], Colour>> = {
  up: 'green',
  down: 'yellow',
  gone: 'red',
};

export function addPortCommands(program: Command, context: Context): void {
  const port = program.command('port').description('ports, while frames flow');
  port
    .command('show')
    .argument('[PORT]')
    .description('all ports, or one')
    .action(async (label: string | undefined) => {
      const { client } = context;
      if (label === undefined) {
        const ports = await client.get<PortBody[]>(resource('ports'));
        context.print(ports, (shown) => portTable(shown, context));
      } else {
        const shown = await client.get<PortBody>(resource('ports', label));
        context.print(shown, (one) => portTable([one], context));
      }
    });
  port
    .command('add')
    .argument('<SPEC>', 'NAME[@NETNS][,KEY[=VALUE]]..., as on the command line of the switch')
    .description('open a TAP and plug it in')
    .action(async (spec: string) => {
      const added = await context.client.post<PortBody>(resource('ports'), spec);
      context.print(added, (one) => portTable([one], context));
    });
  port
    .command('del')
    .argument('<PORT>')
    .description('let go of a TAP; one that the switch made goes away, unless it persists')
    .action(async (label: string) => {
      await context.client.delete(resource('ports', label));
    });
  port
    .command('set')
    .argument('<PORT>')
    .argument(
      '<KEY=VALUE...>',
      'mtu=N, queue=N, mac=ADDR, owner=USER, group=GROUP, ' +
        'up=, persist=, offload=, trusted=, neigh-suppress=on|off',
    )
    .description('change a port, or its interface')
    .action(async (label: string, texts: string[]) => {
      const settings = usage(() => parsePortSettings(texts));
      const changed = await context.client.patch<PortBody>(resource('ports', label), settings);
      context.print(changed, (one) => portTable([one], context));
    });
}

/** A value that is wrong is a mistake in the usage. */
function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ValueError ? new UsageError(error.message) : error;
  }
}

/** Columns that are shown only where a port differs from what is usual. */
const RARE_COLUMNS: readonly {
  readonly head: string;
  readonly isRare: (port: PortBody) => boolean;
  readonly cell: (port: PortBody) => string;
}[] = [
  {
    head: 'NEIGH-SUPPRESS',
    isRare: (port) => !port['neigh-suppress'],
    cell: (port) => onOff(port['neigh-suppress']),
  },
  {
    head: 'KERNEL-NAME',
    isRare: ({ port, kernelName }) => port.split('@')[0] !== kernelName,
    cell: ({ kernelName }) => kernelName,
  },
];

export function portTable(ports: readonly PortBody[], context: Context): Line[] {
  const rare = RARE_COLUMNS.filter(({ isRare }) => ports.some(isRare));
  return [
    ...context.table(
      ['PORT', 'STATE', 'MTU', 'OFFLOAD', 'TRUSTED', ...rare.map(({ head }) => head)],
      ports.map((body) => [
        body.port,
        { text: body.state, colour: COLOUR_OF[body.state] },
        body.mtu,
        onOff(body.offload),
        onOff(body.trusted),
        ...rare.map(({ cell }) => cell(body)),
      ]),
    ),
    ...ports.flatMap(({ port, problem }) => (problem === undefined ? [] : `${port}: ${problem}`)),
  ];
}

function onOff(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}
