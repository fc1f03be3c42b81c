"use strict";
/** TUN/TAP devices as the kernel reports them, with their addresses and the programs that hold them. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.listTaps = listTaps;
exports.showTap = showTap;
exports.requireLink = requireLink;
exports.readTap = readTap;
const native_1 = require("../native/native");
const device_options_1 = require("./device-options");
const explain_refusal_1 = require("./explain-refusal");
const holders_1 = require("./holders");
const link_1 = require("./link");
const netns_1 = require("../system/netns");
const tuntap_error_1 = require("../system/tuntap-error");
/**
 * Every TUN/TAP device of a namespace, or of all that this process may look into. A companion is not
 * listed: it is a part of the interface that it stands for.
 */
function listTaps(place = {}) {
    return (0, explain_refusal_1.explained)({ name: 'tap list', mode: 'tap', ...place }, () => {
        (0, device_options_1.checkPlace)(place);
        const holders = (0, holders_1.findHolders)();
        return place.netns === undefined
            ? (0, netns_1.visibleNetns)().flatMap((netns) => readIfAllowed(netns, holders))
            : readNetns((0, netns_1.netnsOf)(place.netns), holders);
    });
}
/** @throws TunTapError: `ENODEV` where there is no such device */
function showTap(name, place = {}) {
    return (0, explain_refusal_1.explained)({ name, mode: 'tap', ...place }, () => {
        requireLink(name, (0, device_options_1.checkPlace)(place));
        return readTap(name, place);
    });
}
/** @throws NativeError, or TunTapError if no TUN/TAP device has the name. */
function requireLink(name, netnsPath) {
    const link = (0, link_1.findLink)(name, netnsPath);
    if (typeof link === 'object')
        return link;
    throw link === 'nothing'
        ? new tuntap_error_1.TunTapError('ENODEV', 'there is no such device (ENODEV); "tapctl tap list" shows all')
        : new tuntap_error_1.TunTapError('EINVAL', 'is not a TUN/TAP device (EINVAL); choose another name');
}
/** Reads the state of a device. @throws NativeError, or TunTapError if the device does not exist. */
function readTap(name, { netns }) {
    const place = (0, netns_1.netnsOf)(netns);
    const link = requireLink(name, (0, netns_1.pathOf)(place));
    return describeLink(link, place, (0, link_1.listAddresses)((0, netns_1.pathOf)(place)).get(link.index), (0, holders_1.findHolders)());
}
/** @returns no device for a namespace that may not be entered, or that is gone */
function readIfAllowed(netns, holders) {
    try {
        return readNetns(netns, holders);
    }
    catch (error) {
        if (netns.name !== undefined && (0, native_1.isNativeError)(error))
            return [];
        throw error;
    }
}
function readNetns(netns, holders) {
    const path = (0, netns_1.pathOf)(netns);
    const links = (0, link_1.listLinks)(path).filter(({ isCompanion }) => !isCompanion);
    if (links.length === 0)
        return [];
    const addresses = (0, link_1.listAddresses)(path);
    return links
        .map((link) => describeLink(link, netns, addresses.get(link.index), holders))
        .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
function describeLink(link, netns, addresses = [], holders) {
    return {
        name: link.name,
        ...(netns.name !== undefined && { netns: netns.name }),
        mode: link.mode,
        persistent: link.isPersistent,
        packetInfo: link.hasPacketInfo,
        vnetHeader: link.hasVnetHeader,
        multiQueue: link.isMultiQueue,
        ...(link.owner !== undefined && { user: link.owner }),
        ...(link.group !== undefined && { group: link.group }),
        ...(link.mac !== undefined && { mac: (0, link_1.formatMacBytes)(link.mac) }),
        mtu: link.mtuBytes,
        up: link.isUp,
        addresses: addresses.map(({ address, prefixLength, peer }) => ({
            address: `${address}/${prefixLength}`,
            ...(peer !== undefined && { peer }),
        })),
        holders: (0, holders_1.holdersOf)(holders, { name: link.name, netnsId: netns.id }),
    };
}
