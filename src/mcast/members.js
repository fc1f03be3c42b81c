"use strict";
/**
 * Pool of memberships: one for each port of each group, in a chain by ascending port. Columns of typed arrays
 * that grow by doubling, so that 256 ports × 1,000 groups take 7 MB and an empty table takes nothing.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Members = exports.MAX_MEMBERS = exports.NO_MEMBER = exports.MemberFlag = void 0;
const read_1 = require("../wire/read");
const grown_1 = require("./grown");
/** Bits of a membership's flags. */
exports.MemberFlag = {
    /** The port gets every source but those that are blocked; without it, only the sources of its list. */
    Exclude: 1,
    /** An operator made it for good: no report and no timer changes it. */
    Permanent: 2,
    /** It is a membership of the group, and not only the holder of sources that were made by hand. */
    Star: 4,
    /** An operator made it. */
    ByHand: 8,
};
exports.NO_MEMBER = -1;
/** 256 ports × 1,000 groups fit. */
exports.MAX_MEMBERS = 262_144;
const FIRST_CAPACITY = 64;
class Members {
    max;
    count = 0;
    /** One more than the highest membership that was ever in use. */
    ceiling = 0;
    group = new Int32Array(FIRST_CAPACITY).fill(exports.NO_MEMBER);
    port = new Int32Array(FIRST_CAPACITY);
    flags = new Uint8Array(FIRST_CAPACITY);
    /** Time at which `Exclude` ends, ms; `Infinity` for never. */
    dueMs = new Float64Array(FIRST_CAPACITY);
    /** The next membership of the same group. */
    next = new Int32Array(FIRST_CAPACITY);
    /** The first source of its list. */
    firstSource = new Int32Array(FIRST_CAPACITY);
    free = exports.NO_MEMBER;
    constructor(max = exports.MAX_MEMBERS) {
        this.max = max;
    }
    get isFull() {
        return this.count >= this.max;
    }
    isUsed(member) {
        return this.group[member] !== exports.NO_MEMBER;
    }
    /** Takes a membership without sources. The caller has checked `isFull`, and links it. */
    take(group, port) {
        let member = this.free;
        if (member === exports.NO_MEMBER) {
            member = this.ceiling++;
            if (member === this.group.length)
                this.grow();
        }
        else {
            this.free = (0, read_1.i32At)(this.next, member);
        }
        this.count++;
        this.group[member] = group;
        this.port[member] = port;
        this.flags[member] = 0;
        this.dueMs[member] = Infinity;
        this.next[member] = exports.NO_MEMBER;
        this.firstSource[member] = exports.NO_MEMBER;
        return member;
    }
    release(member) {
        this.group[member] = exports.NO_MEMBER;
        this.next[member] = this.free;
        this.free = member;
        this.count--;
    }
    has(member, flag) {
        return ((0, read_1.u8At)(this.flags, member) & flag) !== 0;
    }
    set(member, flag, isSet) {
        const flags = (0, read_1.u8At)(this.flags, member);
        this.flags[member] = isSet ? flags | flag : flags & ~flag;
    }
    grow() {
        const capacity = 2 * this.group.length;
        this.group = (0, grown_1.grownI32)(this.group, capacity);
        this.port = (0, grown_1.grownI32)(this.port, capacity);
        this.flags = (0, grown_1.grownU8)(this.flags, capacity);
        this.dueMs = (0, grown_1.grownF64)(this.dueMs, capacity);
        this.next = (0, grown_1.grownI32)(this.next, capacity);
        this.firstSource = (0, grown_1.grownI32)(this.firstSource, capacity);
    }
}
exports.Members = Members;
