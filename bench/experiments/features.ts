/**
 * Features whose price is measured: what frames per second are left with the feature configured, but of
 * no use to the traffic. A new feature is one line.
 */

export interface Feature {
  title: string;
  /** Lines of the configuration file without it; the defaults where this is not given. */
  without?: string;
  /** Lines of the configuration file with it; as without it where this is not given. */
  with?: string;
  /** Words of the filter of a capture that is open meanwhile. */
  captureFilter?: string;
}

/** By name, as in the metrics. */
export const FEATURES: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['neighbours', { title: 'neighbour table', without: 'arp: "off"', with: 'arp: answer' }],
  ['inspect', { title: '--inspect', with: 'inspect: true' }],
  ['capture', { title: 'a capture that never matches', captureFilter: 'udp and port 7' }],
]);

/** What the switch is told for one turn. */
export interface Mode {
  lines: string;
  captureFilter?: string;
}

/** The two that are compared. */
export function modesOf(feature: Feature): { without: Mode; with: Mode } {
  const { without: lines = '', with: withLines = lines, captureFilter } = feature;
  return {
    without: { lines },
    with: { lines: withLines, ...(captureFilter === undefined ? {} : { captureFilter }) },
  };
}
