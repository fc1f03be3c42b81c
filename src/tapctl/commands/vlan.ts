/** `tapctl vlan`: the VLANs of the ports, with the keywords of `bridge vlan`. */

import type { Command } from 'commander';
import type { PortVlansBody } from '../../control/shapes';
import { UsageError } from '../../system/usage-error';
import type { Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';
import { readWords } from '../words';

const VLANS = resource('vlans');

type PortVlan = PortVlansBody['vlans'][number];

export function addVlanCommands(program: Command, context: Context): void {
  const vlan = program.command('vlan').description('the VLANs of the ports');
  const show = async (words: readonly string[]): Promise<void> => {
    const { dev: port, vid } = readWords(words, { keywords: ['dev', 'vid'] });
    const ports = await context.client.get<PortVlansBody[]>(VLANS, { port, vid });
    context.print(ports, (shown) => vlanTable(shown, context));
  };
  vlan.action(() => show([]));
  vlan
    .command('show')
    .usage('[vid VID] [dev PORT]')
    .argument('[WORD...]')
    .description('list the VLANs of all ports, or of one; with a VID, the members of that VLAN')
    .action(show);
  vlan
    .command('add')
    .usage('vid VID[-VID] dev PORT [pvid] [untagged]')
    .argument('[WORD...]')
    .description(
      'make a port a member of VLANs; pvid: of the untagged frames that it receives, untagged: without a tag',
    )
    .action(async (words: string[]) => {
      const spoken = readWords(words, { keywords: ['vid', 'dev'], flags: ['pvid', 'untagged'] });
      const { vid, dev: port } = spoken;
      if (vid === undefined || port === undefined) {
        throw new UsageError('needs a VLAN and a port: vlan add vid VID dev PORT');
      }
      const flags = {
        ...(spoken.pvid && { pvid: true }),
        ...(spoken.untagged && { untagged: true }),
      };
      await context.client.post(VLANS, { vid, port, ...flags });
    });
  vlan
    .command('del')
    .usage('vid VID[-VID] dev PORT')
    .argument('[WORD...]')
    .description('end the membership of a port in VLANs')
    .action(async (words: string[]) => {
      const { vid, dev: port } = readWords(words, { keywords: ['vid', 'dev'] });
      if (vid === undefined || port === undefined) {
        throw new UsageError('needs a VLAN and a port: vlan del vid VID dev PORT');
      }
      await context.client.delete(VLANS, { vid, port });
    });
}

function vlanTable(ports: readonly PortVlansBody[], context: Context): Line[] {
  const hasGroups = ports.some(({ vlans }) => vlans.some((vlan) => 'mcast_n_groups' in vlan));
  const columns = ['PORT', 'VLAN', 'FLAGS', ...(hasGroups ? ['GROUPS'] : [])];
  return context.table(
    columns,
    ports.flatMap(({ ifname, vlans }) =>
      vlans.length === 0
        ? [[ifname, 'none', '', ''].slice(0, columns.length)]
        : vlans.map((vlan) => [
            ifname,
            vlan.vlanEnd === undefined ? String(vlan.vlan) : `${vlan.vlan}-${vlan.vlanEnd}`,
            (vlan.flags ?? []).join(', '),
            ...(hasGroups ? [groupsText(vlan)] : []),
          ]),
    ),
  );
}

/** Number of groups that a port has joined in a VLAN, and the limit where there is one: `2 of 3`. */
function groupsText({ mcast_n_groups: count = 0, mcast_max_groups: max = 0 }: PortVlan): string {
  return max === 0 ? String(count) : `${count} of ${max}`;
}
