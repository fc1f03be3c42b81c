/** Counters that ARP and ND share, per ingress port. The bridge stores the numbers. */

export const ResolutionCounter = {
  Malformed: 0,
  Answered: 1,
  Conflict: 2,
  AnsweredForHost: 3,
  Directed: 4,
  HostChanged: 5,
  HostConflict: 6,
} as const;

export type ResolutionCounter = (typeof ResolutionCounter)[keyof typeof ResolutionCounter];

export interface ResolutionCounterSink {
  count(counter: ResolutionCounter, port: number): void;
}

/** Names and meanings for one protocol, indexed by `ResolutionCounter`. */
export function resolutionCounters(
  protocol: 'arp' | 'nd',
): readonly { readonly name: string; readonly meaning: string }[] {
  return [
    {
      name: `${protocol}-malformed`,
      meaning: 'Malformed, or it names another sender than the one that it came from.',
    },
    {
      name: `${protocol}-answered`,
      meaning: "Requests for one of the switch's own addresses, answered.",
    },
    {
      name: `${protocol}-conflict`,
      meaning: "A host used one of the switch's own addresses as its own.",
    },
    {
      name: `${protocol}-answered-for-host`,
      meaning: 'Requests answered in the name of the host asked for (--arp answer).',
    },
    {
      name: `${protocol}-directed`,
      meaning: 'Requests that went to the port of the host asked for alone (--arp direct).',
    },
    {
      name: `${protocol}-host-changed`,
      meaning: 'An address was used by another station than before.',
    },
    {
      name: `${protocol}-host-conflict`,
      meaning: 'An address was used by two stations, or by another than a static binding says.',
    },
  ];
}
