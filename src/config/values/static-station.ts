/**
 * An entry of the forwarding database that an operator makes, in the words of `tapctl fdb add`:
 * `02:00:00:00:00:07 dev tap1 static`.
 */

import { textRule } from './rule';
import { stationMac } from './station-mac';

export interface StaticStation {
  readonly mac: string;
  /** Label of the port that the station is behind. */
  readonly port: string;
  /** A static entry never moves nor ages. A sticky one never moves, and ages. */
  readonly kind: 'static' | 'sticky';
}

const WHAT = 'MAC dev PORT [static|sticky], such as 02:00:00:00:00:07 dev tap1 static';

/** A port's name may have blanks in it. The last word is the kind, if it is one of the two. */
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

/** The text from which `staticStation` reads the same: the kind always ends it. */
export function formatStaticStation({ mac, port, kind }: StaticStation): string {
  return `${mac} dev ${port} ${kind}`;
}
