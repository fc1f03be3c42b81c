"use strict";
/**
 * Inspection: the claims that hosts on untrusted ports may make about addresses. This file has the rules
 * that ARP, ND and DHCP share. Each of these rooms reads the claims of its own frames.
 *
 * Every frame from a trusted port is accepted. While inspection is off, every port is trusted. On any other
 * port, a static binding or a DHCP server on a trusted port must confirm the sender, as (address, MAC, VLAN,
 * port), and the rate of frames is limited. A denied frame is dropped, counted by its reason, and logged at a
 * bounded rate.
 *
 * Source: RFC 7513 (the idea); RFC 6105 (router advertisements), RFC 7610 (DHCP servers).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Inspection = exports.ADMITTED = void 0;
const ip_key_1 = require("../wire/ip-key");
const verdict_1 = require("../frame/verdict");
const mac_1 = require("../wire/mac");
const ethernet_1 = require("../wire/ethernet");
const read_1 = require("../wire/read");
const leases_1 = require("./leases");
const binding_table_1 = require("./binding-table");
const refusal_reason_1 = require("./refusal-reason");
const tagged_1 = require("./tagged");
const token_buckets_1 = require("./token-buckets");
exports.ADMITTED = -1;
/** EtherTypes of frames that may encapsulate another. */
const WRAPPING_TYPES = Array.from({ length: 0x10000 }, (_, etherType) => ({
    etherType,
})).filter(({ etherType }) => (0, tagged_1.isWrapping)((0, ethernet_1.etherTypeWord)(etherType)));
const DEFAULT_FRAMES_PER_SECOND = 100;
const DEFAULT_FRAMES_AT_ONCE = 200;
const REFUSALS_TOLD_PER_SECOND = 10;
const REFUSALS_TOLD_AT_ONCE = 20;
/**
 * The inspection. As a room, it gets the frames that may encapsulate another while it is on. ARP, ND and
 * DHCP ask it about their own frames.
 */
class Inspection {
    options;
    trusted;
    tellRate;
    /** Bindings from DHCP servers. Absent while inspection is off, like the rate limit. */
    currentLeases;
    rate;
    /** Address that the frame under judgement claims. */
    claimed = (0, ip_key_1.newIpKey)();
    isClaimRead = false;
    untoldCount = 0;
    constructor(options) {
        this.options = options;
        this.trusted = new Uint8Array(options.maxPorts);
        this.tellRate = new token_buckets_1.TokenBuckets(1, REFUSALS_TOLD_PER_SECOND, REFUSALS_TOLD_AT_ONCE);
    }
    // On and off ------------------------------------------------------------------------------------
    get isOn() {
        return this.currentLeases !== undefined;
    }
    /** Bindings from DHCP servers. Absent while inspection is off. */
    get leases() {
        return this.currentLeases;
    }
    /** Begins to inspect, without leases. */
    begin() {
        const { maxPorts, framesPerSecond = DEFAULT_FRAMES_PER_SECOND, framesAtOnce = DEFAULT_FRAMES_AT_ONCE, } = this.options;
        this.currentLeases = new leases_1.Leases(this.options);
        this.rate = new token_buckets_1.TokenBuckets(maxPorts, framesPerSecond, framesAtOnce);
    }
    /** Ends inspection: every port is trusted from now on. Forgets the leases. */
    end() {
        this.currentLeases = undefined;
        this.rate = undefined;
    }
    // Time ------------------------------------------------------------------------------------------
    get dueMs() {
        return this.leases?.dueMs ?? Infinity;
    }
    tick(nowMs) {
        this.leases?.tick(nowMs);
    }
    // Ports -----------------------------------------------------------------------------------------
    /** Whether the port is trusted. */
    trusts(port) {
        return !this.isOn || this.trusted[port] === 1;
    }
    /** Marks the port as trusted or not. The mark counts whenever inspection is on. */
    setTrusted(port, isTrusted) {
        this.trusted[port] = isTrusted ? 1 : 0;
    }
    portRemoved(port) {
        this.setTrusted(port, false);
        this.leases?.forgetPort(port);
    }
    // Frames ----------------------------------------------------------------------------------------
    get wants() {
        return this.isOn ? { types: WRAPPING_TYPES, tagged: true } : {};
    }
    /** Handles a frame that may encapsulate another. */
    receive(frame, outbox) {
        return this.admitsTagged(outbox, frame) ? verdict_1.PASS : verdict_1.CONSUMED;
    }
    /**
     * Judges a frame if its port is not trusted.
     * @returns whether the frame may pass; a denied one has been counted
     */
    admits(frame, outbox, judge, neighbours) {
        const { burst } = outbox;
        if (this.trusts((0, read_1.i32At)(burst.ingress, frame)))
            return true;
        this.isClaimRead = false;
        const judgement = judge(frame, burst, this, neighbours);
        return this.enforce(judgement, outbox, frame, this.isClaimRead ? this.claimed : undefined);
    }
    /** @returns whether a frame that may encapsulate another may pass; a denied one has been counted */
    admitsTagged(outbox, frame) {
        const { burst } = outbox;
        if (this.trusts((0, read_1.i32At)(burst.ingress, frame)))
            return true;
        const judgement = (0, tagged_1.isTaggedControl)(burst, frame) ? refusal_reason_1.RefusalReason.Disguised : exports.ADMITTED;
        return this.enforce(judgement, outbox, frame);
    }
    /** Key of the address that the frame claims. The caller sets it. */
    claims() {
        this.isClaimRead = true;
        return this.claimed;
    }
    /** Whether an untrusted port may send one more frame. */
    allowsOneMore(port, nowMs) {
        return this.rate === undefined || this.rate.take(port, nowMs);
    }
    /** Whether a binding confirms that the sender of the frame may use the address in `claims`. */
    vouchesFor(burst, frame, neighbours) {
        const source = (0, read_1.i32At)(burst.offset, frame) + ethernet_1.SOURCE;
        const hi16 = (0, ethernet_1.macHi16)(burst.u16, source);
        const lo32 = (0, ethernet_1.macLo32)(burst.u16, source);
        const port = (0, read_1.i32At)(burst.ingress, frame);
        const vlan = (0, read_1.i32At)(burst.vlan, frame);
        const entry = neighbours.findStatic(this.claimed, vlan);
        if (entry === binding_table_1.NO_ENTRY) {
            const { leases } = this;
            return leases?.has(this.claimed, vlan, hi16, lo32, port, burst.nowMs) === true;
        }
        const boundPort = neighbours.portOf(entry);
        return (neighbours.lo32Of(entry) === lo32 &&
            neighbours.hi16Of(entry) === hi16 &&
            (boundPort === binding_table_1.ANY_PORT || boundPort === port));
    }
    /**
     * Carries out a judgement.
     * @param claimed address that the frame claims, if it can be read
     * @returns whether the frame may pass; a denied one has been counted
     */
    enforce(judgement, outbox, frame, claimed) {
        if (judgement === exports.ADMITTED)
            return true;
        const { burst } = outbox;
        const source = (0, read_1.i32At)(burst.offset, frame) + ethernet_1.SOURCE;
        const port = (0, read_1.i32At)(burst.ingress, frame);
        this.options.sink.drop(judgement, port);
        if (outbox.reporter !== undefined)
            tellRefusal(outbox.reporter, judgement, port);
        if (!this.tellRate.take(0, burst.nowMs)) {
            this.untoldCount++;
            return false;
        }
        this.options.news({
            event: 'inspection-refused',
            reason: judgement,
            port,
            mac: (0, mac_1.formatMac)((0, ethernet_1.macHi16)(burst.u16, source), (0, ethernet_1.macLo32)(burst.u16, source)),
            ...(claimed !== undefined && { address: (0, ip_key_1.formatIpKey)(claimed) }),
            untold: this.untoldCount,
        });
        this.untoldCount = 0;
        return false;
    }
}
exports.Inspection = Inspection;
function tellRefusal(reporter, reason, port) {
    const { name, meaning } = refusal_reason_1.REFUSAL_REASONS[reason];
    reporter.step(`inspection denies it at ${reporter.label(port)}, ${name}: ${meaning}`);
    reporter.drop(port, name);
}
