/**
 * An entry of the forwarding database that an operator makes, written as for `tapctl fdb add`:
 * `02:00:00:00:00:07 dev tap1 static`.
 */

import { MAX_ENTERED } from '../../l2/fdb/table';
import type { ListLimit } from '../list-limit';
import { at, textRule } from './rule';
import { stationMac } from './station-mac';
import { vid } from './vid';

export interface StaticStation {
  readonly mac: string;
  /** Label of the port that the station is behind. */
  readonly port: string;
  /** Kind of the entry. A static entry never moves or ages. A sticky entry never moves, but ages. */
  readonly kind: 'static' | 'sticky';
  /** VID; without it, the entry is in each VLAN of the port while the switch filters by VLAN. */
  readonly vlan?: number;
}

/** Limit of the table: each kind has its own. */
export const STATION_LIMIT: ListLimit<StaticStation> = {
  max: MAX_ENTERED,
  groupOf: ({ kind }) => kind,
  limitText: (kind) => `${MAX_ENTERED} ${kind} entries at most`,
};

const WHAT = 'MAC dev PORT [vlan VID] [static|sticky], such as 02:00:00:00:00:07 dev tap1 static';

/** Words of an entry. A port's name may have spaces. The last word is the kind, if it is one of the two. */
const WORDS =
  /^[ \t\n]*([^ \t\n]+)[ \t\n]+dev[ \t\n]+([^ \t\n](?:[^]*?[^ \t\n])??)(?:[ \t\n]+vlan[ \t\n]+(\d+))?(?:[ \t\n]+(static|sticky))?[ \t\n]*$/;

export const staticStation = textRule(WHAT, (text): StaticStation | undefined => {
  const words = WORDS.exec(text);
  if (words === null) return undefined;
  const [, mac = '', port = '', vlan, kind] = words;
  return {
    mac: stationMac.fromText(mac),
    port,
    ...(vlan !== undefined && { vlan: at('vlan', () => vid.fromText(vlan)) }),
    kind: kind === 'sticky' ? 'sticky' : 'static',
  };
});

/** Text from which `staticStation` reads the same. The kind always stands at the end. */
export function formatStaticStation({ mac, port, kind, vlan }: StaticStation): string {
  return `${mac} dev ${port}${vlan === undefined ? '' : ` vlan ${vlan}`} ${kind}`;
}

/** Text that no two entries share: the MAC, with its VLAN. */
export function stationIdentity({ mac, vlan }: Pick<StaticStation, 'mac' | 'vlan'>): string {
  return mac + (vlan === undefined ? '' : ` vlan ${vlan}`);
}
