/**
 * Permanent entries of the group table that an operator made.
 *
 * An entry without a VLAN is in each VLAN of its port: the data plane has it follow them.
 */

import { groupAddress } from '../config/values/group-address';
import { hostAddress } from '../config/values/host-address';
import {
  GROUP_LIMIT,
  type StaticGroup,
  groupIdentity,
  staticGroup,
} from '../config/values/static-group';
import type { DataPlane } from '../dataplane/data-plane';
import type { GroupOrder } from '../dataplane/group-orders';
import { RequestError } from '../system/request-error';
import { type EntryPort, type EntryPorts, StaticEntries } from './static-entries';

/** The table. An entry that the data plane refuses is a RequestError with its reason. */
export function staticGroups(ports: EntryPorts, dataPlane: DataPlane): StaticEntries<StaticGroup> {
  return new StaticEntries<StaticGroup>(ports, {
    key: 'mdb',
    identityOf: groupIdentity,
    ...GROUP_LIMIT,
    // A flush of one VLAN, or a limit, may have kept the entry out of a VLAN of its port.
    fades: () => true,
    add: async (entry, port, isReplacing) => {
      const order = { ...groupOrder(entry, port as EntryPort), isPermanent: true, isReplacing };
      const refusal = await dataPlane.order({ kind: 'add-groups', groups: [order] });
      if (refusal !== undefined) throw new RequestError('conflict', refusal);
      return true;
    },
    remove: async (identity) => {
      const entry = staticGroup.fromText(identity);
      const port = ports.find(entry.port);
      if (port === undefined) return false;
      return dataPlane.order({ kind: 'remove-group', group: groupOrder(entry, port) });
    },
  });
}

function groupOrder(entry: StaticGroup, port: EntryPort): Omit<GroupOrder, 'isPermanent'> {
  const { group, source, vlan, mode, sources } = entry;
  const bytesOf = (text: string): Uint8Array => hostAddress.fromText(text).bytes;
  return {
    port: port.id,
    ...(vlan !== undefined && { vlan }),
    group: groupAddress.fromText(group).bytes,
    ...(source !== undefined && { source: bytesOf(source) }),
    ...(mode !== undefined && { mode }),
    ...(sources !== undefined && { sources: sources.map(bytesOf) }),
  };
}
