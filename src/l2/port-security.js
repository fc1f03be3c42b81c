"use strict";
/**
 * Port security: which stations, and how many, may send from a port.
 *
 * A frame passes if the FDB has its source behind the port already. The source of any other frame is new
 * there. It must be on the list of the port, if there is a list, and the port must have room for one more
 * learned station, if there is a limit. Static entries of the port pass and do not count. A station that a
 * static or sticky entry places behind another port never passes. What the FDB has forgotten by time makes
 * room again: the table is searched for that ten times a second at most, because a hostile host could
 * have it searched for each frame.
 *
 * It decides, and changes nothing else: the bridge drops the frame or shuts the port. A lower limit forgets
 * nobody.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PortSecurity = void 0;
const mac_1 = require("../wire/mac");
const port_id_1 = require("../frame/port-id");
const read_1 = require("../wire/read");
/** Milliseconds between two searches of the FDB for entries of one port that are past their time. */
const PURGE_INTERVAL_MS = 100;
const NO_LIMIT = 2 ** 31 - 1;
class PortSecurity {
    fdb;
    maxPerPort;
    /** Port → learned stations at most. */
    limits;
    /** Port → MACs that may send, each as one number; absent: any. */
    lists = new Map();
    /** Ports that a violation shuts. */
    shutting = new Set();
    /** Port → time before which its old entries are not looked for again, milliseconds. */
    purgeFromMs;
    /** Port → time before which no violation is reported, milliseconds. */
    quietUntilMs;
    /** @param maxPerPort learned entries that the FDB keeps for one port; beyond them it forgets others */
    constructor(fdb, maxPerPort, maxPorts) {
        this.fdb = fdb;
        this.maxPerPort = maxPerPort;
        this.limits = new Int32Array(maxPorts).fill(NO_LIMIT);
        this.purgeFromMs = new Float64Array(maxPorts).fill(-Infinity);
        this.quietUntilMs = new Float64Array(maxPorts).fill(-Infinity);
    }
    /** Sets what is given. Stations that a new list does not have are forgotten, unless they are static or sticky. */
    configure(port, { macs, macAllow, violation }) {
        if (macs !== undefined)
            this.limits[port] = macs ?? NO_LIMIT;
        if (violation === 'shutdown')
            this.shutting.add(port);
        if (violation === 'drop')
            this.shutting.delete(port);
        if (macAllow === undefined)
            return;
        if (macAllow === null) {
            this.lists.delete(port);
            return;
        }
        const list = new Set(macAllow.split('+').map((mac) => keyOf((0, mac_1.parseMac)(mac))));
        this.lists.set(port, list);
        this.fdb.forgetLearned(port, (hi16, lo32) => !list.has(keyOf({ hi16, lo32 })));
    }
    /** Forgets the settings of a port whose id will be given away again. */
    forget(port) {
        this.configure(port, { macs: null, macAllow: null, violation: 'drop' });
        this.purgeFromMs[port] = -Infinity;
        this.quietUntilMs[port] = -Infinity;
    }
    /** Whether the port has a limit or a list. */
    secures(port) {
        return (0, read_1.i32At)(this.limits, port) !== NO_LIMIT || this.lists.has(port);
    }
    /** Whether a violation shuts the port. */
    shuts(port) {
        return this.shutting.has(port);
    }
    /** Whether a frame from this source may pass from the port. */
    admits(port, hi16, lo32, vlan, nowTicks, nowMs) {
        const known = this.fdb.peek(hi16, lo32, vlan, nowTicks);
        if (known === port)
            return true;
        if (known !== port_id_1.NO_PORT && this.fdb.isFixed(hi16, lo32, vlan))
            return false;
        if (this.lists.get(port)?.has(keyOf({ hi16, lo32 })) === false)
            return false;
        const limit = Math.min((0, read_1.i32At)(this.limits, port), this.maxPerPort);
        if ((0, read_1.i32At)(this.limits, port) === NO_LIMIT || this.fdb.dynamicCountOn(port) < limit)
            return true;
        if (nowMs < (0, read_1.f64At)(this.purgeFromMs, port))
            return false;
        this.purgeFromMs[port] = nowMs + PURGE_INTERVAL_MS;
        this.fdb.forgetExpired(port, nowTicks);
        return this.fdb.dynamicCountOn(port) < limit;
    }
    /** Whether a violation at this port is to be reported: once in `intervalMs` at most. */
    reports(port, nowMs, intervalMs) {
        if (nowMs < (0, read_1.f64At)(this.quietUntilMs, port))
            return false;
        this.quietUntilMs[port] = nowMs + intervalMs;
        return true;
    }
}
exports.PortSecurity = PortSecurity;
/** A MAC as one whole number of 48 bits. */
function keyOf({ hi16, lo32 }) {
    return hi16 * 2 ** 32 + (lo32 >>> 0);
}
