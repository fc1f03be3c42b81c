"use strict";
/**
 * A copy of the forwarding database, taken in pieces between bursts while the table changes.
 *
 * Complications. Deletion may shift an entry from the part to come into the part already copied. Such an
 * entry comes with the next piece, so that no entry that stays in the table is missing. An entry that wraps
 * around the end of the table can come twice. Regions without an entry are skipped: a nearly empty table is
 * read in one piece, not in many that push the frames out of the cache.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TableCopy = void 0;
const read_1 = require("../../wire/read");
const entry_1 = require("./entry");
const { KEY, ENTRY_WORDS } = entry_1.LAYOUT;
/** Slots of a region, which is a page of memory. */
const REGION_SLOTS = 256;
const REGION_WORDS = REGION_SLOTS * ENTRY_WORDS;
class TableCopy {
    table;
    /** Region of the table → number of entries in it. */
    regionUsed;
    /** Words of entries that were shifted into the part already copied; absent unless a copy is under way. */
    slipped;
    /** Word index up to which the table is copied. */
    copiedTo = 0;
    constructor(table) {
        this.table = table;
        this.regionUsed = new Uint16Array(Math.ceil(table.length / REGION_WORDS));
    }
    /** Bytes of memory that the copy needs besides the table. */
    get sizeBytes() {
        return this.regionUsed.byteLength;
    }
    /** Whether a copy has further pieces. */
    get isUnderWay() {
        return this.slipped !== undefined;
    }
    /** Notes that the empty slot at `at` is in use now. */
    taken(at) {
        const region = regionOf(at);
        this.regionUsed[region] = (0, read_1.u16At)(this.regionUsed, region) + 1;
    }
    /** Notes that the slot at `at` is empty again. */
    freed(at) {
        const region = regionOf(at);
        this.regionUsed[region] = (0, read_1.u16At)(this.regionUsed, region) - 1;
    }
    /** Notes that the entry that now lies at `to` lay at `from` before. */
    shifted(from, to) {
        const { slipped, copiedTo } = this;
        if (slipped === undefined || from < copiedTo || to >= copiedTo)
            return;
        for (let word = 0; word < ENTRY_WORDS; word++)
            slipped.push((0, read_1.i32At)(this.table, to + word));
    }
    /** Starts a copy. There can be one at a time. */
    begin() {
        this.slipped = [];
        this.copiedTo = 0;
    }
    /**
     * Copies the entries of the next `slots` slots, or of fewer that hold `entriesMax`.
     * @returns words for `decodeEntries`, or undefined when the copy is complete
     */
    next(slots, entriesMax) {
        if (this.slipped === undefined)
            return undefined;
        const part = this.scan(this.copiedTo, slots, entriesMax);
        const words = this.copyUsed(part, this.slipped);
        this.copiedTo = part.end;
        this.slipped = this.copiedTo < this.table.length ? [] : undefined;
        return words;
    }
    /** Copies the whole table at once. It leaves a copy in pieces alone that is under way. */
    all() {
        const slots = this.table.length / ENTRY_WORDS;
        return this.copyUsed(this.scan(0, slots, slots), []);
    }
    /** Finds the end of a part with so many slots, or so many entries. It skips empty regions. */
    scan(start, slots, entriesMax) {
        const { table } = this;
        let looked = 0;
        let used = 0;
        let at = this.passEmpty(start);
        while (at < table.length && looked < slots && used < entriesMax) {
            if (table[at + KEY] !== 0)
                used++;
            at = this.passEmpty(at + ENTRY_WORDS);
            looked++;
        }
        return { start, end: Math.min(at, table.length), used };
    }
    /** Finds the next slot of a region that is not empty. */
    passEmpty(from) {
        let at = from;
        while (at % REGION_WORDS === 0 && this.regionUsed[at / REGION_WORDS] === 0)
            at += REGION_WORDS;
        return at;
    }
    copyUsed({ start, end, used }, more) {
        const { table } = this;
        const words = new Int32Array(used * ENTRY_WORDS + more.length);
        let to = 0;
        for (let at = this.passEmpty(start); at < end; at = this.passEmpty(at + ENTRY_WORDS)) {
            if (table[at + KEY] === 0)
                continue;
            for (let word = 0; word < ENTRY_WORDS; word++)
                words[to++] = (0, read_1.i32At)(table, at + word);
        }
        words.set(more, to);
        return words;
    }
}
exports.TableCopy = TableCopy;
const regionOf = (at) => Math.floor(at / REGION_WORDS);
