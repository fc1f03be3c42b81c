/** `tapctl show`: an overview of the bridge. */

import type { Command } from 'commander';
import type { ConfigDocument } from '../../config/document';
import type * as formatFileModule from '../../config/format-file';
import type { BridgeBody } from '../../control/shapes';
import type { Line } from '../../terminal/table';
import type { Context } from '../context';
import { resource } from '../../api/client';
import { portTable } from './port';

const TOTALS = ['rx-frames', 'rx-bytes', 'tx-frames', 'tx-bytes'];

export function addShowCommand(program: Command, context: Context): void {
  program
    .command('show')
    .description('show an overview of the bridge: addresses, ports, totals')
    .option('--config', 'print the running configuration as a file for --config of the switch')
    .action(async ({ config }: { config?: true }) => {
      if (config) return showConfig(context);
      const bridge = await context.client.get<BridgeBody>(resource('bridge'));
      context.print(bridge, (shown) => bridgeLines(shown, context));
    });
}

/** Prints the configuration. Only this loads the YAML library. */
async function showConfig(context: Context): Promise<void> {
  const config = await context.client.get<ConfigDocument>(resource('config'));
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { formatConfigFile } = require('../../config/format-file') as typeof formatFileModule;
  context.print(config, (document) => formatConfigFile(document).trimEnd().split('\n'));
}

function bridgeLines(bridge: BridgeBody, context: Context): Line[] {
  const { name, mac, version, pid, uptime, addresses, fdb, ports, total } = bridge;
  const limit = fdb.ageing === 0 ? 'hub: nothing is learned' : `ageing ${fdb.ageing} s`;
  return [
    [{ text: name, colour: 'bold' }, `  ${mac}  version ${version}  pid ${pid}  up ${uptime} s`],
    `fdb  ${fdb.dynamic} of ${fdb.max} learned, ${fdb.static} static, ${limit}`,
    ...addresses.map(({ address, state }) => `address  ${address}  ${state}`),
    `total  ${TOTALS.map((counter) => `${counter} ${total[counter]}`).join('  ')}`,
    '',
    ...portTable(ports, context),
  ];
}
