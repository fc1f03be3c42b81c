/** The spanning tree. */

import { z } from 'zod';
import type { TapSwitch } from '../../control/tap-switch';
import { TREE_STATES, type TreeState } from '../../stp/tree-state';
import type { Api } from '../api';

const portShape = z.object({
  port: z.string(),
  portId: z.string().describe('priority and number of the port: 8001'),
  role: z.enum(['disabled', 'root', 'designated', 'alternate', 'backup']),
  state: z.enum(TREE_STATES),
  cost: z.number(),
  isEdge: z.boolean().describe('no bridge is behind the port'),
  isShut: z.boolean().describe('bpdu-guard has shut the port'),
  speaks: z.enum(['stp', 'rstp']),
  designatedBridge: z.string(),
  designatedPort: z.string(),
  designatedCost: z.number(),
});

const treeShape = z.object({
  protocol: z.enum(['stp', 'rstp']),
  bridgeId: z.string().describe('priority and address: 8000.020000000001'),
  rootId: z.string(),
  rootCost: z.number(),
  rootPort: z.string().optional().describe('absent where the switch is the root'),
  helloTime: z.number().describe('seconds, as the root has it; likewise the next two'),
  maxAge: z.number(),
  forwardDelay: z.number(),
  topologyChanges: z.number(),
  lastChangeAgo: z.number().describe('seconds'),
  lastChangePort: z.string().optional(),
  ports: z.array(portShape),
});

const stpShape = z.union([z.object({ protocol: z.literal('off') }), treeShape]);

export type TreeBody = z.output<typeof treeShape>;
export type StpBody = z.output<typeof stpShape>;

export function stpRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/stp',
    {
      schema: {
        operationId: 'getSpanningTree',
        summary: 'State of the spanning tree',
        response: { 200: stpShape },
      },
    },
    async () => {
      const state = await tapSwitch.treeState();
      const labelOf = (port: number): string => tapSwitch.ports.labelOf(port);
      return state === undefined ? { protocol: 'off' } : treeBody(state, labelOf);
    },
  );
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
