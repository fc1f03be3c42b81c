/** What the ND room counts, per ingress port. The bridge keeps the numbers. */

export const NdCounter = {
  Malformed: 0,
  Answered: 1,
  Conflict: 2,
  AnsweredForHost: 3,
  Directed: 4,
  HostChanged: 5,
  HostConflict: 6,
} as const;

export type NdCounter = (typeof NdCounter)[keyof typeof NdCounter];

/** Name and meaning, indexed by `NdCounter`. */
export const ND_COUNTERS: readonly { readonly name: string; readonly meaning: string }[] = [
  {
    name: 'nd-malformed',
    meaning: 'Neighbor Discovery that RFC 4861 calls invalid, or that names another sender.',
  },
  {
    name: 'nd-answered',
    meaning: "Solicitations for one of the switch's own addresses, answered.",
  },
  { name: 'nd-conflict', meaning: "A host used one of the switch's own addresses as its own." },
  {
    name: 'nd-answered-for-host',
    meaning: 'Solicitations answered in the name of the host asked for (--arp answer).',
  },
  {
    name: 'nd-directed',
    meaning: 'Solicitations that went to the port of the host asked for alone (--arp direct).',
  },
  { name: 'nd-host-changed', meaning: 'An address was used by another station than before.' },
  {
    name: 'nd-host-conflict',
    meaning: 'An address was used by two stations, or by another than a static binding says.',
  },
];

export interface NdCounterSink {
  count(counter: NdCounter, port: number): void;
}
