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
 *   to the bridge; u64, nanoseconds. The lowest bit says that the frame may have been queued later. Several pairs may
 *   share one.
 * - stations: buckets of four. A station is two words of key and port, and two words of time. Its VLAN is that of its
 *   port. The number of its bucket is its hash, with the VID XORed: one MAC has a bucket of its own in each VLAN.
 * - counters: for each processor and each port, four u64: frames and bytes received and sent.
 *
 * Numbers have the byte order of the host. A word is 32 bits. Two words that belong together are written in an order
 * in which the program may read between the two writes.
 */

/** Number of ports that can have a fast path: those with a smaller id. A power of two. */
export const FAST_PORTS = 1024;

/** Offsets in the record of a port, bytes. */
export const PortField = {
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
  /**
   * Index of the interface, and of its companion, for the port's own programs. The control plane writes both
   * before it attaches the programs, so one program serves each interface that the port ever has.
   */
  OWN_INDEX: 28,
  COMPANION_INDEX: 32,
  /**
   * VID of the untagged frames that the port receives, and of those that it sends; 0 while the bridge does not
   * filter by VLAN, and `NO_FAST_VLAN` where there is no such VLAN.
   */
  VLAN: 36,
} as const;
/** A VID that no frame has: IEEE 802.1Q-2022 table 9-2. */
export const NO_FAST_VLAN = 4095;
export const PORT_RECORD_BYTES = 64;
const WORD_BYTES = 4;

/** Index of a field of a port among the words of the memory. */
export function wordOf(port: number, field: number): number {
  return (Part.PORTS + port * PORT_RECORD_BYTES + field) / WORD_BYTES;
}

export const PortFlag = {
  /** Frames may take the fast path from and to this port. */
  OPEN: 1,
  /** No frame passes between two such ports. */
  ISOLATED: 2,
} as const;

export const PUNT_SLOTS = 4096;

/** Offsets in a station, bytes. */
export const StationField = {
  /** Bytes 2 to 5 of the address. */
  LO32: 0,
  /** Bytes 0 and 1 of the address, and above them the port's id plus 1. 0 above means: no station. */
  HI16_PORT: 4,
  /** Time at which a frame from the station was last redirected: see `CLOCK_SHIFT`. */
  HEARD: 8,
  /** Time at which a frame to the station was last redirected. */
  USED: 12,
} as const;
export const STATION_BYTES = 16;
export const BUCKET_STATIONS = 4;
export const BUCKET_BYTES = BUCKET_STATIONS * STATION_BYTES;
export const BUCKETS = 16_384;

/** Shift of a time in a station: nanoseconds >> 23, which is 8.4 ms. 32 bits wrap after 417 days. */
export const CLOCK_SHIFT = 23;

/** Offsets in the counters of a port, bytes. */
export const CountField = { RX_FRAMES: 0, RX_BYTES: 8, TX_FRAMES: 16, TX_BYTES: 24 } as const;
export const COUNT_BYTES = 32;

const CACHE_LINE_BYTES = 64;

/** Offsets of the parts, bytes. */
export const Part = {
  MARK: 0,
  PORTS: CACHE_LINE_BYTES,
  PUNTS: CACHE_LINE_BYTES + FAST_PORTS * PORT_RECORD_BYTES,
  STATIONS: CACHE_LINE_BYTES + FAST_PORTS * PORT_RECORD_BYTES + PUNT_SLOTS * 8,
  COUNTERS:
    CACHE_LINE_BYTES + FAST_PORTS * PORT_RECORD_BYTES + PUNT_SLOTS * 8 + BUCKETS * BUCKET_BYTES,
} as const;

/** @param processors a power of two, not less than the highest possible number of processors */
export function memoryBytes(processors: number): number {
  return Part.COUNTERS + processors * FAST_PORTS * COUNT_BYTES;
}

/** Multipliers of the hash: those of murmur3's finalizer. The program has the same. */
export const HASH = {
  FIRST: 0x85ebca6b | 0,
  SECOND: 0xc2b2ae35 | 0,
  PAIR: 0x9e3779b1 | 0,
} as const;

/** Hash of a station. @param seed any 32-bit number that the hosts do not know */
export function hashOf(hi16: number, lo32: number, seed: number): number {
  let hash = Math.imul(lo32 ^ seed, HASH.FIRST);
  hash ^= (hash >>> 15) ^ hi16;
  hash = Math.imul(hash, HASH.SECOND);
  return (hash ^ (hash >>> 16)) >>> 0;
}
