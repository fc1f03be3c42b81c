/**
 * Inspection of Neighbor Discovery: the messages that a host on an untrusted port may send.
 *
 * A host may send messages about itself only: the MAC in the message is the Ethernet source, and a binding
 * confirms the claimed address, which is the source or the target of an advertisement. A link-local address
 * that is made from the sender's MAC needs no binding. Probes claim nothing and pass. Router advertisements
 * pass only from trusted ports.
 *
 * Source: RFC 6105 (router advertisements), RFC 7513 (who may use which address).
 */

import { setIpv6Key } from '../wire/ip-key';
import { isLinkLocalOfMac, isUnspecifiedAt } from '../wire/ipv6';
import { i32At } from '../wire/read';
import type { Burst } from '../frame/burst';
import { SOURCE } from '../wire/ethernet';
import { ADMITTED, type Inspection, type Judgement } from '../hosts/inspection';
import type { Neighbours } from '../hosts/neighbours';
import { RefusalReason } from '../hosts/refusal-reason';
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

/** Judges an IPv6 frame from an untrusted port. The frame may or may not be ND. */
export function judgeNd(
  frame: number,
  burst: Burst,
  inspection: Inspection,
  neighbours: Neighbours,
): Judgement {
  const { u8 } = burst;
  const at = i32At(burst.offset, frame);
  const lengthBytes = i32At(burst.length, frame);
  if (hasExtensionHeaders(u8, at, lengthBytes)) {
    return isDisguised(u8, at, lengthBytes) ? RefusalReason.Disguised : ADMITTED;
  }
  if (!isNeighbourDiscovery(u8, at, lengthBytes)) return ADMITTED;
  return judgeMessage(frame, burst, inspection, neighbours);
}

function judgeMessage(
  frame: number,
  burst: Burst,
  inspection: Inspection,
  neighbours: Neighbours,
): Judgement {
  const { u8, u16 } = burst;
  const at = i32At(burst.offset, frame);
  const port = i32At(burst.ingress, frame);
  if (!inspection.allowsOneMore(port, burst.nowMs)) return RefusalReason.RateExceeded;
  if (!isValidMessage(u8, u16, at, i32At(burst.length, frame))) return RefusalReason.Malformed;
  const type = messageType(u8, at);
  const claimed = at + (type === NEIGHBOUR_ADVERTISEMENT ? TARGET_ADDRESS : SOURCE_ADDRESS);
  setIpv6Key(inspection.claims(), u8, claimed);
  if (type === ROUTER_ADVERTISEMENT || type === REDIRECT) return RefusalReason.RouterUntrusted;
  if (!isFromSender(u8, u16, at)) return RefusalReason.SourceMismatch;
  if (isUnspecifiedAt(u8, claimed) || isLinkLocalOfMac(u8, claimed, at + SOURCE)) return ADMITTED;
  const isVouchedFor = inspection.vouchesFor(burst, frame, neighbours);
  return isVouchedFor ? ADMITTED : RefusalReason.SenderUnbound;
}
