"use strict";
/**
 * An entry of the forwarding database: four words of the table's one typed array, and the decoded form for
 * people.
 *
 * Sources: IEEE 802.1Q-2022 8.8 (contents of the database); the keys of `bridge -s -j fdb show`
 * (iproute2, bridge/fdb.c) for the decoded form.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.LAYOUT = void 0;
exports.decodeEntries = decodeEntries;
exports.isAlive = isAlive;
exports.usedUnits = usedUnits;
const time_1 = require("../../frame/time");
const mac_1 = require("../../wire/mac");
const read_1 = require("../../wire/read");
/**
 * Layout of an entry. A module that reads entries copies the constants that it needs into its own
 * constants: V8 folds a constant of the same module, and loads an imported one at each use.
 */
exports.LAYOUT = {
    /** Word with bytes 2 to 5 of the address. */
    LO32: 0,
    /** Word with hi16 | vlan << 16 | flags. Zero means that the slot is empty. */
    KEY: 1,
    /** Word with the ticks at the time when the station was last heard. */
    UPDATED: 2,
    /** Word with port | (time of the last forwarding decision by this entry, see `usedUnits`) << 16. */
    PORT: 3,
    /** Words of an entry. */
    ENTRY_WORDS: 4,
    /** Flag in KEY: the slot holds an entry. */
    IN_USE: 1 << 28,
    /** Flag in KEY: the entry neither ages nor moves. */
    STATIC: 1 << 29,
    /** Flag in KEY: the entry ages and does not move. */
    STICKY: 1 << 30,
    /** Bits of KEY that identify the station. */
    KEY_MASK: 0x1fffffff,
    /** Bits of PORT that hold the port. */
    PORT_MASK: 0xffff,
};
const { LO32, KEY, UPDATED, PORT, ENTRY_WORDS, STATIC, STICKY, PORT_MASK } = exports.LAYOUT;
const TICKS_PER_SECOND = 1000 / time_1.TICK_MS;
/** Unit of `used`, in bits of ticks: 0.64 s. It is a power of two, so that it counts on when ticks wrap. */
const USED_UNIT_BITS = 6;
const USED_UNIT_TICKS = 1 << USED_UNIT_BITS;
/** Time after which `used` starts again: 11 hours and 39 minutes. */
const USED_MODULO_TICKS = USED_UNIT_TICKS << 16;
/** Decodes the words of entries from a copy (`copy.ts`). */
function decodeEntries(words, nowTicks) {
    const entries = [];
    for (let at = 0; at + ENTRY_WORDS <= words.length; at += ENTRY_WORDS) {
        const key = (0, read_1.i32At)(words, at + KEY);
        const port = (0, read_1.i32At)(words, at + PORT);
        entries.push({
            mac: (0, mac_1.formatMac)(key & 0xffff, (0, read_1.i32At)(words, at + LO32)),
            vlan: (key >>> 16) & 0xfff,
            port: port & PORT_MASK,
            isStatic: (key & STATIC) !== 0,
            isSticky: (key & STICKY) !== 0,
            updatedAgoMs: (0, time_1.ticksSince)(nowTicks, (0, read_1.i32At)(words, at + UPDATED)) * time_1.TICK_MS,
            usedAgoS: usedAgoSeconds(port >>> 16, nowTicks),
        });
    }
    return entries;
}
/** Whether an entry has not expired. A look-up ignores an expired one, swept or not. */
function isAlive({ isStatic, updatedAgoMs }, ageingMs) {
    return isStatic || updatedAgoMs < ageingMs;
}
/** Time of a use in stored form: units of 0.64 s, modulo 2^16. */
function usedUnits(ticks) {
    return (ticks >>> USED_UNIT_BITS) & 0xffff;
}
/** Whole seconds since the start of the unit in which the entry was used. */
function usedAgoSeconds(units, nowTicks) {
    const ago = (nowTicks - units * USED_UNIT_TICKS) & (USED_MODULO_TICKS - 1);
    return Math.floor(ago / TICKS_PER_SECOND);
}
