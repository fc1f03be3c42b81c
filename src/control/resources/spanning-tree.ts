/** The spanning tree, as it is shown. */

import type { StpBody, TreeBody } from '../shapes';
import type { TreeState } from '../../stp/tree-state';
import type { TapSwitch } from '../tap-switch';

export async function spanningTreeBody(tapSwitch: TapSwitch): Promise<StpBody> {
  const state = await tapSwitch.treeState();
  const labelOf = (port: number): string => tapSwitch.ports.labelOf(port);
  return state === undefined ? { protocol: 'off' } : treeBody(state, labelOf);
}

function treeBody(state: TreeState, labelOf: (port: number) => string): TreeBody {
  const { rootPort, lastChangePort, ports, ...rest } = state;
  return {
    ...rest,
    ...(rootPort !== undefined && { rootPort: labelOf(rootPort) }),
    ...(lastChangePort !== undefined && { lastChangePort: labelOf(lastChangePort) }),
    ports: ports.map((port) => ({ ...port, port: labelOf(port.port) })),
  };
}
