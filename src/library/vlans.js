"use strict";
/** The VLANs of the ports, for programs. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Vlans = void 0;
const stats_1 = require("../control/resources/stats");
const vlans_1 = require("../control/resources/vlans");
/** Memberships of ports in VLANs. Errors: see `Switch`. */
class Vlans {
    requests;
    constructor(requests) {
        this.requests = requests;
    }
    /** VLANs by port, with the keys of `bridge -j vlan show`. */
    list(query) {
        return this.requests.run(stats_1.portFilter.value, query, vlans_1.listVlans);
    }
    /** Makes a port a member of VLANs. A VID that it has takes the new flags. */
    add(vlans) {
        return this.requests.run(vlans_1.newVlans, vlans, vlans_1.addVlans);
    }
    /** Ends the membership of a port. */
    remove(vlans) {
        return this.requests.run(vlans_1.vlanRemoval.value, vlans, vlans_1.removeVlans);
    }
}
exports.Vlans = Vlans;
