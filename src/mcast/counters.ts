/** Counters and drop reasons of the room of groups, per ingress port. The bridge stores the numbers. */

import type { CounterText } from '../frame/room';

export const McastCounter = {
  Report: 0,
  Leave: 1,
  Query: 2,
  Refused: 3,
  QuerySent: 4,
} as const;
export type McastCounter = (typeof McastCounter)[keyof typeof McastCounter];

/** Name and meaning, indexed by `McastCounter`. */
export const MCAST_COUNTERS: readonly CounterText[] = [
  { name: 'mcast-reports', meaning: 'Reports of IGMP and MLD, by which hosts join groups.' },
  { name: 'mcast-leaves', meaning: 'Messages of IGMP and MLD that a host leaves a group.' },
  { name: 'mcast-queries', meaning: 'Queries of IGMP and MLD that came from here.' },
  {
    name: 'mcast-refused',
    meaning:
      'Groups that hosts here could not join: a limit of the port or of the table is reached.',
  },
  {
    name: 'mcast-queries-sent',
    meaning: 'Queries that the switch sent to this port alone: a host left, or the port came up.',
  },
];

export const McastDrop = { Malformed: 0 } as const;
export type McastDrop = (typeof McastDrop)[keyof typeof McastDrop];

/** Name and meaning, indexed by `McastDrop`. */
export const MCAST_DROPS: readonly CounterText[] = [
  {
    name: 'mcast-malformed',
    meaning: 'A message of IGMP or MLD whose length, checksum, group or sender is wrong.',
  },
];
