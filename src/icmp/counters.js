"use strict";
/** Counters of the ICMP room, per ingress port. The bridge stores the numbers. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ICMP_COUNTERS = exports.IcmpCounter = void 0;
exports.IcmpCounter = {
    Malformed: 0,
    EchoAnswered: 1,
    FragmentRefused: 2,
};
/** Name and meaning, indexed by `IcmpCounter`. */
exports.ICMP_COUNTERS = [
    {
        name: 'icmp-malformed',
        meaning: 'Packets to the switch with an invalid IP or ICMP header, bad checksum or bad sender.',
    },
    { name: 'icmp-echo-answered', meaning: 'Answered pings of an address of the switch.' },
    {
        name: 'icmp-fragment-refused',
        meaning: 'Fragments to the switch, which does not reassemble packets.',
    },
];
