"use strict";
/**
 * What the switch knows of each VLAN and address family besides the groups: who asks, and where routers are.
 * A context is made with the first frame that needs it.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Contexts = exports.Family = void 0;
const querier_1 = require("./querier");
const routers_1 = require("./routers");
/** Address families, as indexes. */
exports.Family = { Ipv4: 0, Ipv6: 1 };
const FAMILIES = 2;
class Contexts {
    all = [];
    /** Port → what its key `mcast-router` says, unless that is `Auto`. */
    modes = new Map();
    /** Index of a context: VLAN and family. */
    byIndex = [];
    /** The context of a VLAN and family, if a frame has needed it. */
    find(vlan, family) {
        return this.byIndex[vlan * FAMILIES + family];
    }
    /** The context of a VLAN and family, which is made if need be. */
    of(vlan, family, nowMs, settings) {
        const known = this.find(vlan, family);
        if (known !== undefined)
            return known;
        const made = { vlan, family, querier: new querier_1.Querier(), routers: new routers_1.Routers(this.modes) };
        made.querier.settle(nowMs, settings);
        this.byIndex[vlan * FAMILIES + family] = made;
        this.all.push(made);
        return made;
    }
    /** Forgets everything but the modes of ports. */
    clear() {
        this.all.length = 0;
        this.byIndex.length = 0;
    }
    /** @param mode `undefined` for `Auto` */
    setMode(port, mode) {
        if (mode === undefined)
            this.modes.delete(port);
        else
            this.modes.set(port, mode);
        for (const { routers } of this.all)
            routers.settle();
    }
    /** Forgets what was heard from a port, in the VLANs for which `isLeft` holds. */
    forgetPort(port, isLeft) {
        for (const { vlan, routers } of this.all)
            if (isLeft(vlan))
                routers.forget(port);
    }
    /** Whether somebody asks for members of a family, in some VLAN. */
    isAsked(family, nowMs) {
        return this.all.some((context) => context.family === family && context.querier.isKnown(nowMs));
    }
    list(nowMs) {
        return this.all.map(({ vlan, family, querier, routers }) => ({
            vlan,
            family,
            isKnown: querier.isKnown(nowMs),
            isReady: querier.isReady(nowMs),
            routers: [...routers.ports].map((port) => {
                const untilMs = routers.untilMs(port);
                return { port, ...(untilMs !== undefined && { leftMs: untilMs - nowMs }) };
            }),
        }));
    }
    /** Restores what another bridge knows, for as long as this one lives. */
    restore(states, nowMs, settings) {
        for (const { vlan, family, isKnown, isReady, routers } of states) {
            const context = this.of(vlan, family, nowMs, settings);
            context.querier.restore(isKnown, isReady);
            for (const { port } of routers)
                context.routers.mark(port, Infinity);
        }
    }
    dueMs(settings) {
        let dueMs = Infinity;
        for (const { querier, routers } of this.all) {
            dueMs = Math.min(dueMs, querier.dueMs(settings), routers.dueMs);
        }
        return dueMs;
    }
}
exports.Contexts = Contexts;
