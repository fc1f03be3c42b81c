"use strict";
/**
 * The known hosts of one family: the station and the port of each IP address, and whether the binding is
 * reliable. ARP and ND each have one such table.
 *
 * A binding is reliable after the host itself was heard to use the address. The switch verifies it before
 * half of its lifetime is over, and removes it if the host does not answer. When another station uses the
 * address, the switch asks the former one whether it still does. A host that migrated does not answer, but a
 * duplicate does. Until this is clear, the switch answers for neither.
 *
 *              heard                    silent after 3 polls
 *    fresh ◀──────────── verifying ──────────────────────────▶ (gone)
 *      │ ▲ ▲  time for a poll ▲
 *      │ │ └──────────────────┘
 *      │ │ the former station keeps silent
 *      ▼ │                                            a minute without a claim by another
 *   contested ─────────────────────────────▶ conflict ───────────────────────────────▶ (gone)
 *               the former station answers
 *
 * Bindings without polls (`polls` off) live for `lifeMs` after the host was last heard.
 *
 * Source: RFC 1122 2.3.2.1 (unicast poll), RFC 4861 7.3 (the same for IPv6), RFC 5227 2.4.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Neighbours = exports.RouterFlag = void 0;
const read_1 = require("../wire/read");
const ip_key_1 = require("../wire/ip-key");
const mac_1 = require("../wire/mac");
const vlan_1 = require("../wire/vlan");
const binding_table_1 = require("./binding-table");
const miss_1 = require("./miss");
const token_buckets_1 = require("./token-buckets");
const DEFAULT_LIFE_MS = 60_000;
/** Share of its lifetime after which a binding is verified. With three polls, it takes 25.5 s of 60 s. */
const VERIFY_AFTER = 0.4;
const POLL_COUNT = 3;
const POLL_INTERVAL_MS = 500;
/** Time for which a conflict is remembered after its last sign. */
const CONFLICT_HOLD_MS = 60_000;
/** Least interval between two sweeps of the table, and the maximum number of polls of one sweep. */
const SWEEP_INTERVAL_MS = 100;
const POLLS_PER_SWEEP = 128;
const NEWS_PER_SECOND = 10;
const NEWS_AT_ONCE = 20;
const Life = {
    Fresh: 0,
    Verifying: 1,
    Contested: 2,
    Conflict: 3,
    Static: 4,
};
/** Names of the states: those of `ip neigh`, and two that it does not have. */
const STATE_NAMES = ['reachable', 'probe', 'contested', 'conflict', 'permanent'];
/** Whether the host is a router, which an answer in its name must say (RFC 4861 4.4). */
exports.RouterFlag = { Unknown: 0, Host: 1, Router: 2 };
class Neighbours {
    poll;
    sink;
    table;
    life;
    /** Polls sent in the present state. */
    pollCount;
    router;
    /** MAC that had a contested address before. */
    formerHi16;
    formerLo32;
    formerPort;
    lifeMs;
    polls = true;
    newsRate = new token_buckets_1.TokenBuckets(1, NEWS_PER_SECOND, NEWS_AT_ONCE);
    key = (0, ip_key_1.newIpKey)();
    firstDueMs = Infinity;
    sweptMs = -Infinity;
    pollsLeft = 0;
    constructor(options, poll, sink) {
        this.poll = poll;
        this.sink = sink;
        this.lifeMs = options.lifeMs ?? DEFAULT_LIFE_MS;
        this.table = new binding_table_1.BindingTable(options);
        const { capacity } = this.table;
        this.life = new Uint8Array(capacity);
        this.pollCount = new Uint8Array(capacity);
        this.router = new Uint8Array(capacity);
        this.formerHi16 = new Uint16Array(capacity);
        this.formerLo32 = new Int32Array(capacity);
        this.formerPort = new Int32Array(capacity);
    }
    /**
     * Sets the lifetime of a binding after its host was heard, and whether hosts are polled. A switch that
     * answers for no host needs no polls. Both apply to existing bindings too.
     */
    setRules(lifeMs, polls) {
        this.lifeMs = lifeMs ?? this.lifeMs;
        this.polls = polls;
        this.table.forEach((entry) => {
            if (this.isSettled(entry))
                this.settle(entry, (0, read_1.f64At)(this.table.heardMs, entry));
        });
    }
    // Observations ----------------------------------------------------------------------------------
    /** Notes that the station itself, behind `port`, was heard to use the address. */
    observe(key, vlan, hi16, lo32, port, nowMs) {
        const entry = this.find(key, vlan);
        if (entry === binding_table_1.NO_ENTRY) {
            this.learn(key, vlan, hi16, lo32, port, nowMs);
        }
        else if (this.holds(entry, hi16, lo32)) {
            this.table.touch(entry, port, nowMs);
            if (this.isSettled(entry))
                this.settle(entry, nowMs);
        }
        else {
            this.observeOther(entry, hi16, lo32, port, nowMs);
        }
    }
    /** Notes that another station than that of the entry uses the address. */
    observeOther(entry, hi16, lo32, port, nowMs) {
        const { table } = this;
        const life = this.life[entry];
        if (life === Life.Static) {
            this.doubt('contradicted', true, entry, hi16, lo32, port, nowMs);
            return;
        }
        const isConflict = life === Life.Conflict || (life === Life.Contested && this.wasHeldBy(entry, hi16, lo32));
        if (isConflict)
            this.doubt('conflict', life !== Life.Conflict, entry, hi16, lo32, port, nowMs);
        else
            this.doubt('changed', this.isSettled(entry), entry, hi16, lo32, port, nowMs);
        this.formerHi16[entry] = (0, read_1.u16At)(table.hi16, entry);
        this.formerLo32[entry] = (0, read_1.i32At)(table.lo32, entry);
        this.formerPort[entry] = (0, read_1.i32At)(table.port, entry);
        table.hi16[entry] = hi16;
        table.lo32[entry] = lo32;
        table.touch(entry, port, nowMs);
        this.router[entry] = exports.RouterFlag.Unknown;
        if (isConflict)
            this.enter(entry, Life.Conflict, nowMs + CONFLICT_HOLD_MS);
        else
            this.enter(entry, Life.Contested, nowMs);
    }
    /**
     * Notes that a station probes for the address: its former owner after a restart, or a new one. Until a
     * station is heard to use the address, the switch neither answers for it nor polls it, because the prober
     * would take a poll for a conflict.
     */
    probed(key, vlan) {
        const entry = this.find(key, vlan);
        if (entry !== binding_table_1.NO_ENTRY && this.isSettled(entry))
            this.table.remove(entry);
    }
    /** Notes whether a host is a router, by its own message. It does nothing for an unbound address. */
    setRouter(key, vlan, flag) {
        const entry = this.find(key, vlan);
        if (entry !== binding_table_1.NO_ENTRY)
            this.router[entry] = flag;
    }
    /** Polls a host soon if it is unknown whether it is a router: its answer tells. */
    askIfRouterUnknown(key, vlan, nowMs) {
        const entry = this.find(key, vlan);
        if (entry === binding_table_1.NO_ENTRY || !this.polls || this.life[entry] !== Life.Fresh)
            return;
        if (this.router[entry] === exports.RouterFlag.Unknown)
            this.enter(entry, Life.Fresh, nowMs);
    }
    // Look-ups --------------------------------------------------------------------------------------
    /** Reliable entry of an address, or a `Miss`. It is valid until the next call. */
    findReliable(key, vlan, nowMs) {
        const entry = this.find(key, vlan);
        if (entry === binding_table_1.NO_ENTRY)
            return miss_1.Miss.Unknown;
        const life = this.life[entry];
        if (life === Life.Static)
            return entry;
        if (life === Life.Contested)
            return miss_1.Miss.Contested;
        if (life === Life.Conflict)
            return miss_1.Miss.Conflict;
        const isAlive = nowMs - (0, read_1.f64At)(this.table.heardMs, entry) < this.lifeMs;
        return isAlive ? entry : miss_1.Miss.Stale;
    }
    /** Whether (address, MAC) is bound, in any state of the binding. */
    isBound(key, vlan, hi16, lo32) {
        const entry = this.find(key, vlan);
        return entry !== binding_table_1.NO_ENTRY && this.holds(entry, hi16, lo32);
    }
    /** The static entry of an address, or `NO_ENTRY`. */
    findStatic(key, vlan) {
        const entry = this.find(key, vlan);
        return entry !== binding_table_1.NO_ENTRY && this.life[entry] === Life.Static ? entry : binding_table_1.NO_ENTRY;
    }
    hi16Of(entry) {
        return (0, read_1.u16At)(this.table.hi16, entry);
    }
    lo32Of(entry) {
        return (0, read_1.i32At)(this.table.lo32, entry);
    }
    /** Port id, or `ANY_PORT`. */
    portOf(entry) {
        return (0, read_1.i32At)(this.table.port, entry);
    }
    routerFlagOf(entry) {
        return this.router[entry];
    }
    get count() {
        return this.table.count;
    }
    /** One more than the last entry in use. */
    get ceiling() {
        return this.table.ceiling;
    }
    /** Lists the table, or a part of it for callers that must not take long. */
    list(nowMs, from = 0, to = Infinity) {
        const neighbours = [];
        for (let entry = from; entry < Math.min(to, this.table.ceiling); entry++) {
            const neighbour = this.describe(entry, nowMs);
            if (neighbour !== undefined)
                neighbours.push(neighbour);
        }
        return neighbours;
    }
    /** Readable form of an entry; `undefined` if it is not in use. */
    describe(entry, nowMs) {
        const { table } = this;
        if (!table.isUsed(entry))
            return undefined;
        table.readKey(entry, this.key);
        const router = this.routerFlagOf(entry);
        return {
            address: (0, ip_key_1.formatIpKey)(this.key),
            mac: (0, mac_1.formatMac)(this.hi16Of(entry), this.lo32Of(entry)),
            vlan: (0, read_1.u16At)(table.vlan, entry),
            port: this.portOf(entry),
            state: STATE_NAMES[this.life[entry]],
            ...(router !== exports.RouterFlag.Unknown && { isRouter: router === exports.RouterFlag.Router }),
            heardAgoMs: nowMs - (0, read_1.f64At)(table.heardMs, entry),
        };
    }
    /** Copies the address of an entry. */
    readKey(entry, key) {
        this.table.readKey(entry, key);
    }
    // The operator's bindings -----------------------------------------------------------------------
    /**
     * Binds an address permanently. It replaces an existing binding.
     * @param vlan `NO_VLAN`: the binding counts in every VLAN that has no static one of its own, and replaces
     *   what was learned there
     * @param port port of the station, or `ANY_PORT` for the port that the FDB has
     * @returns false, without a change, if there are too many static bindings
     */
    addStatic(key, vlan, hi16, lo32, port) {
        const isReplaced = this.findStatic(key, vlan) !== binding_table_1.NO_ENTRY;
        if (!isReplaced && this.table.isStaticFull)
            return false;
        this.remove(key, vlan);
        if (vlan === vlan_1.NO_VLAN)
            this.forgetLearned(key);
        const entry = this.table.insertStatic(key, vlan, hi16, lo32, port);
        this.router[entry] = exports.RouterFlag.Unknown;
        this.enter(entry, Life.Static, Infinity);
        return true;
    }
    /** Adds a binding of another table, in the same state. */
    restore(key, vlan, hi16, lo32, port, state, heardMs) {
        const life = STATE_NAMES.indexOf(state);
        if (life === Life.Static) {
            this.addStatic(key, vlan, hi16, lo32, port);
            return;
        }
        this.observe(key, vlan, hi16, lo32, port, heardMs);
        this.life[this.table.find(key, vlan)] = life;
    }
    /** @returns whether there was such a binding */
    remove(key, vlan) {
        const entry = this.table.find(key, vlan);
        if (entry !== binding_table_1.NO_ENTRY)
            this.table.remove(entry);
        return entry !== binding_table_1.NO_ENTRY;
    }
    /** Forgets the learned bindings of one port, or of all. @returns their number */
    flush(port) {
        return this.removeWhere((entry) => !this.table.isStatic(entry) && (port === undefined || this.portOf(entry) === port));
    }
    /** Forgets everything about a removed port, because its id will be reused. */
    forgetPort(port) {
        this.removeWhere((entry) => this.portOf(entry) === port);
    }
    // Time ------------------------------------------------------------------------------------------
    /** Time of the next work of `tick`; `Infinity` for never. */
    get dueMs() {
        return Math.max(this.firstDueMs, this.sweptMs + SWEEP_INTERVAL_MS);
    }
    tick(nowMs, outbox) {
        if (nowMs < this.dueMs)
            return;
        this.sweptMs = nowMs;
        this.pollsLeft = POLLS_PER_SWEEP;
        this.firstDueMs = Infinity;
        const { table } = this;
        for (let entry = 0; entry < table.ceiling; entry++) {
            if (!table.isUsed(entry))
                continue;
            if (nowMs >= (0, read_1.f64At)(table.dueMs, entry))
                this.step(entry, nowMs, outbox);
            if (table.isUsed(entry)) {
                this.firstDueMs = Math.min(this.firstDueMs, (0, read_1.f64At)(table.dueMs, entry));
            }
        }
    }
    step(entry, nowMs, outbox) {
        const life = this.life[entry];
        if (life === Life.Conflict || (life === Life.Fresh && !this.polls)) {
            this.table.remove(entry);
            return;
        }
        if ((0, read_1.u8At)(this.pollCount, entry) >= POLL_COUNT) {
            if (life === Life.Contested)
                this.settle(entry, nowMs);
            else
                this.table.remove(entry);
            return;
        }
        if (nowMs - (0, read_1.f64At)(this.table.heardMs, entry) >= this.lifeMs) {
            this.table.remove(entry);
            return;
        }
        if (this.pollsLeft === 0)
            return;
        if (life === Life.Fresh)
            this.enter(entry, Life.Verifying, nowMs);
        this.table.dueMs[entry] = nowMs + POLL_INTERVAL_MS;
        const isAsked = !this.polls || this.sendPoll(entry, nowMs, outbox);
        if (isAsked)
            this.pollCount[entry] = (0, read_1.u8At)(this.pollCount, entry) + 1;
    }
    /** @returns whether the station could be asked */
    sendPoll(entry, nowMs, outbox) {
        const { table } = this;
        this.pollsLeft--;
        table.readKey(entry, this.key);
        const isContested = this.life[entry] === Life.Contested;
        const hi16 = (0, read_1.u16At)(isContested ? this.formerHi16 : table.hi16, entry);
        const lo32 = (0, read_1.i32At)(isContested ? this.formerLo32 : table.lo32, entry);
        const port = (0, read_1.i32At)(isContested ? this.formerPort : table.port, entry);
        return this.poll(this.key, (0, read_1.u16At)(table.vlan, entry), hi16, lo32, port, nowMs, outbox);
    }
    // Bookkeeping -----------------------------------------------------------------------------------
    /** The binding of an address in a VLAN: its own, or the static one without a VLAN. */
    find(key, vlan) {
        const entry = this.table.find(key, vlan);
        if (entry !== binding_table_1.NO_ENTRY || vlan === vlan_1.NO_VLAN)
            return entry;
        const everywhere = this.table.find(key, vlan_1.NO_VLAN);
        return everywhere !== binding_table_1.NO_ENTRY && this.table.isStatic(everywhere) ? everywhere : binding_table_1.NO_ENTRY;
    }
    /** Forgets the learned bindings of an address in every VLAN. */
    forgetLearned(key) {
        this.removeWhere((entry) => {
            if (this.table.isStatic(entry))
                return false;
            this.table.readKey(entry, this.key);
            return (0, ip_key_1.isSameIpKey)(this.key, key);
        });
    }
    learn(key, vlan, hi16, lo32, port, nowMs) {
        const entry = this.table.insert(key, vlan, hi16, lo32, port, nowMs);
        this.router[entry] = exports.RouterFlag.Unknown;
        this.settle(entry, nowMs);
    }
    /** Notes that the station was heard and that no other one uses the address. */
    settle(entry, heardMs) {
        const restMs = this.polls ? this.lifeMs * VERIFY_AFTER : this.lifeMs;
        this.enter(entry, Life.Fresh, heardMs + restMs);
    }
    enter(entry, life, dueMs) {
        this.life[entry] = life;
        this.pollCount[entry] = 0;
        this.table.dueMs[entry] = dueMs;
        this.firstDueMs = Math.min(this.firstDueMs, dueMs);
    }
    isSettled(entry) {
        const life = this.life[entry];
        return life === Life.Fresh || life === Life.Verifying;
    }
    holds(entry, hi16, lo32) {
        return this.table.lo32[entry] === lo32 && this.table.hi16[entry] === hi16;
    }
    wasHeldBy(entry, hi16, lo32) {
        return this.formerLo32[entry] === lo32 && this.formerHi16[entry] === hi16;
    }
    removeWhere(matches) {
        const countBefore = this.table.count;
        this.table.forEach((entry) => {
            if (matches(entry))
                this.table.remove(entry);
        });
        return countBefore - this.table.count;
    }
    doubt(doubt, isNews, entry, hi16, lo32, port, nowMs) {
        this.sink.count(doubt, port);
        if (!isNews || !this.newsRate.take(0, nowMs))
            return;
        this.table.readKey(entry, this.key);
        this.sink.tell({
            event: `neighbour-${doubt}`,
            address: (0, ip_key_1.formatIpKey)(this.key),
            mac: (0, mac_1.formatMac)(hi16, lo32),
            port,
            formerMac: (0, mac_1.formatMac)(this.hi16Of(entry), this.lo32Of(entry)),
        });
    }
}
exports.Neighbours = Neighbours;
