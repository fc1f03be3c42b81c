"use strict";
/**
 * Veth pairs that the switch makes. The far end belongs to the inhabitants of its namespace. The near end is
 * in the namespace of this process.
 *
 * A switch that was killed leaves its pairs behind. The next switch finds them by the name of the near end,
 * which follows from the namespace and the name of the far end, and by an alias that both ends have.
 *
 * Source: rtnetlink(7), linux/veth.h, drivers/net/veth.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.nearEndOf = nearEndOf;
exports.findVethEnd = findVethEnd;
exports.isOwnNearEnd = isOwnNearEnd;
exports.findFarEnd = findFarEnd;
exports.makePair = makePair;
exports.removePair = removePair;
exports.removeTogether = removeTogether;
exports.isLeaving = isLeaving;
const node_crypto_1 = require("node:crypto");
const native_1 = require("../native/native");
const tuntap_error_1 = require("../system/tuntap-error");
const interface_1 = require("./interface");
const ask_link_1 = require("./ask-link");
const route_1 = require("./route");
const rtnetlink_1 = require("./rtnetlink");
const KIND = 'veth';
const DIGEST_CHARACTERS = 8;
const IFF_UP = 1;
/** First group of pairs that a switch is removing. The low bits are its process id. */
const LEAVING_GROUPS = 0x74730000;
/**
 * Name of the near end: always the same for one name in one namespace. The names of Docker's veths are one
 * character shorter.
 * @param netnsId identity of the namespace: see `Netns`
 */
function nearEndOf(farName, netnsId) {
    const digest = (0, node_crypto_1.createHash)('sha256').update(`${netnsId} ${farName}`).digest('hex');
    return `${KIND}${digest.slice(0, DIGEST_CHARACTERS)}`;
}
/** Alias of both ends, for people who list interfaces. */
function aliasOf(nearName) {
    return `tapswitch: pair of ${nearName}`;
}
/** @returns the end of a veth pair; `other` for another interface, `nothing` for none */
function findVethEnd(which, netnsPath) {
    const message = (0, ask_link_1.askLink)(which, netnsPath);
    if (message === undefined)
        return 'nothing';
    const { body } = message;
    const { index, flags } = (0, rtnetlink_1.decodeLinkPart)(body);
    const attributes = (0, rtnetlink_1.decodeAttributes)(body, rtnetlink_1.LINK_PART_BYTES);
    const info = (0, rtnetlink_1.decodeAttributes)(attributes.get(rtnetlink_1.LinkAttribute.LinkInfo) ?? Buffer.alloc(0));
    const kind = info.get(rtnetlink_1.InfoAttribute.Kind);
    if (kind === undefined || (0, rtnetlink_1.decodeName)(kind) !== KIND)
        return 'other';
    const alias = attributes.get(rtnetlink_1.LinkAttribute.Alias);
    return {
        index,
        name: (0, rtnetlink_1.decodeName)(attributes.get(rtnetlink_1.LinkAttribute.Name) ?? Buffer.alloc(0)),
        peerIndex: attributes.get(rtnetlink_1.LinkAttribute.Link)?.readUInt32LE(),
        mac: attributes.get(rtnetlink_1.LinkAttribute.Address),
        mtuBytes: attributes.get(rtnetlink_1.LinkAttribute.Mtu)?.readUInt32LE() ?? 0,
        alias: alias && (0, rtnetlink_1.decodeName)(alias),
        group: attributes.get(rtnetlink_1.LinkAttribute.Group)?.readUInt32LE() ?? 0,
        isUp: (flags & IFF_UP) !== 0,
    };
}
/**
 * Whether a switch made this near end. A pair without an alias counts too: its switch was killed early.
 * @param madeName name of the end when it was made; others may have changed it
 */
function isOwnNearEnd({ alias }, madeName) {
    return alias === undefined || alias === aliasOf(madeName);
}
/**
 * The far end of a near end, if it is still in that namespace: its inhabitants may have moved it. Indexes and
 * alias are both compared, because each alone may be the same in several namespaces.
 */
function findFarEnd(near, farNetns) {
    if (near.peerIndex === undefined)
        return undefined;
    const far = findVethEnd(near.peerIndex, farNetns);
    if (typeof far === 'string' || far.peerIndex !== near.index)
        return undefined;
    return far.alias === near.alias && far.alias !== undefined ? far : undefined;
}
/**
 * Makes a pair. Its ends are down. The kernel sends no frames of its own out of the near end.
 * @throws RouteRefusal; then nothing of the pair is left
 */
function makePair({ nearName, farName, farNetns, mac, mtuBytes }) {
    const mtu = mtuBytes === undefined ? [] : [(0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Mtu, (0, rtnetlink_1.encodeU32)(mtuBytes))];
    const peer = Buffer.concat([
        (0, rtnetlink_1.encodeLinkPart)({}),
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Name, (0, rtnetlink_1.encodeName)(nearName)),
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.NetnsProcess, (0, rtnetlink_1.encodeU32)(process.pid)),
        ...mtu,
    ]);
    const info = Buffer.concat([
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.InfoAttribute.Kind, (0, rtnetlink_1.encodeName)(KIND)),
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.InfoAttribute.Data, (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.VethAttribute.Peer, peer)),
    ]);
    const flags = rtnetlink_1.Flag.Acknowledge | rtnetlink_1.Flag.Create | rtnetlink_1.Flag.Exclusive;
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.NewLink, flags, (0, rtnetlink_1.encodeLinkPart)({}), [
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Name, (0, rtnetlink_1.encodeName)(farName)),
        ...(mac === undefined ? [] : [(0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Address, mac)]),
        ...mtu,
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.LinkInfo, info),
    ]);
    (0, route_1.ask)(request, 'RTM_NEWLINK', farName, farNetns);
    const near = findVethEnd(nearName);
    if (typeof near === 'string')
        throw missing(nearName);
    try {
        const alias = aliasOf(nearName);
        (0, interface_1.silence)(nearName, alias);
        // The inhabitants of the namespace may have renamed it already, so it is found by its index.
        setAlias(near.peerIndex ?? 0, alias, farNetns);
        const far = findFarEnd({ ...near, alias }, farNetns);
        if (far === undefined)
            throw missing(farName);
        return { near: { ...near, alias }, far };
    }
    catch (error) {
        removePair(near);
        throw error;
    }
}
/** Removes both ends. @param near in the namespace of this process */
function removePair({ index, name }) {
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.DeleteLink, rtnetlink_1.Flag.Acknowledge, (0, rtnetlink_1.encodeLinkPart)({ index }));
    (0, route_1.ask)(request, 'RTM_DELLINK', name);
}
const leaving = [];
let removal;
/**
 * Removes a pair together with all others that are removed in this turn of the event loop. The kernel takes
 * some 20 ms for one pair, and no longer for a group of many (unregister_netdevice_many in net/core/dev.c).
 * A pair that is gone already, or whose removal is refused, is skipped.
 */
function removeTogether(near) {
    leaving.push(near);
    removal ??= Promise.resolve().then(() => {
        removal = undefined;
        removeAll(leaving.splice(0));
    });
    return removal;
}
/** Whether a switch was killed while it was removing the pair. */
function isLeaving({ group }) {
    return group >= LEAVING_GROUPS;
}
function removeAll(pairs) {
    const [first] = pairs;
    if (first === undefined)
        return;
    if (pairs.length === 1) {
        passOver(() => removePair(first));
        return;
    }
    const group = (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Group, (0, rtnetlink_1.encodeU32)(LEAVING_GROUPS + process.pid));
    for (const { index, name } of pairs) {
        const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.NewLink, rtnetlink_1.Flag.Acknowledge, (0, rtnetlink_1.encodeLinkPart)({ index }), [
            group,
        ]);
        passOver(() => (0, route_1.ask)(request, 'RTM_NEWLINK', name));
    }
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.DeleteLink, rtnetlink_1.Flag.Acknowledge, (0, rtnetlink_1.encodeLinkPart)({}), [group]);
    passOver(() => (0, route_1.ask)(request, 'RTM_DELLINK', first.name));
}
function passOver(removal) {
    try {
        removal();
    }
    catch (error) {
        if (!(0, native_1.isNativeError)(error))
            throw error;
    }
}
function setAlias(index, alias, netnsPath) {
    const request = (0, rtnetlink_1.encodeMessage)(rtnetlink_1.Message.NewLink, rtnetlink_1.Flag.Acknowledge, (0, rtnetlink_1.encodeLinkPart)({ index }), [
        (0, rtnetlink_1.encodeAttribute)(rtnetlink_1.LinkAttribute.Alias, Buffer.from(alias)),
    ]);
    (0, route_1.ask)(request, 'RTM_NEWLINK', `interface ${index}`, netnsPath);
}
function missing(name) {
    return new tuntap_error_1.TunTapError('ENODEV', `${name} was deleted or moved while the pair was made (ENODEV)`);
}
