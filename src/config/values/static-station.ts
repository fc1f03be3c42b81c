/**
 * An entry of the forwarding database that an operator makes, written as for `tapctl fdb add`:
 * `02:00:00:00:00:07 dev tap1 static`.
 */

import { MAX_ENTERED } from '../../l2/fdb/table';
import type { ListLimit } from '../list-limit';
import { textRule } from './rule';
import { stationMac } from './station-mac';

export interface StaticStation {
  readonly mac: string;
  /** Label of the port that the station is behind. */
  readonly port: string;
  /** Kind of the entry. A static entry never moves or ages. A sticky entry never moves, but ages. */
  readonly kind: 'static' | 'sticky';
}

/** Limit of the table: each kind has its own. */
export const STATION_LIMIT: ListLimit<StaticStation> = {
  max: MAX_ENTERED,
  groupOf: ({ kind }) => kind,
  limitText: (kind) => `${MAX_ENTERED} ${kind} entries at most`,
};

const WHAT = 'MAC dev PORT [static|sticky], such as 02:00:00:00:00:07 dev tap1 static';

/** Words of an entry. A port's name may have spaces. The last word is the kind, if it is one of the two. */
const WORDS =
  /^[ \t\n]*([^ \t\n]+)[ \t\n]+dev[ \t\n]+([^ \t\n](?:[^]*?[^ \t\n])??)(?:[ \t\n]+(static|sticky))?[ \t\n]*$/;

export const staticStation = textRule(WHAT, (text): StaticStation | undefined => {
  const words = WORDS.exec(text);
  if (words === null) return undefined;
  const [, mac = '', port = '', kind] = words;
  return {
    mac: stationMac.fromText(mac),
    port,
    kind: kind === 'sticky' ? 'sticky' : 'static',
  };
});

/** Text from which `staticStation` reads the same. The kind always stands at the end. */
export function formatStaticStation({ mac, port, kind }: StaticStation): string {
  return `${mac} dev ${port} ${kind}`;
}
