/** News of groups for the operator, each at a bounded rate. `src/journal/events.ts` has the texts. */

export type McastNews = QuerierMissing | QuerierElected | GroupRefused;

/** Snooping is on, and no querier asks for members, so that groups are flooded. This is reported once. */
export interface QuerierMissing {
  readonly event: 'mcast-querier-missing';
  /** Families that have no querier: `IPv4`, `IPv6`, or both. */
  readonly family: string;
}

/** Another querier than before asks for members. */
export interface QuerierElected {
  readonly event: 'mcast-querier';
  readonly address: string;
  readonly port: number;
}

/** A host could not join a group, because of a limit. */
export interface GroupRefused {
  readonly event: 'mcast-refused';
  readonly group: string;
  readonly port: number;
  /** Number of groups that the port has joined. */
  readonly groups: number;
  /** VLAN of the group, and the number of groups that the port has joined there; absent without VLAN filtering. */
  readonly vlan?: number;
  readonly vlanGroups?: number;
}
