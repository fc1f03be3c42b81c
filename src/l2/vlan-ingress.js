"use strict";
/**
 * VLAN ingress: which VLAN a received frame belongs to, and whether its port is a member of it. The answer
 * is in the burst's columns `vlan` and `priority`. A frame that is admitted has no tag of the bridge's
 * protocol afterwards, wherever it came from; `VlanEgress` gives it the tag that a port is to get.
 *
 * Source: IEEE 802.1Q-2022 6.9.1 and 8.6.2; `__allowed_ingress` in net/bridge/br_vlan.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.VlanIngress = void 0;
exports.refusalIn = refusalIn;
const burst_1 = require("../frame/burst");
const classify_1 = require("../frame/classify");
const untag_1 = require("../frame/untag");
const ethernet_1 = require("../wire/ethernet");
const read_1 = require("../wire/read");
const vlan_1 = require("../wire/vlan");
const drop_reason_1 = require("./drop-reason");
class VlanIngress {
    burst;
    vlans;
    mac;
    /** TPID of the tags that count, in memory order. */
    tagType = 0;
    constructor(burst, vlans, mac) {
        this.burst = burst;
        this.vlans = vlans;
        this.mac = mac;
    }
    /** @param tpid as people write it */
    setProtocol(tpid) {
        this.tagType = (0, ethernet_1.etherTypeWord)(tpid);
    }
    /**
     * Decides the VLAN of a classified frame, and takes its tag off.
     * @returns the VID; for a frame that is not admitted, which stays as it is, what `notAdmitted` makes of
     *   the reason
     */
    decide(frame, port) {
        const { burst, vlans } = this;
        burst.vlan[frame] = vlan_1.NO_VLAN;
        burst.priority[frame] = 0;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const isTagged = (0, ethernet_1.etherType)(burst.u16, at) === this.tagType;
        // A tag that is cut off says nothing. Linux drops the frame, too (`skb_vlan_untag`).
        if (isTagged && (0, burst_1.tagsOf)(burst, frame) === 0)
            return notAdmitted(drop_reason_1.DropReason.MalformedTag);
        const tci = isTagged ? (0, ethernet_1.getU16)(burst.u8, at + ethernet_1.PAYLOAD) : 0;
        const tagVid = tci & vlan_1.TCI_VID;
        const vid = tagVid === vlan_1.NO_VLAN ? vlans.pvid(port) : tagVid;
        if (vid === vlan_1.NO_VLAN)
            return notAdmitted(drop_reason_1.DropReason.NoPvid);
        if (!vlans.isMember(port, vid))
            return notAdmitted(drop_reason_1.DropReason.VlanNotAllowed);
        if (isTagged)
            this.untag(frame);
        burst.vlan[frame] = vid;
        burst.priority[frame] = tci & vlan_1.TCI_PRIORITY;
        return vid;
    }
    /** VLAN by which a classified frame would be decided, admitted or not. Nothing changes. */
    vidOf(frame, port) {
        const { burst } = this;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const isTagged = (0, ethernet_1.etherType)(burst.u16, at) === this.tagType && (0, burst_1.tagsOf)(burst, frame) > 0;
        const tagVid = isTagged ? (0, ethernet_1.getU16)(burst.u8, at + ethernet_1.PAYLOAD) & vlan_1.TCI_VID : vlan_1.NO_VLAN;
        return tagVid === vlan_1.NO_VLAN ? this.vlans.pvid(port) : tagVid;
    }
    untag(frame) {
        (0, untag_1.takeTagOff)(this.burst, frame);
        (0, classify_1.classify)(this.burst, this.mac, frame, frame + 1);
    }
}
exports.VlanIngress = VlanIngress;
/** What `decide` returns in place of a VID: a negative number. */
function notAdmitted(reason) {
    return ~reason;
}
/** The reason in such a number. */
function refusalIn(decision) {
    return ~decision;
}
