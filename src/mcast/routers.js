"use strict";
/**
 * Ports behind which a multicast router is, of one VLAN and one address family. They get every group.
 *
 * A port is one while queries, PIM hellos or Multicast Router Advertisements come from it, or always, or never,
 * as its key `mcast-router` says (`mcast_router` of a Linux bridge).
 *
 * Source: RFC 4541 2.1.1; `br_multicast_mark_router` in net/bridge/br_multicast.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Routers = exports.RouterMode = void 0;
/** Values of the port key `mcast-router`. */
exports.RouterMode = { Never: 0, Auto: 1, Always: 2 };
class Routers {
    modes;
    /** Ids of the ports, ascending; a new array for each change. */
    ports = new Int32Array(0);
    /** Port → time until which it is a router port, ms. */
    until = new Map();
    /** @param modes port → its mode, `Auto` unless it is there */
    constructor(modes) {
        this.modes = modes;
        this.settle();
    }
    /** Notes a sign of a router behind a port. */
    mark(port, untilMs) {
        const isNew = !this.until.has(port);
        this.until.set(port, untilMs);
        if (isNew)
            this.settle();
    }
    /** Forgets what was heard from a port. */
    forget(port) {
        if (this.until.delete(port))
            this.settle();
    }
    /** Forgets what was heard too long ago. */
    tick(nowMs) {
        let hasEnded = false;
        for (const [port, untilMs] of this.until) {
            if (untilMs <= nowMs)
                hasEnded = this.until.delete(port);
        }
        if (hasEnded)
            this.settle();
    }
    get dueMs() {
        let dueMs = Infinity;
        for (const untilMs of this.until.values())
            dueMs = Math.min(dueMs, untilMs);
        return dueMs;
    }
    /** When the port is no longer taken for one, ms; `undefined` if that does not depend on time. */
    untilMs(port) {
        return this.modes.has(port) ? undefined : this.until.get(port);
    }
    /** Makes the list of ports again, after a change of modes too. */
    settle() {
        const always = [...this.modes].filter(([, mode]) => mode === exports.RouterMode.Always);
        const heard = [...this.until.keys()].filter((port) => !this.modes.has(port));
        this.ports = Int32Array.from(new Set([...always.map(([port]) => port), ...heard])).sort();
    }
}
exports.Routers = Routers;
