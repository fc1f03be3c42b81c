"use strict";
/**
 * The fields of one frame that filters compare. They are read once per frame, however many
 * comparisons there are. A field is `ABSENT` where the frame is too short for it or does not have it.
 *
 * The fields of a tagged frame are those behind its tags. Like tcpdump, the switch does not follow
 * extension headers of IPv6. Only the first fragment of an IPv4 datagram has ports.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.FrameFields = exports.Part = exports.UDP = exports.TCP = exports.IPV6 = exports.ARP = exports.IPV4 = exports.IPV6_FAMILY = exports.IPV4_FAMILY = exports.ABSENT = exports.Field = void 0;
const ethernet_1 = require("../wire/ethernet");
const read_1 = require("../wire/read");
/** Index of each field in `values`. An IPv4 address takes the first word of the address only. */
exports.Field = {
    EtherType: 0,
    IsTagged: 1,
    Vid: 2,
    SourceMacHigh: 3,
    SourceMacLow: 4,
    DestinationMacHigh: 5,
    DestinationMacLow: 6,
    /** `IPV4_FAMILY` or `IPV6_FAMILY` where the frame has the whole address. */
    SourceFamily: 7,
    DestinationFamily: 8,
    Source: 9,
    Destination: 13,
    Protocol: 17,
    SourcePort: 18,
    DestinationPort: 19,
};
const FIELD_COUNT = 20;
/** Value that equals no field of a frame: types, VIDs, protocols and ports are not negative. */
exports.ABSENT = -1;
exports.IPV4_FAMILY = 4;
exports.IPV6_FAMILY = 6;
exports.IPV4 = 0x0800;
exports.ARP = 0x0806;
exports.IPV6 = 0x86dd;
const CUSTOMER_TAG = 0x8100;
const SERVICE_TAG = 0x88a8;
exports.TCP = 6;
exports.UDP = 17;
const MAC_BYTES = 6;
const TYPE_AT = 12;
const TYPE_BYTES = 2;
const TAG_BYTES = 4;
/** Most tags that are skipped. Real stacks have two; a guest may send a frame of nothing but tags. */
const TAGS_MAX = 4;
const IPV4_BYTES = 4;
const IPV4_FRAGMENT_AT = 6;
const IPV4_OFFSET_MASK = 0x1fff;
const IPV4_PROTOCOL_AT = 9;
const IPV4_SOURCE_AT = 12;
const IPV4_DESTINATION_AT = 16;
const IPV6_BYTES = 16;
const IPV6_PROTOCOL_AT = 6;
const IPV6_SOURCE_AT = 8;
const IPV6_DESTINATION_AT = 24;
const IPV6_HEADER_BYTES = 40;
const ARP_SENDER_AT = 14;
const ARP_TARGET_AT = 24;
const PORT_BYTES = 2;
/** Bits for the fields that are read besides EtherType and tag, only where the filter compares them. */
exports.Part = { Macs: 1, Addresses: 2, Ports: 4 };
class FrameFields {
    values = new Int32Array(FIELD_COUNT).fill(exports.ABSENT);
    bytes = new Uint8Array(0);
    end = 0;
    /**
     * Reads the fields of a frame.
     * @param bytes memory that holds the frame
     * @param start offset of the destination address
     * @param end offset behind the last byte
     * @param parts bits of `Part`; fields of other parts may be left from an earlier frame
     */
    read(bytes, start, end, parts) {
        this.bytes = bytes;
        this.end = end;
        const payloadAt = this.readType(start + TYPE_AT);
        if ((parts & exports.Part.Macs) !== 0) {
            this.readMac(start, exports.Field.DestinationMacHigh);
            this.readMac(start + MAC_BYTES, exports.Field.SourceMacHigh);
        }
        if ((parts & exports.Part.Addresses) !== 0)
            this.readAddresses(payloadAt);
        if ((parts & exports.Part.Ports) !== 0)
            this.readPorts(payloadAt);
    }
    /** @returns offset of the payload behind the EtherType */
    readType(typeAt) {
        const { bytes, end, values } = this;
        let at = typeAt;
        let type = this.word(at);
        const isTagged = isTag(type);
        values[exports.Field.IsTagged] = isTagged ? 1 : 0;
        const hasVid = isTagged && at + TAG_BYTES <= end;
        values[exports.Field.Vid] = hasVid ? (0, ethernet_1.getU16)(bytes, at + TYPE_BYTES) & 0xfff : exports.ABSENT;
        for (let tags = 0; tags < TAGS_MAX && isTag(type); tags++) {
            at += TAG_BYTES;
            type = this.word(at);
        }
        values[exports.Field.EtherType] = type;
        return at + TYPE_BYTES;
    }
    readMac(at, field) {
        const { bytes, values } = this;
        const isThere = at + MAC_BYTES <= this.end;
        values[field] = isThere ? (0, ethernet_1.getU16)(bytes, at) : exports.ABSENT;
        values[field + 1] = isThere ? (0, ethernet_1.getI32)(bytes, at + 2) : exports.ABSENT;
    }
    readAddresses(at) {
        const { values } = this;
        switch (values[exports.Field.EtherType]) {
            case exports.IPV4:
                this.readIpv4(at + IPV4_SOURCE_AT, exports.Field.SourceFamily, exports.Field.Source);
                this.readIpv4(at + IPV4_DESTINATION_AT, exports.Field.DestinationFamily, exports.Field.Destination);
                break;
            case exports.ARP:
                this.readIpv4(at + ARP_SENDER_AT, exports.Field.SourceFamily, exports.Field.Source);
                this.readIpv4(at + ARP_TARGET_AT, exports.Field.DestinationFamily, exports.Field.Destination);
                break;
            case exports.IPV6:
                this.readIpv6(at + IPV6_SOURCE_AT, exports.Field.SourceFamily, exports.Field.Source);
                this.readIpv6(at + IPV6_DESTINATION_AT, exports.Field.DestinationFamily, exports.Field.Destination);
                break;
            default:
                values[exports.Field.SourceFamily] = exports.ABSENT;
                values[exports.Field.DestinationFamily] = exports.ABSENT;
        }
    }
    readIpv4(at, familyField, field) {
        const isThere = at + IPV4_BYTES <= this.end;
        this.values[familyField] = isThere ? exports.IPV4_FAMILY : exports.ABSENT;
        if (isThere)
            this.values[field] = (0, ethernet_1.getI32)(this.bytes, at);
    }
    readIpv6(at, familyField, field) {
        const { bytes, values } = this;
        const isThere = at + IPV6_BYTES <= this.end;
        values[familyField] = isThere ? exports.IPV6_FAMILY : exports.ABSENT;
        if (!isThere)
            return;
        for (let word = 0; word < 4; word++)
            values[field + word] = (0, ethernet_1.getI32)(bytes, at + 4 * word);
    }
    readPorts(at) {
        const { values } = this;
        const type = values[exports.Field.EtherType];
        const isIpv4 = type === exports.IPV4;
        const protocol = isIpv4
            ? this.byte(at + IPV4_PROTOCOL_AT)
            : type === exports.IPV6
                ? this.byte(at + IPV6_PROTOCOL_AT)
                : exports.ABSENT;
        values[exports.Field.Protocol] = protocol;
        const hasPorts = (protocol === exports.TCP || protocol === exports.UDP) &&
            !(isIpv4 && (this.word(at + IPV4_FRAGMENT_AT) & IPV4_OFFSET_MASK) !== 0);
        const portsAt = at + (isIpv4 ? (this.byte(at) & 0xf) * 4 : IPV6_HEADER_BYTES);
        values[exports.Field.SourcePort] = hasPorts ? this.word(portsAt) : exports.ABSENT;
        values[exports.Field.DestinationPort] = hasPorts ? this.word(portsAt + PORT_BYTES) : exports.ABSENT;
    }
    byte(at) {
        return at < this.end ? (0, read_1.u8At)(this.bytes, at) : exports.ABSENT;
    }
    word(at) {
        return at + 1 < this.end ? (0, ethernet_1.getU16)(this.bytes, at) : exports.ABSENT;
    }
}
exports.FrameFields = FrameFields;
function isTag(type) {
    return type === CUSTOMER_TAG || type === SERVICE_TAG;
}
