/**
 * A mirror, written as for `tapctl mirror add`:
 * `m1 from tap0,tap1 both vlan 10 filter arp or icmp to tap9 shared`.
 */

import { filterFault } from './filter-fault';
import {
  type Rule,
  ValueError,
  at,
  describe,
  expected,
  mapRule,
  oneOf,
  textRule,
  wholeNumber,
} from './rule';

export type MirrorDirection = 'in' | 'out' | 'both';

export interface MirrorSpec {
  readonly name: string;
  /** Labels of the ports whose frames are copied. */
  readonly from: readonly string[];
  /** Frames that are copied: those that the ports give the switch, those that they get, or both. */
  readonly direction: MirrorDirection;
  /** VLAN of the frames that are copied; without it, every VLAN. */
  readonly vlan?: number;
  /** Filter in tcpdump's words; without it, every frame. */
  readonly filter?: string;
  /** Label of the port that gets the copies. */
  readonly port: string;
  /** Whether that port stays an ordinary one; else it takes part in nothing but the mirror. */
  readonly shared: boolean;
}

const WHAT =
  'NAME from PORT[,PORT] [in|out|both] [vlan VID] [filter WORDS] to PORT [shared], such as m1 from tap0,tap1 in to tap9';

/** Words of a mirror. The names of ports may have spaces. */
const WORDS =
  /^\s*(\S+)\s+from\s+(\S.*?)(?:\s+(in|out|both))?(?:\s+vlan\s+(\S+))?(?:\s+filter\s+(\S.*?))?\s+to\s+(\S.*?)(?:\s+(shared))?\s*$/;

export const mirrorName = textRule(
  'the name of a mirror: 1 to 32 letters, digits, dots, dashes or underscores',
  (text) => (/^[\w.-]{1,32}$/.test(text) ? text : undefined),
);
export const mirrorDirection: Rule<MirrorDirection> = oneOf('in', 'out', 'both');
export const mirrorVlan = wholeNumber({ from: 1, to: 4094 });

const mirrorText = textRule(WHAT, (text): MirrorSpec | undefined => {
  const words = WORDS.exec(text);
  if (words === null) return undefined;
  const [, name = '', from = '', direction = 'both', vlan, filter, to = '', shared] = words;
  return {
    name: mirrorName.fromText(name),
    from: from.split(',').map((label) => label.trim()),
    direction: mirrorDirection.fromText(direction),
    ...(vlan !== undefined && { vlan: at('vlan', () => mirrorVlan.fromText(vlan)) }),
    ...(filter !== undefined && { filter }),
    port: to,
    shared: shared !== undefined,
  };
});

/** Rule of a mirror as text. What no mirror may be, it refuses. */
export const mirrorSpec: Rule<MirrorSpec> = mapRule(mirrorText, checkMirror);

/**
 * @returns the mirror
 * @throws ValueError for a mirror onto itself, a port that is given twice, or a wrong filter
 */
export function checkMirror(spec: MirrorSpec): MirrorSpec {
  const { name, from, port } = spec;
  if (from.some((label) => label === '')) {
    throw expected('ports with a comma between them', from.join());
  }
  const repeated = from.find((label, index) => from.indexOf(label) !== index);
  if (repeated !== undefined) {
    throw new ValueError(`${name}: from: ${describe(repeated)} is given twice; once is enough`);
  }
  if (from.includes(port)) {
    throw new ValueError(
      `${name}: to: ${port} is among the ports that it mirrors; give another port`,
    );
  }
  const fault = filterFault(spec.filter ?? '');
  if (fault !== undefined) throw new ValueError(`${name}: filter: ${fault}`);
  return spec;
}

/** Words that may stand behind the ports of a mirror, and behind its target. */
const WORDS_BEHIND = {
  from: '[in|out|both] [vlan VID] [filter WORDS]',
  to: '"shared" or nothing',
} as const;

/**
 * What is wrong with the label of a port that there is not, where it begins with the label of another. A label may have
 * spaces, so a word that no mirror has is read as a part of the label before it.
 * @param labels the ports that there are
 */
export function strayWords(
  place: keyof typeof WORDS_BEHIND,
  label: string,
  labels: readonly string[],
): string | undefined {
  const port = labels.find((known) => label.startsWith(`${known} `));
  if (port === undefined) return undefined;
  const rest = label.slice(port.length).trim();
  return expected(`${WORDS_BEHIND[place]} behind ${port}`, rest).message;
}

/** Text from which the rule reads the same mirror. */
export function formatMirror(spec: MirrorSpec): string {
  const { name, from, direction, vlan, filter, port, shared } = spec;
  return [
    `${name} from ${from.join(',')} ${direction}`,
    vlan === undefined ? '' : ` vlan ${vlan}`,
    filter === undefined ? '' : ` filter ${filter}`,
    ` to ${port}${shared ? ' shared' : ''}`,
  ].join('');
}
