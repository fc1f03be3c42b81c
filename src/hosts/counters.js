"use strict";
/** Counters that ARP and ND share, per ingress port. The bridge stores the numbers. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ResolutionCounter = void 0;
exports.resolutionCounters = resolutionCounters;
exports.ResolutionCounter = {
    Malformed: 0,
    Answered: 1,
    Conflict: 2,
    AnsweredForHost: 3,
    Directed: 4,
    HostChanged: 5,
    HostConflict: 6,
};
/** Names and meanings for one protocol, indexed by `ResolutionCounter`. */
function resolutionCounters(protocol) {
    return [
        {
            name: `${protocol}-malformed`,
            meaning: 'Malformed packets, and packets that name another sender than their own.',
        },
        {
            name: `${protocol}-answered`,
            meaning: 'Answered requests for an address of the switch.',
        },
        {
            name: `${protocol}-conflict`,
            meaning: 'Packets of hosts that use, or want to use, an address of the switch.',
        },
        {
            name: `${protocol}-answered-for-host`,
            meaning: 'Requests that the switch answered for the requested host (--arp answer).',
        },
        {
            name: `${protocol}-directed`,
            meaning: 'Requests that went to the port of the requested host alone (--arp direct).',
        },
        {
            name: `${protocol}-host-changed`,
            meaning: 'Addresses that another station than before began to use.',
        },
        {
            name: `${protocol}-host-conflict`,
            meaning: 'Addresses that two stations used, or a station that contradicts a static binding.',
        },
    ];
}
