"use strict";
/** Counters and drop reasons of the room of groups, per ingress port. The bridge stores the numbers. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.MCAST_DROPS = exports.McastDrop = exports.MCAST_COUNTERS = exports.McastCounter = void 0;
exports.McastCounter = {
    Report: 0,
    Leave: 1,
    Query: 2,
    Refused: 3,
    QuerySent: 4,
};
/** Name and meaning, indexed by `McastCounter`. */
exports.MCAST_COUNTERS = [
    { name: 'mcast-reports', meaning: 'Reports of IGMP and MLD, by which hosts join groups.' },
    { name: 'mcast-leaves', meaning: 'Messages of IGMP and MLD that a host leaves a group.' },
    { name: 'mcast-queries', meaning: 'Queries of IGMP and MLD that came from here.' },
    {
        name: 'mcast-refused',
        meaning: 'Groups that hosts here could not join: a limit of the port or of the table is reached.',
    },
    {
        name: 'mcast-queries-sent',
        meaning: 'Queries that the switch sent to this port alone: a host left, or the port came up.',
    },
];
exports.McastDrop = { Malformed: 0 };
/** Name and meaning, indexed by `McastDrop`. */
exports.MCAST_DROPS = [
    {
        name: 'mcast-malformed',
        meaning: 'A message of IGMP or MLD whose length, checksum, group or sender is wrong.',
    },
];
