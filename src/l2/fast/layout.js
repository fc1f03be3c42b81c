"use strict";
/**
 * The memory of the fast path, which the bridge and a program in the kernel share. Both work in place,
 * without a system call. `device/fast-program.ts` is the program, `fast-path.ts` is the bridge's side.
 *
 *     mark | ports | punts | stations | counters
 *
 * - mark: a time, u64, CLOCK_MONOTONIC in nanoseconds. Every frame that was queued for the bridge before
 *   this time has been read and answered. The frame I/O writes it (`NativeBurstIo.markDrained`).
 * - ports: one record per port, by its id.
 * - punts: for each pair of stations, by a hash, the time at which the program last gave one of its frames
 *   to the bridge; u64, nanoseconds. Several pairs may share one.
 * - stations: buckets of four. A station is two words of key and port, and two words of time.
 * - counters: for each processor and each port, four u64: frames and bytes received and sent.
 *
 * Numbers have the byte order of the host. A word is 32 bits. Where two words belong together, they are
 * written so that each state in between is harmless.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.HASH = exports.Part = exports.COUNT_BYTES = exports.CountField = exports.CLOCK_SHIFT = exports.BUCKETS = exports.BUCKET_BYTES = exports.BUCKET_STATIONS = exports.STATION_BYTES = exports.StationField = exports.PUNT_SLOTS = exports.PortFlag = exports.PORT_RECORD_BYTES = exports.PortField = exports.FAST_PORTS = void 0;
exports.memoryBytes = memoryBytes;
exports.hashOf = hashOf;
/** Number of ports that can have a fast path: those with a smaller id. A power of two. */
exports.FAST_PORTS = 1024;
/** Offsets in the record of a port, bytes. */
exports.PortField = {
    /** `PortFlag`. */
    FLAGS: 0,
    /** Index of the interface. */
    INDEX: 4,
    /** Length of the longest frame that may leave, or of the longest segment of one, bytes. */
    LONGEST: 8,
    /** Number of the network namespace. A frame can be redirected only within one namespace. */
    DOMAIN: 12,
    /** Key of the station that is the far end of a veth pair; 0 if there is none. */
    FAR_END: 16,
    /** `FastObstacle` of a port that is shut; the program does not read it. */
    OBSTACLE: 24,
};
exports.PORT_RECORD_BYTES = 64;
exports.PortFlag = {
    /** Frames may take the fast path from and to this port. */
    OPEN: 1,
    /** No frame passes between two such ports. */
    ISOLATED: 2,
};
exports.PUNT_SLOTS = 4096;
/** Offsets in a station, bytes. */
exports.StationField = {
    /** Bytes 2 to 5 of the address. */
    LO32: 0,
    /** Bytes 0 and 1 of the address, and above them the port's id plus 1. 0 above means: no station. */
    HI16_PORT: 4,
    /** Time at which a frame from the station was last redirected: see `CLOCK_SHIFT`. */
    HEARD: 8,
    /** Time at which a frame to the station was last redirected. */
    USED: 12,
};
exports.STATION_BYTES = 16;
exports.BUCKET_STATIONS = 4;
exports.BUCKET_BYTES = exports.BUCKET_STATIONS * exports.STATION_BYTES;
exports.BUCKETS = 16_384;
/** Shift of a time in a station: nanoseconds >> 23, which is 8.4 ms. 32 bits wrap after 417 days. */
exports.CLOCK_SHIFT = 23;
/** Offsets in the counters of a port, bytes. */
exports.CountField = { RX_FRAMES: 0, RX_BYTES: 8, TX_FRAMES: 16, TX_BYTES: 24 };
exports.COUNT_BYTES = 32;
const CACHE_LINE_BYTES = 64;
/** Offsets of the parts, bytes. */
exports.Part = {
    MARK: 0,
    PORTS: CACHE_LINE_BYTES,
    PUNTS: CACHE_LINE_BYTES + exports.FAST_PORTS * exports.PORT_RECORD_BYTES,
    STATIONS: CACHE_LINE_BYTES + exports.FAST_PORTS * exports.PORT_RECORD_BYTES + exports.PUNT_SLOTS * 8,
    COUNTERS: CACHE_LINE_BYTES + exports.FAST_PORTS * exports.PORT_RECORD_BYTES + exports.PUNT_SLOTS * 8 + exports.BUCKETS * exports.BUCKET_BYTES,
};
/** @param processors a power of two, not less than the highest possible number of processors */
function memoryBytes(processors) {
    return exports.Part.COUNTERS + processors * exports.FAST_PORTS * exports.COUNT_BYTES;
}
/** Multipliers of the hash: those of murmur3's finalizer. The program has the same. */
exports.HASH = {
    FIRST: 0x85ebca6b | 0,
    SECOND: 0xc2b2ae35 | 0,
    PAIR: 0x9e3779b1 | 0,
};
/** Hash of a station. @param seed any 32-bit number that the hosts do not know */
function hashOf(hi16, lo32, seed) {
    let hash = Math.imul(lo32 ^ seed, exports.HASH.FIRST);
    hash ^= (hash >>> 15) ^ hi16;
    hash = Math.imul(hash, exports.HASH.SECOND);
    return (hash ^ (hash >>> 16)) >>> 0;
}
