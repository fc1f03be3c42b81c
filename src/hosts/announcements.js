"use strict";
/**
 * The knowledge of the other hosts about an asker: whether all of them have heard, from a flooded frame, which
 * MAC uses the address, and behind which port this MAC is.
 *
 * A request is more than a question. It tells the owner who asks (RFC 826, RFC 4861 7.2.3), it corrects the
 * caches of hosts that have another MAC for the asker, and it shows other switches the port of the asker. A
 * request may go to fewer than all hosts only if all of this was announced before. It must be announced again
 * when
 * - the address is new here, or was unused for the lifetime of a binding;
 * - another MAC uses it than before, even if the former binding was removed with its port;
 * - any frame made the switch learn the MAC again, or move it to another port;
 * - a port came up: its hosts have heard nothing yet.
 *
 * A new station that first speaks to one host needs no announcement: no other host has a wrong entry of it.
 *
 * The table remembers the last MAC of an address as long as there is room. Hosts do the same: Linux keeps a
 * stale entry for ever while it has fewer than 128 entries (`gc_thresh1`).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Announcements = exports.Corrects = void 0;
const read_1 = require("../wire/read");
const binding_table_1 = require("./binding-table");
const miss_1 = require("./miss");
/** Hosts that a frame makes correct their entry of its sender. */
exports.Corrects = {
    /** No host: the frame went to one station. */
    Nobody: -1,
    /** The requested host alone: only it is in the group of a solicitation. */
    Owner: 0,
    /** All hosts whose entry has not changed for a while. */
    Settled: 1,
    /** All hosts. */
    All: 2,
};
/**
 * Time after a change for which Linux ignores ARP packets for an entry, unless they are gratuitous
 * (`locktime`, 1 s), and half a second more.
 */
const LOCK_TIME_MS = 1_500;
/** Placement of a station that no host has heard yet, so that no host has a wrong entry. */
const NEW = 0;
/** Placement of a station that was known before, and has not announced its present state to all. */
const UNTOLD = -1;
/** Placement that no station has. */
const ELSEWHERE = 0x7fffffff;
const UNCHANGED = -Infinity;
class Announcements {
    topology;
    table;
    /** `Topology.placementOf` of the station at its announcement. */
    placement;
    /** `Topology.audience` at the announcement. */
    audience;
    /** Time at which another MAC began to use the address, while hosts may still have the former one. */
    changedMs;
    constructor(size, topology) {
        this.topology = topology;
        this.table = new binding_table_1.BindingTable(size);
        const { capacity } = this.table;
        this.placement = new Int32Array(capacity);
        this.audience = new Int32Array(capacity);
        this.changedMs = new Float64Array(capacity);
    }
    /**
     * Notes that a station was heard to use the address.
     * @param isKnown whether it was bound to the address, on this port, within the lifetime of a binding
     */
    heard(key, vlan, hi16, lo32, port, isKnown, nowMs) {
        const { table } = this;
        let entry = table.find(key, vlan);
        if (entry === binding_table_1.NO_ENTRY) {
            entry = table.insert(key, vlan, hi16, lo32, port, nowMs);
            this.changedMs[entry] = UNCHANGED;
            this.placement[entry] = NEW;
            return;
        }
        table.touch(entry, port, nowMs);
        if (!isKnown)
            this.placement[entry] = UNTOLD;
        if (this.holds(entry, hi16, lo32))
            return;
        table.hi16[entry] = hi16;
        table.lo32[entry] = lo32;
        this.changedMs[entry] = nowMs;
        this.placement[entry] = UNTOLD;
    }
    /** Notes that a frame in which the station (`hi16`, `lo32`) uses the address was forwarded. */
    announced(key, vlan, hi16, lo32, corrects, nowMs) {
        const entry = this.table.find(key, vlan);
        if (entry === binding_table_1.NO_ENTRY || !this.holds(entry, hi16, lo32))
            return;
        if (corrects === exports.Corrects.Nobody && this.placement[entry] !== NEW)
            return;
        this.placement[entry] = this.topology.placementOf(hi16, lo32, vlan);
        this.audience[entry] = this.topology.audience();
        const isSettled = nowMs - (0, read_1.f64At)(this.changedMs, entry) >= LOCK_TIME_MS;
        if (corrects === exports.Corrects.All || (corrects === exports.Corrects.Settled && isSettled)) {
            this.changedMs[entry] = UNCHANGED;
        }
    }
    /**
     * Reason why some host or switch does not know the present state of the station (`hi16`, `lo32`);
     * `Miss.None` if all know it.
     */
    unannounced(key, vlan, hi16, lo32) {
        const entry = this.table.find(key, vlan);
        if (entry === binding_table_1.NO_ENTRY)
            return miss_1.Miss.AskerUnknown;
        if (!this.holds(entry, hi16, lo32))
            return miss_1.Miss.AskerChanged;
        const placement = this.placement[entry];
        if (placement === NEW)
            return miss_1.Miss.AskerUnknown;
        if (this.changedMs[entry] !== UNCHANGED)
            return miss_1.Miss.AskerChanged;
        if (placement === UNTOLD)
            return miss_1.Miss.AskerUnannounced;
        if (placement !== this.topology.placementOf(hi16, lo32, vlan))
            return miss_1.Miss.AskerMoved;
        return this.audience[entry] === this.topology.audience() ? miss_1.Miss.None : miss_1.Miss.PortCameUp;
    }
    /** Restores the result of `unannounced` in another table, for a station that was just heard. */
    restore(key, vlan, hi16, lo32, unannounced, nowMs) {
        this.announced(key, vlan, hi16, lo32, exports.Corrects.All, nowMs);
        const entry = this.table.find(key, vlan);
        if (unannounced === miss_1.Miss.AskerUnknown)
            this.placement[entry] = NEW;
        if (unannounced === miss_1.Miss.AskerUnannounced)
            this.placement[entry] = UNTOLD;
        if (unannounced === miss_1.Miss.AskerMoved)
            this.placement[entry] = ELSEWHERE;
        if (unannounced === miss_1.Miss.AskerChanged)
            this.changedMs[entry] = nowMs;
        if (unannounced === miss_1.Miss.PortCameUp)
            this.audience[entry] = this.topology.audience() - 1;
    }
    holds(entry, hi16, lo32) {
        return this.table.lo32[entry] === lo32 && this.table.hi16[entry] === hi16;
    }
}
exports.Announcements = Announcements;
