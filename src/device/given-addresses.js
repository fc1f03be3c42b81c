"use strict";
/**
 * The IP addresses that the switch has given an interface. What others have given it stays theirs: it is
 * neither removed nor given twice.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.GivenAddresses = void 0;
const cidr_1 = require("../config/values/cidr");
const native_1 = require("../native/native");
const ip_text_1 = require("../wire/ip-text");
const link_1 = require("./link");
class GivenAddresses {
    given = [];
    /**
     * The steps by which the interface has these addresses, and none of those that it was given before.
     * @param texts addresses with the lengths of their prefixes: `192.0.2.1/24`
     * @param netnsPath of the namespace of the interface; that of this process unless given
     */
    steps(link, texts, netnsPath) {
        const wanted = texts.map(cidr_1.cidr.fromText);
        const found = new Set(addressesOf(link, netnsPath).map(cidr_1.formatCidr));
        const kept = new Set(wanted.map(cidr_1.formatCidr));
        const leaving = this.given.filter((cidr) => !kept.has((0, cidr_1.formatCidr)(cidr)));
        const coming = wanted.filter((cidr) => !found.has((0, cidr_1.formatCidr)(cidr)));
        const add = (cidr) => this.add(link, cidr, netnsPath);
        const remove = (cidr) => this.remove(link, cidr, netnsPath);
        // An IPv6 address cannot be there with two prefix lengths: what leaves goes first.
        return [
            ...leaving.map((cidr) => ({
                what: `to lose the address ${(0, cidr_1.formatCidr)(cidr)}`,
                apply: () => (found.has((0, cidr_1.formatCidr)(cidr)) ? remove(cidr) : this.forget(cidr)),
                undo: () => add(cidr),
            })),
            ...coming.map((cidr) => ({
                what: `the address ${(0, cidr_1.formatCidr)(cidr)}`,
                apply: () => add(cidr),
                undo: () => remove(cidr),
            })),
        ];
    }
    /** Removes what was given. An interface that is gone, or out of reach, has none of it. */
    takeBack(link, netnsPath) {
        for (const cidr of this.given) {
            try {
                this.remove(link, cidr, netnsPath);
            }
            catch (error) {
                if (!(0, native_1.isNativeError)(error))
                    throw error;
            }
        }
        this.forgetAll();
    }
    /** Forgets what was given to an interface that is no more. */
    forgetAll() {
        this.given = [];
    }
    add(link, cidr, netnsPath) {
        (0, link_1.addAddress)(link, bytesOf(cidr), netnsPath);
        this.given = [...this.given, cidr];
    }
    /**
     * The kernel may remove other IPv4 addresses of the same network with the first of them
     * (net.ipv4.conf.*.promote_secondaries, __inet_del_ifa in net/ipv4/devinet.c): they are given back.
     */
    remove(link, cidr, netnsPath) {
        const before = addressesOf(link, netnsPath);
        (0, link_1.removeAddress)(link, bytesOf(cidr), netnsPath);
        this.forget(cidr);
        const left = new Set(addressesOf(link, netnsPath).map(cidr_1.formatCidr));
        for (const other of before) {
            const isLost = (0, cidr_1.formatCidr)(other) !== (0, cidr_1.formatCidr)(cidr) && !left.has((0, cidr_1.formatCidr)(other));
            if (isLost)
                (0, link_1.addAddress)(link, bytesOf(other), netnsPath);
        }
    }
    forget(cidr) {
        this.given = this.given.filter((other) => other !== cidr);
    }
}
exports.GivenAddresses = GivenAddresses;
function addressesOf({ index }, netnsPath) {
    return (0, link_1.listAddresses)(netnsPath).get(index) ?? [];
}
function bytesOf({ address, prefixLength, peer, }) {
    const bytes = (text) => (0, ip_text_1.parseIpAddress)(text) ?? new Uint8Array();
    return {
        address: bytes(address),
        prefixLength,
        peer: peer === undefined ? undefined : bytes(peer),
    };
}
