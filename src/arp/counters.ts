/** What the ARP room counts, per ingress port. The bridge keeps the numbers. */

export const ArpCounter = {
  Malformed: 0,
  Answered: 1,
  Conflict: 2,
  AnsweredForHost: 3,
  Directed: 4,
  HostChanged: 5,
  HostConflict: 6,
} as const;

export type ArpCounter = (typeof ArpCounter)[keyof typeof ArpCounter];

/** Name and meaning, indexed by `ArpCounter`. */
export const ARP_COUNTERS: readonly { readonly name: string; readonly meaning: string }[] = [
  {
    name: 'arp-malformed',
    meaning: 'ARP that is not for IPv4 on Ethernet, is cut short, or whose sender is not a host.',
  },
  { name: 'arp-answered', meaning: "Requests for one of the switch's own addresses, answered." },
  { name: 'arp-conflict', meaning: "A host used one of the switch's own addresses as its own." },
  {
    name: 'arp-answered-for-host',
    meaning: 'Requests that the switch answered in the name of the host asked for (--arp answer).',
  },
  {
    name: 'arp-directed',
    meaning: 'Requests that went to the port of the host asked for alone (--arp direct).',
  },
  { name: 'arp-host-changed', meaning: 'An address was used by another station than before.' },
  {
    name: 'arp-host-conflict',
    meaning: 'An address was used by two stations, or by another than a static binding says.',
  },
];

export interface ArpCounterSink {
  count(counter: ArpCounter, port: number): void;
}
