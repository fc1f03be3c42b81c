"use strict";
/**
 * Options of a TUN/TAP device as a program writes them, and the same options checked: every value is
 * valid, every name is looked up. Nothing here touches the device.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.peerAddress = exports.MTU_RULES = exports.deviceMode = void 0;
exports.checkOptions = checkOptions;
exports.checkPlace = checkPlace;
exports.checkSettings = checkSettings;
const cidr_1 = require("../config/values/cidr");
const ip_text_1 = require("../wire/ip-text");
const interface_name_1 = require("../config/values/interface-name");
const interface_rules_1 = require("../config/values/interface-rules");
const station_mac_1 = require("../config/values/station-mac");
const rule_1 = require("../config/values/rule");
const mac_1 = require("../wire/mac");
const accounts_1 = require("../system/accounts");
const netns_1 = require("../system/netns");
exports.deviceMode = (0, rule_1.oneOf)('tap', 'tun');
/**
 * MTU by mode. Source: tun_net_init in the kernel's drivers/net/tun.c; the maximum is MAX_MTU, 65535, less
 * the Ethernet header.
 */
exports.MTU_RULES = {
    tap: interface_rules_1.tapMtu,
    tun: (0, rule_1.wholeNumber)({ from: 68, to: 65535, unit: 'bytes' }),
};
exports.peerAddress = (0, rule_1.textRule)('an IP address such as 192.0.2.2 or 2001:db8::2', (text) => (0, ip_text_1.parseIpAddress)(text) === undefined ? undefined : (0, ip_text_1.canonicalIpAddress)(text));
/** @throws ValueError, or TunTapError where there is no such user or group. */
function checkOptions(options, mode) {
    const name = read('name', interface_name_1.interfaceNameOrPattern, options.name) ?? `${mode}%d`;
    const user = read('user', interface_rules_1.account, options.user);
    const group = read('group', interface_rules_1.account, options.group);
    const path = checkPlace(options);
    return {
        name,
        netnsPath: path,
        settings: checkSettings(options, mode),
        native: {
            name,
            ...(path !== undefined && { netnsPath: path }),
            tun: mode === 'tun',
            packetInfo: options.packetInfo ?? false,
            multiQueue: options.multiQueue ?? false,
            ...(user !== undefined && { owner: (0, accounts_1.lookUpUser)(user) }),
            ...(group !== undefined && { group: (0, accounts_1.lookUpGroup)(group) }),
        },
    };
}
/** @returns the path of the namespace's file; undefined for that of this process. @throws ValueError */
function checkPlace({ netns }) {
    const name = read('netns', interface_name_1.namespaceName, netns);
    return name === undefined ? undefined : (0, netns_1.netnsPath)(name);
}
/** @throws ValueError */
function checkSettings(settings, mode) {
    const mtu = read('mtu', exports.MTU_RULES[mode], settings.mtu);
    const mac = read('mac', station_mac_1.stationMac, settings.mac);
    if (mac !== undefined && mode === 'tun') {
        throw new rule_1.ValueError('mac: a TUN device has no MAC address; leave it out');
    }
    return {
        ...(mtu !== undefined && { mtuBytes: mtu }),
        ...(mac !== undefined && { mac: (0, mac_1.macBytes)(mac) }),
        ...(settings.up !== undefined && { isUp: settings.up }),
        addresses: (settings.addresses ?? []).map((address) => checkAddress(typeof address === 'string' ? { address } : address)),
    };
}
function checkAddress({ address, peer }) {
    const own = (0, rule_1.at)('address', () => cidr_1.cidr.fromValue(address));
    const other = read('peer', exports.peerAddress, peer);
    return {
        address: addressBytes(own.address),
        prefixLength: own.prefixLength,
        peer: other === undefined ? undefined : peerBytes(own, other),
    };
}
function peerBytes({ address, family }, peer) {
    const bytes = addressBytes(peer);
    if ((bytes.length === 4) !== (family === 4)) {
        throw new rule_1.ValueError(`peer: expected an IPv${family} address, as ${address} is, got ${peer}`);
    }
    return bytes;
}
function addressBytes(text) {
    return (0, ip_text_1.parseIpAddress)(text) ?? new Uint8Array();
}
function read(key, rule, value) {
    return value === undefined ? undefined : (0, rule_1.at)(key, () => rule.fromValue(value));
}
