/** Counters of the ICMP room, per ingress port. The bridge stores the numbers. */

export const IcmpCounter = {
  Malformed: 0,
  EchoAnswered: 1,
  FragmentRefused: 2,
} as const;

export type IcmpCounter = (typeof IcmpCounter)[keyof typeof IcmpCounter];

/** Name and meaning, indexed by `IcmpCounter`. */
export const ICMP_COUNTERS: readonly { readonly name: string; readonly meaning: string }[] = [
  {
    name: 'icmp-malformed',
    meaning: 'Packets to the switch whose IP or ICMP header is wrong, or their checksum or sender.',
  },
  { name: 'icmp-echo-answered', meaning: "Pings of one of the switch's own addresses, answered." },
  {
    name: 'icmp-fragment-refused',
    meaning: 'Fragments to the switch, which does not put them together.',
  },
];

export interface IcmpCounterSink {
  count(counter: IcmpCounter, port: number): void;
}
