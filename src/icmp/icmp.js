"use strict";
/** The ICMP room: pings of the switch's own addresses, of both IP versions. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Icmp = void 0;
const burst_1 = require("../frame/burst");
const room_1 = require("../frame/room");
const verdict_1 = require("../frame/verdict");
const ethernet_1 = require("../wire/ethernet");
const ipv6_1 = require("../wire/ipv6");
const echo_1 = require("./echo");
const echo_ipv6_1 = require("./echo-ipv6");
class Icmp {
    wants = {
        types: [
            { etherType: 0x0800, isToSwitchOnly: true },
            {
                etherType: 0x86dd,
                isToSwitchOnly: true,
                wantsProtocol: (protocol) => !(0, ipv6_1.isTcpOrUdp)(protocol),
            },
        ],
    };
    echo;
    echoIpv6;
    constructor({ mac, ownIpv4, ownIpv6, counters }) {
        this.echo = new echo_1.EchoResponder(mac, ownIpv4, counters);
        this.echoIpv6 = new echo_ipv6_1.EchoResponderIpv6(mac, ownIpv6, counters);
    }
    /** Handles a received IP frame to the switch's own MAC. Its length is not yet checked. */
    receive(frame, outbox) {
        const isIpv4 = (0, burst_1.typeOf)(outbox.burst, frame) === ethernet_1.ETHER_TYPE_IPV4;
        const verdict = (isIpv4 ? this.echo : this.echoIpv6).receive(frame, outbox);
        return verdict === verdict_1.CONSUMED ? (0, room_1.keepForSwitch)(outbox) : verdict;
    }
}
exports.Icmp = Icmp;
