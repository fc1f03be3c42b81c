/** The neighbour table, for programs. */

import {
  addNeighbour,
  listNeighbours,
  neighbourBody,
  neighbourFilter,
  neighbourRemoval,
  newNeighbour,
  removeNeighbours,
} from '../control/resources/neighbours';
import type { NeighbourBody } from '../control/shapes';
import { type Requests, withKey } from './requests';

export interface NeighbourQuery {
  /** Label of the port: `[KIND:]NAME[@NETNS]`. */
  readonly port?: string | undefined;
  readonly vlan?: number | undefined;
}

export interface NeighbourEntry {
  /** IPv4 or IPv6 address of a host. */
  readonly address: string;
  readonly mac: string;
  /** Port behind which the host is; any without it. */
  readonly port?: string | undefined;
  readonly vlan?: number | undefined;
}

/** Neighbours: addresses of hosts, and their stations. Errors: see `Switch`. */
export class Neighbours {
  /** @internal */
  constructor(private readonly requests: Requests) {}

  /** Bindings with the keys of `ip -s -j neigh show`. */
  list(query?: NeighbourQuery): Promise<NeighbourBody[]> {
    return this.requests.run(neighbourFilter.value, query, async (tapSwitch, wanted) =>
      (await listNeighbours(tapSwitch, wanted)).map((one) => neighbourBody(one, tapSwitch)),
    );
  }

  /** Binds an address to a station permanently, in place of an existing binding. */
  add(neighbour: NeighbourEntry): Promise<void> {
    return this.requests.run(newNeighbour, neighbour, addNeighbour);
  }

  /** Removes a binding, learned or permanent. */
  async remove(address: string, where?: Pick<NeighbourQuery, 'vlan'>): Promise<void> {
    const removal = withKey(where, 'address', address);
    await this.requests.run(neighbourRemoval.value, removal, removeNeighbours);
  }

  /** Forgets the learned bindings that match. @returns the number of bindings */
  flush(query?: NeighbourQuery): Promise<number> {
    return this.requests.run(neighbourFilter.value, query, removeNeighbours);
  }
}
