/**
 * Inspection of Neighbor Discovery: which of it a host on an untrusted port may send.
 *
 * Its own: the MAC that it names is the Ethernet source, and the address that it speaks for, its
 * source or the target of its advertisement, is vouched for. A link-local address made from the
 * sender's MAC vouches for itself. Probes, which claim nothing, pass. Routes come from trusted ports
 * only.
 *
 * Source: RFC 6105 (router advertisements), RFC 7513 (who may use which address).
 */

import { setIpv6Key } from '../wire/ip-key';
import { isLinkLocalOfMac, isUnspecifiedAt } from '../wire/ipv6';
import type { Burst } from '../frame/burst';
import { SOURCE } from '../wire/ethernet';
import { ADMITTED, RefusalReason } from '../hosts/inspection';
import type { Judgement } from '../hosts/inspection';
import { Inspector } from '../hosts/inspector';
import { hasExtensionHeaders, isDisguised } from '../wire/ipv6-extensions';
import {
  NEIGHBOUR_ADVERTISEMENT,
  REDIRECT,
  ROUTER_ADVERTISEMENT,
  SOURCE_ADDRESS,
  TARGET_ADDRESS,
  isFromSender,
  isNeighbourDiscovery,
  isValidMessage,
  messageType,
} from '../wire/nd';

export class NdInspector extends Inspector {
  protected judge(burst: Burst, frame: number): Judgement {
    const { u8 } = burst;
    const at = burst.offset[frame] as number;
    const lengthBytes = burst.length[frame] as number;
    if (hasExtensionHeaders(u8, at, lengthBytes)) {
      return isDisguised(u8, at, lengthBytes) ? RefusalReason.Disguised : ADMITTED;
    }
    return isNeighbourDiscovery(u8, at, lengthBytes) ? this.judgeMessage(burst, frame) : ADMITTED;
  }

  private judgeMessage(burst: Burst, frame: number): Judgement {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    const port = burst.ingress[frame] as number;
    if (!this.inspection.allowsOneMore(port, burst.nowMs)) return RefusalReason.RateExceeded;
    if (!isValidMessage(u8, u16, at, burst.length[frame] as number)) return RefusalReason.Malformed;
    const type = messageType(u8, at);
    const claimed = at + (type === NEIGHBOUR_ADVERTISEMENT ? TARGET_ADDRESS : SOURCE_ADDRESS);
    setIpv6Key(this.key, u8, claimed);
    this.isClaimRead = true;
    if (type === ROUTER_ADVERTISEMENT || type === REDIRECT) return RefusalReason.RouterUntrusted;
    if (!isFromSender(u8, u16, at)) return RefusalReason.SourceMismatch;
    if (isUnspecifiedAt(u8, claimed) || isLinkLocalOfMac(u8, claimed, at + SOURCE)) return ADMITTED;
    return this.isVouchedFor(burst, frame) ? ADMITTED : RefusalReason.SenderUnbound;
  }
}
