/** `tapctl address`: the switch's own addresses. */

import type { Command } from 'commander';
import type { OwnAddressBody } from '../../control/shapes';
import type { Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';
import { numberOrText, readWords } from '../words';

const ADDRESSES = resource('addresses');

export function addAddressCommands(program: Command, context: Context): void {
  const group = program.command('address').description("the switch's own addresses");
  const show = async (words: readonly string[]): Promise<void> => {
    const { vlan } = readWords(words, { keywords: ['vlan'] });
    const addresses = await context.client.get<OwnAddressBody[]>(ADDRESSES, { vlan });
    context.print(addresses, (shown) => addressTable(shown, context));
  };
  group.action(() => show([]));
  group
    .command('show')
    .usage('[vlan VID]')
    .argument('[WORD...]')
    .description('list the addresses and the states of their claims')
    .action(show);
  group
    .command('add')
    .usage('CIDR [vlan VID]')
    .argument('<CIDR>')
    .argument('[WORD...]')
    .description('start to claim an address')
    .action(async (address: string, words: string[]) => {
      const { vlan } = readWords(words, { keywords: ['vlan'] });
      const inVlan = vlan === undefined ? {} : { vlan: numberOrText(vlan) };
      await context.client.post(ADDRESSES, { address, ...inVlan });
    });
  group
    .command('del')
    .usage('CIDR [vlan VID]')
    .argument('<CIDR>')
    .argument('[WORD...]')
    .description('give up an address')
    .action(async (address: string, words: string[]) => {
      const { vlan } = readWords(words, { keywords: ['vlan'] });
      await context.client.delete(ADDRESSES, { address, vlan });
    });
}

/** The column of VLANs is there only if an address has one. */
function addressTable(addresses: readonly OwnAddressBody[], context: Context): Line[] {
  const hasVlans = addresses.some(({ vlan }) => vlan !== undefined);
  return context.table(
    ['ADDRESS', ...(hasVlans ? ['VLAN'] : []), 'STATE'],
    addresses.map(({ address, vlan, state }) => [
      address,
      ...(hasVlans ? [vlan ?? '-'] : []),
      state,
    ]),
  );
}
