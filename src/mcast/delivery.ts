/**
 * Delivery of group frames: the ports that get one, by a look-up into lists that were made before. It runs for
 * each frame to a group while snooping is on.
 *
 *     frame                                      goes to
 *     report, done, leave; a querier is known     ports of routers
 *     224.0.0.0/24, ff02::1, queries              all
 *     IP, no querier known for long enough        all
 *     IP, a group that is in the table            its members and the ports of routers
 *     IP, any other group                         ports of routers
 *     not IP, a group MAC that is in the table    its members and the ports of routers
 *     anything else                               all
 *
 * "All" are the ports that take floods of groups (`mcast-flood`); a member gets its group in any case. Whether a
 * frame may leave from a port (its state, isolation) is not decided here.
 *
 * Source: RFC 4541 2.1.2, 3; `br_multicast_rcv`, `br_multicast_querier_exists` in net/bridge.
 */

import { type Burst, payloadBytesOf, payloadOf, tagsOf, typeOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import type { TraceReporter } from '../frame/trace-reporter';
import {
  DESTINATION,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  getI32,
  macHi16,
  macLo32,
} from '../wire/ethernet';
import { PROTOCOL_IGMP, isGroupIpv4, isIgmpReport, isLinkLocalGroupIpv4 } from '../wire/igmp';
import {
  type IpKey,
  ipv4OfKey,
  isSameIpKey,
  newIpKey,
  setIpv4Key,
  setIpv6Key,
} from '../wire/ip-key';
import {
  DESTINATION_ADDRESS as IPV4_DESTINATION,
  IPV4_HEADER_BYTES,
  PROTOCOL,
  SOURCE_ADDRESS as IPV4_SOURCE,
  isFragment,
} from '../wire/ipv4';
import {
  DESTINATION_ADDRESS as IPV6_DESTINATION,
  IPV6_HEADER_BYTES,
  NEXT_HEADER,
  NEXT_HEADER_HOP_BY_HOP,
  SOURCE_ADDRESS as IPV6_SOURCE,
  isAllNodesAt,
  isMulticastAt,
} from '../wire/ipv6';
import { ALL_NODES, isMldReport, mldTypeIn } from '../wire/mld';
import { i32At, u8At } from '../wire/read';
import { type Contexts, Family } from './contexts';
import { type GroupTable, setMacKey } from './group-table';
import { NOT_HELD } from './key-index';

/** Whether frames to the group go everywhere, so that no entry is made for it. */
export function isUnpruned(group: IpKey): boolean {
  if (group[0] === 0) return isLinkLocalGroupIpv4(ipv4OfKey(group));
  return isSameIpKey(group, ALL_NODES);
}

export class Delivery {
  /** Whether the last frame went to the ports of its group, and not to all. */
  isPruned = false;
  /** Whether the last frame was to a group that is in the table. */
  isRegistered = false;
  private readonly group = newIpKey();
  private readonly source = newIpKey();

  constructor(
    private readonly table: GroupTable,
    private readonly contexts: Contexts,
  ) {}

  /**
   * Ports that get a classified frame to a group, which is no broadcast.
   * @param all ports that get what is flooded; returned as it is for a frame that is
   */
  takersOf(frame: number, all: Int32Array, outbox: Outbox): Int32Array {
    const { burst } = outbox;
    this.isRegistered = false;
    const takers = this.find(frame, burst, all);
    this.isPruned = takers !== all;
    if (outbox.reporter !== undefined && this.isPruned) tellTakers(outbox.reporter, takers);
    return takers;
  }

  private find(frame: number, burst: Burst, all: Int32Array): Int32Array {
    if (tagsOf(burst, frame) <= 1) {
      const type = typeOf(burst, frame);
      if (type === ETHER_TYPE_IPV4) return this.findIpv4(frame, burst, all);
      if (type === ETHER_TYPE_IPV6) return this.findIpv6(frame, burst, all);
    }
    return this.table.macCount === 0 ? all : this.findMac(frame, burst, all);
  }

  private findIpv4(frame: number, burst: Burst, all: Int32Array): Int32Array {
    const { u8 } = burst;
    const vlan = i32At(burst.vlan, frame);
    const ip = payloadOf(burst, frame);
    if (payloadBytesOf(burst, frame) < IPV4_HEADER_BYTES) return all;
    const group = getI32(u8, ip + IPV4_DESTINATION);
    const isIgmp = u8At(u8, ip + PROTOCOL) === PROTOCOL_IGMP;
    const context = this.contexts.find(vlan, Family.Ipv4);
    if (context === undefined) return all;
    const { querier, routers } = context;
    if (isIgmp && !isFragment(u8, ip)) {
      const type = u8At(u8, ip + (u8At(u8, ip) & 0x0f) * 4);
      return isIgmpReport(type) && querier.isKnown(burst.nowMs) ? routers.ports : all;
    }
    if (!isGroupIpv4(group) || isLinkLocalGroupIpv4(group)) return all;
    if (!querier.isReady(burst.nowMs)) return all;
    setIpv4Key(this.group, group);
    const entry = this.table.find(this.group, vlan);
    if (entry === NOT_HELD) return routers.ports;
    this.isRegistered = true;
    setIpv4Key(this.source, getI32(u8, ip + IPV4_SOURCE));
    return this.table.lists.of(entry, this.source, routers.ports);
  }

  private findIpv6(frame: number, burst: Burst, all: Int32Array): Int32Array {
    const { u8 } = burst;
    const vlan = i32At(burst.vlan, frame);
    const ip = payloadOf(burst, frame);
    const lengthBytes = payloadBytesOf(burst, frame);
    const to = ip + IPV6_DESTINATION;
    const context = this.contexts.find(vlan, Family.Ipv6);
    if (lengthBytes < IPV6_HEADER_BYTES || context === undefined) return all;
    const { querier, routers } = context;
    if (u8At(u8, ip + NEXT_HEADER) === NEXT_HEADER_HOP_BY_HOP) {
      const type = mldTypeIn(u8, ip, lengthBytes);
      if (type >= 0) return isMldReport(type) && querier.isKnown(burst.nowMs) ? routers.ports : all;
    }
    if (!isMulticastAt(u8, to) || isAllNodesAt(u8, to) || !querier.isReady(burst.nowMs)) return all;
    setIpv6Key(this.group, u8, to);
    const entry = this.table.find(this.group, vlan);
    if (entry === NOT_HELD) return routers.ports;
    this.isRegistered = true;
    setIpv6Key(this.source, u8, ip + IPV6_SOURCE);
    return this.table.lists.of(entry, this.source, routers.ports);
  }

  private findMac(frame: number, burst: Burst, all: Int32Array): Int32Array {
    const { u16 } = burst;
    const vlan = i32At(burst.vlan, frame);
    const at = i32At(burst.offset, frame) + DESTINATION;
    setMacKey(this.group, macHi16(u16, at), macLo32(u16, at));
    const entry = this.table.find(this.group, vlan);
    if (entry === NOT_HELD) return all;
    this.isRegistered = true;
    const context = this.contexts.find(vlan, Family.Ipv4);
    return context === undefined
      ? all
      : this.table.lists.of(entry, this.source, context.routers.ports);
  }
}

function tellTakers(reporter: TraceReporter, takers: Int32Array): void {
  const labels = [...takers].map((port) => reporter.label(port)).join(', ');
  const nobody = 'no port has a member of its group, or a multicast router';
  reporter.step(
    labels === '' ? nobody : `to members of its group and multicast routers: ${labels}`,
  );
}
