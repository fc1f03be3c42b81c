"use strict";
/**
 * VLAN egress: which ports a flooded frame of a VLAN goes to, and with which tag a frame of a VLAN leaves.
 * `Egress` asks the VLAN table whether it may leave at all.
 *
 * The lists of ports are made once for each VLAN and class of flood that occurs, and again after a change
 * of ports or VLANs.
 *
 * Source: IEEE 802.1Q-2022 8.6.1 and 8.8.10; `br_handle_vlan` in net/bridge/br_vlan.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.VlanEgress = void 0;
const tag_operation_1 = require("../frame/tag-operation");
const read_1 = require("../wire/read");
const port_table_1 = require("./port-table");
class VlanEgress {
    burst;
    ports;
    vlans;
    tpid = 0;
    /** VID → list of ports, by class of flood. */
    lists = {
        unknown: new Map(),
        multicast: new Map(),
        broadcast: new Map(),
    };
    /** Generations of ports and VLANs of which the lists are made. */
    portGeneration = -1;
    vlanGeneration = -1;
    constructor(burst, ports, vlans) {
        this.burst = burst;
        this.ports = ports;
        this.vlans = vlans;
    }
    /** @param tpid as people write it */
    setProtocol(tpid) {
        this.tpid = tpid;
    }
    /** Ports to which a flooded frame of this VLAN and class goes, its own ingress port included. */
    floodTo(kind, vid) {
        if (this.portGeneration !== this.ports.generation)
            this.forget();
        if (this.vlanGeneration !== this.vlans.generation)
            this.forget();
        return this.lists[kind].get(vid) ?? this.makeList(kind, vid);
    }
    /** Tag operation for a frame that leaves from a port that is a member of its VLAN. */
    tagFor(frame, port) {
        const vid = (0, read_1.i32At)(this.burst.vlan, frame);
        if (this.vlans.isUntagged(port, vid))
            return tag_operation_1.AS_IT_IS;
        return (0, tag_operation_1.push)(this.tpid, (0, read_1.i32At)(this.burst.priority, frame) | vid);
    }
    makeList(kind, vid) {
        const list = this.ports.floodTo[kind].filter((port) => this.vlans.isMember(port, vid));
        this.lists[kind].set(vid, list);
        return list;
    }
    forget() {
        for (const kind of port_table_1.FLOOD_CLASSES)
            this.lists[kind].clear();
        this.portGeneration = this.ports.generation;
        this.vlanGeneration = this.vlans.generation;
    }
}
exports.VlanEgress = VlanEgress;
