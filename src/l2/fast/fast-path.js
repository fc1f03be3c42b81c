"use strict";
/**
 * The fast path, on the bridge's side. The bridge keeps a copy of its forwarding database and of its port
 * table in memory that a program in the kernel reads (`layout.ts`). So the kernel carries out what the
 * bridge has decided, frame by frame, without asking.
 *
 * The bridge decides; the program never does. A frame whose stations are not in the memory comes to the bridge.
 *
 * Order. The program redirects a frame only if the bridge has answered every earlier frame from the same
 * station to the same other station. So no frame overtakes another when a pair changes over.
 *
 * Threads. One writes everything except times and counters, which the program writes. Another thread may read.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.FastPath = void 0;
const time_1 = require("../../frame/time");
const read_1 = require("../../wire/read");
const counters_1 = require("../counters");
const obstacle_1 = require("./obstacle");
const layout_1 = require("./layout");
const NO_STATION = -1;
const WORD_BYTES = 4;
const BUCKET_MASK = layout_1.BUCKETS - 1;
/** Offsets in a station, in words. */
const LO32 = layout_1.StationField.LO32 / WORD_BYTES;
const HI16_PORT = layout_1.StationField.HI16_PORT / WORD_BYTES;
const HEARD = layout_1.StationField.HEARD / WORD_BYTES;
const USED = layout_1.StationField.USED / WORD_BYTES;
const STATION_WORDS = layout_1.STATION_BYTES / WORD_BYTES;
const FIRST_STATION = layout_1.Part.STATIONS / WORD_BYTES;
const BUCKET_WORDS = layout_1.BUCKET_BYTES / WORD_BYTES;
const MS_PER_UNIT = 2 ** layout_1.CLOCK_SHIFT / 1e6;
const TICKS_PER_UNIT = MS_PER_UNIT / time_1.TICK_MS;
const TWO_POW_32 = 2 ** 32;
/** Counter of the bridge for each of the four counters in the memory. */
const COUNTERS = [
    [layout_1.CountField.RX_FRAMES, counters_1.Counter.RxFrames],
    [layout_1.CountField.RX_BYTES, counters_1.Counter.RxBytes],
    [layout_1.CountField.TX_FRAMES, counters_1.Counter.TxFrames],
    [layout_1.CountField.TX_BYTES, counters_1.Counter.TxBytes],
];
class FastPath {
    words;
    processors;
    seed;
    clock;
    /** Port → 1 if it has a leg. */
    legs = new Uint8Array(layout_1.FAST_PORTS);
    /** Value of each counter at the last collection, by port and counter. */
    collected = new Float64Array(layout_1.FAST_PORTS * COUNTERS.length);
    constructor({ memory, processors, seed, clock }) {
        this.words = new Int32Array(memory);
        this.processors = processors;
        this.seed = seed;
        this.clock = clock;
    }
    // Ports ---------------------------------------------------------------------------------------
    /**
     * Notes the interface of a port, and shuts the port: nothing is redirected from or to it.
     * @param leg `undefined` if the port has no fast path
     * @returns whether there is room for the port
     */
    setLeg(port, leg) {
        if (port >= layout_1.FAST_PORTS)
            return false;
        this.shut(port, obstacle_1.FastObstacle.Down);
        this.legs[port] = leg === undefined ? 0 : 1;
        if (leg === undefined)
            return true;
        this.write(port, layout_1.PortField.INDEX, leg.index);
        this.write(port, layout_1.PortField.DOMAIN, leg.domain);
        const { hi16, lo32 } = leg.farEnd ?? { hi16: 0, lo32: 0 };
        // The key in the form that the program compares: the address in the upper 48 bits of a u64.
        this.write(port, layout_1.PortField.FAR_END, lo32 << 16);
        this.write(port, layout_1.PortField.FAR_END + WORD_BYTES, (hi16 << 16) | (lo32 >>> 16));
        return true;
    }
    hasLeg(port) {
        return this.legs[port] === 1;
    }
    /** @param longest length of the longest frame that may leave by the port, bytes */
    setLongest(port, longest) {
        if (port < layout_1.FAST_PORTS)
            this.write(port, layout_1.PortField.LONGEST, longest);
    }
    /** Opens a port that has a leg: frames from and to it may take the fast path. */
    open(port, isIsolated) {
        if (port >= layout_1.FAST_PORTS || !this.hasLeg(port))
            return;
        this.write(port, layout_1.PortField.OBSTACLE, obstacle_1.FastObstacle.None);
        this.write(port, layout_1.PortField.FLAGS, layout_1.PortFlag.OPEN | (isIsolated ? layout_1.PortFlag.ISOLATED : 0));
    }
    /** Shuts a port: every frame comes to the bridge from now on. */
    shut(port, why) {
        if (port >= layout_1.FAST_PORTS)
            return;
        this.write(port, layout_1.PortField.FLAGS, 0);
        this.write(port, layout_1.PortField.OBSTACLE, why);
    }
    // Stations (FdbMirror) ------------------------------------------------------------------------
    placed(hi16, lo32, vlan, port) {
        if (vlan !== 0)
            return;
        const { words } = this;
        const at = this.find(hi16, lo32);
        if (this.legs[port] !== 1) {
            if (at !== NO_STATION)
                this.clear(at);
            return;
        }
        const keyed = hi16 | ((port + 1) << 16);
        if (at !== NO_STATION) {
            Atomics.store(words, at + HI16_PORT, keyed);
            return;
        }
        // In a full bucket, the station has no fast path: its frames come to the bridge.
        const free = this.findFree(hi16, lo32);
        if (free === NO_STATION)
            return;
        const now = this.nowUnits();
        words[free + HEARD] = now;
        words[free + USED] = now;
        Atomics.store(words, free + LO32, lo32);
        Atomics.store(words, free + HI16_PORT, keyed);
    }
    removed(hi16, lo32, vlan) {
        if (vlan !== 0)
            return;
        const at = this.find(hi16, lo32);
        if (at !== NO_STATION)
            this.clear(at);
    }
    heardTicks(hi16, lo32, vlan, nowTicks) {
        return this.ticksOf(HEARD, hi16, lo32, vlan, nowTicks);
    }
    usedTicks(hi16, lo32, vlan, nowTicks) {
        return this.ticksOf(USED, hi16, lo32, vlan, nowTicks);
    }
    ticksOf(field, hi16, lo32, vlan, nowTicks) {
        if (vlan !== 0)
            return undefined;
        const at = this.find(hi16, lo32);
        if (at === NO_STATION)
            return undefined;
        // The program may have written the time after the clock was read.
        const agoUnits = Math.max(0, (this.nowUnits() - Atomics.load(this.words, at + field)) | 0);
        return (nowTicks - Math.round(agoUnits * TICKS_PER_UNIT)) | 0;
    }
    find(hi16, lo32) {
        const { words } = this;
        let at = this.bucketOf(hi16, lo32);
        for (let index = 0; index < layout_1.BUCKET_STATIONS; index++) {
            const keyed = (0, read_1.i32At)(words, at + HI16_PORT);
            if (keyed >>> 16 !== 0 && (keyed & 0xffff) === hi16 && words[at + LO32] === lo32)
                return at;
            at += STATION_WORDS;
        }
        return NO_STATION;
    }
    findFree(hi16, lo32) {
        let at = this.bucketOf(hi16, lo32);
        for (let index = 0; index < layout_1.BUCKET_STATIONS; index++) {
            if (this.words[at + HI16_PORT] === 0)
                return at;
            at += STATION_WORDS;
        }
        return NO_STATION;
    }
    bucketOf(hi16, lo32) {
        return FIRST_STATION + ((0, layout_1.hashOf)(hi16, lo32, this.seed) & BUCKET_MASK) * BUCKET_WORDS;
    }
    clear(at) {
        Atomics.store(this.words, at + HI16_PORT, 0);
    }
    nowUnits() {
        return Math.floor(((0, read_1.f64At)(this.clock, 0) / MS_PER_UNIT) % TWO_POW_32) | 0;
    }
    // Counters ------------------------------------------------------------------------------------
    /** Adds the frames that the kernel has carried since the last call to the bridge's counters of a port. */
    collect(port, counters) {
        if (port >= layout_1.FAST_PORTS)
            return;
        for (let index = 0; index < COUNTERS.length; index++) {
            const [offset, counter] = COUNTERS[index];
            const total = this.total(port, offset);
            const slot = port * COUNTERS.length + index;
            const before = (0, read_1.f64At)(this.collected, slot);
            if (total !== before)
                counters.add(port, counter, total - before);
            this.collected[slot] = total;
        }
    }
    total(port, offset) {
        let sum = 0;
        for (let processor = 0; processor < this.processors; processor++) {
            const at = layout_1.Part.COUNTERS + (processor * layout_1.FAST_PORTS + port) * layout_1.COUNT_BYTES + offset;
            sum += this.u64(at / WORD_BYTES);
        }
        return sum;
    }
    /** A number that the program may be increasing now. */
    u64(word) {
        const { words } = this;
        for (;;) {
            const high = Atomics.load(words, word + 1) >>> 0;
            const low = Atomics.load(words, word) >>> 0;
            if (Atomics.load(words, word + 1) >>> 0 === high)
                return high * TWO_POW_32 + low;
        }
    }
    write(port, field, value) {
        Atomics.store(this.words, wordOf(port, field), value);
    }
}
exports.FastPath = FastPath;
function wordOf(port, field) {
    return (layout_1.Part.PORTS + port * layout_1.PORT_RECORD_BYTES + field) / WORD_BYTES;
}
