/**
 * Features whose price is measured: the frames per second with the feature configured, for traffic that
 * does not use it. A new feature is one line.
 */

export interface Feature {
  title: string;
  /** Lines of the configuration file without the feature; the defaults unless given. */
  without?: string;
  /** Lines of the configuration file with the feature; the lines without it unless given. */
  with?: string;
  /** Filter of a capture that runs meanwhile. */
  captureFilter?: string;
}

/** Features by name, as in the metrics. */
export const FEATURES: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['neighbours', { title: 'neighbour table', without: 'arp: "off"', with: 'arp: answer' }],
  ['vlan-filtering', { title: '--vlan-filtering, access ports', with: 'vlan-filtering: true' }],
  ['inspect', { title: '--inspect', with: 'inspect: true' }],
  ['capture', { title: 'a capture that never matches', captureFilter: 'udp and port 7' }],
]);

/** Configuration of the switch for one turn. */
export interface Mode {
  lines: string;
  captureFilter?: string;
}

/** The two compared modes. */
export function modesOf(feature: Feature): { without: Mode; with: Mode } {
  const { without: lines = '', with: withLines = lines, captureFilter } = feature;
  return {
    without: { lines },
    with: { lines: withLines, ...(captureFilter === undefined ? {} : { captureFilter }) },
  };
}
