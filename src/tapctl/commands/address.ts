/** `tapctl address`: the switch's own addresses. */

import type { Command } from 'commander';
import type { OwnAddressBody } from '../../api/shapes';
import type { Context } from '../context';
import { resource } from '../../api/client';

const ADDRESSES = resource('addresses');

export function addAddressCommands(program: Command, context: Context): void {
  const group = program.command('address').description("the switch's own addresses");
  const show = async (): Promise<void> => {
    const addresses = await context.client.get<OwnAddressBody[]>(ADDRESSES);
    context.print(addresses, (shown) =>
      context.table(
        ['ADDRESS', 'STATE'],
        shown.map(({ address, state }) => [address, state]),
      ),
    );
  };
  group.action(show);
  group
    .command('show')
    .description('list the addresses and the states of their claims')
    .action(show);
  group
    .command('add')
    .argument('<CIDR>')
    .description('start to claim an address')
    .action(async (address: string) => {
      await context.client.post(ADDRESSES, { address });
    });
  group
    .command('del')
    .argument('<CIDR>')
    .description('give up an address')
    .action(async (address: string) => {
      await context.client.delete(ADDRESSES, { address });
    });
}
