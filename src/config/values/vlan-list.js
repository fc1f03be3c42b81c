"use strict";
/**
 * VLANs of a port as people write them: VIDs and ranges with a plus sign between them, `10+20+100-110`. An
 * entry may have the flags of `bridge vlan` behind it: `10:pvid:untagged`.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.vlanList = exports.vidList = void 0;
exports.parseVlanList = parseVlanList;
exports.formatVlanList = formatVlanList;
exports.canonical = canonical;
const vlan_1 = require("../../wire/vlan");
const rule_1 = require("./rule");
/** VLANs of a port in no VLAN. */
const NO_VLANS = 'none';
const VIDS_WHAT = `VIDs from ${vlan_1.MIN_VID} to ${vlan_1.MAX_VID} and ranges, such as 10+20+100-110`;
const LIST_WHAT = 'VLANs with their flags, such as 10:pvid:untagged+20+100-110, or none';
const ENTRY = /^(\d{1,4})(?:-(\d{1,4}))?((?::(?:pvid|untagged))*)$/;
/** Text of VIDs and ranges, in canonical form. */
exports.vidList = (0, rule_1.textRule)(VIDS_WHAT, (text) => {
    const entries = readEntries(text, VIDS_WHAT);
    if (entries === undefined || entries.some(hasFlags))
        return undefined;
    return formatVlanList(canonical(entries));
});
/** Text of VLANs with their flags, in canonical form, or `none`. */
exports.vlanList = (0, rule_1.textRule)(LIST_WHAT, (text) => {
    if (text === NO_VLANS)
        return text;
    const entries = readEntries(text, LIST_WHAT);
    return entries && formatVlanList(canonical(entries));
});
/** VLANs of a text that one of the two rules made. */
function parseVlanList(text) {
    return text === NO_VLANS ? [] : (readEntries(text, LIST_WHAT) ?? []);
}
/** Text from which `vlanList` reads the same. */
function formatVlanList(vlans) {
    return vlans.map(formatEntry).join('+') || NO_VLANS;
}
/**
 * The same VLANs in ascending order, each VID once, with the longest ranges. A later entry of a VID
 * replaces an earlier one, as `bridge vlan add` does.
 */
function canonical(vlans) {
    const byVid = new Map();
    let pvid;
    for (const { vid: first, vidEnd = first, pvid: isPvid, untagged } of vlans) {
        for (let vid = first; vid <= vidEnd; vid++) {
            byVid.set(vid, untagged === true ? { vid, untagged } : { vid });
            if (isPvid === true)
                pvid = vid;
            else if (pvid === vid)
                pvid = undefined;
        }
    }
    const ranges = [];
    for (const vid of [...byVid.keys()].sort((a, b) => a - b)) {
        const { untagged } = byVid.get(vid);
        const last = ranges.at(-1);
        const isNext = last !== undefined && (last.vidEnd ?? last.vid) === vid - 1;
        if (isNext && vid !== pvid && last.pvid !== true && last.untagged === untagged) {
            ranges[ranges.length - 1] = { ...last, vidEnd: vid };
        }
        else {
            const flags = { ...(vid === pvid && { pvid: true }), ...(untagged === true && { untagged }) };
            ranges.push({ vid, ...flags });
        }
    }
    return ranges;
}
/** @throws ValueError for a VID out of range and for a range backwards */
function readEntries(text, what) {
    const entries = [];
    for (const part of text.split('+')) {
        const [, first, last = first, flags = ''] = ENTRY.exec(part) ?? [];
        if (first === undefined)
            return undefined;
        const [vid, vidEnd] = [Number(first), Number(last)];
        if (vid < vlan_1.MIN_VID || vidEnd > vlan_1.MAX_VID) {
            throw (0, rule_1.expected)(what, text, `a VID is ${vlan_1.MIN_VID} to ${vlan_1.MAX_VID}`);
        }
        if (vid > vidEnd)
            throw (0, rule_1.expected)(what, text, `${part} is a range backwards`);
        const isPvid = flags.includes(':pvid');
        if (isPvid && vid !== vidEnd)
            throw (0, rule_1.expected)(what, text, 'one VID can be the PVID, no range');
        entries.push({
            vid,
            ...(vidEnd !== vid && { vidEnd }),
            ...(isPvid && { pvid: true }),
            ...(flags.includes(':untagged') && { untagged: true }),
        });
    }
    return entries;
}
function hasFlags({ pvid, untagged }) {
    return pvid === true || untagged === true;
}
function formatEntry({ vid, vidEnd, pvid, untagged }) {
    const range = vidEnd === undefined ? String(vid) : `${vid}-${vidEnd}`;
    return `${range}${pvid === true ? ':pvid' : ''}${untagged === true ? ':untagged' : ''}`;
}
