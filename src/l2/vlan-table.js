"use strict";
/**
 * VLAN table: which port is a member of which VLAN, whether frames of the VLAN leave from it without a
 * tag, and its PVID, the VLAN of the untagged frames that it receives.
 *
 * Memory: two bit sets for each port, with a bit for each VID: 1 KiB. They are there also while the bridge
 * does not filter, so that filtering can be switched on and off and keeps what was configured.
 *
 * Source: IEEE 802.1Q-2022 8.8.10 (member set, untagged set), 6.9 (PVID); net/bridge/br_vlan.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.VlanTable = void 0;
const read_1 = require("../wire/read");
const vlan_1 = require("../wire/vlan");
const WORD_SHIFT = 5;
const BIT_MASK = 31;
/** Words of the set of a port. */
const SET_SHIFT = 7;
const SET_WORDS = vlan_1.VIDS >>> WORD_SHIFT;
const FIRST_PORTS = 8;
class VlanTable {
    /** Rises with each change. Who keeps something made from the table makes it anew. */
    generation = 0;
    /** Bit of a VID in the set of a port: word port · `SET_WORDS` + VID / 32. They grow with the ports. */
    members = new Uint32Array(FIRST_PORTS * SET_WORDS);
    untagged = new Uint32Array(FIRST_PORTS * SET_WORDS);
    /** Port → PVID, or `NO_VLAN`. */
    pvids;
    /** Port → VLANs that were set; absent: those of the default PVID. */
    given = [];
    ports = new Set();
    defaultVid;
    /** @param defaultPvid VLAN of a port for which none is set; `NO_VLAN`: such a port is in no VLAN */
    constructor(maxPorts, defaultPvid) {
        this.pvids = new Uint16Array(maxPorts);
        this.defaultVid = defaultPvid;
    }
    isMember(port, vid) {
        return this.has(this.members, port, vid);
    }
    /** Whether frames of the VLAN leave from the port without a tag. */
    isUntagged(port, vid) {
        return this.has(this.untagged, port, vid);
    }
    /** VLAN of untagged frames that the port receives, or `NO_VLAN`. */
    pvid(port) {
        return (0, read_1.u16At)(this.pvids, port);
    }
    get defaultPvid() {
        return this.defaultVid;
    }
    /** VIDs that the port is a member of, ascending. */
    vidsOf(port) {
        const vids = [];
        for (let vid = vlan_1.MIN_VID; vid <= vlan_1.MAX_VID; vid++)
            if (this.isMember(port, vid))
                vids.push(vid);
        return vids;
    }
    /**
     * Sets the VLANs of a port, in place of those that it had.
     * @param vlans `undefined`: the VLAN of the default PVID, untagged
     * @returns VIDs that the port is no member of any more
     */
    setPort(port, vlans) {
        const before = this.vidsOf(port);
        this.makeRoom(port);
        this.clear(port);
        this.ports.add(port);
        this.given[port] = vlans;
        for (const entry of vlans ?? this.defaultVlans())
            this.enter(port, entry);
        this.generation++;
        return before.filter((vid) => !this.isMember(port, vid));
    }
    /** The port is gone. */
    remove(port) {
        this.clear(port);
        this.ports.delete(port);
        this.given[port] = undefined;
        this.generation++;
    }
    /**
     * Changes the default PVID, and with it the VLAN of every port for which none was set. Linux refuses
     * this while the bridge filters; here it is a change of those ports as any other.
     * @param left is told of each VLAN that a port has left
     */
    setDefaultPvid(vid, left) {
        if (vid === this.defaultVid)
            return;
        this.defaultVid = vid;
        for (const port of this.ports) {
            if (this.given[port] === undefined)
                left(port, this.setPort(port, undefined));
        }
    }
    defaultVlans() {
        if (this.defaultVid === vlan_1.NO_VLAN)
            return [];
        return [{ vid: this.defaultVid, pvid: true, untagged: true }];
    }
    enter(port, { vid, vidEnd = vid, pvid, untagged }) {
        for (let member = vid; member <= vidEnd; member++) {
            this.set(this.members, port, member);
            if (untagged === true)
                this.set(this.untagged, port, member);
        }
        if (pvid === true)
            this.pvids[port] = vidEnd;
    }
    clear(port) {
        const at = port << SET_SHIFT;
        this.members.fill(0, at, at + SET_WORDS);
        this.untagged.fill(0, at, at + SET_WORDS);
        this.pvids[port] = vlan_1.NO_VLAN;
    }
    makeRoom(port) {
        const ports = this.members.length >>> SET_SHIFT;
        if (port < ports)
            return;
        this.members = grown(this.members, Math.max(port + 1, 2 * ports));
        this.untagged = grown(this.untagged, Math.max(port + 1, 2 * ports));
    }
    set(sets, port, vid) {
        const at = (port << SET_SHIFT) + (vid >>> WORD_SHIFT);
        sets[at] = (0, read_1.u32At)(sets, at) | (1 << (vid & BIT_MASK));
    }
    has(sets, port, vid) {
        const word = (0, read_1.u32At)(sets, (port << SET_SHIFT) + (vid >>> WORD_SHIFT));
        return ((word >>> (vid & BIT_MASK)) & 1) !== 0;
    }
}
exports.VlanTable = VlanTable;
function grown(sets, ports) {
    const larger = new Uint32Array(ports * SET_WORDS);
    larger.set(sets);
    return larger;
}
