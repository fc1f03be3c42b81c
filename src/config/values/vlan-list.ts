/**
 * VLANs of a port as people write them: VIDs and ranges with a plus sign between them, `10+20+100-110`. An
 * entry may have the flags of `bridge vlan` behind it: `10:pvid:untagged`.
 */

import type { PortVlan } from '../../l2/vlan-table';
import { MAX_VID, MIN_VID } from '../../wire/vlan';
import { type Rule, expected, textRule } from './rule';

/** VLANs of a port in no VLAN. */
const NO_VLANS = 'none';

const RANGE_WHAT = `a VID from ${MIN_VID} to ${MAX_VID} or a range, such as 10 or 10-20`;
const VIDS_WHAT = `VIDs from ${MIN_VID} to ${MAX_VID} and ranges, such as 10+20+100-110`;
const LIST_WHAT = 'VLANs with their flags, such as 10:pvid:untagged+20+100-110, or none';
const ENTRY = /^(\d{1,4})(?:-(\d{1,4}))?((?::(?:pvid|untagged))*)$/;

/** A VID, or one range. */
export const vidRange: Rule<PortVlan> = {
  fromText: readRange,
  fromValue: (value) => {
    if (typeof value !== 'number' && typeof value !== 'string') throw expected(RANGE_WHAT, value);
    return readRange(String(value));
  },
  schema: { type: ['integer', 'string'], description: RANGE_WHAT },
};

/** Text of VIDs and ranges, in canonical form. */
export const vidList: Rule<string> = orNumber(VIDS_WHAT, (text) => {
  const entries = readEntries(text, VIDS_WHAT);
  if (entries === undefined || entries.some(hasFlags)) return undefined;
  return formatVlanList(canonical(entries));
});

/** Text of VLANs with their flags, in canonical form, or `none`. */
export const vlanList: Rule<string> = orNumber(LIST_WHAT, (text) => {
  if (text === NO_VLANS) return text;
  const entries = readEntries(text, LIST_WHAT);
  if (new Set(entries?.filter(isPvid).map(({ vid }) => vid)).size > 1) {
    throw expected(LIST_WHAT, text, 'only one VID can be the PVID');
  }
  return entries && formatVlanList(canonical(entries));
});

/** VLANs of a text that one of the two rules made. */
export function parseVlanList(text: string): PortVlan[] {
  return text === NO_VLANS ? [] : (readEntries(text, LIST_WHAT) ?? []);
}

/** Text from which `vlanList` reads the same. */
export function formatVlanList(vlans: readonly PortVlan[]): string {
  return vlans.map(formatEntry).join('+') || NO_VLANS;
}

/**
 * The same VLANs in ascending order, each VID once, with the longest ranges. A later entry of a VID
 * replaces an earlier one, as `bridge vlan add` does.
 */
export function canonical(vlans: readonly PortVlan[]): PortVlan[] {
  const byVid = new Map<number, PortVlan>();
  let pvid: number | undefined;
  for (const { vid: first, vidEnd = first, pvid: isPvid, untagged } of vlans) {
    for (let vid = first; vid <= vidEnd; vid++) {
      byVid.set(vid, untagged === true ? { vid, untagged } : { vid });
      if (isPvid === true) pvid = vid;
      else if (pvid === vid) pvid = undefined;
    }
  }
  const ranges: PortVlan[] = [];
  for (const vid of [...byVid.keys()].sort((a, b) => a - b)) {
    const { untagged } = byVid.get(vid) as PortVlan;
    const last = ranges.at(-1);
    const isNext = last !== undefined && (last.vidEnd ?? last.vid) === vid - 1;
    if (isNext && vid !== pvid && last.pvid !== true && last.untagged === untagged) {
      ranges[ranges.length - 1] = { ...last, vidEnd: vid };
    } else {
      const flags = { ...(vid === pvid && { pvid: true }), ...(untagged === true && { untagged }) };
      ranges.push({ vid, ...flags });
    }
  }
  return ranges;
}

/** A rule of text that also takes one VID as a number, which it is in a file: `trunk: 10`. */
function orNumber(what: string, parse: (text: string) => string | undefined): Rule<string> {
  const rule = textRule(what, parse);
  return {
    ...rule,
    fromValue: (value) => rule.fromValue(typeof value === 'number' ? String(value) : value),
    schema: { type: ['integer', 'string'], description: what },
  };
}

function readRange(text: string): PortVlan {
  const entries = readEntries(text, RANGE_WHAT) ?? [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1 || hasFlags(entry)) {
    throw expected(RANGE_WHAT, text);
  }
  return entry;
}

/** @throws ValueError for a VID out of range and for a range backwards */
function readEntries(text: string, what: string): PortVlan[] | undefined {
  const entries: PortVlan[] = [];
  for (const part of text.split('+')) {
    const [, first, last = first, flags = ''] = ENTRY.exec(part) ?? [];
    if (first === undefined) return undefined;
    const [vid, vidEnd] = [Number(first), Number(last)];
    if (vid < MIN_VID || vidEnd > MAX_VID) {
      throw expected(what, text, `a VID is ${MIN_VID} to ${MAX_VID}`);
    }
    if (vid > vidEnd) throw expected(what, text, `${part} is a range backwards`);
    const hasPvid = flags.includes(':pvid');
    if (hasPvid && vid !== vidEnd) {
      throw expected(what, text, 'only one VID can be the PVID, not a range');
    }
    entries.push({
      vid,
      ...(vidEnd !== vid && { vidEnd }),
      ...(hasPvid && { pvid: true }),
      ...(flags.includes(':untagged') && { untagged: true }),
    });
  }
  return entries;
}

function isPvid({ pvid }: PortVlan): boolean {
  return pvid === true;
}

function hasFlags({ pvid, untagged }: PortVlan): boolean {
  return pvid === true || untagged === true;
}

function formatEntry({ vid, vidEnd, pvid, untagged }: PortVlan): string {
  const range = vidEnd === undefined ? String(vid) : `${vid}-${vidEnd}`;
  return `${range}${pvid === true ? ':pvid' : ''}${untagged === true ? ':untagged' : ''}`;
}
