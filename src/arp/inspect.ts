/**
 * Dynamic ARP inspection: which ARP a host on an untrusted port may send.
 *
 * Its own: the sender is the Ethernet source and is vouched for. Probes, which claim nothing, pass.
 * A reply goes to the station that it names as its target, or, as an announcement, to all.
 */

import { UNSPECIFIED_IPV4 } from '../ip/ipv4';
import { newIpKey, setIpv4Key } from '../ip/ip-key';
import type { Burst } from '../l2/burst';
import { DESTINATION, isBroadcast, macHi16, macLo32 } from '../l2/wire';
import { ADMITTED, RefusalReason } from '../neighbour/inspection';
import type { Inspection, Judgement } from '../neighbour/inspection';
import { NO_VLAN } from '../neighbour/known-hosts';
import type { Neighbours } from '../neighbour/neighbours';
import {
  REPLY,
  REQUEST,
  isEthernetIpv4,
  isFromSender,
  operation,
  senderAddress,
  senderHi16,
  senderLo32,
  targetAddress,
  targetHi16,
  targetLo32,
} from './wire';

export class ArpInspector {
  private readonly key = newIpKey();

  constructor(
    private readonly inspection: Inspection,
    private readonly neighbours: Neighbours,
  ) {}

  /** @returns whether the frame may travel; one that may not has been counted */
  admits(burst: Burst, frame: number, nowMs: number): boolean {
    if (this.inspection.trusts(burst.ingress[frame] as number)) return true;
    return this.inspection.enforce(this.judge(burst, frame, nowMs), burst, frame, nowMs);
  }

  private judge(burst: Burst, frame: number, nowMs: number): Judgement {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    const port = burst.ingress[frame] as number;
    if (!this.inspection.allowsOneMore(port, nowMs)) return RefusalReason.RateExceeded;
    if (!isEthernetIpv4(u16, at, burst.length[frame] as number)) return RefusalReason.Malformed;
    if (!isFromSender(u16, at)) return RefusalReason.SourceMismatch;
    if (operation(u16, at) === REPLY && !isAddressedToTarget(u8, u16, at)) {
      return RefusalReason.ReplyMisaddressed;
    }
    const sender = senderAddress(u8, at);
    const isProbe = sender === UNSPECIFIED_IPV4 && operation(u16, at) === REQUEST;
    return isProbe || this.isVouchedFor(u16, at, sender, port, nowMs)
      ? ADMITTED
      : RefusalReason.SenderUnbound;
  }

  private isVouchedFor(
    u16: Uint16Array,
    at: number,
    sender: number,
    port: number,
    nowMs: number,
  ): boolean {
    setIpv4Key(this.key, sender);
    return this.inspection.vouchesFor(
      this.key,
      NO_VLAN,
      senderHi16(u16, at),
      senderLo32(u16, at),
      port,
      this.neighbours,
      nowMs,
    );
  }
}

function isAddressedToTarget(u8: Uint8Array, u16: Uint16Array, at: number): boolean {
  const hi16 = macHi16(u16, at + DESTINATION);
  const lo32 = macLo32(u16, at + DESTINATION);
  if (isBroadcast(hi16, lo32)) return senderAddress(u8, at) === targetAddress(u8, at);
  return targetLo32(u16, at) === lo32 && targetHi16(u16, at) === hi16;
}
