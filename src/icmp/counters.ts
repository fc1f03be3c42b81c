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
    meaning: 'Packets to the switch with an invalid IP or ICMP header, bad checksum or bad sender.',
  },
  { name: 'icmp-echo-answered', meaning: 'Answered pings of an address of the switch.' },
  {
    name: 'icmp-fragment-refused',
    meaning: 'Fragments to the switch, which does not reassemble packets.',
  },
];

export interface IcmpCounterSink {
  count(counter: IcmpCounter, port: number): void;
}
