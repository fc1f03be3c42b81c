/** The VLANs of the ports, for programs. */

import {
  addVlans,
  listVlans,
  newVlans,
  removeVlans,
  vlanFilter,
  vlanRemoval,
} from '../control/resources/vlans';
import type { PortVlansBody } from '../control/shapes';
import type { Requests } from './requests';

export interface VlanEntry {
  readonly port: string;
  /** A VID from 1 to 4094, or a range such as `10-20`. */
  readonly vid: number | string;
  /** Whether untagged frames that the port receives are of this VLAN. */
  readonly pvid?: boolean | undefined;
  /** Whether frames of this VLAN leave the port without a tag. */
  readonly untagged?: boolean | undefined;
}

/** VLANs of one port or all, and of these one VLAN or all. */
export interface VlanQuery {
  readonly port?: string | undefined;
  readonly vid?: number | undefined;
}

/** Memberships of ports in VLANs. Errors: see `Switch`. */
export class Vlans {
  /** @internal */
  constructor(private readonly requests: Requests) {}

  /** VLANs by port, with the keys of `bridge -j vlan show`. */
  list(query?: VlanQuery): Promise<PortVlansBody[]> {
    return this.requests.run(vlanFilter.value, query, listVlans);
  }

  /** Makes a port a member of VLANs. A VID that it has takes the new flags. */
  add(vlans: VlanEntry): Promise<void> {
    return this.requests.run(newVlans, vlans, addVlans);
  }

  /** Ends the membership of a port. */
  remove(vlans: Pick<VlanEntry, 'port' | 'vid'>): Promise<void> {
    return this.requests.run(vlanRemoval.value, vlans, removeVlans);
  }
}
