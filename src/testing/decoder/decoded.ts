/** What the decoder finds in a frame. Names and units are those of the builders. */

import type { BridgeIdentifier } from '../frames/bpdu';
import type { DhcpType } from '../frames/dhcp';
import type { VlanTag } from '../frames/ethernet';
import type { GroupRecord } from '../frames/groups';
import type { TcpFlag } from '../frames/transport';

/** `none`: the sender computed none, which UDP over IPv4 allows. */
export type ChecksumFound = 'right' | 'wrong' | 'none';

export interface DecodedArp {
  readonly operation: 'request' | 'reply' | number;
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

export interface DecodedIp {
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  /** Protocol, or the next header behind the extension headers. */
  readonly protocol: number;
  readonly ttl: number;
  readonly trafficClass: number;
  /** Identification of an IPv4 packet. */
  readonly id?: number;
  /** Flags and fragment offset of an IPv4 packet, as in the header. */
  readonly fragment?: number;
  /** Checksum of an IPv4 header. */
  readonly headerChecksum?: ChecksumFound;
  readonly payload: Uint8Array;
}

export interface DecodedIcmp {
  readonly type: number;
  readonly code: number;
  readonly checksum: ChecksumFound;
  readonly body: Uint8Array;
}

export interface DecodedEcho {
  readonly kind: 'request' | 'reply';
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export interface DecodedNd {
  readonly kind:
    | 'router-solicitation'
    | 'router-advertisement'
    | 'neighbour-solicitation'
    | 'neighbour-advertisement';
  /** Target of a neighbour message. */
  readonly target?: string;
  /** Flags of a neighbour advertisement. */
  readonly flags?: readonly ('router' | 'solicited' | 'override')[];
  /** Source or target link-layer address, where there is one. */
  readonly linkLayer?: string;
  /** Lifetime in a router advertisement, seconds. */
  readonly lifetime?: number;
  /** Prefixes in a router advertisement. */
  readonly prefixes?: readonly string[];
}

export interface DecodedUdp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly checksum: ChecksumFound;
  readonly payload: Uint8Array;
}

export interface DecodedTcp {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: readonly TcpFlag[];
  readonly window: number;
  readonly checksum: ChecksumFound;
  readonly payload: Uint8Array;
}

export interface DecodedDhcp {
  /** `undefined` without an option 53, or with an unknown one. */
  readonly type: DhcpType | undefined;
  readonly clientMac: string;
  readonly transactionId: number;
  readonly clientIp: string;
  readonly yourIp: string;
  /** Options by number, those that the overload option moved not included. */
  readonly options: Readonly<Record<number, Uint8Array>>;
}

export interface DecodedGroupRecord {
  readonly type: GroupRecord['type'] | number;
  readonly group: string;
  readonly sources: readonly string[];
}

export interface DecodedGroupMessage {
  readonly protocol: 'igmp' | 'mld';
  readonly kind: 'query' | 'report-v1' | 'report-v2' | 'report-v3' | 'leave' | 'done' | number;
  readonly checksum: ChecksumFound;
  readonly maxResponse?: number;
  readonly group?: string;
  readonly sources?: readonly string[];
  readonly records?: readonly DecodedGroupRecord[];
}

export interface DecodedBpdu {
  readonly type: 'config' | 'tcn' | 'rst' | number;
  readonly flags?: number;
  readonly root?: Required<BridgeIdentifier>;
  readonly rootCost?: number;
  readonly bridge?: Required<BridgeIdentifier>;
  readonly portId?: number;
  readonly messageAge?: number;
  readonly maxAge?: number;
  readonly helloTime?: number;
  readonly forwardDelay?: number;
}

export interface DecodedFrame {
  readonly to: string;
  readonly from: string;
  /** Outermost first. */
  readonly tags: readonly Required<VlanTag>[];
  /** EtherType behind the tags, or a length. */
  readonly type: number;
  /** What lies behind it. */
  readonly payload: Uint8Array;
  readonly arp?: DecodedArp;
  readonly ip?: DecodedIp;
  readonly icmp?: DecodedIcmp;
  readonly echo?: DecodedEcho;
  readonly nd?: DecodedNd;
  readonly udp?: DecodedUdp;
  readonly tcp?: DecodedTcp;
  readonly dhcp?: DecodedDhcp;
  readonly groups?: DecodedGroupMessage;
  readonly bpdu?: DecodedBpdu;
  /** Whether the frame ends within a header. What lies before is decoded. */
  readonly isCutOff: boolean;
}
