"use strict";
/**
 * Egress: whether a frame may leave from a port. Known unicast, floods, what a protocol room directs
 * and what the switch itself says are all asked here, and nothing else decides it. Size, offloads and
 * tags are the next step; they change how a frame leaves, not whether it may.
 *
 * Source: IEEE 802.1Q-2022 8.6.1 and 8.6.4 (active topology, egress); `should_deliver` in
 * net/bridge/br_forward.c, which asks in the same order.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Egress = void 0;
const drop_reason_1 = require("./drop-reason");
const port_table_1 = require("./port-table");
/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { FiltersVlans, Forward, Hairpin, Isolated, Learn, Link } = port_table_1.PortAbility;
/** Abilities of a port that forwards and has no flag, as most do: it is asked for first. */
const PLAIN_PORT = Link | Learn | Forward;
class Egress {
    ports;
    vlans;
    /** Column of the burst: frame → port that it came from. */
    ingress;
    /** Column of the burst: frame → VID of its VLAN. */
    vlan;
    constructor(burst, ports, vlans) {
        this.ports = ports;
        this.vlans = vlans;
        this.ingress = burst.ingress;
        this.vlan = burst.vlan;
    }
    mayLeave(port, frame) {
        const abilities = this.ports.abilities(port);
        if (abilities === PLAIN_PORT)
            return this.ingress[frame] !== port;
        return this.mayLeaveByFlags(port, frame, abilities);
    }
    /** A further rule is one more line here, and one in `reasonAgainst`. */
    mayLeaveByFlags(port, frame, abilities) {
        if ((abilities & Forward) === 0)
            return false; // IEEE 802.1Q-2022 8.4
        if ((abilities & FiltersVlans) !== 0 && !this.isMember(port, frame))
            return false; // 8.6.1
        const ingress = this.ingress[frame];
        if (ingress === port)
            return (abilities & Hairpin) !== 0;
        return (abilities & Isolated) === 0 || ingress < 0 || !this.ports.areApart(ingress, port);
    }
    /** Why the frame may not leave from the port. */
    reasonAgainst(port, frame) {
        if (this.ingress[frame] === port)
            return drop_reason_1.DropReason.SamePort;
        if (this.ports.forwards(port)) {
            const filters = (this.ports.abilities(port) & FiltersVlans) !== 0;
            return filters && !this.isMember(port, frame) ? drop_reason_1.DropReason.EgressVlan : drop_reason_1.DropReason.Isolated;
        }
        return this.ports.isUp(port) ? drop_reason_1.DropReason.EgressDiscarding : drop_reason_1.DropReason.EgressDown;
    }
    isMember(port, frame) {
        return this.vlans.isMember(port, this.vlan[frame]);
    }
}
exports.Egress = Egress;
