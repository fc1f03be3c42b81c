"use strict";
/**
 * Reasons why inspection denies a frame. Each is a drop reason of the ingress port, and has its line in
 * `docs/counters.md`.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.REFUSAL_REASONS = exports.RefusalReason = void 0;
exports.RefusalReason = {
    Malformed: 0,
    SourceMismatch: 1,
    SenderUnbound: 2,
    ReplyMisaddressed: 3,
    RouterUntrusted: 4,
    DhcpServerUntrusted: 5,
    RateExceeded: 6,
    Disguised: 7,
};
/** Name and meaning, indexed by `RefusalReason`. */
exports.REFUSAL_REASONS = [
    {
        name: 'inspect-malformed',
        meaning: 'Malformed ARP, ND or DHCP from an untrusted port.',
        advice: 'capture it with tapctl capture; if it must pass, make the port trusted',
    },
    {
        name: 'inspect-source-mismatch',
        meaning: 'The sender in the ARP or ND packet is not the Ethernet source.',
        advice: 'if the host sends for other hosts (a proxy, a bridge), make the port trusted',
    },
    {
        name: 'inspect-sender-unbound',
        meaning: 'The sender uses an address without a static binding or a DHCP lease for it.',
        advice: 'bind it with --neigh or tapctl neigh add, or make the port trusted',
    },
    {
        name: 'inspect-reply-misaddressed',
        meaning: 'An ARP reply goes to another station than its target.',
        advice: 'if the host must do so, make the port trusted',
    },
    {
        name: 'inspect-router-untrusted',
        meaning: 'A router advertisement or redirect from an untrusted port.',
        advice: 'if a router is there, make the port trusted',
    },
    {
        name: 'inspect-dhcp-server-untrusted',
        meaning: 'A message of a DHCP server from an untrusted port.',
        advice: 'if a DHCP server or relay is there, make the port trusted',
    },
    {
        name: 'inspect-rate-exceeded',
        meaning: 'More ARP, ND and DHCP frames than an untrusted port may send.',
        advice: 'if many hosts are there, make the port trusted',
    },
    {
        name: 'inspect-disguised',
        meaning: 'ARP, ND or DHCP behind a tag, LLC, extension headers or fragments from an untrusted port.',
        advice: 'send it without the wrapping; if another switch is there, make the port trusted',
    },
];
