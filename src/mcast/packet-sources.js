"use strict";
/** The sources of a record or query in a received packet, read where they lie. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PacketSources = void 0;
const ethernet_1 = require("../wire/ethernet");
const igmp_1 = require("../wire/igmp");
const ip_key_1 = require("../wire/ip-key");
const ipv6_1 = require("../wire/ipv6");
const contexts_1 = require("./contexts");
class PacketSources {
    count = 0;
    u8 = new Uint8Array(0);
    at = 0;
    family = contexts_1.Family.Ipv4;
    /** @param at arena offset of the first source */
    set(u8, at, count, family) {
        this.u8 = u8;
        this.at = at;
        this.count = count;
        this.family = family;
        return this;
    }
    read(index, key) {
        const { u8, at } = this;
        if (this.family === contexts_1.Family.Ipv6)
            (0, ip_key_1.setIpv6Key)(key, u8, at + index * ipv6_1.IPV6_ADDRESS_BYTES);
        else
            (0, ip_key_1.setIpv4Key)(key, (0, ethernet_1.getI32)(u8, at + index * igmp_1.IPV4_ADDRESS_BYTES));
    }
}
exports.PacketSources = PacketSources;
