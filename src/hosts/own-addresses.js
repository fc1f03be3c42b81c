"use strict";
/**
 * The switch's own addresses of one family, each with its claim. ARP and ND share this bookkeeping. The
 * protocol room sends the frames: it provides an `Announcer`.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.OwnAddresses = exports.MAX_OWN_ADDRESSES = void 0;
const ip_key_1 = require("../wire/ip-key");
const mac_1 = require("../wire/mac");
const vlan_1 = require("../wire/vlan");
const claim_1 = require("./claim");
/** Maximum number of own addresses, of both families. Each frame of ARP or ND is compared with all of them. */
exports.MAX_OWN_ADDRESSES = 64;
/**
 * Frames of claims that may be sent at once: enough to claim all addresses. Later frames are limited per
 * second, so that a client that adds and removes addresses without end cannot flood the ports.
 */
const CLAIM_FRAMES = (exports.MAX_OWN_ADDRESSES + 1) * (claim_1.CLAIM_TIMES.probeCount + claim_1.CLAIM_TIMES.announceCount);
const CLAIM_FRAMES_PER_SECOND = 32;
const MS_PER_CLAIM_FRAME = 1000 / CLAIM_FRAMES_PER_SECOND;
/** Length of a prefix that contains one address only: at least as long as any address. */
const HOST_PREFIX_BITS = 128;
class OwnAddresses {
    options;
    /** All own addresses. They are few enough for a linear search. */
    all = [];
    /** Number of frames that might be sent at the time `countedMs`. */
    frames = CLAIM_FRAMES;
    countedMs = -Infinity;
    pausedUntilMs = -Infinity;
    filtersVlans = false;
    /** VLAN of the switch itself. */
    homeVlan = vlan_1.NO_VLAN;
    constructor(options) {
        this.options = options;
    }
    /**
     * Sets whether the bridge filters by VLAN. If it does not, addresses with a VLAN rest.
     * @param homeVlan VLAN of addresses without one: on a Linux bridge, that of the default PVID
     */
    setVlans(filtersVlans, homeVlan) {
        this.filtersVlans = filtersVlans;
        this.homeVlan = filtersVlans ? homeVlan : vlan_1.NO_VLAN;
    }
    /** VID of frames about an address. */
    vlanOf({ vlan }) {
        return vlan === vlan_1.NO_VLAN ? this.homeVlan : vlan;
    }
    /** Whether frames about an address can be sent and received now. */
    isInUse({ vlan }) {
        return this.filtersVlans || vlan === vlan_1.NO_VLAN;
    }
    /**
     * Starts to claim an address with the next tick, and its companion with it.
     * @param key address, which must not change afterwards
     * @param prefixBits length of its network's prefix; by default, the network has no other host
     * @returns whether the address is new
     */
    add(key, nowMs, prefixBits = HOST_PREFIX_BITS, vlan = vlan_1.NO_VLAN) {
        const { companion } = this.options;
        const isCompanionNew = companion !== undefined && this.claim(companion, nowMs, prefixBits, vlan);
        const isCompanion = companion !== undefined && (0, ip_key_1.isSameIpKey)(key, companion);
        return isCompanion ? isCompanionNew : this.claim(key, nowMs, prefixBits, vlan);
    }
    claim(key, nowMs, prefixBits, vlan) {
        if (this.indexOf(key, vlan) >= 0)
            return false;
        const claim = new claim_1.Claim(nowMs, this.options.claimTimes ?? claim_1.CLAIM_TIMES);
        this.all.push({ key, text: (0, ip_key_1.formatIpKey)(key), vlan, prefixBits, claim });
        return true;
    }
    indexOf(key, vlan) {
        return this.all.findIndex((own) => own.vlan === vlan && (0, ip_key_1.isSameIpKey)(own.key, key));
    }
    /** @returns whether there was such an address */
    remove(key, vlan = vlan_1.NO_VLAN) {
        const index = this.indexOf(key, vlan);
        if (index >= 0)
            this.all.splice(index, 1);
        return index >= 0;
    }
    list() {
        return this.all.map(({ text, vlan, claim }) => ({
            address: text,
            ...(vlan !== vlan_1.NO_VLAN && { vlan }),
            state: claim.state,
        }));
    }
    /** The own address with this key in the VLAN of a frame, in any state of its claim. */
    find(key, vlan = vlan_1.NO_VLAN) {
        for (const own of this.all) {
            if ((0, ip_key_1.isSameIpKey)(own.key, key) && this.vlanOf(own) === vlan)
                return own;
        }
        return undefined;
    }
    /** Whether the switch holds the address: it is configured, claimed, and nobody had it before. */
    owns(key, vlan = vlan_1.NO_VLAN) {
        return this.find(key, vlan)?.claim.state === 'claimed';
    }
    /** Time of the next work of `tick`; `Infinity` for never. */
    get dueMs() {
        let dueMs = Infinity;
        for (const own of this.all) {
            if (this.isInUse(own))
                dueMs = Math.min(dueMs, own.claim.dueMs);
        }
        return Math.max(dueMs, this.pausedUntilMs);
    }
    tick(nowMs, outbox, announcer) {
        for (const own of this.all) {
            const { key, text, claim } = own;
            if (nowMs < claim.dueMs || !this.isInUse(own))
                continue;
            if (!this.maySend(nowMs))
                return;
            const step = claim.step(nowMs);
            if (step === 'probe')
                announcer.probe(key, this.vlanOf(own), outbox);
            if (step === 'claim' || step === 'announce') {
                announcer.announce(key, this.vlanOf(own), outbox);
            }
            if (step === 'claim')
                this.options.news({ event: 'address-claimed', address: text });
        }
    }
    /** Counts a frame of a claim. @returns whether it may be sent; if not, the claim is delayed */
    maySend(nowMs) {
        const earned = (nowMs - this.countedMs) / MS_PER_CLAIM_FRAME;
        this.frames = Math.min(CLAIM_FRAMES, this.frames + earned);
        this.countedMs = nowMs;
        if (this.frames < 1) {
            this.pausedUntilMs = nowMs + (1 - this.frames) * MS_PER_CLAIM_FRAME;
            return false;
        }
        this.frames--;
        return true;
    }
    /**
     * Notes that the station with this MAC, behind `port`, uses or probes for an own address.
     * @returns whether the caller must defend the address by another announcement
     */
    conflict(own, hi16, lo32, port, nowMs) {
        const outcome = own.claim.conflict(nowMs);
        if (outcome === 'ignored')
            return false;
        const mac = (0, mac_1.formatMac)(hi16, lo32);
        this.options.news({ event: 'address-conflict', address: own.text, mac, port, outcome });
        return outcome === 'defended';
    }
}
exports.OwnAddresses = OwnAddresses;
