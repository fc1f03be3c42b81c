/**
 * Dynamic ARP inspection: the ARP packets that a host on an untrusted port may send.
 *
 * A host may send ARP about itself only: the sender is the Ethernet source, and a binding confirms the
 * address. Probes claim nothing and pass. A reply must go to its target. It may go to all hosts if it is an
 * announcement, or comes from a link-local address.
 */

import { UNSPECIFIED_IPV4, isLinkLocalIpv4 } from '../wire/ipv4';
import { setIpv4Key } from '../wire/ip-key';
import { i32At } from '../wire/read';
import type { Burst } from '../frame/burst';
import { DESTINATION, isBroadcast, macHi16, macLo32 } from '../wire/ethernet';
import { ADMITTED, type Inspection, type Judgement } from '../hosts/inspection';
import type { Neighbours } from '../hosts/neighbours';
import { RefusalReason } from '../hosts/refusal-reason';
import {
  REPLY,
  REQUEST,
  isEthernetIpv4,
  isFromSender,
  operation,
  senderAddress,
  targetAddress,
  targetHi16,
  targetLo32,
} from '../wire/arp';

/** Judges a frame with EtherType 0x0806 from an untrusted port. */
export function judgeArp(
  frame: number,
  burst: Burst,
  inspection: Inspection,
  neighbours: Neighbours,
): Judgement {
  const { u8, u16 } = burst;
  const at = i32At(burst.offset, frame);
  const port = i32At(burst.ingress, frame);
  if (!inspection.allowsOneMore(port, burst.nowMs)) return RefusalReason.RateExceeded;
  if (!isEthernetIpv4(u16, at, i32At(burst.length, frame))) return RefusalReason.Malformed;
  const sender = senderAddress(u8, at);
  setIpv4Key(inspection.claims(), sender);
  if (!isFromSender(u16, at)) return RefusalReason.SourceMismatch;
  if (operation(u16, at) === REPLY && !isAddressedToTarget(u8, u16, at)) {
    return RefusalReason.ReplyMisaddressed;
  }
  if (sender === UNSPECIFIED_IPV4 && operation(u16, at) === REQUEST) return ADMITTED;
  const isVouchedFor = inspection.vouchesFor(burst, frame, neighbours);
  return isVouchedFor ? ADMITTED : RefusalReason.SenderUnbound;
}

function isAddressedToTarget(u8: Uint8Array, u16: Uint16Array, at: number): boolean {
  const hi16 = macHi16(u16, at + DESTINATION);
  const lo32 = macLo32(u16, at + DESTINATION);
  if (isBroadcast(hi16, lo32)) {
    const sender = senderAddress(u8, at);
    // A host broadcasts all ARP of its link-local address (RFC 3927 2.5).
    return sender === targetAddress(u8, at) || isLinkLocalIpv4(sender);
  }
  return targetLo32(u16, at) === lo32 && targetHi16(u16, at) === hi16;
}
