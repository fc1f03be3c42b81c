"use strict";
/**
 * Index of addresses: (VLAN, address) → a small number, which does not change while the address is held. It
 * grows by doubling up to its limit, and finds without making an object.
 *
 * The hash is seeded and has chains, as that of `hosts/binding-table.ts`, whose columns have a fixed size.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.KeyIndex = exports.NOT_HELD = void 0;
const ip_key_1 = require("../wire/ip-key");
const read_1 = require("../wire/read");
const grown_1 = require("./grown");
exports.NOT_HELD = -1;
const KEY_WORDS = 4;
const FIRST_CAPACITY = 16;
const END = -1;
class KeyIndex {
    /** Number of addresses held. */
    count = 0;
    /** One more than the highest number that was ever in use. */
    ceiling = 0;
    /** Most addresses that it takes. */
    max;
    seed;
    keys = new Int32Array(FIRST_CAPACITY * KEY_WORDS);
    vlans = new Uint16Array(FIRST_CAPACITY);
    chain = new Int32Array(FIRST_CAPACITY);
    buckets = new Int32Array(2 * FIRST_CAPACITY).fill(END);
    free = END;
    /** @param seed any 32-bit number that the hosts do not know */
    constructor(seed, max) {
        this.seed = seed | 0;
        this.max = max;
    }
    /** Most numbers for which there is memory now: columns that belong to them have this length. */
    get capacity() {
        return this.chain.length;
    }
    find(key, vlan) {
        let entry = (0, read_1.i32At)(this.buckets, this.bucketOf(key, 0, vlan));
        while (entry !== END && !this.isKey(entry, key, vlan))
            entry = (0, read_1.i32At)(this.chain, entry);
        return entry;
    }
    /** Adds an address that is not held. @returns its number, or `NOT_HELD` if the index is full */
    add(key, vlan) {
        if (this.count >= this.max)
            return exports.NOT_HELD;
        let entry = this.free;
        if (entry === END) {
            entry = this.ceiling++;
            if (entry === this.capacity)
                this.grow();
        }
        else {
            this.free = (0, read_1.i32At)(this.chain, entry);
        }
        this.keys.set(key, entry * KEY_WORDS);
        this.vlans[entry] = vlan;
        this.link(entry);
        this.count++;
        return entry;
    }
    remove(entry) {
        const bucket = this.bucketOf(this.keys, entry * KEY_WORDS, this.vlanOf(entry));
        if (this.buckets[bucket] === entry) {
            this.buckets[bucket] = (0, read_1.i32At)(this.chain, entry);
        }
        else {
            let before = (0, read_1.i32At)(this.buckets, bucket);
            while (this.chain[before] !== entry)
                before = (0, read_1.i32At)(this.chain, before);
            this.chain[before] = (0, read_1.i32At)(this.chain, entry);
        }
        this.chain[entry] = this.free;
        this.free = entry;
        this.count--;
    }
    vlanOf(entry) {
        return (0, read_1.u16At)(this.vlans, entry);
    }
    readKey(entry, key) {
        const at = entry * KEY_WORDS;
        for (let word = 0; word < KEY_WORDS; word++)
            key[word] = (0, read_1.i32At)(this.keys, at + word);
    }
    grow() {
        const capacity = 2 * this.capacity;
        this.keys = (0, grown_1.grownI32)(this.keys, capacity * KEY_WORDS);
        this.vlans = (0, grown_1.grownU16)(this.vlans, capacity);
        this.chain = (0, grown_1.grownI32)(this.chain, capacity);
        this.buckets = new Int32Array(2 * capacity).fill(END);
        // It grows only when every number is in use, but for the one that is being given away.
        for (let entry = 0; entry < this.ceiling - 1; entry++)
            this.link(entry);
    }
    link(entry) {
        const bucket = this.bucketOf(this.keys, entry * KEY_WORDS, this.vlanOf(entry));
        this.chain[entry] = (0, read_1.i32At)(this.buckets, bucket);
        this.buckets[bucket] = entry;
    }
    isKey(entry, key, vlan) {
        return (0, ip_key_1.isIpKeyAt)(this.keys, entry * KEY_WORDS, key) && this.vlans[entry] === vlan;
    }
    bucketOf(words, at, vlan) {
        return (0, ip_key_1.hashIpKey)(words, at, this.seed ^ vlan) & (this.buckets.length - 1);
    }
}
exports.KeyIndex = KeyIndex;
