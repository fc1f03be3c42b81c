"use strict";
/**
 * The forwarding database: the port of each station.
 *
 * Purpose. Maps (VLAN, MAC) to a port, learned from source addresses (IEEE 802.1Q-2022 8.7, 8.8).
 *
 * Shape. One open-addressed table in one typed array, four words an entry, linear probing. Deletion
 * shifts entries back, so that there are no tombstones and no growth. The hash is seeded: nobody who does
 * not know the seed can choose addresses that collide. Capacity is fixed at the start. An entry costs 16
 * bytes, and the table is at most 80 % full, so 20 bytes an entry.
 *
 * Eviction (`eviction.ts`). A port within its fair share of a full table loses nothing to a port above it.
 * Static entries do not count, and are never evicted.
 *
 * Time. Ticks (`time.ts`), always an argument. `lookup` ignores an expired entry at once; `sweep` frees its
 * slot later.
 *
 * Mirror (`mirror.ts`). Frames that pass without the table follow a copy of it. The mirror knows which
 * stations such frames came from. The table asks it before it treats an entry as expired.
 *
 * Threads. One. Other threads read copies (`copy.ts`) and totals (`totals.ts`).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Fdb = exports.MAX_STATIC = exports.MAX_ENTERED = exports.LearnResult = void 0;
const port_id_1 = require("../../frame/port-id");
const time_1 = require("../../frame/time");
const copy_1 = require("./copy");
const entry_1 = require("./entry");
const eviction_1 = require("./eviction");
const totals_1 = require("./totals");
/** Result of `learn`. */
exports.LearnResult = {
    Refreshed: 0,
    Learned: 1,
    Moved: 2,
    /** A static or sticky entry contradicts, or this table learns nothing. */
    Refused: 3,
};
const { LO32, KEY, UPDATED, PORT, ENTRY_WORDS } = entry_1.LAYOUT;
const { IN_USE, STATIC, STICKY, KEY_MASK, PORT_MASK } = entry_1.LAYOUT;
const { DYNAMIC, STATICS } = totals_1.TOTALS;
/** Maximum number of static entries of an operator. */
exports.MAX_ENTERED = 1024;
/** Static entries that fit beside `maxDynamic` learned ones: those of operators, and 64 legs of the host. */
exports.MAX_STATIC = exports.MAX_ENTERED + 64;
const MAX_LOAD = 0.8;
const NO_SLOT = -1;
const VLAN_MASK = 0xfff;
const always = () => true;
const TWO_POW_32 = 2 ** 32;
/**
 * The last result of the table. Frames come in trains with the same addresses, so the second frame of a
 * train need not probe. The result is valid until the table changes or the tick ends.
 */
class Memo {
    port = port_id_1.NO_PORT;
    hi16 = -1;
    lo32 = 0;
    vlan = 0;
    ticks = 0;
    matches(hi16, lo32, vlan, ticks) {
        return this.lo32 === lo32 && this.hi16 === hi16 && this.vlan === vlan && this.ticks === ticks;
    }
    set(hi16, lo32, vlan, port, ticks) {
        this.hi16 = hi16;
        this.lo32 = lo32;
        this.vlan = vlan;
        this.port = port;
        this.ticks = ticks;
    }
    clear() {
        this.hi16 = -1;
    }
}
class Fdb {
    /** Number of slots of the table: more than entries, by the load factor. */
    slots;
    /** Former port of the station of the last `learn`, if the station moved. */
    movedFrom = port_id_1.NO_PORT;
    /** Number of new stations for which the table, or their port's share of it, was full. */
    crowdedCount = 0;
    /** Copy of the table for frames that pass without it; absent if there are none. */
    mirror = undefined;
    heard = new Memo();
    lookedUp = new Memo();
    table;
    perPort;
    /** Slot → number of the placement, counted from 1, that brought its station to its port. */
    placements;
    placementCount = 0;
    slotScale;
    seed;
    maxDynamic;
    maxPerPort;
    ageingTicks;
    /** Numbers of entries, learned and static. */
    totals;
    /** Reader of the table for others. It is notified of each slot that is taken, freed or shifted. */
    copy;
    /** No port at or above this one has learned entries. */
    portCeiling = 0;
    sweepAt = 0;
    /** Port → slot at which the search for its next victim starts (`findVictim`). */
    victimAt;
    /** @throws RangeError for a limit that leaves no room for an entry. */
    constructor(options) {
        checkLimits(options);
        this.maxDynamic = options.maxDynamic;
        this.maxPerPort = options.maxDynamicPerPort;
        this.ageingTicks = Math.round(options.ageingMs / time_1.TICK_MS);
        this.slots = Math.ceil((options.maxDynamic + exports.MAX_STATIC) / MAX_LOAD);
        // `fill` writes every page now, so that no frame waits for the kernel to find one.
        this.table = new Int32Array(this.slots * ENTRY_WORDS).fill(0);
        this.placements = new Int32Array(this.slots).fill(0);
        this.copy = new copy_1.TableCopy(this.table);
        this.totals = new Int32Array(options.totalsMemory ?? new ArrayBuffer(totals_1.TOTALS_BYTES));
        this.perPort = new Int32Array(options.maxPorts);
        this.victimAt = new Int32Array(options.maxPorts);
        this.slotScale = this.slots / TWO_POW_32;
        this.seed = options.seed | 0;
    }
    /** Number of learned entries. */
    get dynamicCount() {
        return this.totals[DYNAMIC];
    }
    get staticCount() {
        return this.totals[STATICS];
    }
    /** Number of learned entries on one port. */
    dynamicCountOn(port) {
        return this.perPort[port] ?? 0;
    }
    get ageingMs() {
        return this.ageingTicks * time_1.TICK_MS;
    }
    /** Sets the ageing time, also for existing entries. */
    setAgeing(ageingMs) {
        this.forgetAnswers();
        this.ageingTicks = Math.round(ageingMs / time_1.TICK_MS);
    }
    /** Port of a station, or `NO_PORT` if the station is unknown or its entry has expired. */
    lookup(hi16, lo32, vlan, nowTicks) {
        if (this.lookedUp.matches(hi16, lo32, vlan, nowTicks))
            return this.lookedUp.port;
        const port = this.lookupInTable(hi16, lo32, vlan, nowTicks);
        this.lookedUp.set(hi16, lo32, vlan, port, nowTicks);
        return port;
    }
    lookupInTable(hi16, lo32, vlan, nowTicks) {
        const table = this.table;
        const at = this.find(hi16, lo32, vlan);
        if (at < 0 || this.isExpired(at, nowTicks))
            return port_id_1.NO_PORT;
        const port = table[at + PORT];
        const used = (port & PORT_MASK) | ((0, entry_1.usedUnits)(nowTicks) << 16);
        if (used !== port)
            table[at + PORT] = used;
        return port & PORT_MASK;
    }
    /** Port of a station, as from `lookup`, but the entry is not marked as used. */
    peek(hi16, lo32, vlan, nowTicks) {
        const at = this.find(hi16, lo32, vlan);
        if (at < 0 || this.isExpired(at, nowTicks))
            return port_id_1.NO_PORT;
        return this.table[at + PORT] & PORT_MASK;
    }
    /**
     * Number that changes whenever the station is learned, or moves to another port; 0 while there is no
     * entry.
     */
    placementOf(hi16, lo32, vlan) {
        const at = this.find(hi16, lo32, vlan);
        return at < 0 ? 0 : this.placements[at / ENTRY_WORDS];
    }
    /** Notes that a frame from this station came in on `port`. IEEE 802.1Q-2022 8.7. */
    learn(hi16, lo32, vlan, port, nowTicks) {
        const { heard } = this;
        if (heard.matches(hi16, lo32, vlan, nowTicks) && heard.port === port) {
            return exports.LearnResult.Refreshed;
        }
        const result = this.learnInTable(hi16, lo32, vlan, port, nowTicks);
        if (result !== exports.LearnResult.Refused)
            heard.set(hi16, lo32, vlan, port, nowTicks);
        return result;
    }
    learnInTable(hi16, lo32, vlan, port, nowTicks) {
        if (this.ageingTicks === 0)
            return exports.LearnResult.Refused;
        const table = this.table;
        const at = this.find(hi16, lo32, vlan);
        if (at < 0) {
            const isIn = this.insertLearned(~at, hi16, lo32, vlan, port, nowTicks, 0);
            return isIn ? exports.LearnResult.Learned : exports.LearnResult.Refused;
        }
        const isAlive = !this.isExpired(at, nowTicks);
        // An expired entry, swept or not, does not hold its station on its port.
        if (!isAlive)
            table[at + KEY] = table[at + KEY] & ~STICKY;
        const word = table[at + PORT];
        if ((word & PORT_MASK) !== port)
            return this.move(at, port, nowTicks, isAlive);
        table[at + UPDATED] = nowTicks;
        if (isAlive)
            return exports.LearnResult.Refreshed;
        // `lookup` may have found the station unknown in this very tick.
        this.forgetAnswers();
        this.mirror?.placed(hi16, lo32, vlan, port);
        return exports.LearnResult.Learned;
    }
    /**
     * Adds or replaces an entry that never ages and never moves.
     * @returns false, without a change, if there are `MAX_STATIC` already.
     */
    addStatic(hi16, lo32, vlan, port, nowTicks) {
        const old = this.find(hi16, lo32, vlan);
        const replacesStatic = old >= 0 && this.isStaticAt(old);
        if (!replacesStatic && this.staticCount >= exports.MAX_STATIC)
            return false;
        if (old >= 0)
            this.removeAt(old);
        this.write(~this.find(hi16, lo32, vlan), hi16, lo32, vlan, port, nowTicks, STATIC);
        this.totals[STATICS] = this.staticCount + 1;
        return true;
    }
    /** Adds or replaces an entry that ages and counts like a learned one, and never moves. */
    addSticky(hi16, lo32, vlan, port, nowTicks) {
        this.remove(hi16, lo32, vlan);
        // An operator can wait: the search for a victim is repeated, and goes on where the last one stopped.
        let isIn = false;
        while (!isIn) {
            const free = ~this.find(hi16, lo32, vlan);
            isIn = this.insertLearned(free, hi16, lo32, vlan, port, nowTicks, STICKY);
        }
    }
    /** @returns whether there was such an entry. */
    remove(hi16, lo32, vlan) {
        const at = this.find(hi16, lo32, vlan);
        if (at < 0)
            return false;
        this.removeAt(at);
        return true;
    }
    /**
     * Forgets the stations learned on one port. It stops reading when it has found all of them.
     * @param isMeant whether it forgets entries of this VLAN; unless given, those of all
     */
    flushPort(port, isMeant = always) {
        return this.removeWhere((at) => !this.isStaticAt(at) &&
            (this.table[at + PORT] & PORT_MASK) === port &&
            isMeant(this.vlanAt(at)), this.perPort[port]);
    }
    /** Forgets everything about one port, static entries too, because its id will be reused. */
    forgetPort(port) {
        return this.removeWhere((at) => (this.table[at + PORT] & PORT_MASK) === port, this.perPort[port] + this.staticCount);
    }
    /** Forgets what was learned on one port of stations that `matches` takes. Sticky entries stay. */
    forgetLearned(port, matches) {
        const { table } = this;
        return this.removeWhere((at) => {
            const key = table[at + KEY];
            if ((key & (STATIC | STICKY)) !== 0 || (table[at + PORT] & PORT_MASK) !== port) {
                return false;
            }
            return matches(key & 0xffff, table[at + LO32]);
        }, this.perPort[port]);
    }
    /** Frees the entries of one port that are past their time, before the sweep comes to them. */
    forgetExpired(port, nowTicks) {
        return this.removeWhere((at) => (this.table[at + PORT] & PORT_MASK) === port && this.isExpired(at, nowTicks), this.perPort[port]);
    }
    /** Whether there is a static or sticky entry of the station, which no frame moves. */
    isFixed(hi16, lo32, vlan) {
        const at = this.find(hi16, lo32, vlan);
        return at >= 0 && (this.table[at + KEY] & (STATIC | STICKY)) !== 0;
    }
    /** Forgets everything learned. @param isMeant as for `flushPort` */
    flush(isMeant = always) {
        return this.removeWhere((at) => !this.isStaticAt(at) && isMeant(this.vlanAt(at)), this.dynamicCount);
    }
    vlanAt(at) {
        return (this.table[at + KEY] >>> 16) & VLAN_MASK;
    }
    /**
     * Frees expired entries in the next `slots` slots, from the place where the last call stopped.
     * @returns the number of freed entries.
     */
    sweep(slots, nowTicks, onForget) {
        let freed = 0;
        for (let step = 0; step < slots; step++) {
            const at = this.sweepAt * ENTRY_WORDS;
            if (this.table[at + KEY] !== 0 && this.isExpired(at, nowTicks)) {
                if (onForget)
                    this.tell(at, onForget);
                // The next entry may have shifted into this slot, so this slot is read again.
                this.removeAt(at);
                freed++;
            }
            else {
                this.sweepAt = this.sweepAt + 1 === this.slots ? 0 : this.sweepAt + 1;
            }
        }
        return freed;
    }
    /** Keeps a mirror of the table from now on, and copies the existing entries to it. */
    mirrorTo(mirror) {
        this.mirror = mirror;
        this.mirrorWhere(() => true);
    }
    /** Copies the entries of a port to the mirror again. */
    mirrorPort(port) {
        this.mirrorWhere((at) => (this.table[at + PORT] & PORT_MASK) === port);
    }
    mirrorWhere(matches) {
        const { table, mirror } = this;
        if (mirror === undefined)
            return;
        for (let at = 0; at < table.length; at += ENTRY_WORDS) {
            if (table[at + KEY] !== 0 && matches(at))
                this.tell(at, mirror.placed.bind(mirror));
        }
    }
    /** Lists the entries that have not expired: for tests and small tables. */
    entries(nowTicks) {
        const words = this.copy.all();
        this.renewTimes(words, nowTicks);
        return (0, entry_1.decodeEntries)(words, nowTicks).filter((entry) => (0, entry_1.isAlive)(entry, this.ageingMs));
    }
    /** Starts a copy of the table that is taken in pieces, between bursts. There can be one at a time. */
    beginCopy() {
        this.copy.begin();
    }
    /**
     * Copies the entries of the next `slots` slots, raw, or of fewer that hold `entriesMax`. An entry that
     * wraps around the end of the table meanwhile can come twice.
     * @returns words for `decodeEntries`, or undefined if the copy is complete.
     */
    copySlots(slots, entriesMax = slots) {
        return this.copy.next(slots, entriesMax);
    }
    /** Corrects the times of copied entries whose stations were heard or used by frames without the table. */
    renewTimes(words, nowTicks) {
        const { mirror } = this;
        if (mirror === undefined)
            return;
        for (let at = 0; at < words.length; at += ENTRY_WORDS) {
            const key = words[at + KEY];
            const hi16 = key & 0xffff;
            const lo32 = words[at + LO32];
            const vlan = (key >>> 16) & 0xfff;
            const heard = mirror.heardTicks(hi16, lo32, vlan, nowTicks);
            const used = mirror.usedTicks(hi16, lo32, vlan, nowTicks);
            if (heard === undefined || used === undefined)
                continue;
            words[at + UPDATED] = laterOf(heard, words[at + UPDATED], nowTicks);
            const port = words[at + PORT];
            // Units of a use wrap, like ticks. The later of two is the one that is fewer units ago.
            const now = (0, entry_1.usedUnits)(nowTicks);
            const usedAgo = (now - (0, entry_1.usedUnits)(used)) & 0xffff;
            if (usedAgo < ((now - (port >>> 16)) & 0xffff)) {
                words[at + PORT] = (port & PORT_MASK) | ((0, entry_1.usedUnits)(used) << 16);
            }
        }
    }
    /** Whether a copy has further pieces. */
    get isBeingCopied() {
        return this.copy.isUnderWay;
    }
    /** Memory of the table, bytes. */
    get sizeBytes() {
        const { table, placements, perPort, victimAt, copy } = this;
        const parts = [table, placements, perPort, victimAt];
        return parts.reduce((sum, part) => sum + part.byteLength, copy.sizeBytes);
    }
    /** @returns the entry; if there is none, the complement (`~`) of the slot that is free for it */
    find(hi16, lo32, vlan) {
        const table = this.table;
        const key = hi16 | (vlan << 16) | IN_USE;
        const end = table.length;
        let at = this.home(hi16, lo32, vlan);
        for (;;) {
            const found = table[at + KEY];
            if (found === 0)
                return ~at;
            if (table[at + LO32] === lo32 && (found & KEY_MASK) === key)
                return at;
            at += ENTRY_WORDS;
            if (at === end)
                at = 0;
        }
    }
    /** Word index at which probing for a key starts. */
    home(hi16, lo32, vlan) {
        // Two rounds of multiply and shift, as murmur3's finalizer does, with the seed in both.
        let hash = Math.imul(lo32 ^ this.seed, 0x85ebca6b);
        hash ^= (hash >>> 15) ^ hi16 ^ (vlan << 16);
        hash = Math.imul(hash, 0xc2b2ae35) ^ this.seed;
        hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
        hash ^= hash >>> 16;
        return (((hash >>> 0) * this.slotScale) | 0) * ENTRY_WORDS;
    }
    isStaticAt(at) {
        return (this.table[at + KEY] & STATIC) !== 0;
    }
    isExpired(at, nowTicks) {
        const age = (0, time_1.ticksSince)(nowTicks, this.table[at + UPDATED]);
        return age >= this.ageingTicks && !this.isStaticAt(at) && !this.wasHeardElsewhere(at, nowTicks);
    }
    /** Asks the mirror about a station that seems silent, and renews its entry if it was heard there. */
    wasHeardElsewhere(at, nowTicks) {
        const { table, mirror } = this;
        if (mirror === undefined)
            return false;
        const key = table[at + KEY];
        const hi16 = key & 0xffff;
        const lo32 = table[at + LO32];
        const vlan = (key >>> 16) & 0xfff;
        const heard = mirror.heardTicks(hi16, lo32, vlan, nowTicks);
        if (heard === undefined)
            return false;
        if ((0, time_1.ticksSince)(nowTicks, heard) >= this.ageingTicks) {
            mirror.removed(hi16, lo32, vlan);
            return false;
        }
        table[at + UPDATED] = heard;
        return true;
    }
    /** @param free a slot that is free for the entry; eviction may change it */
    insertLearned(free, hi16, lo32, vlan, port, nowTicks, flags) {
        const isPortFull = this.perPort[port] >= this.maxPerPort;
        const isFull = isPortFull || this.dynamicCount >= this.maxDynamic;
        if (isFull) {
            this.crowdedCount++;
            const { perPort, portCeiling } = this;
            const from = isPortFull ? port : (0, eviction_1.heaviestPort)(perPort, portCeiling, port);
            if (!this.evictFrom(from))
                return false;
        }
        const at = isFull ? ~this.find(hi16, lo32, vlan) : free;
        this.write(at, hi16, lo32, vlan, port, nowTicks, flags);
        this.totals[DYNAMIC] = this.dynamicCount + 1;
        this.perPort[port] = this.perPort[port] + 1;
        if (port >= this.portCeiling)
            this.portCeiling = port + 1;
        return true;
    }
    move(found, port, nowTicks, wasAlive) {
        const { table, perPort } = this;
        if ((table[found + KEY] & (STATIC | STICKY)) !== 0)
            return exports.LearnResult.Refused;
        const at = perPort[port] < this.maxPerPort ? found : this.makeRoom(found, port);
        if (at < 0)
            return exports.LearnResult.Refused;
        this.forgetAnswers();
        const from = table[at + PORT] & PORT_MASK;
        perPort[from] = perPort[from] - 1;
        perPort[port] = perPort[port] + 1;
        if (port >= this.portCeiling)
            this.portCeiling = port + 1;
        table[at + PORT] = port | ((0, entry_1.usedUnits)(nowTicks) << 16);
        table[at + UPDATED] = nowTicks;
        this.notePlacement(at);
        if (this.mirror !== undefined) {
            const key = table[at + KEY];
            const lo32 = table[at + LO32];
            this.mirror.placed(key & 0xffff, lo32, (key >>> 16) & 0xfff, port);
        }
        this.movedFrom = from;
        return wasAlive ? exports.LearnResult.Moved : exports.LearnResult.Learned;
    }
    /**
     * Evicts one entry of `port`.
     * @returns new place of the entry that was at `at`; negative if none was evicted
     */
    makeRoom(at, port) {
        const key = this.table[at + KEY];
        const lo32 = this.table[at + LO32];
        if (!this.evictFrom(port))
            return NO_SLOT;
        return this.find(key & 0xffff, lo32, (key >>> 16) & 0xfff);
    }
    /** @param at a free slot */
    write(at, hi16, lo32, vlan, port, nowTicks, flags) {
        const table = this.table;
        this.forgetAnswers();
        this.copy.taken(at);
        table[at + LO32] = lo32;
        table[at + KEY] = hi16 | (vlan << 16) | IN_USE | flags;
        table[at + UPDATED] = nowTicks;
        table[at + PORT] = port | ((0, entry_1.usedUnits)(nowTicks) << 16);
        this.notePlacement(at);
        this.mirror?.placed(hi16, lo32, vlan, port);
    }
    /** Numbers the placement. Numbers wrap after four billion; a station cannot sit still for so many. */
    notePlacement(at) {
        this.placementCount = (this.placementCount + 1) | 0 || 1;
        this.placements[at / ENTRY_WORDS] = this.placementCount;
    }
    /** Frees one learned entry of `port`. @returns false if none is near enough */
    evictFrom(port) {
        const victim = (0, eviction_1.findVictim)(this.table, this.victimAt, port);
        if (victim < 0)
            return false;
        this.removeAt(victim);
        return true;
    }
    /** Knuth 6.4, algorithm R: closes the gap by shifting later entries of the run back. */
    removeAt(at) {
        const table = this.table;
        this.forgetAnswers();
        if (this.mirror !== undefined) {
            const key = table[at + KEY];
            this.mirror.removed(key & 0xffff, table[at + LO32], (key >>> 16) & 0xfff);
        }
        if (this.isStaticAt(at))
            this.totals[STATICS] = this.staticCount - 1;
        else {
            const port = table[at + PORT] & PORT_MASK;
            this.perPort[port] = this.perPort[port] - 1;
            this.totals[DYNAMIC] = this.dynamicCount - 1;
        }
        const isCopied = this.copy.isUnderWay;
        let gap = at;
        let next = at;
        for (;;) {
            next += ENTRY_WORDS;
            if (next === table.length)
                next = 0;
            const key = table[next + KEY];
            if (key === 0)
                break;
            const home = this.home(key & 0xffff, table[next + LO32], (key >>> 16) & 0xfff);
            const staysPut = gap < next ? gap < home && home <= next : gap < home || home <= next;
            if (staysPut)
                continue;
            this.copyEntry(next, gap);
            if (isCopied)
                this.copy.shifted(next, gap);
            gap = next;
        }
        for (let word = 0; word < ENTRY_WORDS; word++)
            table[gap + word] = 0;
        this.copy.freed(gap);
    }
    /** Copies an entry word by word. For so few words, a call of `copyWithin` costs more than the copy. */
    copyEntry(from, to) {
        const table = this.table;
        for (let word = 0; word < ENTRY_WORDS; word++) {
            table[to + word] = table[from + word];
        }
        this.placements[to / ENTRY_WORDS] = this.placements[from / ENTRY_WORDS];
    }
    /** @param most maximum number of matching entries: the search ends with the last of them */
    removeWhere(matches, most) {
        const table = this.table;
        if (most === 0)
            return 0;
        let start = 0;
        while (table[start + KEY] !== 0)
            start += ENTRY_WORDS;
        let removed = 0;
        // The search goes backwards from an empty slot, so that an entry that shifts back was read already.
        for (let step = 0; step < this.slots; step++) {
            const at = (start === 0 ? table.length : start) - ENTRY_WORDS;
            start = at;
            if (table[at + KEY] === 0 || !matches(at))
                continue;
            this.removeAt(at);
            removed++;
            if (removed === most)
                break;
        }
        return removed;
    }
    forgetAnswers() {
        this.heard.clear();
        this.lookedUp.clear();
    }
    tell(at, onForget) {
        const key = this.table[at + KEY];
        const port = this.table[at + PORT] & PORT_MASK;
        onForget(key & 0xffff, this.table[at + LO32], (key >>> 16) & 0xfff, port);
    }
}
exports.Fdb = Fdb;
/** The later of two times. */
function laterOf(one, other, nowTicks) {
    return (0, time_1.ticksSince)(nowTicks, one) <= (0, time_1.ticksSince)(nowTicks, other) ? one : other;
}
function checkLimits({ maxDynamic, maxDynamicPerPort }) {
    if (!Number.isInteger(maxDynamic) || maxDynamic < 1) {
        throw new RangeError(`an FDB of ${maxDynamic} entries: it takes a whole number from 1 on`);
    }
    if (!(maxDynamicPerPort >= 1)) {
        throw new RangeError(`an FDB with ${maxDynamicPerPort} entries a port: it takes 1 or more`);
    }
}
