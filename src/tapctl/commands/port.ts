/** `tapctl port`: the ports, while frames flow. */

import type { Command } from 'commander';
import type { PortBody } from '../../control/api/shapes';
import type { Colour } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../switch-client';

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
}

export function portTable(ports: readonly PortBody[], context: Context): string[] {
  return context.table(
    ['PORT', 'STATE', 'MTU', 'OFFLOAD'],
    ports.map(({ port, state, mtu, offload }) => [
      port,
      context.paint(COLOUR_OF[state], state),
      mtu,
      offload ? 'on' : 'off',
    ]),
  );
}
