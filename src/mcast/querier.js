"use strict";
/**
 * Who asks for members in one VLAN, of one address family, and whether the group table can be used there.
 *
 * Hosts report because somebody asks. Without a querier the table has only what hosts said of themselves when
 * they joined, and runs dry: so it is used only while a querier is known, and not before all hosts had the time
 * to answer him.
 *
 *     nobody known ──query heard──▶ heard (until the querier interval is over) ──▶ nobody, or the switch
 *     the switch asks ──query from a lower address──▶ heard
 *
 * A query from 0.0.0.0 comes from a switch that has no address and does not claim to be the querier (RFC 4541
 * 2.1.1): it wins nothing. Linux takes it for one that wins.
 *
 * Source: RFC 3376 6.6, RFC 3810 7.6, RFC 4541 2.1.1; `br_multicast_select_querier`,
 * `br_multicast_update_querier` in net/bridge/br_multicast.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Querier = void 0;
const ip_key_1 = require("../wire/ip-key");
const port_id_1 = require("../frame/port-id");
const settings_1 = require("./settings");
const RESTART_INTERVAL_MS = 1_000;
class Querier {
    /** Address of the querier that was heard last. */
    heard = (0, ip_key_1.newIpKey)();
    /** Port behind which that querier is. */
    heardPort = port_id_1.NO_PORT;
    /** When the next general query of the switch is due, ms; `Infinity` while it does not ask. */
    nextQueryMs = Infinity;
    /** When the switch sent its last general query, ms. */
    sentMs = -Infinity;
    heardUntilMs = -Infinity;
    readyMs = Infinity;
    startupSent = 0;
    /** Whether somebody asks. */
    isKnown(nowMs) {
        return this.nextQueryMs !== Infinity || nowMs < this.heardUntilMs;
    }
    /** Whether somebody has asked for long enough, so that the group table is complete. */
    isReady(nowMs) {
        return nowMs >= this.readyMs && (this.nextQueryMs !== Infinity || nowMs < this.heardUntilMs);
    }
    /** Whether another querier is heard. */
    isHeard(nowMs) {
        return nowMs < this.heardUntilMs;
    }
    /** When the querier that was heard is given up, ms. */
    get untilMs() {
        return this.heardUntilMs;
    }
    /** Whether the switch asks. */
    get isOwn() {
        return this.nextQueryMs !== Infinity;
    }
    /**
     * Takes note of a query.
     * @param source address from which it comes, which is not 0.0.0.0
     * @param own address from which the switch asks; 0.0.0.0 loses to everybody
     * @returns whether the sender is the querier: no other has a lower address
     */
    query(source, port, maxResponseMs, nowMs, own, settings) {
        const rival = this.isHeard(nowMs) ? this.heard : this.isOwn ? own : undefined;
        if (rival !== undefined && (0, ip_key_1.compareIpKeys)(source, rival) > 0)
            return false;
        if (!this.isKnown(nowMs) || this.readyMs === Infinity)
            this.readyMs = nowMs + maxResponseMs;
        this.heard.set(source);
        this.heardPort = port;
        this.heardUntilMs = nowMs + (0, settings_1.querierMs)(settings);
        this.nextQueryMs = Infinity;
        return true;
    }
    /** Has the switch ask if it may and nobody else does, and no longer if it may not. */
    settle(nowMs, settings) {
        if (!settings.mcastQuerier) {
            this.nextQueryMs = Infinity;
            return;
        }
        if (this.isOwn || this.isHeard(nowMs))
            return;
        // The table is as good as it was while another one asked until just now.
        const wasHeard = this.heardUntilMs !== -Infinity && this.readyMs <= this.heardUntilMs;
        if (!wasHeard)
            this.readyMs = nowMs + settings.mcastQueryResponseIntervalMs;
        this.heardUntilMs = -Infinity;
        this.startupSent = 0;
        this.nextQueryMs = nowMs;
    }
    /** Notes that a general query was sent. */
    sent(nowMs, settings) {
        this.sentMs = nowMs;
        if (this.startupSent < settings.mcastStartupQueryCount)
            this.startupSent++;
        const isStarting = this.startupSent < settings.mcastStartupQueryCount;
        this.nextQueryMs = nowMs + (isStarting ? (0, settings_1.startupMs)(settings) : settings.mcastQueryIntervalMs);
    }
    /**
     * Has all hosts asked again before the group table is used: the network has another shape, and what was heard is
     * behind other ports. The switch asks at once; another querier asks when he does.
     */
    restart(nowMs, settings) {
        this.readyMs = Infinity;
        if (!this.isOwn)
            return;
        this.readyMs = nowMs + settings.mcastQueryResponseIntervalMs;
        this.startupSent = 0;
        // Changes that come one after the other have hosts asked once a second.
        this.nextQueryMs = Math.max(nowMs, this.sentMs + RESTART_INTERVAL_MS);
    }
    /** Forgets a querier that was heard from a port: nobody knows where he is now. */
    forgetPort(port) {
        if (this.heardPort !== port)
            return;
        this.heardPort = port_id_1.NO_PORT;
        this.heardUntilMs = -Infinity;
    }
    /** Restores whether somebody asks, and whether for long enough. */
    restore(isKnown, isReady) {
        this.nextQueryMs = Infinity;
        this.heardUntilMs = isKnown ? Infinity : -Infinity;
        this.readyMs = isReady ? -Infinity : Infinity;
    }
    /** When `settle` or a query is due, ms; `Infinity` for never. */
    dueMs(settings) {
        if (this.isOwn)
            return this.nextQueryMs;
        return settings.mcastQuerier && this.heardUntilMs !== -Infinity ? this.heardUntilMs : Infinity;
    }
}
exports.Querier = Querier;
