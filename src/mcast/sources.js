"use strict";
/**
 * Pool of sources: the addresses in the lists of memberships, chained. A source whose time is over is
 * blocked; a list that includes has no such source.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Sources = exports.MAX_SOURCES = exports.MAX_SOURCES_EACH = exports.BLOCKED = exports.NO_SOURCE = exports.SourceFlag = void 0;
const read_1 = require("../wire/read");
const grown_1 = require("./grown");
/** Bits of a source's flags. */
exports.SourceFlag = {
    /** An operator made it, as an entry of its own: no report changes it. */
    ByHand: 1,
    /** For the steps of `records.ts` alone. */
    Marked: 2,
};
exports.NO_SOURCE = -1;
/** Value of `dueMs` of a source that is blocked. */
exports.BLOCKED = 0;
/** Sources of one membership at most: PG_SRC_ENT_LIMIT in net/bridge/br_private.h is one more. */
exports.MAX_SOURCES_EACH = 31;
/** Sources in all. Each may get an egress list of its own: 32 MB for 256 ports, if all differ. */
exports.MAX_SOURCES = 32_768;
const FIRST_CAPACITY = 16;
const KEY_WORDS = 4;
class Sources {
    max;
    count = 0;
    /** Time at which it is forwarded no longer, ms; `Infinity` for never, `BLOCKED` for one that is not. */
    dueMs = new Float64Array(FIRST_CAPACITY);
    flags = new Uint8Array(FIRST_CAPACITY);
    /** Queries for it that are still to be sent. */
    asksLeft = new Uint8Array(FIRST_CAPACITY);
    next = new Int32Array(FIRST_CAPACITY);
    keys = new Int32Array(FIRST_CAPACITY * KEY_WORDS);
    ceiling = 0;
    free = exports.NO_SOURCE;
    constructor(max = exports.MAX_SOURCES) {
        this.max = max;
    }
    get isFull() {
        return this.count >= this.max;
    }
    /** Takes a source. The caller has checked `isFull`, and links it. */
    take(key, dueMs) {
        let source = this.free;
        if (source === exports.NO_SOURCE) {
            source = this.ceiling++;
            if (source === this.next.length)
                this.grow();
        }
        else {
            this.free = (0, read_1.i32At)(this.next, source);
        }
        this.count++;
        this.keys.set(key, source * KEY_WORDS);
        this.dueMs[source] = dueMs;
        this.flags[source] = 0;
        this.asksLeft[source] = 0;
        this.next[source] = exports.NO_SOURCE;
        return source;
    }
    release(source) {
        this.next[source] = this.free;
        this.free = source;
        this.count--;
    }
    isForwarded(source) {
        return this.dueMs[source] !== exports.BLOCKED;
    }
    has(source, flag) {
        return ((0, read_1.u8At)(this.flags, source) & flag) !== 0;
    }
    set(source, flag, isSet) {
        const flags = (0, read_1.u8At)(this.flags, source);
        this.flags[source] = isSet ? flags | flag : flags & ~flag;
    }
    /** The source with this address in the chain that begins with `first`, or `NO_SOURCE`. */
    find(first, key) {
        let source = first;
        while (source !== exports.NO_SOURCE && !this.isKey(source, key))
            source = (0, read_1.i32At)(this.next, source);
        return source;
    }
    readKey(source, key) {
        const at = source * KEY_WORDS;
        for (let word = 0; word < KEY_WORDS; word++)
            key[word] = (0, read_1.i32At)(this.keys, at + word);
    }
    isKey(source, key) {
        const at = source * KEY_WORDS;
        return (this.keys[at + 3] === key[3] &&
            this.keys[at + 2] === key[2] &&
            this.keys[at + 1] === key[1] &&
            this.keys[at] === key[0]);
    }
    grow() {
        const capacity = 2 * this.next.length;
        this.dueMs = (0, grown_1.grownF64)(this.dueMs, capacity);
        this.flags = (0, grown_1.grownU8)(this.flags, capacity);
        this.asksLeft = (0, grown_1.grownU8)(this.asksLeft, capacity);
        this.next = (0, grown_1.grownI32)(this.next, capacity);
        this.keys = (0, grown_1.grownI32)(this.keys, capacity * KEY_WORDS);
    }
}
exports.Sources = Sources;
