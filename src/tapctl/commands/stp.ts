/** `tapctl stp`: the spanning tree. */

import type { Command } from 'commander';
import type { StpBody, TreeBody } from '../../control/shapes';
import { resource } from '../../api/client';
import type { Line } from '../../terminal/table';
import type { Context } from '../context';

const HEAD = ['PORT', 'ID', 'ROLE', 'STATE', 'COST', 'EDGE', 'SPEAKS', 'DESIGNATED', 'NOTE'];

export function addStpCommand(program: Command, context: Context): void {
  const group = program.command('stp').description('the spanning tree');
  const show = async (): Promise<void> => {
    const tree = await context.client.get<StpBody>(resource('stp'));
    context.print(tree, (shown) =>
      shown.protocol === 'off' ? ['spanning tree off'] : treeLines(shown, context),
    );
  };
  group.action(show);
  group.command('show').description('show the root, and role and state of each port').action(show);
}

function treeLines(tree: TreeBody, context: Context): Line[] {
  const { protocol, bridgeId, rootId, rootCost, rootPort, ports } = tree;
  const { helloTime, maxAge, forwardDelay, topologyChanges, lastChangeAgo, lastChangePort } = tree;
  const way = rootPort === undefined ? 'this switch is the root' : `port ${rootPort}`;
  const by =
    lastChangePort === undefined ? '' : `, the last ${lastChangeAgo} s ago at ${lastChangePort}`;
  return [
    `protocol ${protocol}`,
    `bridge   ${bridgeId}`,
    `root     ${rootId}  cost ${rootCost}  ${way}`,
    `times    hello ${helloTime} s  max-age ${maxAge} s  forward-delay ${forwardDelay} s`,
    `changes  ${topologyChanges}${by}`,
    '',
    ...context.table(
      HEAD,
      ports.map((port) => [
        ...[port.port, port.portId, port.role, port.state, port.cost],
        ...[port.isEdge ? 'yes' : 'no', port.speaks],
        `${port.designatedBridge} ${port.designatedPort}`,
        port.isShut ? 'shut by bpdu-guard' : '',
      ]),
    ),
  ];
}
