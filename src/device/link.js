"use strict";
/**
 * TUN/TAP interfaces as the kernel reports them, by name and network namespace: their state, their
 * addresses, and changes to both. Every function throws a `NativeError` if the kernel refuses.
 *
 * Source: rtnetlink(7); tun_fill_info in the kernel's drivers/net/tun.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.listLinks = listLinks;
exports.findLink = findLink;
exports.changeLink = changeLink;
exports.listAddresses = listAddresses;
exports.addAddress = addAddress;
exports.removeAddress = removeAddress;
exports.formatAddress = formatAddress;
exports.formatMacBytes = formatMacBytes;
const ip_text_1 = require("../wire/ip-text");
const mac_1 = require("../wire/mac");
const rtnetlink_1 = require("./rtnetlink");
const ask_link_1 = require("./ask-link");
const companion_1 = require("./companion");
const route_1 = require("./route");
const KIND = 'tun';
/** Value of IFLA_TUN_TYPE for a TUN device: linux/if_tun.h. */
const IFF_TUN = 1;
/** Bit of `ifi_flags` for an interface that is set up: linux/if.h. */
const IFF_UP = 1;
const AF_INET = 2;
const AF_INET6 = 10;
/** TUN/TAP interfaces of a namespace: by default, that of this process. */
function listLinks(netnsPath) {
    const ofKind = (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.LinkInfo, (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.InfoAttribute.Kind, (0, rtnetlink_1.encodeName)(KIND)));
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.GetLink, rtnetlink_1.Flag.Dump, Buffer.alloc(rtnetlink_1.LINK_PART_BYTES), [
        ofKind,
    ]);
    return (0, route_1.ask)(request, 'RTM_GETLINK', 'interfaces', netnsPath).flatMap((message) => {
        const link = decodeLink(message);
        return link === undefined ? [] : [link];
    });
}
/** @returns the interface; `other` if the name is that of another kind, `nothing` if it is free */
function findLink(name, netnsPath) {
    const message = (0, ask_link_1.askLink)(name, netnsPath);
    return message === undefined ? 'nothing' : (decodeLink(message) ?? 'other');
}
/**
 * Changes an interface in one request. Changes before the one that the kernel refuses stay.
 * @param which its name, or its index in the namespace
 */
function changeLink(which, change, netnsPath) {
    const flags = change.isUp === undefined ? 0 : IFF_UP;
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.NewLink, rtnetlink_1.Flag.Acknowledge, (0, rtnetlink_1.encodeLinkPart)({
        ...(typeof which === 'number' && { index: which }),
        flags: change.isUp ? flags : 0,
        mask: flags,
    }), [
        ...(typeof which === 'number' ? [] : [nameAttribute(which)]),
        ...(change.mac ? [(0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Address, change.mac)] : []),
        ...(change.mtuBytes === undefined
            ? []
            : [(0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Mtu, (0, rtnetlink_1.encodeU32)(change.mtuBytes))]),
        ...(change.queueFrames === undefined
            ? []
            : [(0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.QueueLength, (0, rtnetlink_1.encodeU32)(change.queueFrames))]),
    ]);
    (0, route_1.ask)(request, 'RTM_NEWLINK', String(which), netnsPath);
}
/** Addresses of all interfaces of a namespace, by the index of the interface. */
function listAddresses(netnsPath) {
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.GetAddress, rtnetlink_1.Flag.Dump, Buffer.alloc(rtnetlink_1.ADDRESS_PART_BYTES));
    const byIndex = new Map();
    for (const { body } of (0, route_1.ask)(request, 'RTM_GETADDR', 'addresses', netnsPath)) {
        const { family, prefixLength, index } = (0, rtnetlink_1.decodeAddressPart)(body);
        const attributes = (0, rtnetlink_1.decodeAttributes)(body, rtnetlink_1.ADDRESS_PART_BYTES);
        const peerBytes = attributes.get(rtnetlink_1.AddressAttribute.Peer);
        const bytes = attributes.get(rtnetlink_1.AddressAttribute.Local) ?? peerBytes;
        if (bytes === undefined)
            continue;
        const hasPeer = peerBytes !== undefined && !peerBytes.equals(bytes);
        const list = byIndex.get(index) ?? [];
        byIndex.set(index, list);
        list.push({
            family: family === AF_INET ? 4 : 6,
            address: formatAddress(bytes),
            prefixLength,
            peer: hasPeer ? formatAddress(peerBytes) : undefined,
        });
    }
    return byIndex;
}
function addAddress(link, address, netnsPath) {
    const flags = rtnetlink_1.Flag.Acknowledge | rtnetlink_1.Flag.Create | rtnetlink_1.Flag.Exclusive;
    const request = encodeAddress(rtnetlink_1.Message.NewAddress, flags, link, address);
    (0, route_1.ask)(request, 'RTM_NEWADDR', link.name, netnsPath);
}
function removeAddress(link, address, netnsPath) {
    const request = encodeAddress(rtnetlink_1.Message.DeleteAddress, rtnetlink_1.Flag.Acknowledge, link, address);
    (0, route_1.ask)(request, 'RTM_DELADDR', link.name, netnsPath);
}
function encodeAddress(type, flags, { index }, { address, prefixLength, peer }) {
    const family = address.length === 4 ? AF_INET : AF_INET6;
    return (0, rtnetlink_1.encodeMessage)(type, flags, (0, rtnetlink_1.encodeAddressPart)({ family, prefixLength, index }), [
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.AddressAttribute.Local, address),
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.AddressAttribute.Peer, peer ?? address),
    ]);
}
/** @returns `undefined` for an interface of another kind */
function decodeLink({ type, body }) {
    if (type !== rtnetlink_1.Message.NewLink)
        return undefined;
    const { index, flags } = (0, rtnetlink_1.decodeLinkPart)(body);
    const attributes = (0, rtnetlink_1.decodeAttributes)(body, rtnetlink_1.LINK_PART_BYTES);
    const info = nested(attributes, rtnetlink_1.LinkAttribute.LinkInfo);
    const kind = info.get(rtnetlink_1.InfoAttribute.Kind);
    if (kind === undefined || (0, rtnetlink_1.decodeName)(kind) !== KIND)
        return undefined;
    const tun = nested(info, rtnetlink_1.InfoAttribute.Data);
    const isTun = tun.get(rtnetlink_1.TunAttribute.Type)?.[0] === IFF_TUN;
    const isSet = (attribute) => tun.get(attribute)?.[0] === 1;
    const number = (attribute) => tun.get(attribute)?.readUInt32LE();
    return {
        index,
        name: (0, rtnetlink_1.decodeName)(attributes.get(rtnetlink_1.LinkAttribute.Name) ?? Buffer.alloc(0)),
        mode: isTun ? 'tun' : 'tap',
        isUp: (flags & IFF_UP) !== 0,
        mtuBytes: attributes.get(rtnetlink_1.LinkAttribute.Mtu)?.readUInt32LE() ?? 0,
        queueFrames: attributes.get(rtnetlink_1.LinkAttribute.QueueLength)?.readUInt32LE() ?? 0,
        mac: isTun ? undefined : attributes.get(rtnetlink_1.LinkAttribute.Address),
        isPersistent: isSet(rtnetlink_1.TunAttribute.Persist),
        hasPacketInfo: isSet(rtnetlink_1.TunAttribute.PacketInfo),
        hasVnetHeader: isSet(rtnetlink_1.TunAttribute.VnetHeader),
        isMultiQueue: isSet(rtnetlink_1.TunAttribute.MultiQueue),
        queueCount: (number(rtnetlink_1.TunAttribute.QueueCount) ?? 0) + (number(rtnetlink_1.TunAttribute.DisabledQueueCount) ?? 0),
        owner: number(rtnetlink_1.TunAttribute.Owner),
        group: number(rtnetlink_1.TunAttribute.Group),
        isCompanion: (0, companion_1.isCompanionAlias)((0, rtnetlink_1.decodeName)(attributes.get(rtnetlink_1.LinkAttribute.Alias) ?? Buffer.alloc(0))),
    };
}
function nested(attributes, type) {
    return (0, rtnetlink_1.decodeAttributes)(attributes.get(type) ?? Buffer.alloc(0));
}
function nameAttribute(name) {
    return (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Name, (0, rtnetlink_1.encodeName)(name));
}
/** Text of an address of 4 or 16 bytes in wire order. */
function formatAddress(bytes) {
    const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? [];
    return (0, ip_text_1.canonicalIpAddress)(bytes.length === 4 ? bytes.join('.') : groups.join(':'));
}
/** Text of a MAC address of six bytes in wire order. */
function formatMacBytes(bytes) {
    const { hi16, lo32 } = (0, mac_1.macFromBytes)(bytes);
    return (0, mac_1.formatMac)(hi16, lo32);
}
