"use strict";
/** The switch's own addresses, for programs. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Addresses = void 0;
const addresses_1 = require("../control/resources/addresses");
/** Own addresses, for which the switch answers ARP, Neighbor Discovery and ping. Errors: see `Switch`. */
class Addresses {
    requests;
    constructor(requests) {
        this.requests = requests;
    }
    /** Addresses, and the progress of their claims. */
    list() {
        return this.requests.ask((tapSwitch) => tapSwitch.ownAddresses());
    }
    /**
     * Starts to claim an address. The events `address-claimed` and `address-conflict` tell the outcome.
     * @param cidr the address with the length of its prefix: `192.0.2.1/24`
     */
    add(cidr, place) {
        return this.requests.run(addresses_1.ownAddress.value, { ...place, address: cidr }, addresses_1.addAddress);
    }
    /** Gives up an address. @param cidr as it was added */
    remove(cidr, place) {
        return this.requests.run(addresses_1.ownAddress.value, { ...place, address: cidr }, addresses_1.removeAddress);
    }
    /** Gives up all addresses. @returns their number */
    flush() {
        return this.requests.ask(async (tapSwitch) => {
            const { addresses } = tapSwitch.config;
            for (const { vlan, ...address } of addresses) {
                await (0, addresses_1.removeAddress)(tapSwitch, { address, vlan });
            }
            return addresses.length;
        });
    }
}
exports.Addresses = Addresses;
