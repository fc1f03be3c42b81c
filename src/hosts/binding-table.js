"use strict";
/**
 * Table of bindings of an IP address to a station: (address, VLAN) → MAC and port. The owners of the tables
 * (`neighbours.ts`, `leases.ts`) decide the meaning and the lifetime of a binding.
 *
 * Layout. Columns of typed arrays. An entry is an index, which does not change while the entry lives. A
 * seeded hash with chains finds the entries. All memory is allocated at the start.
 *
 * Eviction. A new entry in a full table replaces an entry of the port that has most, or of its own port if
 * that has as many. The entry that was heard longest ago is evicted. So a port within its fair share loses
 * nothing to a port above it. Static entries have their own room. They do not count, and are never evicted.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.BindingTable = exports.MAX_STATIC = exports.ANY_PORT = exports.NO_ENTRY = void 0;
const read_1 = require("../wire/read");
const ip_key_1 = require("../wire/ip-key");
exports.NO_ENTRY = -1;
/** Port of a static entry whose station may be behind any port. */
exports.ANY_PORT = -1;
/** Maximum number of static entries, besides the others. */
exports.MAX_STATIC = 1024;
const DEFAULT_MAX_ENTRIES = 8_192;
const DEFAULT_MAX_PORTS = 1_024;
const KEY_WORDS = 4;
const END = -1;
/** Value of `previous` for an entry that is in no port's list. */
const UNLISTED = -2;
class BindingTable {
    /** Maximum number of entries, static ones included: the length of every column. */
    capacity;
    vlan;
    hi16;
    lo32;
    port;
    /** Time at which the station was last heard to use the address, milliseconds. */
    heardMs;
    /** Time of the entry's next event, milliseconds. It belongs to the owner of the table. */
    dueMs;
    /** One more than the highest entry that was ever in use. Searches stop there. */
    ceiling = 0;
    keys;
    used;
    chain;
    buckets;
    seed;
    /** Oldest entry of each port. A port's entries are a list in the order in which they were heard. */
    oldest;
    newest;
    previous;
    next;
    perPort;
    maxEntries;
    free = END;
    listedTotal = 0;
    staticTotal = 0;
    constructor({ maxEntries = DEFAULT_MAX_ENTRIES, maxPorts = DEFAULT_MAX_PORTS, seed = 0, }) {
        const capacity = maxEntries + exports.MAX_STATIC;
        this.capacity = capacity;
        this.maxEntries = maxEntries;
        this.vlan = new Uint16Array(capacity);
        this.hi16 = new Uint16Array(capacity);
        this.lo32 = new Int32Array(capacity);
        this.port = new Int32Array(capacity);
        this.heardMs = new Float64Array(capacity);
        this.dueMs = new Float64Array(capacity);
        this.keys = new Int32Array(capacity * KEY_WORDS);
        this.used = new Uint8Array(capacity);
        this.chain = new Int32Array(capacity);
        this.buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2))).fill(END);
        this.seed = seed | 0;
        this.oldest = new Int32Array(maxPorts).fill(END);
        this.newest = new Int32Array(maxPorts).fill(END);
        this.previous = new Int32Array(capacity);
        this.next = new Int32Array(capacity);
        this.perPort = new Int32Array(maxPorts);
    }
    /** Number of entries, static ones included. */
    get count() {
        return this.listedTotal + this.staticTotal;
    }
    /** Number of entries of one port, without static ones. */
    countOn(port) {
        return this.perPort[port] ?? 0;
    }
    isUsed(entry) {
        return this.used[entry] === 1;
    }
    isStatic(entry) {
        return this.previous[entry] === UNLISTED;
    }
    find(key, vlan) {
        let entry = (0, read_1.i32At)(this.buckets, this.bucketOf(key, 0, vlan));
        while (entry !== END && !this.isKey(entry, key, vlan))
            entry = (0, read_1.i32At)(this.chain, entry);
        return entry;
    }
    /** Copies the address of an entry. */
    readKey(entry, key) {
        for (let word = 0; word < KEY_WORDS; word++) {
            key[word] = (0, read_1.i32At)(this.keys, entry * KEY_WORDS + word);
        }
    }
    /** Adds an entry for a new key. If the table is full, it evicts another. */
    insert(key, vlan, hi16, lo32, port, nowMs) {
        if (this.listedTotal >= this.maxEntries) {
            this.remove((0, read_1.i32At)(this.oldest, this.heaviest(port)));
        }
        const entry = this.take(key, vlan, hi16, lo32, port, nowMs);
        this.append(entry, port);
        return entry;
    }
    /** Whether the table has no room for another static entry. */
    get isStaticFull() {
        return this.staticTotal >= exports.MAX_STATIC;
    }
    /** Adds a static entry for a new key. The caller has checked `isStaticFull`. */
    insertStatic(key, vlan, hi16, lo32, port) {
        const entry = this.take(key, vlan, hi16, lo32, port, -Infinity);
        this.previous[entry] = UNLISTED;
        this.staticTotal++;
        return entry;
    }
    /** Notes that the station of an entry was heard, behind `port`. */
    touch(entry, port, nowMs) {
        this.heardMs[entry] = nowMs;
        if (this.isStatic(entry))
            return;
        this.unlink(entry);
        this.port[entry] = port;
        this.append(entry, port);
    }
    remove(entry) {
        this.unchain(entry);
        if (this.isStatic(entry))
            this.staticTotal--;
        else
            this.unlink(entry);
        this.used[entry] = 0;
        this.chain[entry] = this.free;
        this.free = entry;
    }
    /** Calls `visit` for each entry. `visit` may remove that entry. */
    forEach(visit) {
        for (let entry = 0; entry < this.ceiling; entry++)
            if (this.isUsed(entry))
                visit(entry);
    }
    take(key, vlan, hi16, lo32, port, nowMs) {
        let entry = this.free;
        if (entry === END)
            entry = this.ceiling++;
        else
            this.free = (0, read_1.i32At)(this.chain, entry);
        this.keys.set(key, entry * KEY_WORDS);
        this.vlan[entry] = vlan;
        this.hi16[entry] = hi16;
        this.lo32[entry] = lo32;
        this.port[entry] = port;
        this.heardMs[entry] = nowMs;
        this.dueMs[entry] = Infinity;
        this.used[entry] = 1;
        const bucket = this.bucketOf(key, 0, vlan);
        this.chain[entry] = (0, read_1.i32At)(this.buckets, bucket);
        this.buckets[bucket] = entry;
        return entry;
    }
    unchain(entry) {
        const bucket = this.bucketOf(this.keys, entry * KEY_WORDS, (0, read_1.u16At)(this.vlan, entry));
        if (this.buckets[bucket] === entry) {
            this.buckets[bucket] = (0, read_1.i32At)(this.chain, entry);
            return;
        }
        let before = (0, read_1.i32At)(this.buckets, bucket);
        while (this.chain[before] !== entry)
            before = (0, read_1.i32At)(this.chain, before);
        this.chain[before] = (0, read_1.i32At)(this.chain, entry);
    }
    /** Appends an entry to its port's list, as the newest one. */
    append(entry, port) {
        const last = (0, read_1.i32At)(this.newest, port);
        this.previous[entry] = last;
        this.next[entry] = END;
        if (last === END)
            this.oldest[port] = entry;
        else
            this.next[last] = entry;
        this.newest[port] = entry;
        this.perPort[port] = (0, read_1.i32At)(this.perPort, port) + 1;
        this.listedTotal++;
    }
    unlink(entry) {
        const port = (0, read_1.i32At)(this.port, entry);
        const before = (0, read_1.i32At)(this.previous, entry);
        const after = (0, read_1.i32At)(this.next, entry);
        if (before === END)
            this.oldest[port] = after;
        else
            this.next[before] = after;
        if (after === END)
            this.newest[port] = before;
        else
            this.previous[after] = before;
        this.perPort[port] = (0, read_1.i32At)(this.perPort, port) - 1;
        this.listedTotal--;
    }
    /** Port with most entries; `port` itself if no other has more. */
    heaviest(port) {
        let heaviest = port;
        for (let other = 0; other < this.perPort.length; other++) {
            if ((0, read_1.i32At)(this.perPort, other) > (0, read_1.i32At)(this.perPort, heaviest))
                heaviest = other;
        }
        return heaviest;
    }
    isKey(entry, key, vlan) {
        return (0, ip_key_1.isIpKeyAt)(this.keys, entry * KEY_WORDS, key) && this.vlan[entry] === vlan;
    }
    bucketOf(words, at, vlan) {
        return (0, ip_key_1.hashIpKey)(words, at, this.seed ^ vlan) & (this.buckets.length - 1);
    }
}
exports.BindingTable = BindingTable;
