"use strict";
/**
 * Bindings from DHCP servers: the station and port of each leased address, and the end of the lease. Only
 * inspection uses them.
 *
 * A lease survives when its link goes down, as the right of its holder to the address does.
 *
 * Source: RFC 2131 4.4.1 (what a client may use), RFC 7513 (address validation by DHCP).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Leases = void 0;
const read_1 = require("../wire/read");
const ip_key_1 = require("../wire/ip-key");
const mac_1 = require("../wire/mac");
const binding_table_1 = require("./binding-table");
/** Interval between removals of expired leases. An expired lease has no effect even before. */
const SWEEP_INTERVAL_MS = 10_000;
class Leases {
    table;
    key = (0, ip_key_1.newIpKey)();
    sweepMs = Infinity;
    constructor(size = {}) {
        this.table = new binding_table_1.BindingTable(size);
    }
    /** Notes that a server leased the address to the station (`hi16`, `lo32`) behind `port`. */
    grant(key, vlan, hi16, lo32, port, leaseMs, nowMs) {
        const former = this.table.find(key, vlan);
        if (former !== binding_table_1.NO_ENTRY)
            this.table.remove(former);
        const entry = this.table.insert(key, vlan, hi16, lo32, port, nowMs);
        this.table.dueMs[entry] = nowMs + leaseMs;
        if (this.sweepMs === Infinity)
            this.sweepMs = nowMs + SWEEP_INTERVAL_MS;
    }
    /** Notes that the holder released the address. A release by another station is ignored. */
    release(key, vlan, hi16, lo32, port) {
        const entry = this.table.find(key, vlan);
        if (entry !== binding_table_1.NO_ENTRY && this.isHeldBy(entry, hi16, lo32, port))
            this.table.remove(entry);
    }
    /** Whether the address is leased to this station behind this port. */
    has(key, vlan, hi16, lo32, port, nowMs) {
        const entry = this.table.find(key, vlan);
        return (entry !== binding_table_1.NO_ENTRY &&
            this.isHeldBy(entry, hi16, lo32, port) &&
            nowMs < (0, read_1.f64At)(this.table.dueMs, entry));
    }
    /** Forgets the leases of a removed port, because its id will be reused. */
    forgetPort(port) {
        this.table.forEach((entry) => {
            if (this.table.port[entry] === port)
                this.table.remove(entry);
        });
    }
    /** Number of leases, including expired ones that are not removed yet. */
    get count() {
        return this.table.count;
    }
    /** One more than the last entry in use. */
    get ceiling() {
        return this.table.ceiling;
    }
    /** Lists the leases, or a part of them for callers that must not take long. */
    list(nowMs, from = 0, to = Infinity) {
        const leases = [];
        const { table } = this;
        for (let entry = from; entry < Math.min(to, table.ceiling); entry++) {
            const expiresInMs = (0, read_1.f64At)(table.dueMs, entry) - nowMs;
            if (!table.isUsed(entry) || expiresInMs <= 0)
                continue;
            table.readKey(entry, this.key);
            leases.push({
                address: (0, ip_key_1.formatIpKey)(this.key),
                mac: (0, mac_1.formatMac)((0, read_1.u16At)(table.hi16, entry), (0, read_1.i32At)(table.lo32, entry)),
                vlan: (0, read_1.u16At)(table.vlan, entry),
                port: (0, read_1.i32At)(table.port, entry),
                expiresInMs,
            });
        }
        return leases;
    }
    /** Time of the next work of `tick`; `Infinity` for never. */
    get dueMs() {
        return this.sweepMs;
    }
    tick(nowMs) {
        if (nowMs < this.sweepMs)
            return;
        const { table } = this;
        table.forEach((entry) => {
            if (nowMs >= (0, read_1.f64At)(table.dueMs, entry))
                table.remove(entry);
        });
        this.sweepMs = table.count === 0 ? Infinity : nowMs + SWEEP_INTERVAL_MS;
    }
    isHeldBy(entry, hi16, lo32, port) {
        const { table } = this;
        return table.lo32[entry] === lo32 && table.hi16[entry] === hi16 && table.port[entry] === port;
    }
}
exports.Leases = Leases;
