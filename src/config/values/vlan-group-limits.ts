/**
 * Numbers of groups that a port may join in some VLANs, as people write them: `10:3+20-30:5`, or `off` for none.
 */

import type { VlanGroupLimit } from '../../mcast/group-limits';
import { MAX_VID, MIN_VID } from '../../wire/vlan';
import { type Rule, expected, textRule } from './rule';

const OFF = 'off';
const MAX_GROUPS = 65_536;
const WHAT =
  `VIDs from ${MIN_VID} to ${MAX_VID} or ranges, each with a number of groups from 1 to ${MAX_GROUPS}, ` +
  'such as 10:3+20-30:5, or off';
const ENTRY = /^(\d{1,4})(?:-(\d{1,4}))?:(\d{1,5})$/;

const ofText = textRule(WHAT, (text): string | undefined => {
  if (text === OFF) return text;
  const limits = readLimits(text);
  return limits && formatLimits(limits);
});

/** The value is the text in canonical form. */
export const vlanGroupLimits: Rule<string> = {
  fromText: ofText.fromText,
  fromValue: (value) => (value === false ? OFF : ofText.fromValue(value)),
  schema: { anyOf: [{ type: 'string' }, { const: false }], description: WHAT },
};

/** Limits of a text that the rule made. */
export function parseVlanGroupLimits(text: string): VlanGroupLimit[] {
  return text === OFF ? [] : (readLimits(text) ?? []);
}

/** @throws ValueError for a number out of range, a range backwards, and a VID with two limits */
function readLimits(text: string): VlanGroupLimit[] | undefined {
  const limits: VlanGroupLimit[] = [];
  for (const part of text.split('+')) {
    const [, first, last = first, number] = ENTRY.exec(part) ?? [];
    if (first === undefined) return undefined;
    const [vid, vidEnd, groups] = [Number(first), Number(last), Number(number)];
    if (vid < MIN_VID || vidEnd > MAX_VID) {
      throw expected(WHAT, text, `a VID is ${MIN_VID} to ${MAX_VID}`);
    }
    if (vid > vidEnd) throw expected(WHAT, text, `${part} is a range backwards`);
    if (groups < 1 || groups > MAX_GROUPS) {
      throw expected(WHAT, text, `the number of groups is 1 to ${MAX_GROUPS}`);
    }
    limits.push({ vid, ...(vidEnd !== vid && { vidEnd }), groups });
  }
  limits.sort((a, b) => a.vid - b.vid);
  const twice = limits.find(({ vid }, at) => at > 0 && vid <= lastOf(limits[at - 1]));
  if (twice !== undefined) throw expected(WHAT, text, `VLAN ${twice.vid} has two limits`);
  return limits;
}

function lastOf(limit: VlanGroupLimit | undefined): number {
  return limit?.vidEnd ?? limit?.vid ?? 0;
}

function formatLimits(limits: readonly VlanGroupLimit[]): string {
  return limits
    .map(
      ({ vid, vidEnd, groups }) => `${vidEnd === undefined ? vid : `${vid}-${vidEnd}`}:${groups}`,
    )
    .join('+');
}
