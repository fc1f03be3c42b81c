"use strict";
/** The switch's own addresses, as the control plane holds them. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.OwnAddressList = void 0;
const own_address_1 = require("../config/values/own-address");
const own_addresses_1 = require("../hosts/own-addresses");
const request_error_1 = require("../system/request-error");
const ip_text_1 = require("../wire/ip-text");
const vlan_1 = require("../wire/vlan");
class OwnAddressList {
    dataPlane;
    held;
    /** Addresses of the configuration whose claim is undecided after the start. */
    undecided = new Set();
    allDecided;
    /** @param held addresses of the configuration; `claimAll` claims them */
    constructor(dataPlane, held) {
        this.dataPlane = dataPlane;
        this.held = held;
    }
    get all() {
        return this.held;
    }
    /** Addresses with the state of their claims. */
    states() {
        return this.dataPlane.order({ kind: 'list-addresses' });
    }
    /** Claims all addresses. It resolves when each is claimed, or found to be in use by another host. */
    async claimAll() {
        const decided = new Promise((resolve) => {
            this.allDecided = resolve;
        });
        for (const { address } of this.held)
            this.undecided.add(address);
        for (const cidr of this.held) {
            await this.dataPlane.order({ kind: 'add-address', ...wireOf(cidr) });
        }
        if (this.undecided.size > 0)
            await decided;
    }
    /** Notes that the claim of an address is decided. */
    decided(address) {
        this.undecided.delete(address);
        if (this.undecided.size === 0)
            this.allDecided?.();
    }
    /**
     * Starts to claim the address.
     * @param leavingCount number of other addresses that the same change will remove
     * @throws RequestError if the switch has the address already, or has too many.
     */
    async add(cidr, leavingCount) {
        if (this.held.length - leavingCount >= own_addresses_1.MAX_OWN_ADDRESSES) {
            throw new request_error_1.RequestError('conflict', `${own_addresses_1.MAX_OWN_ADDRESSES} addresses of the switch at most; remove another first`);
        }
        if (!(await this.dataPlane.order({ kind: 'add-address', ...wireOf(cidr) }))) {
            throw new request_error_1.RequestError('conflict', `${(0, own_address_1.ownIdentity)(cidr)} is an address of the switch already`);
        }
        this.held = [...this.held, cidr];
    }
    /** @throws RequestError if the switch does not have the address, or has it with another prefix length. */
    async remove(cidr) {
        const own = this.held.find((other) => (0, own_address_1.ownIdentity)(other) === (0, own_address_1.ownIdentity)(cidr));
        if (own?.prefixLength !== cidr.prefixLength) {
            const instead = own === undefined ? '' : `; ${(0, own_address_1.formatOwnCidr)(own)} is`;
            throw new request_error_1.RequestError('not-found', `${(0, own_address_1.formatOwnCidr)(cidr)} is no address of the switch${instead}`);
        }
        const { bytes, vlan } = wireOf(cidr);
        await this.dataPlane.order({ kind: 'remove-address', bytes, vlan });
        this.held = this.held.filter((other) => other !== own);
    }
}
exports.OwnAddressList = OwnAddressList;
/** Address as commands to the data plane have it. */
function wireOf({ address, prefixLength, vlan = vlan_1.NO_VLAN }) {
    return { bytes: (0, ip_text_1.parseIpAddress)(address), prefixBits: prefixLength, vlan };
}
