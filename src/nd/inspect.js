"use strict";
/**
 * Inspection of Neighbor Discovery: the messages that a host on an untrusted port may send.
 *
 * A host may send messages about itself only: the MAC in the message is the Ethernet source, and a binding
 * confirms the claimed address, which is the source or the target of an advertisement. A link-local address
 * that is made from the sender's MAC needs no binding. Probes claim nothing and pass. Router advertisements
 * pass only from trusted ports.
 *
 * Source: RFC 6105 (router advertisements), RFC 7513 (who may use which address).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.judgeNd = judgeNd;
const ip_key_1 = require("../wire/ip-key");
const ipv6_1 = require("../wire/ipv6");
const read_1 = require("../wire/read");
const ethernet_1 = require("../wire/ethernet");
const inspection_1 = require("../hosts/inspection");
const refusal_reason_1 = require("../hosts/refusal-reason");
const ipv6_extensions_1 = require("../wire/ipv6-extensions");
const nd_1 = require("../wire/nd");
/** Judges an IPv6 frame from an untrusted port. The frame may or may not be ND. */
function judgeNd(frame, burst, inspection, neighbours) {
    const { u8 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    const lengthBytes = (0, read_1.i32At)(burst.length, frame);
    if ((0, ipv6_extensions_1.hasExtensionHeaders)(u8, at, lengthBytes)) {
        return (0, ipv6_extensions_1.isDisguised)(u8, at, lengthBytes) ? refusal_reason_1.RefusalReason.Disguised : inspection_1.ADMITTED;
    }
    if (!(0, nd_1.isNeighbourDiscovery)(u8, at, lengthBytes))
        return inspection_1.ADMITTED;
    return judgeMessage(frame, burst, inspection, neighbours);
}
function judgeMessage(frame, burst, inspection, neighbours) {
    const { u8, u16 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    const port = (0, read_1.i32At)(burst.ingress, frame);
    if (!inspection.allowsOneMore(port, burst.nowMs))
        return refusal_reason_1.RefusalReason.RateExceeded;
    if (!(0, nd_1.isValidMessage)(u8, u16, at, (0, read_1.i32At)(burst.length, frame)))
        return refusal_reason_1.RefusalReason.Malformed;
    const type = (0, nd_1.messageType)(u8, at);
    const claimed = at + (type === nd_1.NEIGHBOUR_ADVERTISEMENT ? nd_1.TARGET_ADDRESS : nd_1.SOURCE_ADDRESS);
    (0, ip_key_1.setIpv6Key)(inspection.claims(), u8, claimed);
    if (type === nd_1.ROUTER_ADVERTISEMENT || type === nd_1.REDIRECT)
        return refusal_reason_1.RefusalReason.RouterUntrusted;
    if (!(0, nd_1.isFromSender)(u8, u16, at))
        return refusal_reason_1.RefusalReason.SourceMismatch;
    if ((0, ipv6_1.isUnspecifiedAt)(u8, claimed) || (0, ipv6_1.isLinkLocalOfMac)(u8, claimed, at + ethernet_1.SOURCE))
        return inspection_1.ADMITTED;
    const isVouchedFor = inspection.vouchesFor(burst, frame, neighbours);
    return isVouchedFor ? inspection_1.ADMITTED : refusal_reason_1.RefusalReason.SenderUnbound;
}
