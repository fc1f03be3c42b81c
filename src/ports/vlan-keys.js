"use strict";
/**
 * Keys of a port that say its VLANs. There are three ways, of which a port has one at most: an access port
 * (`vlan`), a trunk (`trunk` and `native`), and any list with the flags of `bridge vlan` (`vlans`), which
 * `tapctl vlan add` and `del` make where the first two cannot say it. A port without any is in the VLAN of
 * the default PVID.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.VLAN_KEYS = void 0;
exports.portVlans = portVlans;
exports.refuseContradictingVlans = refuseContradictingVlans;
exports.replacingVlanKeys = replacingVlanKeys;
exports.vlanKeysOf = vlanKeysOf;
exports.withoutVlans = withoutVlans;
exports.givenVlanKeys = givenVlanKeys;
const rule_1 = require("../config/values/rule");
const vid_1 = require("../config/values/vid");
const vlan_list_1 = require("../config/values/vlan-list");
/** Value of a key that says nothing. */
const NONE = 'none';
const DEFAULT = 'default';
exports.VLAN_KEYS = {
    vlan: {
        rule: orWord(vid_1.vid, NONE),
        placeholder: 'VID',
        help: 'access port of a VLAN: its frames have no tag',
        fallback: NONE,
    },
    trunk: {
        rule: orWord(vlan_list_1.vidList, NONE),
        placeholder: 'VIDS',
        help: 'VLANs whose frames have a tag: 10+20+100-110',
        fallback: NONE,
    },
    native: {
        rule: orWord(vid_1.vid, NONE),
        placeholder: 'VID',
        help: 'VLAN of a trunk whose frames have no tag',
        fallback: NONE,
    },
    vlans: {
        rule: orWord(vlan_list_1.vlanList, DEFAULT),
        placeholder: 'LIST',
        help: 'VLANs with the flags of "bridge vlan": 10:pvid:untagged+20',
        fallback: DEFAULT,
    },
};
const KEYS = Object.keys(exports.VLAN_KEYS);
/**
 * VLANs of a port; `null`: those of the default PVID.
 * @param valueOf the value that a key has
 */
function portVlans(valueOf) {
    const given = givenKeys(valueOf);
    const { vlan, trunk, native, vlans } = given;
    if (vlans !== undefined)
        return (0, vlan_list_1.parseVlanList)(vlans);
    if (vlan !== undefined)
        return [{ vid: vlan, pvid: true, untagged: true }];
    if (trunk === undefined)
        return null;
    const tagged = (0, vlan_list_1.parseVlanList)(trunk);
    if (native === undefined)
        return tagged;
    return (0, vlan_list_1.canonical)([...tagged, { vid: native, pvid: true, untagged: true }]);
}
/** @throws ValueError where a port has two ways to say its VLANs, or a native VLAN without a trunk */
function refuseContradictingVlans(valueOf) {
    const given = givenKeys(valueOf);
    if (given.native !== undefined && given.trunk === undefined) {
        throw new rule_1.ValueError('native: needs a trunk; give trunk=VIDS, or vlan=VID for an access port');
    }
    const ways = ['vlan', 'trunk', 'vlans'].filter((key) => given[key] !== undefined);
    if (ways.length > 1) {
        throw new rule_1.ValueError(`${ways.join(' and ')}: a port has one of them; leave the others out`);
    }
}
/** Settings with which a key replaces the other ways to say the VLANs of a port. */
function replacingVlanKeys(settings) {
    const given = givenKeys((key) => settings[key]);
    if (given.vlan === undefined && given.trunk === undefined && given.vlans === undefined) {
        return settings;
    }
    const kept = given.trunk === undefined ? KEYS : KEYS.filter((key) => key !== 'native');
    const others = kept.filter((key) => settings[key] === undefined);
    return {
        ...settings,
        ...Object.fromEntries(others.map((key) => [key, exports.VLAN_KEYS[key].fallback])),
    };
}
/** All keys of a port with these VLANs, in the plainest words. */
function vlanKeysOf(vlans) {
    const nothing = Object.fromEntries(KEYS.map((key) => [key, exports.VLAN_KEYS[key].fallback]));
    const ranges = (0, vlan_list_1.canonical)(vlans);
    const [first] = ranges;
    const own = ranges.find(({ pvid }) => pvid === true);
    if (ranges.length === 1 && own?.untagged === true)
        return { ...nothing, vlan: first?.vid };
    const untagged = ranges.filter((range) => range.untagged === true || range.pvid === true);
    const isTrunk = untagged.every((range) => range === own && range.untagged === true);
    if (ranges.length === 0 || !isTrunk)
        return { ...nothing, vlans: (0, vlan_list_1.formatVlanList)(ranges) };
    const trunk = (0, vlan_list_1.formatVlanList)(ranges.filter((range) => range !== own));
    return { ...nothing, trunk, ...(own !== undefined && { native: own.vid }) };
}
/** The VLANs without those of a range, in canonical form. */
function withoutVlans(vlans, from, to) {
    const left = vlans.flatMap((range) => {
        const { vid: first, vidEnd: last = first } = range;
        return [
            { ...range, vid: first, vidEnd: Math.min(last, from - 1) },
            { ...range, vid: Math.max(first, to + 1), vidEnd: last },
        ].filter((part) => part.vid <= part.vidEnd);
    });
    return (0, vlan_list_1.canonical)(left);
}
/** Keys that say the VLANs of a port. @param valueOf the value that a key has */
function givenVlanKeys(valueOf) {
    return Object.keys(givenKeys(valueOf));
}
function givenKeys(valueOf) {
    const given = KEYS.filter((key) => {
        const value = valueOf(key);
        return value !== undefined && value !== exports.VLAN_KEYS[key].fallback;
    });
    return Object.fromEntries(given.map((key) => [key, valueOf(key)]));
}
/** A rule that also takes one word. */
function orWord(rule, word) {
    return {
        fromText: (text) => (text === word ? word : rule.fromText(text)),
        fromValue: (value) => (value === word ? word : rule.fromValue(value)),
        schema: { anyOf: [{ const: word }, rule.schema] },
    };
}
