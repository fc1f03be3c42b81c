/**
 * VLAN ingress: which VLAN a received frame belongs to, and whether its port is a member of it. The answer
 * is in the burst's columns `vlan` and `priority`. A frame that is admitted has no tag of the bridge's
 * protocol afterwards, wherever it came from; `VlanEgress` gives it the tag that a port is to get.
 *
 * Source: IEEE 802.1Q-2022 6.9.1 and 8.6.2; `__allowed_ingress` in net/bridge/br_vlan.c.
 */

import { type Burst, tagsOf } from '../frame/burst';
import { classify } from '../frame/classify';
import { takeTagOff } from '../frame/untag';
import { PAYLOAD, etherType, etherTypeWord, getU16 } from '../wire/ethernet';
import type { MacWords } from '../wire/mac';
import { i32At } from '../wire/read';
import { NO_VLAN, TCI_PRIORITY, TCI_VID } from '../wire/vlan';
import { DropReason } from './drop-reason';
import type { VlanTable } from './vlan-table';

export class VlanIngress {
  /** TPID of the tags that count, in memory order. */
  private tagType = 0;

  constructor(
    private readonly burst: Burst,
    private readonly vlans: VlanTable,
    private readonly mac: MacWords,
  ) {}

  /** @param tpid as people write it */
  setProtocol(tpid: number): void {
    this.tagType = etherTypeWord(tpid);
  }

  /**
   * Decides the VLAN of a classified frame, and takes its tag off.
   * @returns the VID; for a frame that is not admitted, which stays as it is, what `notAdmitted` makes of
   *   the reason
   */
  decide(frame: number, port: number): number {
    const { burst, vlans } = this;
    burst.vlan[frame] = NO_VLAN;
    burst.priority[frame] = 0;
    const at = i32At(burst.offset, frame);
    const isTagged = etherType(burst.u16, at) === this.tagType;
    // A tag that is cut off says nothing. Linux drops the frame, too (`skb_vlan_untag`).
    if (isTagged && tagsOf(burst, frame) === 0) return notAdmitted(DropReason.MalformedTag);
    const tci = isTagged ? getU16(burst.u8, at + PAYLOAD) : 0;
    const tagVid = tci & TCI_VID;
    const vid = tagVid === NO_VLAN ? vlans.pvid(port) : tagVid;
    if (vid === NO_VLAN) return notAdmitted(DropReason.NoPvid);
    if (!vlans.isMember(port, vid)) return notAdmitted(DropReason.VlanNotAllowed);
    if (isTagged) this.untag(frame);
    burst.vlan[frame] = vid;
    burst.priority[frame] = tci & TCI_PRIORITY;
    return vid;
  }

  private untag(frame: number): void {
    takeTagOff(this.burst, frame);
    classify(this.burst, this.mac, frame, frame + 1);
  }
}

/** What `decide` returns in place of a VID: a negative number. */
function notAdmitted(reason: DropReason): number {
  return ~reason;
}

/** The reason in such a number. */
export function refusalIn(decision: number): DropReason {
  return ~decision as DropReason;
}
