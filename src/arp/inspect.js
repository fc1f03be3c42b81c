"use strict";
/**
 * Dynamic ARP inspection: the ARP packets that a host on an untrusted port may send.
 *
 * A host may send ARP about itself only: the sender is the Ethernet source, and a binding confirms the
 * address. Probes claim nothing and pass. A reply must go to its target. It may go to all hosts if it is an
 * announcement, or comes from a link-local address.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.judgeArp = judgeArp;
const ipv4_1 = require("../wire/ipv4");
const ip_key_1 = require("../wire/ip-key");
const read_1 = require("../wire/read");
const ethernet_1 = require("../wire/ethernet");
const inspection_1 = require("../hosts/inspection");
const refusal_reason_1 = require("../hosts/refusal-reason");
const arp_1 = require("../wire/arp");
/** Judges a frame with EtherType 0x0806 from an untrusted port. */
function judgeArp(frame, burst, inspection, neighbours) {
    const { u8, u16 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    const port = (0, read_1.i32At)(burst.ingress, frame);
    if (!inspection.allowsOneMore(port, burst.nowMs))
        return refusal_reason_1.RefusalReason.RateExceeded;
    if (!(0, arp_1.isEthernetIpv4)(u16, at, (0, read_1.i32At)(burst.length, frame)))
        return refusal_reason_1.RefusalReason.Malformed;
    const sender = (0, arp_1.senderAddress)(u8, at);
    (0, ip_key_1.setIpv4Key)(inspection.claims(), sender);
    if (!(0, arp_1.isFromSender)(u16, at))
        return refusal_reason_1.RefusalReason.SourceMismatch;
    if ((0, arp_1.operation)(u16, at) === arp_1.REPLY && !isAddressedToTarget(u8, u16, at)) {
        return refusal_reason_1.RefusalReason.ReplyMisaddressed;
    }
    if (sender === ipv4_1.UNSPECIFIED_IPV4 && (0, arp_1.operation)(u16, at) === arp_1.REQUEST)
        return inspection_1.ADMITTED;
    const isVouchedFor = inspection.vouchesFor(burst, frame, neighbours);
    return isVouchedFor ? inspection_1.ADMITTED : refusal_reason_1.RefusalReason.SenderUnbound;
}
function isAddressedToTarget(u8, u16, at) {
    const hi16 = (0, ethernet_1.macHi16)(u16, at + ethernet_1.DESTINATION);
    const lo32 = (0, ethernet_1.macLo32)(u16, at + ethernet_1.DESTINATION);
    if ((0, ethernet_1.isBroadcast)(hi16, lo32)) {
        const sender = (0, arp_1.senderAddress)(u8, at);
        // A host broadcasts all ARP of its link-local address (RFC 3927 2.5).
        return sender === (0, arp_1.targetAddress)(u8, at) || (0, ipv4_1.isLinkLocalIpv4)(sender);
    }
    return (0, arp_1.targetLo32)(u16, at) === lo32 && (0, arp_1.targetHi16)(u16, at) === hi16;
}
