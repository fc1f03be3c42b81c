/** Spanning trees, played from the tables of topologies in `test/conformance`, a second of simulated time a step. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { TreeSettings } from '../../../src/stp/spanning-tree';
import {
  type LinkedBridge,
  type Protocol,
  StpNetwork,
  stateWord,
  treeAddress,
} from '../../support/stp-network';

interface PortAction {
  readonly port: number;
  readonly lan?: string | null;
  readonly enabled?: boolean;
  readonly cost?: number;
  readonly priority?: number;
}

interface Action {
  readonly bridge: string;
  readonly create?: boolean;
  readonly priority?: number;
  readonly ports?: readonly PortAction[];
}

interface ExpectedBridge {
  readonly isRoot: boolean;
  readonly rootId: string;
  readonly rootCost: number;
  readonly rootPort: number | null;
  readonly ports: readonly {
    readonly port: number;
    readonly role: string;
    readonly state: string;
  }[];
}

interface Step {
  readonly actions: readonly Action[];
  readonly runSeconds: number;
  readonly expect: Readonly<Record<string, ExpectedBridge>>;
}

interface Topology {
  readonly id: string;
  readonly bridges: Readonly<
    Record<string, { readonly address: string; readonly initialPriority: number }>
  >;
  readonly steps: readonly Step[];
}

interface Table {
  readonly protocol: Protocol;
  readonly defaults: { readonly portPathCost: number };
  readonly topologies: readonly Topology[];
}

const DEFAULT_PRIORITY = 128;

function tableOf(protocol: Protocol): Table {
  const path = join(__dirname, `../../conformance/${protocol}-topologies.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Table;
}

class Player {
  readonly network = new StpNetwork();
  private readonly settings = new Map<string, TreeSettings>();

  constructor(
    private readonly topology: Topology,
    private readonly cost: number,
    private readonly protocol: Protocol,
  ) {}

  play(step: Step): void {
    for (const action of step.actions) this.act(action);
    for (const { bridge: name, ports } of step.actions) {
      const up = (ports ?? []).filter(({ enabled }) => enabled !== false).map(({ port }) => port);
      if (up.length > 0) this.network.bridge(name).setLinks(up, true);
    }
    this.network.run(step.runSeconds);
  }

  private act({ bridge: name, create, priority, ports = [] }: Action): void {
    if (create === true) this.create(name);
    const bridge = this.network.bridge(name);
    if (priority !== undefined) {
      const settings = { ...(this.settings.get(name) as TreeSettings), priority };
      this.settings.set(name, settings);
      bridge.tree.configure(settings);
    }
    for (const port of ports) this.setPort(bridge, port);
  }

  private create(name: string): void {
    const bridge = this.topology.bridges[name];
    if (bridge === undefined) throw new Error(`the topology has no bridge ${name}`);
    const { address, initialPriority } = bridge;
    const settings: TreeSettings = {
      ...{ protocol: this.protocol, priority: initialPriority },
      ...{ helloTime: 2, maxAge: 20, forwardDelay: 15 },
    };
    this.settings.set(name, settings);
    this.network.add(name, treeAddress(address), settings);
  }

  private setPort(bridge: LinkedBridge, { port: number, lan, cost, priority }: PortAction): void {
    if (!bridge.ports.has(number)) bridge.addPort(number, { priority: DEFAULT_PRIORITY });
    bridge.setLinks([number], false);
    bridge.portOf(number).lan = lan ?? null;
    bridge.tree.configurePort(number, {
      cost: cost ?? this.cost,
      ...(priority !== undefined && { priority }),
    });
  }

  /** State of the bridges, in the form of the table. */
  seen(expected: Step['expect'], protocol: Protocol): Step['expect'] {
    const names = Object.keys(expected);
    return Object.fromEntries(names.map((name) => [name, this.seenOf(name, protocol)]));
  }

  private seenOf(name: string, protocol: Protocol): ExpectedBridge {
    const bridge = this.network.bridge(name);
    const { rootPriority: root, rootPort, isRoot, ports } = bridge.tree;
    if (bridge.tree.endlessCount > 0) throw new Error(`the machines of ${name} did not rest`);
    const address = (root.rootAddress - 0x0200_0000_0000).toString(16).padStart(12, '0');
    return {
      isRoot,
      rootId: `${root.rootPriority.toString(16).padStart(4, '0')}.${address}`,
      rootCost: root.cost,
      rootPort: rootPort?.settings.number ?? null,
      ports: ports.map(({ settings, role }) => ({
        port: settings.number,
        role,
        state: stateWord(bridge, settings.number, protocol),
      })),
    };
  }
}

/** The fields that are compared. The table has further fields about how it was made. */
function comparable(expected: Step['expect']): Step['expect'] {
  return Object.fromEntries(
    Object.entries(expected).map(([name, { isRoot, rootId, rootCost, rootPort, ports }]) => [
      name,
      {
        ...{ isRoot, rootId, rootCost, rootPort },
        ports: ports.map(({ port, role, state }) => ({ port, role, state })),
      },
    ]),
  );
}

/** The same state in the words of RSTP, which has one word for the two states without learning. */
function inWordsOfRstp(expected: Step['expect']): Step['expect'] {
  const text = JSON.stringify(expected);
  return JSON.parse(text.replaceAll('blocking', 'discarding')) as Step['expect'];
}

describe.each<Protocol>(['rstp', 'stp'])('topologies of %s', (protocol) => {
  const { topologies, defaults } = tableOf(protocol);
  const rows = topologies.map((topology) => [topology.id, topology] as const);

  test.each(rows)('%s', (_, topology) => {
    const player = new Player(topology, defaults.portPathCost, protocol);
    for (const step of topology.steps) {
      player.play(step);
      expect(player.seen(step.expect, protocol)).toEqual(comparable(step.expect));
    }
  });

  test.each(rows)('%s, by bridges that speak the other protocol', (_, topology) => {
    const other = protocol === 'stp' ? 'rstp' : 'stp';
    const player = new Player(topology, defaults.portPathCost, other);
    for (const step of topology.steps) {
      player.play(step);
      // Where no time passes, the two differ: STP has begun to listen, RSTP may forward at once.
      if (step.runSeconds === 0) continue;
      expect(player.seen(step.expect, 'rstp')).toEqual(inWordsOfRstp(comparable(step.expect)));
    }
  });
});
