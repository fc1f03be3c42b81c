"use strict";
/**
 * Network interfaces of any kind, as the kernel reports them, and how to silence one.
 *
 * Source: rtnetlink(7), linux/if_link.h, linux/if_arp.h.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.findInterface = findInterface;
exports.farEndMac = farEndMac;
exports.silence = silence;
const rtnetlink_1 = require("./rtnetlink");
const ask_link_1 = require("./ask-link");
const route_1 = require("./route");
/** `ifi_type` of an Ethernet interface: linux/if_arp.h. */
const ARPHRD_ETHER = 1;
/** Flags of an interface: linux/if.h. */
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_NOARP = 0x80;
const AF_INET6 = 10;
/** IN6_ADDR_GEN_MODE_NONE: without a link-local address, the kernel sends no IPv6 of its own. */
const NO_ADDRESSES = 1;
/** @param which name or index of the interface. @returns `undefined` where there is none */
function findInterface(which, netnsPath) {
    const message = (0, ask_link_1.askLink)(which, netnsPath);
    return message && decodeInterface(message.body);
}
/** @returns the MAC of the other end of a veth pair; `undefined` where it is gone or out of reach */
function farEndMac(farEnd, netnsPath) {
    const part = Buffer.alloc(rtnetlink_1.LINK_PART_BYTES);
    part.writeInt32LE(farEnd.index, 4);
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.GetLink, rtnetlink_1.Flag.Acknowledge, part, [
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.TargetNetns, (0, rtnetlink_1.encodeU32)(farEnd.netns)),
    ]);
    try {
        const [message] = (0, route_1.ask)(request, 'RTM_GETLINK', `interface ${farEnd.index}`, netnsPath);
        return message && (0, rtnetlink_1.decodeAttributes)(message.body, rtnetlink_1.LINK_PART_BYTES).get(rtnetlink_1.LinkAttribute.Address);
    }
    catch (error) {
        if (error instanceof route_1.RouteRefusal)
            return undefined;
        throw error;
    }
}
/**
 * Makes the kernel send nothing of its own on an interface: no ARP, no IPv6.
 * @param alias description of the interface for people who list interfaces
 */
function silence(name, alias, netnsPath) {
    const inet6 = (0, rtnetlink_1.encodeAttribute)(AF_INET6, (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.AddressGeneration, Buffer.of(NO_ADDRESSES)));
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.NewLink, rtnetlink_1.Flag.Acknowledge, (0, rtnetlink_1.encodeLinkPart)({ flags: IFF_NOARP, mask: IFF_NOARP }), [
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Name, (0, rtnetlink_1.encodeName)(name)),
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Alias, Buffer.from(alias)),
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.FamilySpecific, inet6),
    ]);
    (0, route_1.ask)(request, 'RTM_NEWLINK', name, netnsPath);
}
function decodeInterface(body) {
    const { index, flags } = (0, rtnetlink_1.decodeLinkPart)(body);
    const attributes = (0, rtnetlink_1.decodeAttributes)(body, rtnetlink_1.LINK_PART_BYTES);
    const info = (0, rtnetlink_1.decodeAttributes)(attributes.get(rtnetlink_1.LinkAttribute.LinkInfo) ?? Buffer.alloc(0));
    const kind = info.get(rtnetlink_1.InfoAttribute.Kind);
    return {
        index,
        name: (0, rtnetlink_1.decodeName)(attributes.get(rtnetlink_1.LinkAttribute.Name) ?? Buffer.alloc(0)),
        kind: kind && (0, rtnetlink_1.decodeName)(kind),
        isEthernet: body.readUInt16LE(2) === ARPHRD_ETHER,
        isLoopback: (flags & IFF_LOOPBACK) !== 0,
        isUp: (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) !== 0,
        mtuBytes: attributes.get(rtnetlink_1.LinkAttribute.Mtu)?.readUInt32LE() ?? 0,
        master: attributes.get(rtnetlink_1.LinkAttribute.Master)?.readUInt32LE(),
        queueing: (0, rtnetlink_1.decodeName)(attributes.get(rtnetlink_1.LinkAttribute.Queueing) ?? Buffer.alloc(0)),
        farEnd: kind && (0, rtnetlink_1.decodeName)(kind) === 'veth' ? decodeFarEnd(attributes) : undefined,
    };
}
function decodeFarEnd(attributes) {
    const index = attributes.get(rtnetlink_1.LinkAttribute.Link)?.readUInt32LE();
    const netns = attributes.get(rtnetlink_1.LinkAttribute.LinkNetns)?.readInt32LE();
    return index === undefined || netns === undefined ? undefined : { index, netns };
}
