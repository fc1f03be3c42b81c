/** The table of multicast groups, for programs. */

import {
  addGroup,
  groupRemoval,
  listGroups,
  newGroup,
  removeGroups,
} from '../control/resources/groups';
import { portFilter } from '../control/resources/stats';
import type { MdbBody } from '../control/shapes';
import { type Requests, withKey } from './requests';

export interface GroupEntry {
  readonly port: string;
  /** Address of the group: IPv4, IPv6 or MAC. */
  readonly group: string;
  readonly source?: string | undefined;
  /** `temp`, by default, ages; `permanent` does not. */
  readonly state?: 'permanent' | 'temp' | undefined;
  readonly vlan?: number | undefined;
  readonly filter_mode?: 'include' | 'exclude' | undefined;
  readonly source_list?: readonly string[] | undefined;
  /** Whether the entry takes the place of the present one. */
  readonly replace?: boolean | undefined;
}

export type GroupQuery = Partial<Pick<GroupEntry, 'port' | 'vlan' | 'state'>>;

/** Members of multicast groups, as IGMP and MLD tell them, and as a program adds them. Errors: see `Switch`. */
export class Groups {
  /** @internal */
  constructor(private readonly requests: Requests) {}

  /** The table, with the keys of `bridge -d -s -j mdb show`. */
  list(query?: { readonly port?: string | undefined }): Promise<MdbBody> {
    return this.requests.run(portFilter.value, query, listGroups);
  }

  add(entry: GroupEntry): Promise<void> {
    return this.requests.run(newGroup, entry, addGroup);
  }

  /** Removes one entry. */
  async remove(entry: Pick<GroupEntry, 'port' | 'group' | 'source' | 'vlan'>): Promise<void> {
    const removal = withKey(entry, 'group', entry?.group);
    await this.requests.run(groupRemoval.value, removal, removeGroups);
  }

  /** Removes each entry that matches. @returns their number */
  flush(query?: GroupQuery): Promise<number> {
    return this.requests.run(groupRemoval.value, query, removeGroups);
  }
}
