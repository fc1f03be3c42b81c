/** `tapctl show`: the bridge at a glance. */

import type { Command } from 'commander';
import type { BridgeBody } from '../../control/api/shapes';
import type { Context } from '../context';
import { resource } from '../switch-client';
import { portTable } from './port';

const TOTALS = ['rx-frames', 'rx-bytes', 'tx-frames', 'tx-bytes'];

export function addShowCommand(program: Command, context: Context): void {
  program
    .command('show')
    .description('the bridge at a glance: addresses, ports, totals')
    .option('--config', 'the running state as a configuration file for --config of the switch')
    .action(async ({ config }: { config?: true }) => {
      if (config) return showConfig(context);
      const bridge = await context.client.get<BridgeBody>(resource('bridge'));
      context.print(bridge, (shown) => bridgeLines(shown, context));
    });
}

/** Loads the YAML library only for this. */
async function showConfig(context: Context): Promise<void> {
  const config = await context.client.get<object>(resource('config'));
  const { stringify } = await import('yaml');
  context.print(config, (document) => [stringify(document).trimEnd()]);
}

function bridgeLines(bridge: BridgeBody, context: Context): string[] {
  const { name, mac, version, pid, uptime, addresses, fdb, ports, total } = bridge;
  const limit = fdb.ageing === 0 ? 'hub: nothing is learned' : `ageing ${fdb.ageing} s`;
  return [
    `${context.paint('bold', name)}  ${mac}  version ${version}  pid ${pid}  up ${uptime} s`,
    `fdb  ${fdb.dynamic} of ${fdb.max} learned, ${fdb.static} static, ${limit}`,
    ...addresses.map(({ address, state }) => `address  ${address}  ${state}`),
    `total  ${TOTALS.map((counter) => `${counter} ${total[counter]}`).join('  ')}`,
    '',
    ...portTable(ports, context),
  ];
}
