/**
 * A permanent entry of the group table that an operator makes, written as for `tapctl mdb add`:
 * `239.1.1.1 dev tap1 permanent`. An entry of a configuration is permanent in any case.
 */

import {
  type FilterMode,
  type WantedGroup,
  groupKeyOf,
  groupObjection,
  ipKeyOfText,
} from '../../mcast/static-groups';
import { NO_VLAN } from '../../wire/vlan';
import type { ListLimit } from '../list-limit';
import { groupAddress } from './group-address';
import { hostAddress } from './host-address';
import { ValueError, at, oneOf, textRule } from './rule';
import { vid } from './vid';

export interface StaticGroup {
  /** Address of the group in canonical form: IPv4, IPv6 or MAC. */
  readonly group: string;
  /** Label of the port that gets the group. */
  readonly port: string;
  /** Source of an (S,G); without it, the entry is of the group. */
  readonly source?: string;
  /** VID; without it, the entry is in each VLAN of the port while the switch filters by VLAN. */
  readonly vlan?: number;
  readonly mode?: FilterMode;
  /** Sources that the entry includes or excludes. */
  readonly sources?: readonly string[];
}

const MAX_STATIC_GROUPS = 4_096;

/** Limit of the table. */
export const GROUP_LIMIT: ListLimit<StaticGroup> = {
  max: MAX_STATIC_GROUPS,
  groupOf: () => 'groups',
  limitText: () => `${MAX_STATIC_GROUPS} permanent entries of groups at most`,
};

const WHAT =
  'GROUP dev PORT [src IP] [permanent] [vlan VID] [filter_mode include|exclude] [source_list IP,IP], ' +
  'such as 239.1.1.1 dev tap1 permanent';

/** Group, port, and the words behind the port. A port's name may have spaces. */
const WORDS =
  /^[ \t\n]*([^ \t\n]+)[ \t\n]+dev[ \t\n]+([^ \t\n](?:[^]*?[^ \t\n])??)((?:[ \t\n]+(?:permanent|temp|(?:src|vlan|vid|filter_mode|source_list)[ \t\n]+[^ \t\n]+))*)[ \t\n]*$/;

export const filterMode = oneOf('include', 'exclude');

export const staticGroup = textRule(WHAT, (text): StaticGroup | undefined => {
  const [, group, port, rest] = WORDS.exec(text) ?? [];
  if (group === undefined || port === undefined || rest === undefined) return undefined;
  const given = readRest(rest);
  const { src, vlan, filter_mode: mode, source_list: list } = given;
  const entry: StaticGroup = {
    group: groupAddress.fromText(group).text,
    port,
    ...(src !== undefined && { source: at('src', () => hostAddress.fromText(src).text) }),
    ...(vlan !== undefined && { vlan: at('vlan', () => vid.fromText(vlan)) }),
    ...(mode !== undefined && { mode: at('filter_mode', () => filterMode.fromText(mode)) }),
    ...(list !== undefined && {
      sources: at('source_list', () =>
        list.split(',').map((source) => hostAddress.fromText(source).text),
      ),
    }),
  };
  const objection = groupObjection(wantedOf(entry));
  if (objection !== undefined) throw new ValueError(objection);
  return entry;
});

/** Reads the words behind the port. @throws ValueError for a word that comes twice, and for `temp` */
function readRest(rest: string): Partial<Record<string, string>> {
  const words = rest.split(/[ \t\n]+/).filter((word) => word !== '');
  const given: Partial<Record<string, string>> = {};
  while (words.length > 0) {
    const word = words.shift() as string;
    if (word === 'temp') {
      throw new ValueError('temp: an entry of a configuration is permanent; leave that out');
    }
    const key = word === 'vid' ? 'vlan' : word;
    if (key in given) throw new ValueError(`${word}: given twice`);
    given[key] = word === 'permanent' ? word : words.shift();
  }
  return given;
}

function wantedOf({ group, source, mode, sources }: StaticGroup): WantedGroup {
  return {
    port: 0,
    vlan: NO_VLAN,
    group: groupKeyOf(group),
    ...(source !== undefined && { source: ipKeyOfText(source) }),
    isPermanent: true,
    ...(mode !== undefined && { mode }),
    ...(sources !== undefined && { sources: sources.map(ipKeyOfText) }),
  };
}

/** Text from which `staticGroup` reads the same. */
export function formatStaticGroup(entry: StaticGroup): string {
  const { mode, sources } = entry;
  return [
    `${groupIdentity(entry)} permanent`,
    ...(mode === undefined ? [] : [`filter_mode ${mode}`]),
    ...(sources === undefined ? [] : [`source_list ${sources.join()}`]),
  ].join(' ');
}

/** Text that no two entries share, in the words of an entry: group, port, source and VLAN. */
export function groupIdentity({
  group,
  port,
  source,
  vlan,
}: Pick<StaticGroup, 'group' | 'port' | 'source' | 'vlan'>): string {
  const ofSource = source === undefined ? '' : ` src ${source}`;
  return `${group} dev ${port}${ofSource}${vlan === undefined ? '' : ` vlan ${vlan}`}`;
}
