"use strict";
/**
 * The static entries of one table, which an operator made. One class serves every such table (static
 * neighbours, static stations), so that the start, a reload and `show --config` treat all of them alike.
 *
 * An entry that names a port is removed with that port. A port keeps its entries if its device is deleted
 * and made again, or if its interface gets another name.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.StaticEntries = void 0;
const node_util_1 = require("node:util");
const request_error_1 = require("../system/request-error");
class StaticEntries {
    ports;
    table;
    /** Entries by identity. */
    held = new Map();
    constructor(ports, table) {
        this.ports = ports;
        this.table = table;
    }
    /** Entries, with the present labels of their ports. */
    list() {
        this.forgetEnded();
        return [...this.held.values()].map(({ entry, port }) => port === undefined ? entry : { ...entry, port: port.label });
    }
    /**
     * Adds an entry, or replaces the one of the same identity.
     * @throws RequestError for a port that does not exist, and if the table is full.
     */
    async add(entry) {
        const { table } = this;
        const port = this.portOf(entry);
        this.refuse(entry);
        this.forgetEnded();
        if (!this.hasRoomFor(entry) || !(await table.add(entry, port))) {
            const limit = table.limitText(table.groupOf(entry));
            throw new request_error_1.RequestError('conflict', `${limit}; remove another first`);
        }
        this.held.set(table.identityOf(entry), { entry, port });
    }
    /** Removes the entry of this identity, static or learned. @returns whether there was one */
    async remove(identity) {
        const wasHeld = this.held.delete(identity);
        return (await this.table.remove(identity)) || wasHeld;
    }
    /**
     * Replaces all entries by these.
     * @throws RequestError for a port that does not exist, and for too many entries; nothing has changed then.
     */
    async set(wanted) {
        const { table } = this;
        for (const entry of wanted) {
            this.portOf(entry);
            this.refuse(entry);
        }
        this.refuseExcess(wanted);
        const groups = new Map(wanted.map((entry) => [table.identityOf(entry), table.groupOf(entry)]));
        for (const entry of this.list()) {
            const identity = table.identityOf(entry);
            // An entry that changes its group is removed first: it makes room in the old group.
            if (groups.get(identity) !== table.groupOf(entry))
                await this.remove(identity);
        }
        for (const entry of wanted)
            if (!this.has(entry))
                await this.add(entry);
    }
    /** Adds again the entries that the data plane may have forgotten. */
    async renew() {
        for (const { entry, port } of this.held.values()) {
            if (this.table.fades?.(entry))
                await this.table.add(entry, port);
        }
    }
    has(wanted) {
        const held = this.held.get(this.table.identityOf(wanted));
        if (held === undefined || held.port !== this.portOf(wanted))
            return false;
        return (0, node_util_1.isDeepStrictEqual)({ ...held.entry, port: wanted.port }, { ...wanted, port: wanted.port });
    }
    portOf(entry) {
        const { port: label } = entry;
        if (label === undefined)
            return undefined;
        const port = this.ports.find(label);
        if (port !== undefined)
            return port;
        throw this.refusalOf(entry, this.ports.explainMissing(label));
    }
    refuse(entry) {
        const objection = this.table.objectionTo?.(entry);
        if (objection !== undefined)
            throw this.refusalOf(entry, objection);
    }
    refusalOf(entry, why) {
        const { key, identityOf } = this.table;
        return new request_error_1.RequestError('conflict', `${key}: ${identityOf(entry)}: ${why}`);
    }
    hasRoomFor(entry) {
        const { groupOf, identityOf, max } = this.table;
        const [group, identity] = [groupOf(entry), identityOf(entry)];
        let count = 0;
        for (const [other, held] of this.held) {
            if (other !== identity && groupOf(held.entry) === group)
                count++;
        }
        return count < max;
    }
    refuseExcess(entries) {
        const { key, groupOf, max, limitText } = this.table;
        const counts = new Map();
        for (const group of entries.map(groupOf)) {
            const count = (counts.get(group) ?? 0) + 1;
            if (count > max)
                throw new request_error_1.RequestError('conflict', `${key}: ${limitText(group)}`);
            counts.set(group, count);
        }
    }
    forgetEnded() {
        const open = new Set(this.ports.all);
        for (const [identity, { port }] of this.held) {
            if (port !== undefined && !open.has(port))
                this.held.delete(identity);
        }
    }
}
exports.StaticEntries = StaticEntries;
