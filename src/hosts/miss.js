"use strict";
/**
 * Reasons why the switch neither answers a request for a host nor directs it to the host: the first
 * condition that does not hold. A look-up returns an entry, zero or above, or one of these numbers, so that
 * a reason costs nothing. A trace shows it as text.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.MISSES = exports.Miss = void 0;
exports.tellMiss = tellMiss;
exports.tellHit = tellHit;
const ip_key_1 = require("../wire/ip-key");
exports.Miss = {
    /** All conditions hold. */
    None: 0,
    // The requested host.
    Unknown: -1,
    Stale: -2,
    Contested: -3,
    Conflict: -4,
    AskerIsOwner: -5,
    NotInFdb: -6,
    Moved: -7,
    SamePort: -8,
    PortDown: -9,
    RouterUnknown: -10,
    // The asker.
    AskerUnknown: -11,
    AskerContested: -12,
    AskerElsewhere: -13,
    AskerNotInFdb: -14,
    AskerUnannounced: -15,
    AskerMoved: -16,
    AskerChanged: -17,
    PortCameUp: -18,
    // The frame. Nothing was looked up.
    ModeOff: -19,
    NotARequest: -20,
    Unicast: -21,
    Probe: -22,
    Announcement: -23,
    NoSenderMac: -24,
    VirtualRouter: -25,
};
/** Name and meaning, indexed by the negative of a `Miss`. */
exports.MISSES = [
    { name: 'none', meaning: 'The switch knows the host, and all other hosts know the asker.' },
    { name: 'unknown', meaning: 'The switch has heard no host use that address.' },
    { name: 'stale', meaning: 'The host that uses that address was silent for too long.' },
    {
        name: 'contested',
        meaning: 'Another MAC than before uses that address, and the switch polls the former owner.',
    },
    { name: 'conflict', meaning: 'Two stations use that address.' },
    { name: 'asker-is-owner', meaning: 'The asker uses that address itself.' },
    { name: 'not-in-fdb', meaning: 'The MAC of the host is not in the forwarding database.' },
    {
        name: 'moved',
        meaning: 'The forwarding database has the MAC of the host on another port than its binding.',
    },
    {
        name: 'same-port',
        meaning: 'The host is behind the port of the asker, and hears the request anyway.',
    },
    { name: 'port-down', meaning: 'The port of the host, or of the asker, does not forward.' },
    { name: 'router-unknown', meaning: 'The host has not said yet whether it is a router.' },
    {
        name: 'asker-unknown',
        meaning: 'The asker is new here, or was forgotten: other hosts may have another MAC for it.',
    },
    { name: 'asker-contested', meaning: 'Another station uses the address of the asker, too.' },
    {
        name: 'asker-elsewhere',
        meaning: 'A binding or the forwarding database has another port or MAC for the asker.',
    },
    {
        name: 'asker-not-in-fdb',
        meaning: 'The MAC of the asker is not in the forwarding database.',
    },
    {
        name: 'asker-unannounced',
        meaning: 'The asker was silent for long, moved or came back, and has not announced it to all yet.',
    },
    {
        name: 'asker-moved',
        meaning: 'The MAC of the asker was learned anew or moved since a frame of the asker was flooded.',
    },
    {
        name: 'asker-changed',
        meaning: 'Another MAC used the address of the asker before, and hosts may still have that MAC.',
    },
    {
        name: 'port-came-up',
        meaning: 'A port came up since a frame of the asker was flooded, and its hosts do not know the asker.',
    },
    { name: 'mode-off', meaning: 'The switch answers for no host (--arp off).' },
    { name: 'not-a-request', meaning: 'The frame is not a request for an address.' },
    { name: 'unicast', meaning: 'The request goes to one station, which must answer itself.' },
    {
        name: 'probe',
        meaning: 'The sender has no address yet: all hosts must hear which address it wants.',
    },
    {
        name: 'announcement',
        meaning: 'The sender asks for its own address, to announce it to all hosts.',
    },
    {
        name: 'no-sender-mac',
        meaning: 'The frame does not name a MAC at which its sender can be reached.',
    },
    {
        name: 'virtual-router',
        meaning: 'The sender is a virtual router (VRRP, CARP), which may move at any time.',
    },
];
/** Reports why a request is flooded, or why a frame is not a request that could be answered. */
function tellMiss(reporter, protocol, asker, target, miss) {
    const { name, meaning } = exports.MISSES[-miss];
    const outcome = miss <= exports.Miss.ModeOff
        ? `${protocol} is forwarded like any other frame`
        : `the request of ${(0, ip_key_1.formatIpKey)(asker)} for ${(0, ip_key_1.formatIpKey)(target)} is flooded`;
    reporter.step(`${outcome}, ${name}: ${meaning}`);
}
/** Reports the requested host, and that the switch may answer for it. */
function tellHit(reporter, target, mac, port, isDirected) {
    const label = reporter.label(port);
    reporter.step(`${(0, ip_key_1.formatIpKey)(target)} is ${mac} on ${label}, and all hosts know the asker`);
    reporter.step(isDirected
        ? `the request goes to ${label} alone`
        : 'the switch answers for the host, and floods nothing');
}
