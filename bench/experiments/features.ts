/**
 * Features whose price is measured: the frames per second with the feature configured, for traffic that
 * does not use it. A new feature is one line.
 */

import { IDLE_HOOK } from '../duts/tapswitch';

export interface Feature {
  title: string;
  /** Lines of the configuration file without the feature; the defaults unless given. */
  without?: string;
  /** Lines of the configuration file with the feature; the lines without it unless given. */
  with?: string;
  /** Direction and words of an impairment of a port that the traffic does not use. */
  impairment?: string;
  /** Filter of a capture that runs meanwhile. */
  captureFilter?: string;
}

/** Features by name, as in the metrics. */
export const FEATURES: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['neighbours', { title: 'neighbour table', without: 'arp: "off"', with: 'arp: answer' }],
  ['vlan-filtering', { title: '--vlan-filtering, access ports', with: 'vlan-filtering: true' }],
  ['inspect', { title: '--inspect', with: 'inspect: true' }],
  ['capture', { title: 'a capture that never matches', captureFilter: 'udp and port 7' }],
  [
    'hook-idle',
    { title: 'a hook that never matches', with: `hook: ${JSON.stringify([IDLE_HOOK])}` },
  ],
  ['impairment', { title: 'an impairment of another port', impairment: 'out delay 10ms' }],
]);

/** Configuration of the switch for one turn. */
export interface Mode {
  lines: string;
  captureFilter?: string;
}

/** The two compared modes. @param idlePort label of a port that the traffic does not use */
export function modesOf(feature: Feature, idlePort: string): { without: Mode; with: Mode } {
  const { without: lines = '', impairment, captureFilter } = feature;
  const impaired = impairment && `impair: ${JSON.stringify([`${idlePort} ${impairment}`])}`;
  return {
    without: { lines },
    with: {
      lines: impaired ?? feature.with ?? lines,
      ...(captureFilter === undefined ? {} : { captureFilter }),
    },
  };
}
