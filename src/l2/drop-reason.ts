/**
 * Drop reasons: why a frame, or one copy of it, went no further. Every exit from the bridge that is not a
 * transmission has a reason here, a counter per port, and a line in `docs/counters.md`.
 *
 * A reason is counted at the port where it was decided: the first group at the ingress port, once per
 * frame; the second at the egress port, once per copy.
 */

export const DropReason = {
  // Decided at the ingress port.
  TooShort: 0,
  SourceGroup: 1,
  SourceZero: 2,
  SourceIsDestination: 3,
  SourceIsSwitch: 4,
  IngressDown: 5,
  Reserved: 6,
  SamePort: 7,
  NoOtherPort: 8,
  ToSwitch: 9,
  // Decided at the egress port.
  EgressDown: 10,
  TooLong: 11,
  Congested: 12,
  DeviceGone: 13,
  WriteFailed: 14,
  // Decided at the ingress port.
  MalformedOffload: 15,
  TooManySegments: 16,
  // The first is decided at the ingress port, the second at the egress port.
  IngressDiscarding: 17,
  EgressDiscarding: 18,
  // The first is decided at the ingress port, the second at the egress port.
  Locked: 19,
  Isolated: 20,
  // Decided at the ingress port.
  StormUnknown: 21,
  StormMulticast: 22,
  StormBroadcast: 23,
  PortSecurity: 24,
  // Decided at the ingress port, by VLAN. The last is decided at the egress port.
  MalformedTag: 25,
  NoPvid: 26,
  VlanNotAllowed: 27,
  EgressVlan: 28,
  // Decided at the ingress port.
  NoMember: 29,
  // Decided by an impairment, at the ingress port or at the egress port.
  ImpairedIn: 30,
  ImpairedOut: 31,
  HeldFullIn: 32,
  HeldFullOut: 33,
} as const;

export type DropReason = (typeof DropReason)[keyof typeof DropReason];

export interface DropReasonText {
  /** Name in `stats`, in traces and in metrics. */
  readonly name: string;
  readonly side: 'ingress' | 'egress';
  /** One sentence for the person who sees the counter rise. */
  readonly meaning: string;
}

/** Name, side and meaning, indexed by `DropReason`. */
export const DROP_REASONS: readonly DropReasonText[] = [
  {
    name: 'too-short',
    side: 'ingress',
    meaning: 'Fewer than 14 bytes: not an Ethernet frame.',
  },
  {
    name: 'source-group',
    side: 'ingress',
    meaning: 'The source address is a multicast or the broadcast address.',
  },
  { name: 'source-zero', side: 'ingress', meaning: 'The source address is 00:00:00:00:00:00.' },
  {
    name: 'source-is-destination',
    side: 'ingress',
    meaning: 'Source and destination address are the same.',
  },
  {
    name: 'source-is-switch',
    side: 'ingress',
    meaning: "A host sends with the switch's own MAC address: a loop, or a duplicate address.",
  },
  {
    name: 'ingress-down',
    side: 'ingress',
    meaning: 'The port that received the frame is down.',
  },
  {
    name: 'reserved',
    side: 'ingress',
    meaning:
      'The frame goes to 01:80:c2:00:00:0x, which bridges do not forward (see --reserved, --group-fwd).',
  },
  {
    name: 'same-port',
    side: 'ingress',
    meaning: 'The destination is behind the port that the frame came from.',
  },
  {
    name: 'no-other-port',
    side: 'ingress',
    meaning: 'No other port is forwarding and takes such frames.',
  },
  {
    name: 'to-switch',
    side: 'ingress',
    meaning: 'The frame goes to the switch itself, which has no use for it.',
  },
  {
    name: 'egress-down',
    side: 'egress',
    meaning: 'The egress port is down, or its socket reaches nobody.',
  },
  {
    name: 'too-long',
    side: 'egress',
    meaning:
      "Longer than the port's MTU + 18 bytes, also as segments, or without the outer VLAN tag; or too long for the socket.",
  },
  { name: 'congested', side: 'egress', meaning: 'The port could not take a frame at that moment.' },
  { name: 'device-gone', side: 'egress', meaning: 'The TAP was deleted (EBADFD).' },
  {
    name: 'write-failed',
    side: 'egress',
    meaning: 'The kernel refused the frame for another reason.',
  },
  {
    name: 'malformed-offload',
    side: 'ingress',
    meaning: 'The vnet header asks for a checksum or segments that do not fit the packet.',
  },
  {
    name: 'too-many-segments',
    side: 'egress',
    meaning:
      'The super-frame would become too many frames: more than 512, or 64 for each of many ports.',
  },
  {
    name: 'ingress-discarding',
    side: 'ingress',
    meaning:
      'The port that received the frame is discarding or learning, or the target of a mirror: it forwards nothing.',
  },
  {
    name: 'egress-discarding',
    side: 'egress',
    meaning:
      'The egress port is discarding or learning, or the target of a mirror: it takes nothing.',
  },
  {
    name: 'locked',
    side: 'ingress',
    meaning: 'The port that received the frame is locked, and the source has no entry there.',
  },
  {
    name: 'isolated',
    side: 'egress',
    meaning: 'The ingress port and the egress port are both isolated.',
  },
  {
    name: 'storm-unknown',
    side: 'ingress',
    meaning: 'Frames to unknown stations beyond the limit of the port (storm, storm-unknown).',
  },
  {
    name: 'storm-multicast',
    side: 'ingress',
    meaning: 'Multicasts beyond the limit of the port (storm, storm-multicast).',
  },
  {
    name: 'storm-broadcast',
    side: 'ingress',
    meaning: 'Broadcasts beyond the limit of the port (storm, storm-broadcast).',
  },
  {
    name: 'port-security',
    side: 'ingress',
    meaning: 'Its source may not send from the port: it is not listed, or there are too many.',
  },
  {
    name: 'malformed-tag',
    side: 'ingress',
    meaning: 'Its VLAN tag is cut off.',
  },
  {
    name: 'no-pvid',
    side: 'ingress',
    meaning: 'It has no VLAN tag, and the port that received it has no PVID.',
  },
  {
    name: 'vlan-not-allowed',
    side: 'ingress',
    meaning: 'The port that received it is no member of its VLAN.',
  },
  {
    name: 'egress-vlan',
    side: 'egress',
    meaning: 'The port that it was meant for is no member of its VLAN.',
  },
  {
    name: 'no-member',
    side: 'ingress',
    meaning:
      'No other port has a member of its group, or a multicast router (see --mcast-snooping).',
  },
  {
    name: 'impaired-in',
    side: 'ingress',
    meaning: 'An impairment of the port that received it lost it (see tapctl impair show).',
  },
  {
    name: 'impaired-out',
    side: 'egress',
    meaning: 'An impairment of the egress port lost it (see tapctl impair show).',
  },
  {
    name: 'held-full-in',
    side: 'ingress',
    meaning: 'Impairments held too many frames to hold it: the limit of one, or the room for all.',
  },
  {
    name: 'held-full-out',
    side: 'egress',
    meaning:
      'Impairments held too many frames to hold it at the egress port: the limit of one, or the room for all.',
  },
];
