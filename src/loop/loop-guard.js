"use strict";
/**
 * Loop guard: it ends loops without a spanning tree.
 *
 * A loop shows in that stations seem to move from port to port, hundreds of times a second, or that frames of
 * the switch itself come back. Then, and only then, a probe leaves from the ports concerned: a network without a
 * loop never sees one. A probe that comes back proves the loop. The port that came up later is shut.
 *
 * After its time the port sends a probe, still shut. If that comes back, the time doubles. Otherwise the
 * port opens. A link that goes down and up opens it at once. With a spanning tree, loop guard rests.
 *
 * Limit: where nothing is learned (a hub, `learning=off`), only frames of the switch itself show a loop.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.LoopGuard = void 0;
const verdict_1 = require("../frame/verdict");
const loop_probe_1 = require("../wire/loop-probe");
const read_1 = require("../wire/read");
const counters_1 = require("./counters");
/** Signs within a window after which ports are probed: a station that roams gives one or two. */
const SIGNS_MIN = 16;
const WINDOW_MS = 250;
/** 5 s: long enough for an operator who has just made the loop to see it, short enough not to be missed. */
const FIRST_SHUT_MS = 5_000;
const LONGEST_SHUT_MS = 320_000;
/** Time within which a probe comes back if at all. */
const ANSWER_MS = 500;
/** Time without a loop after which the next one counts as the first. */
const FORGET_MS = 60_000;
const NOTHING = {};
class LoopGuard {
    options;
    wants = NOTHING;
    isOn = false;
    settings = { loopGuard: false, stp: 'off' };
    signs = 0;
    windowEndMs = 0;
    /** Ports that signs concern. */
    suspects = new Set();
    /** Ports that are up, in the order in which they came up. */
    up = new Set();
    shut = new Map();
    /** Port → time for which it was shut, and when it was opened. */
    past = new Map();
    constructor(options) {
        this.options = options;
    }
    /** Takes settings. What is left out stays as it is. */
    configure(given) {
        const { loopGuard, stp } = { ...this.settings, ...given };
        this.settings = { loopGuard, stp };
        this.isOn = loopGuard && stp === 'off';
        if (this.isOn)
            return;
        // A spanning tree sets the states of all ports itself.
        if (stp === 'off')
            for (const port of this.shut.keys())
                this.open(port);
        this.shut.clear();
        this.past.clear();
        this.suspects.clear();
    }
    // Signs ---------------------------------------------------------------------------------------
    /** A station seems to have moved. */
    noteMove(from, to) {
        if (!this.isOn)
            return;
        this.signs++;
        if (this.signs > SIGNS_MIN)
            return;
        this.suspects.add(from);
        this.suspects.add(to);
    }
    /**
     * Takes a frame whose source is the switch's own MAC, whatever the state of its port.
     * @returns `CONSUMED` for a probe, which tells of a loop
     */
    receive(frame, outbox) {
        if (!this.isOn)
            return verdict_1.PASS;
        const { burst } = outbox;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const ingress = (0, read_1.i32At)(burst.ingress, frame);
        const lengthBytes = (0, read_1.i32At)(burst.length, frame);
        if (!(0, loop_probe_1.isProbe)(burst.u8, burst.u16, at, lengthBytes, this.options.seed)) {
            this.signs++;
            for (const port of this.up)
                this.suspects.add(port);
            return verdict_1.PASS;
        }
        this.options.counters.count(counters_1.LoopCounter.Returned, ingress);
        this.found((0, loop_probe_1.probePort)(burst.u8, at), ingress, burst.nowMs);
        return verdict_1.CONSUMED;
    }
    found(from, to, nowMs) {
        const known = this.shut.get(from) ?? this.shut.get(to);
        if (known !== undefined) {
            if (!known.isAsking)
                return;
            known.isAsking = false;
            known.forMs = Math.min(2 * known.forMs, LONGEST_SHUT_MS);
            known.dueMs = nowMs + known.forMs;
            return;
        }
        if (!this.up.has(from) || !this.up.has(to))
            return;
        const order = [...this.up];
        const isToLater = order.indexOf(to) > order.indexOf(from);
        const [port, other] = isToLater ? [to, from] : [from, to];
        const past = this.past.get(port);
        const isRecent = past !== undefined && nowMs - past.openedMs < FORGET_MS;
        const forMs = isRecent ? Math.min(2 * past.forMs, LONGEST_SHUT_MS) : FIRST_SHUT_MS;
        this.shut.set(port, { from: other, forMs, dueMs: nowMs + forMs, isAsking: false });
        this.options.ports.setState(port, 'disabled');
        this.options.news({ event: 'loop-found', port, from: other, seconds: forMs / 1_000 });
    }
    // Time and ports ------------------------------------------------------------------------------
    get dueMs() {
        let dueMs = Infinity;
        for (const shut of this.shut.values())
            dueMs = Math.min(dueMs, shut.dueMs);
        return dueMs;
    }
    tick(nowMs, outbox) {
        if (!this.isOn)
            return;
        if (this.signs >= SIGNS_MIN) {
            for (const port of this.suspects)
                if (!this.shut.has(port))
                    this.probe(port, outbox);
            this.windowEndMs = nowMs;
        }
        if (nowMs >= this.windowEndMs) {
            this.signs = 0;
            this.suspects.clear();
            this.windowEndMs = nowMs + WINDOW_MS;
        }
        for (const [port, shut] of this.shut)
            if (nowMs >= shut.dueMs)
                this.ask(port, shut, outbox);
    }
    /** Asks whether the loop is still there, or opens the port where nothing came back. */
    ask(port, shut, outbox) {
        const { nowMs } = outbox.burst;
        if (!shut.isAsking) {
            shut.isAsking = true;
            shut.dueMs = nowMs + ANSWER_MS;
            this.probe(port, outbox);
            return;
        }
        this.shut.delete(port);
        this.past.set(port, { forMs: shut.forMs, openedMs: nowMs });
        this.open(port);
    }
    open(port) {
        this.options.ports.setState(port, 'forwarding');
        this.options.news({ event: 'loop-over', port });
    }
    probe(port, outbox) {
        const { mac, seed, counters } = this.options;
        const frame = outbox.make(loop_probe_1.PROBE_BYTES);
        const { u8, u16, offset } = outbox.burst;
        (0, loop_probe_1.writeProbe)(u8, u16, (0, read_1.i32At)(offset, frame), mac.hi16, mac.lo32, seed, port);
        outbox.toLink(frame, port);
        counters.count(counters_1.LoopCounter.Sent, port);
    }
    portChanged(port, isUp) {
        if (isUp === this.up.has(port))
            return;
        if (isUp)
            this.up.add(port);
        else
            this.up.delete(port);
        if (!isUp && this.shut.delete(port))
            this.open(port);
    }
    portRemoved(port) {
        this.up.delete(port);
        this.shut.delete(port);
        this.past.delete(port);
        this.suspects.delete(port);
    }
}
exports.LoopGuard = LoopGuard;
