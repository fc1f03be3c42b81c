"use strict";
/**
 * The DHCP room: it learns leases from the servers on trusted ports, and denies messages of servers on other
 * ports. It gets UDP frames while inspection is on, and the bridge carries out its verdict.
 *
 * A lease is bound to the port of its holder at the time when the server confirms it. The room sends nothing:
 * a DHCP message passes or is denied.
 *
 * Source: RFC 2131 3.1 (messages), RFC 7610 (servers on the wrong side); RFC 8415 18.3.10.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Dhcp = void 0;
const read_1 = require("../wire/read");
const ip_key_1 = require("../wire/ip-key");
const ipv4_1 = require("../wire/ipv4");
const ipv6_1 = require("../wire/ipv6");
const burst_1 = require("../frame/burst");
const verdict_1 = require("../frame/verdict");
const ethernet_1 = require("../wire/ethernet");
const vlan_1 = require("../wire/vlan");
const inspection_1 = require("../hosts/inspection");
const refusal_reason_1 = require("../hosts/refusal-reason");
const udp_1 = require("../wire/udp");
const dhcp_1 = require("../wire/dhcp");
/** UDP over IPv4 and IPv6. */
const UDP = {
    types: [0x0800, 0x86dd].map((etherType) => ({
        etherType,
        wantsProtocol: (protocol) => protocol === ipv4_1.PROTOCOL_UDP,
    })),
};
class Dhcp {
    key = (0, ip_key_1.newIpKey)();
    /** VLAN of the present message. */
    vlan = vlan_1.NO_VLAN;
    inspection;
    topology;
    constructor({ inspection, topology }) {
        this.inspection = inspection;
        this.topology = topology;
    }
    get wants() {
        return this.inspection.isOn ? UDP : {};
    }
    /** Handles a received frame, IPv4 or IPv6. Its length is not yet checked. */
    receive(frame, outbox) {
        const { burst } = outbox;
        const { u8, u16 } = burst;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const udp = (0, udp_1.findUdp)(u8, u16, at, (0, read_1.i32At)(burst.length, frame));
        if (udp < 0 || !(0, udp_1.hasDhcpPort)(u16, udp))
            return verdict_1.PASS;
        return this.inspect(frame, udp, outbox);
    }
    inspect(frame, udp, outbox) {
        const { burst } = outbox;
        const { u8, u16 } = burst;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const clientPort = (0, udp_1.isIpv4)(u16, at) ? dhcp_1.CLIENT_PORT : dhcp_1.CLIENT_PORT_V6;
        const serverPort = (0, udp_1.isIpv4)(u16, at) ? dhcp_1.SERVER_PORT : dhcp_1.SERVER_PORT_V6;
        const from = (0, ethernet_1.getU16)(u8, udp + dhcp_1.UDP_SOURCE_PORT);
        const to = (0, ethernet_1.getU16)(u8, udp + dhcp_1.UDP_DESTINATION_PORT);
        this.vlan = (0, read_1.i32At)(burst.vlan, frame);
        const isServers = from === serverPort || to === clientPort;
        if (!isServers && to !== serverPort)
            return verdict_1.PASS;
        if (this.inspection.trusts((0, read_1.i32At)(burst.ingress, frame))) {
            if (to === clientPort)
                this.learn(burst, frame, udp);
            return verdict_1.PASS;
        }
        const judgement = this.judge(burst, frame, udp, isServers);
        this.readSender(burst, frame);
        return this.inspection.enforce(judgement, outbox, frame, this.key) ? verdict_1.PASS : verdict_1.CONSUMED;
    }
    /** Sets `key` to the source of an IP header. The frame is long enough for it. */
    readSender(burst, frame) {
        const { u8, u16, offset } = burst;
        const ip = (0, burst_1.payloadOf)(burst, frame);
        const { key } = this;
        if ((0, udp_1.isIpv4)(u16, (0, read_1.i32At)(offset, frame)))
            (0, ip_key_1.setIpv4Key)(key, (0, ethernet_1.getI32)(u8, ip + ipv4_1.SOURCE_ADDRESS));
        else
            (0, ip_key_1.setIpv6Key)(key, u8, ip + ipv6_1.SOURCE_ADDRESS);
    }
    /** Judges a frame from an untrusted host, which may only be a client. */
    judge(burst, frame, udp, isServers) {
        const port = (0, read_1.i32At)(burst.ingress, frame);
        if (!this.inspection.allowsOneMore(port, burst.nowMs))
            return refusal_reason_1.RefusalReason.RateExceeded;
        if (isServers)
            return refusal_reason_1.RefusalReason.DhcpServerUntrusted;
        const { u8, u16 } = burst;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const end = (0, udp_1.checkUdp)(u8, u16, at, (0, read_1.i32At)(burst.length, frame), udp);
        if (end < 0)
            return refusal_reason_1.RefusalReason.Malformed;
        const message = udp + dhcp_1.UDP_HEADER_BYTES;
        // A relay may take such a message for one from a server, and forward it.
        const isOfServerHere = (0, udp_1.isIpv4)(u16, at) ? dhcp_1.isOfServer : dhcp_1.isOfServerV6;
        if (isOfServerHere(u8, message, end))
            return refusal_reason_1.RefusalReason.DhcpServerUntrusted;
        if (!(0, udp_1.isIpv4)(u16, at))
            return inspection_1.ADMITTED;
        const type = (0, dhcp_1.dhcpMessageType)(u8, message, end);
        if (type < 0)
            return (0, dhcp_1.isBootpRequest)(u8, message, end) ? inspection_1.ADMITTED : refusal_reason_1.RefusalReason.Malformed;
        if (type === dhcp_1.DECLINE || type === dhcp_1.RELEASE)
            this.giveBack(burst, frame, message, end, type);
        return inspection_1.ADMITTED;
    }
    giveBack(burst, frame, message, end, type) {
        const { u8, u16 } = burst;
        const address = (0, dhcp_1.givenBackAddress)(u8, message, end, type);
        if (address < 0)
            return;
        (0, ip_key_1.setIpv4Key)(this.key, (0, ethernet_1.getI32)(u8, address));
        const mac = message + dhcp_1.CLIENT_HARDWARE;
        const port = (0, read_1.i32At)(burst.ingress, frame);
        this.inspection.leases?.release(this.key, this.vlan, (0, ethernet_1.macHi16)(u16, mac), (0, ethernet_1.macLo32)(u16, mac), port);
    }
    /** Learns from a message to a client from a trusted port. */
    learn(burst, frame, udp) {
        const { nowMs } = burst;
        const { u8, u16 } = burst;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const end = (0, udp_1.checkUdp)(u8, u16, at, (0, read_1.i32At)(burst.length, frame), udp);
        if (end < 0)
            return;
        if ((0, udp_1.isIpv4)(u16, at))
            this.learnIpv4(u8, u16, udp + dhcp_1.UDP_HEADER_BYTES, end, nowMs);
        else
            this.learnIpv6(u8, u16, at, udp + dhcp_1.UDP_HEADER_BYTES, end, nowMs);
    }
    learnIpv4(u8, u16, message, end, nowMs) {
        if ((0, dhcp_1.dhcpMessageType)(u8, message, end) !== dhcp_1.ACK)
            return;
        const address = (0, ethernet_1.getI32)(u8, message + dhcp_1.YOUR_ADDRESS);
        // A message without a lease time answers an INFORM, which leases nothing.
        const leaseMs = (0, dhcp_1.leaseTimeMs)(u8, message, end);
        if (leaseMs <= 0 || !(0, ipv4_1.isHostIpv4)(address))
            return;
        (0, ip_key_1.setIpv4Key)(this.key, address);
        this.grant(u16, message + dhcp_1.CLIENT_HARDWARE, leaseMs, nowMs);
    }
    /** Learns from a DHCPv6 reply. Only its destination identifies the client. */
    learnIpv6(u8, u16, at, message, end, nowMs) {
        if (!(0, dhcp_1.isReplyV6)(u8, message, end))
            return;
        let address = (0, dhcp_1.nextAddressV6)(u8, message, end, -1);
        while (address >= 0) {
            const leaseMs = (0, dhcp_1.validLifetimeMs)(u8, address);
            if (leaseMs > 0 && (0, ipv6_1.isHostIpv6At)(u8, address)) {
                (0, ip_key_1.setIpv6Key)(this.key, u8, address);
                this.grant(u16, at + ethernet_1.DESTINATION, leaseMs, nowMs);
            }
            address = (0, dhcp_1.nextAddressV6)(u8, message, end, address);
        }
    }
    /** Binds `key` to the station with the MAC at offset `mac`, on the port that the FDB has. */
    grant(u16, mac, leaseMs, nowMs) {
        const hi16 = (0, ethernet_1.macHi16)(u16, mac);
        const lo32 = (0, ethernet_1.macLo32)(u16, mac);
        const port = this.topology.portOf(hi16, lo32, this.vlan);
        if (port < 0 || (0, ethernet_1.isGroup)(hi16))
            return;
        this.inspection.leases?.grant(this.key, this.vlan, hi16, lo32, port, leaseMs, nowMs);
    }
}
exports.Dhcp = Dhcp;
