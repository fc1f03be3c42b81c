/**
 * Settings of snooping. Names, defaults and meanings are those of a Linux bridge (`ip link set … type bridge
 * mcast_…`), but for the default of `mcastSnooping`, and for intervals that are derived unless given.
 *
 * Source: `br_multicast_ctx_init` in net/bridge/br_multicast.c; RFC 3376 section 8, RFC 3810 section 9.
 */

import { DEFAULT_HASH_MAX } from './group-table';

export interface McastSettings {
  /** Whether groups are delivered to their members only. */
  readonly mcastSnooping: boolean;
  /** Whether the switch asks for members if there is no other querier. */
  readonly mcastQuerier: boolean;
  /** Version of IGMP that the switch speaks and keeps sources of: 2 or 3. */
  readonly mcastIgmpVersion: number;
  /** Version of MLD that the switch speaks and keeps sources of: 1 or 2. */
  readonly mcastMldVersion: number;
  /** Maximum number of groups. */
  readonly mcastHashMax: number;
  /** Number of queries for a group that a host has left. */
  readonly mcastLastMemberCount: number;
  /** Milliseconds between these queries. */
  readonly mcastLastMemberIntervalMs: number;
  /** Milliseconds for which a report holds; 0: 2 query intervals and one response interval. */
  readonly mcastMembershipIntervalMs: number;
  /** Milliseconds for which a query holds; 0: 2 query intervals and half a response interval. */
  readonly mcastQuerierIntervalMs: number;
  /** Milliseconds between two general queries of the switch. */
  readonly mcastQueryIntervalMs: number;
  /** Milliseconds that hosts may take to answer a general query of the switch. */
  readonly mcastQueryResponseIntervalMs: number;
  /** Number of general queries in quick succession when the switch begins to ask. */
  readonly mcastStartupQueryCount: number;
  /** Milliseconds between these queries; 0: a quarter of the query interval. */
  readonly mcastStartupQueryIntervalMs: number;
}

export const DEFAULT_MCAST_SETTINGS: McastSettings = {
  mcastSnooping: false,
  mcastQuerier: false,
  mcastIgmpVersion: 2,
  mcastMldVersion: 1,
  mcastHashMax: DEFAULT_HASH_MAX,
  mcastLastMemberCount: 2,
  mcastLastMemberIntervalMs: 1_000,
  mcastMembershipIntervalMs: 0,
  mcastQuerierIntervalMs: 0,
  mcastQueryIntervalMs: 125_000,
  mcastQueryResponseIntervalMs: 10_000,
  mcastStartupQueryCount: 2,
  mcastStartupQueryIntervalMs: 0,
};

/** The settings of snooping among others. */
export function mcastSettingsIn(settings: Partial<McastSettings>): Partial<McastSettings> {
  const names = Object.keys(DEFAULT_MCAST_SETTINGS) as (keyof McastSettings)[];
  const given = names.filter((name) => settings[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, settings[name]]));
}

const ROBUSTNESS = 2;

/** Milliseconds for which a report holds: RFC 3376 8.4. */
export function membershipMs(settings: McastSettings): number {
  const { mcastMembershipIntervalMs: given, mcastQueryResponseIntervalMs: response } = settings;
  return given || ROBUSTNESS * settings.mcastQueryIntervalMs + response;
}

/** Milliseconds for which a query of another querier holds: RFC 3376 8.5. */
export function querierMs(settings: McastSettings): number {
  const { mcastQuerierIntervalMs: given, mcastQueryResponseIntervalMs: response } = settings;
  return given || ROBUSTNESS * settings.mcastQueryIntervalMs + response / 2;
}

/** Milliseconds between the first general queries: RFC 3376 8.6. */
export function startupMs(settings: McastSettings): number {
  return settings.mcastStartupQueryIntervalMs || settings.mcastQueryIntervalMs / 4;
}

/** Milliseconds after which a group without an answer ends: RFC 3376 8.8. */
export function lastMemberMs(settings: McastSettings): number {
  return settings.mcastLastMemberCount * settings.mcastLastMemberIntervalMs;
}
