/**
 * Dynamic ARP inspection: which ARP a host on an untrusted port may send.
 *
 * Its own: the sender is the Ethernet source and is vouched for. Probes, which claim nothing, pass.
 * A reply goes to the station that it names as its target, or to all: as an announcement, or from a
 * link-local address.
 */

import { UNSPECIFIED_IPV4, isLinkLocalIpv4 } from '../wire/ipv4';
import { setIpv4Key } from '../wire/ip-key';
import type { Burst } from '../frame/burst';
import { DESTINATION, isBroadcast, macHi16, macLo32 } from '../wire/ethernet';
import { ADMITTED, RefusalReason } from '../hosts/inspection';
import type { Judgement } from '../hosts/inspection';
import { Inspector } from '../hosts/inspector';
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

export class ArpInspector extends Inspector {
  protected judge(burst: Burst, frame: number): Judgement {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    const port = burst.ingress[frame] as number;
    if (!this.inspection.allowsOneMore(port, burst.nowMs)) return RefusalReason.RateExceeded;
    if (!isEthernetIpv4(u16, at, burst.length[frame] as number)) return RefusalReason.Malformed;
    const sender = senderAddress(u8, at);
    setIpv4Key(this.key, sender);
    this.isClaimRead = true;
    if (!isFromSender(u16, at)) return RefusalReason.SourceMismatch;
    if (operation(u16, at) === REPLY && !isAddressedToTarget(u8, u16, at)) {
      return RefusalReason.ReplyMisaddressed;
    }
    if (sender === UNSPECIFIED_IPV4 && operation(u16, at) === REQUEST) return ADMITTED;
    return this.isVouchedFor(burst, frame) ? ADMITTED : RefusalReason.SenderUnbound;
  }
}

function isAddressedToTarget(u8: Uint8Array, u16: Uint16Array, at: number): boolean {
  const hi16 = macHi16(u16, at + DESTINATION);
  const lo32 = macLo32(u16, at + DESTINATION);
  if (isBroadcast(hi16, lo32)) {
    const sender = senderAddress(u8, at);
    // Whatever a link-local address says is said to all (RFC 3927 2.5).
    return sender === targetAddress(u8, at) || isLinkLocalIpv4(sender);
  }
  return targetLo32(u16, at) === lo32 && targetHi16(u16, at) === hi16;
}
