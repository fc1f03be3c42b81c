/**
 * The forwarding database: the port of each station.
 *
 * Purpose. Maps (VLAN, MAC) to a port, learned from source addresses (IEEE 802.1Q-2022 8.7, 8.8).
 *
 * Shape. One open-addressed table in one typed array, four words an entry, linear probing. Deletion
 * shifts entries back, so that there are no tombstones and no growth. The hash is seeded: nobody who does
 * not know the seed can choose addresses that collide. Capacity is fixed at the start. An entry costs 16
 * bytes, and the table is at most 80 % full, so 20 bytes an entry.
 *
 * Eviction (`eviction.ts`). A port within its fair share of a full table loses nothing to a port above it.
 * Static entries do not count, and are never evicted. Without eviction a full table learns nothing new, as
 * on a Linux bridge with `fdb_max_learned`.
 *
 * Locked entries. MAC authentication bypass notes a station that waits for authorisation. For every look-up
 * such a station is unknown. On a Linux bridge, frames to it find the entry.
 *
 * Time. Ticks (`time.ts`), always an argument. `lookup` ignores an expired entry at once; `sweep` frees its
 * slot later.
 *
 * Mirror (`mirror.ts`). Frames that pass without the table follow a copy of it. The mirror knows which
 * stations such frames came from. The table asks it before it treats an entry as expired.
 *
 * Threads. One. Other threads read copies (`copy.ts`) and totals (`totals.ts`).
 */

import { NO_PORT } from '../../frame/port-id';
import { ticksSince, TICK_MS } from '../../frame/time';
import { MAC_BYTES, macHi16, macLo32 } from '../../wire/ethernet';
import { NO_VLAN } from '../../wire/vlan';
import { REGION_SLOTS, TableCopy } from './copy';
import { type FdbEntry, LAYOUT, decodeEntries, isAlive, usedUnits } from './entry';
import { findVictim, heaviestPort } from './eviction';
import type { FdbMirror } from './mirror';
import { TOTALS, TOTALS_BYTES } from './totals';

/** Result of `learn`. */
export const LearnResult = {
  Refreshed: 0,
  Learned: 1,
  Moved: 2,
  /** A static or sticky entry contradicts, or this table learns nothing. */
  Refused: 3,
} as const;
export type LearnResult = (typeof LearnResult)[keyof typeof LearnResult];

const { LO32, KEY, UPDATED, PORT, ENTRY_WORDS } = LAYOUT;
const { IN_USE, STATIC, STICKY, LOCKED, KEY_MASK, PORT_MASK } = LAYOUT;
const { DYNAMIC, STATICS } = TOTALS;

/** Maximum number of static entries of an operator. */
export const MAX_ENTERED = 1024;
/** Static entries that fit beside `maxDynamic` learned ones: those of operators, and 64 legs of the host. */
export const MAX_STATIC = MAX_ENTERED + 64;
const MAX_LOAD = 0.8;
const NO_SLOT = -1;
/** Number of frames in a burst from which on a preload pays. A processor waits for about ten loads at once. */
const LEAST_FRAMES = 16;
/** Number of entries whose slots stay in the processor's cache anyway. */
const CACHED_ENTRIES = 8_192;
const VLAN_MASK = 0xfff;
const always = (): boolean => true;
const TWO_POW_32 = 2 ** 32;

export interface FdbOptions {
  /** Ageing time, milliseconds; 0: a hub, nothing is learned. */
  readonly ageingMs: number;
  /** Maximum number of learned entries. */
  readonly maxDynamic: number;
  /** Maximum number of learned entries on one port; Infinity for no limit but fairness. */
  readonly maxDynamicPerPort: number;
  /** Whether a new station takes the place of another one if the table is full; yes, unless given. */
  readonly evicts?: boolean;
  /** Highest port id, plus one; at most 65536. */
  readonly maxPorts: number;
  /** Any 32-bit number that the hosts do not know. */
  readonly seed: number;
  /** Memory of an `FdbTotals`, if another thread reads the totals. */
  readonly totalsMemory?: SharedArrayBuffer;
}

/**
 * The last result of the table. Frames come in trains with the same addresses, so the second frame of a
 * train need not probe. The result is valid until an entry of the station is written, any entry is moved or
 * removed, or the tick ends.
 */
class Memo {
  port = NO_PORT;
  private hi16 = -1;
  private lo32 = 0;
  private vlan = 0;
  private ticks = 0;

  matches(hi16: number, lo32: number, vlan: number, ticks: number): boolean {
    return this.lo32 === lo32 && this.hi16 === hi16 && this.vlan === vlan && this.ticks === ticks;
  }

  set(hi16: number, lo32: number, vlan: number, port: number, ticks: number): void {
    this.hi16 = hi16;
    this.lo32 = lo32;
    this.vlan = vlan;
    this.port = port;
    this.ticks = ticks;
  }

  forget(hi16: number, lo32: number, vlan: number): void {
    if (this.lo32 === lo32 && this.hi16 === hi16 && this.vlan === vlan) this.clear();
  }

  clear(): void {
    this.hi16 = -1;
  }
}

/** Called for each entry that expired and is removed. */
export type ForgetListener = (hi16: number, lo32: number, vlan: number, port: number) => void;

export class Fdb {
  /** Number of slots of the table: more than entries, by the load factor. */
  readonly slots: number;
  /** Former port of the station of the last `learn`, if the station moved. */
  movedFrom = NO_PORT;
  /** Number of new stations for which the table, or their port's share of it, was full. */
  crowdedCount = 0;
  /** Copy of the table for frames that pass without it; absent if there are none. */
  private mirror: FdbMirror | undefined = undefined;
  private readonly heard = new Memo();
  private readonly lookedUp = new Memo();
  private readonly table: Int32Array;
  private readonly perPort: Int32Array;
  /** Slot → number of the placement, counted from 1, that brought its station to its port. */
  private readonly placements: Int32Array;
  private placementCount = 0;
  /** `placementCount` at the last `preload`. */
  private preloadedPlacements = 0;
  /** Combination of the words that `preload` has loaded. It is kept so that V8 keeps the loads. */
  preloadedWord = 0;
  private readonly slotScale: number;
  private readonly seed: number;
  private readonly maxDynamic: number;
  private readonly maxPerPort: number;
  private readonly evicts: boolean;
  private ageingTicks: number;
  /** Numbers of entries, learned and static. */
  private readonly totals: Int32Array;
  /** Reader of the table for others. It is notified of each slot that is taken, freed or shifted. */
  private readonly copy: TableCopy;
  /** No port at or above this one has learned entries. */
  private portCeiling = 0;
  /** Slot at which the sweep continues. It begins a new pass at slot 0. */
  private sweepAt = 0;
  /** Oldest time, in ticks, that the present pass of the sweep has seen: its own start, or that of an entry. */
  private oldestSeen = 0;
  /** Whether an entry was shifted to slots that the present pass has swept already. */
  private hasSlipped = false;
  /** Ticks before which no entry expires; `undefined` until a pass has found out. */
  private calmUntil: number | undefined = undefined;
  /** Port → slot at which the search for its next victim starts (`findVictim`). */
  private readonly victimAt: Int32Array;

  /** @throws RangeError for a limit that leaves no room for an entry. */
  constructor(options: FdbOptions) {
    checkLimits(options);
    this.maxDynamic = options.maxDynamic;
    this.maxPerPort = options.maxDynamicPerPort;
    this.evicts = options.evicts ?? true;
    this.ageingTicks = Math.round(options.ageingMs / TICK_MS);
    this.slots = Math.ceil((options.maxDynamic + MAX_STATIC) / MAX_LOAD);
    // `fill` writes every page now, so that no frame waits for the kernel to find one.
    this.table = new Int32Array(this.slots * ENTRY_WORDS).fill(0);
    this.placements = new Int32Array(this.slots).fill(0);
    this.copy = new TableCopy(this.table);
    this.totals = new Int32Array(options.totalsMemory ?? new ArrayBuffer(TOTALS_BYTES));
    this.perPort = new Int32Array(options.maxPorts);
    this.victimAt = new Int32Array(options.maxPorts);
    this.slotScale = this.slots / TWO_POW_32;
    this.seed = options.seed | 0;
  }

  /** Number of learned entries. */
  get dynamicCount(): number {
    return this.totals[DYNAMIC] as number;
  }

  get staticCount(): number {
    return this.totals[STATICS] as number;
  }

  /** Number of learned entries on one port. */
  dynamicCountOn(port: number): number {
    return this.perPort[port] ?? 0;
  }

  get ageingMs(): number {
    return this.ageingTicks * TICK_MS;
  }

  /** Sets the ageing time, also for existing entries. */
  setAgeing(ageingMs: number): void {
    this.forgetAnswers();
    this.ageingTicks = Math.round(ageingMs / TICK_MS);
    this.calmUntil = undefined;
  }

  /**
   * Ticks for which no entry expires, at most those until the next one does; 0 while a pass of `sweep` has to
   * find out. A station that is heard or learned meanwhile expires later still.
   */
  calmTicks(nowTicks: number): number {
    return this.calmUntil === undefined ? 0 : Math.max(0, (this.calmUntil - nowTicks) | 0);
  }

  /** Port of a station, or `NO_PORT` if the station is unknown or its entry has expired. */
  lookup(hi16: number, lo32: number, vlan: number, nowTicks: number): number {
    if (this.lookedUp.matches(hi16, lo32, vlan, nowTicks)) return this.lookedUp.port;
    const port = this.lookupInTable(hi16, lo32, vlan, nowTicks);
    this.lookedUp.set(hi16, lo32, vlan, port, nowTicks);
    return port;
  }

  private lookupInTable(hi16: number, lo32: number, vlan: number, nowTicks: number): number {
    const table = this.table;
    const at = this.find(hi16, lo32, vlan);
    if (at < 0 || this.isExpired(at, nowTicks) || this.isLockedAt(at)) return NO_PORT;
    const port = table[at + PORT] as number;
    const used = (port & PORT_MASK) | (usedUnits(nowTicks) << 16);
    if (used !== port) table[at + PORT] = used;
    return port & PORT_MASK;
  }

  /**
   * Loads the slots of the addresses of a burst into the processor's cache, if that pays: the processor waits for many
   * of these loads at once, but for those of `learn` and `lookup` one by one. A frame among 100,000 stations takes 160
   * instead of 230 ns. Changes nothing. Assumes frames without VLAN.
   * @param offset arena offset of the destination MAC by frame, bytes
   */
  preload(u16: Uint16Array, offset: Int32Array, count: number): void {
    const hasGrown = this.placementCount !== this.preloadedPlacements;
    if (!hasGrown && this.dynamicCount < CACHED_ENTRIES) return;
    this.preloadedPlacements = this.placementCount;
    if (count < LEAST_FRAMES || !isScattered(u16, offset, count)) return;
    this.preloadedWord = this.loadSlots(u16, offset, count);
  }

  private loadSlots(u16: Uint16Array, offset: Int32Array, count: number): number {
    const { table, placements } = this;
    let word = 0;
    for (let frame = 0; frame < count; frame++) {
      const at = offset[frame] as number;
      const to = this.home(macHi16(u16, at), macLo32(u16, at), NO_VLAN);
      const from = this.home(macHi16(u16, at + MAC_BYTES), macLo32(u16, at + MAC_BYTES), NO_VLAN);
      word ^= (table[to] as number) ^ (table[from] as number);
      word ^= placements[from / ENTRY_WORDS] as number;
    }
    return word;
  }

  /** Port of a station, as from `lookup`, but the entry is not marked as used. */
  peek(hi16: number, lo32: number, vlan: number, nowTicks: number): number {
    const at = this.find(hi16, lo32, vlan);
    if (at < 0 || this.isExpired(at, nowTicks) || this.isLockedAt(at)) return NO_PORT;
    return (this.table[at + PORT] as number) & PORT_MASK;
  }

  /**
   * Number that changes whenever the station is learned, or moves to another port; 0 while there is no
   * entry.
   */
  placementOf(hi16: number, lo32: number, vlan: number): number {
    const at = this.find(hi16, lo32, vlan);
    return at < 0 ? 0 : (this.placements[at / ENTRY_WORDS] as number);
  }

  /** Notes that a frame from this station came in on `port`. IEEE 802.1Q-2022 8.7. */
  learn(hi16: number, lo32: number, vlan: number, port: number, nowTicks: number): LearnResult {
    const { heard } = this;
    if (heard.matches(hi16, lo32, vlan, nowTicks) && heard.port === port) {
      return LearnResult.Refreshed;
    }
    const result = this.learnInTable(hi16, lo32, vlan, port, nowTicks);
    if (result !== LearnResult.Refused) heard.set(hi16, lo32, vlan, port, nowTicks);
    return result;
  }

  private learnInTable(
    hi16: number,
    lo32: number,
    vlan: number,
    port: number,
    nowTicks: number,
  ): LearnResult {
    if (this.ageingTicks === 0) return LearnResult.Refused;
    const table = this.table;
    const at = this.find(hi16, lo32, vlan);
    if (at < 0) {
      const isIn = this.insertLearned(~at, hi16, lo32, vlan, port, nowTicks, 0);
      return isIn ? LearnResult.Learned : LearnResult.Refused;
    }
    const isAlive = !this.isExpired(at, nowTicks);
    // An expired entry, swept or not, does not hold its station on its port.
    if (!isAlive) table[at + KEY] = (table[at + KEY] as number) & ~(STICKY | LOCKED);
    const word = table[at + PORT] as number;
    if ((word & PORT_MASK) !== port) return this.move(at, port, nowTicks, isAlive);
    table[at + UPDATED] = nowTicks;
    if (isAlive) return LearnResult.Refreshed;
    // `lookup` may have found the station unknown in this very tick.
    this.forgetAnswers();
    this.mirror?.placed(hi16, lo32, vlan, port);
    return LearnResult.Learned;
  }

  /**
   * Notes a station of a locked port that waits for authorisation: a locked entry, which ages and counts
   * like a learned one. It takes the place of another station that waits on a port that holds more, and of no
   * other entry, so that strangers displace nobody who was let in.
   * `br_handle_frame_finish` in net/bridge/br_input.c, with BR_PORT_MAB.
   * @returns whether there is such an entry now that was not there before
   */
  learnLocked(hi16: number, lo32: number, vlan: number, port: number, nowTicks: number): boolean {
    if (this.ageingTicks === 0) return false;
    const at = this.find(hi16, lo32, vlan);
    if (at >= 0) {
      if (!this.isExpired(at, nowTicks)) {
        const isThere = ((this.table[at + PORT] as number) & PORT_MASK) === port;
        if (isThere && this.isLockedAt(at)) this.table[at + UPDATED] = nowTicks;
        return false;
      }
      this.removeAt(at);
    }
    const isPortFull = (this.perPort[port] as number) >= this.maxPerPort;
    if (isPortFull) return false;
    if (this.dynamicCount >= this.maxDynamic && !this.evictLocked(port)) return false;
    return this.insertLearned(
      ~this.find(hi16, lo32, vlan),
      hi16,
      lo32,
      vlan,
      port,
      nowTicks,
      LOCKED,
    );
  }

  /** Makes room for a station that waits, where the port that holds most loses one that waits as well. */
  private evictLocked(port: number): boolean {
    const from = heaviestPort(this.perPort, this.portCeiling, port);
    if (!this.evicts || from === port) return false;
    const victim = findVictim(this.table, this.victimAt, from);
    if (victim < 0 || !this.isLockedAt(victim)) return false;
    this.removeAt(victim);
    return true;
  }

  /** Forgets the locked entries of one port. @returns how many */
  flushLocked(port: number): number {
    return this.removeWhere(
      (at) => this.isLockedAt(at) && ((this.table[at + PORT] as number) & PORT_MASK) === port,
      this.perPort[port] as number,
    );
  }

  /**
   * Adds or replaces an entry that never ages and never moves.
   * @returns false, without a change, if there are `MAX_STATIC` already.
   */
  addStatic(hi16: number, lo32: number, vlan: number, port: number, nowTicks: number): boolean {
    const old = this.find(hi16, lo32, vlan);
    const replacesStatic = old >= 0 && this.isStaticAt(old);
    if (!replacesStatic && this.staticCount >= MAX_STATIC) return false;
    if (old >= 0) this.removeAt(old);
    this.write(~this.find(hi16, lo32, vlan), hi16, lo32, vlan, port, nowTicks, STATIC);
    this.totals[STATICS] = this.staticCount + 1;
    return true;
  }

  /** Adds or replaces an entry that ages and counts like a learned one, and never moves. */
  addSticky(hi16: number, lo32: number, vlan: number, port: number, nowTicks: number): void {
    this.remove(hi16, lo32, vlan);
    // An operator can wait: the search for a victim is repeated, and goes on where the last one stopped.
    let isIn = false;
    while (!isIn) {
      const free = ~this.find(hi16, lo32, vlan);
      isIn = this.insertLearned(free, hi16, lo32, vlan, port, nowTicks, STICKY);
    }
  }

  /** @returns whether there was such an entry. */
  remove(hi16: number, lo32: number, vlan: number): boolean {
    const at = this.find(hi16, lo32, vlan);
    if (at < 0) return false;
    this.removeAt(at);
    return true;
  }

  /**
   * Forgets the stations learned on one port. It stops reading when it has found all of them.
   * @param isMeant whether it forgets entries of this VLAN; unless given, those of all
   */
  flushPort(port: number, isMeant: (vlan: number) => boolean = always): number {
    return this.removeWhere(
      (at) =>
        !this.isStaticAt(at) &&
        ((this.table[at + PORT] as number) & PORT_MASK) === port &&
        isMeant(this.vlanAt(at)),
      this.perPort[port] as number,
    );
  }

  /** Forgets everything about one port, static entries too, because its id will be reused. */
  forgetPort(port: number): number {
    return this.removeWhere(
      (at) => ((this.table[at + PORT] as number) & PORT_MASK) === port,
      (this.perPort[port] as number) + this.staticCount,
    );
  }

  /** Forgets what was learned on one port of stations that `matches` takes. Sticky entries stay. */
  forgetLearned(port: number, matches: (hi16: number, lo32: number) => boolean): number {
    const { table } = this;
    return this.removeWhere((at) => {
      const key = table[at + KEY] as number;
      if ((key & (STATIC | STICKY)) !== 0 || ((table[at + PORT] as number) & PORT_MASK) !== port) {
        return false;
      }
      return matches(key & 0xffff, table[at + LO32] as number);
    }, this.perPort[port] as number);
  }

  /** Frees the entries of one port that are past their time, before the sweep comes to them. */
  forgetExpired(port: number, nowTicks: number): number {
    return this.removeWhere(
      (at) =>
        ((this.table[at + PORT] as number) & PORT_MASK) === port && this.isExpired(at, nowTicks),
      this.perPort[port] as number,
    );
  }

  /** Whether there is a static or sticky entry of the station, which no frame moves. */
  isFixed(hi16: number, lo32: number, vlan: number): boolean {
    const at = this.find(hi16, lo32, vlan);
    return at >= 0 && ((this.table[at + KEY] as number) & (STATIC | STICKY)) !== 0;
  }

  /** Forgets everything learned. @param isMeant as for `flushPort` */
  flush(isMeant: (vlan: number) => boolean = always): number {
    return this.removeWhere(
      (at) => !this.isStaticAt(at) && isMeant(this.vlanAt(at)),
      this.dynamicCount,
    );
  }

  private vlanAt(at: number): number {
    return ((this.table[at + KEY] as number) >>> 16) & VLAN_MASK;
  }

  /**
   * Frees expired entries in the next `slots` slots, from the place where the last call stopped. A region without
   * entries counts as one slot.
   * @returns the number of freed entries.
   */
  sweep(slots: number, nowTicks: number, onForget?: ForgetListener): number {
    let freed = 0;
    for (let step = 0; step < slots; step++) {
      if (this.sweepAt === 0) this.beginPass(nowTicks);
      const at = this.sweepAt * ENTRY_WORDS;
      if (this.sweepAt % REGION_SLOTS === 0 && this.copy.isEmptyRegion(at)) {
        this.sweepOn(REGION_SLOTS);
      } else if (this.table[at + KEY] !== 0 && this.isExpired(at, nowTicks)) {
        if (onForget) this.tell(at, onForget);
        // The next entry may have shifted into this slot, so this slot is read again.
        this.removeAt(at);
        freed++;
      } else {
        if (this.table[at + KEY] !== 0 && !this.isStaticAt(at)) this.noteSeen(at, nowTicks);
        this.sweepOn(1);
      }
    }
    return freed;
  }

  private beginPass(nowTicks: number): void {
    this.oldestSeen = nowTicks;
    this.hasSlipped = false;
  }

  private noteSeen(at: number, nowTicks: number): void {
    const updated = this.table[at + UPDATED] as number;
    if (ticksSince(nowTicks, updated) > ticksSince(nowTicks, this.oldestSeen)) {
      this.oldestSeen = updated;
    }
  }

  private sweepOn(slots: number): void {
    this.sweepAt += slots;
    if (this.sweepAt < this.slots) return;
    this.sweepAt = 0;
    this.calmUntil = this.hasSlipped ? undefined : (this.oldestSeen + this.ageingTicks) | 0;
  }

  /** Keeps a mirror of the table from now on, and copies the existing entries to it. */
  mirrorTo(mirror: FdbMirror): void {
    this.mirror = mirror;
    this.mirrorWhere(() => true);
  }

  /** Copies the entries of a port to the mirror again. */
  mirrorPort(port: number): void {
    this.mirrorWhere((at) => ((this.table[at + PORT] as number) & PORT_MASK) === port);
  }

  private mirrorWhere(matches: (at: number) => boolean): void {
    const { table, mirror } = this;
    if (mirror === undefined) return;
    for (let at = 0; at < table.length; at += ENTRY_WORDS) {
      if (table[at + KEY] === 0 || this.isLockedAt(at) || !matches(at)) continue;
      this.tell(at, mirror.placed.bind(mirror));
    }
  }

  /** Lists the entries that have not expired: for tests and small tables. */
  entries(nowTicks: number): FdbEntry[] {
    const words = this.copy.all();
    this.renewTimes(words, nowTicks);
    return decodeEntries(words, nowTicks).filter((entry) => isAlive(entry, this.ageingMs));
  }

  /** Starts a copy of the table that is taken in pieces, between bursts. There can be one at a time. */
  beginCopy(): void {
    this.copy.begin();
  }

  /**
   * Copies the entries of the next `slots` slots, raw, or of fewer that hold `entriesMax`. An entry that
   * wraps around the end of the table meanwhile can come twice.
   * @returns words for `decodeEntries`, or undefined if the copy is complete.
   */
  copySlots(slots: number, entriesMax = slots): Int32Array<ArrayBuffer> | undefined {
    return this.copy.next(slots, entriesMax);
  }

  /** Corrects the times of copied entries whose stations were heard or used by frames without the table. */
  renewTimes(words: Int32Array, nowTicks: number): void {
    const { mirror } = this;
    if (mirror === undefined) return;
    for (let at = 0; at < words.length; at += ENTRY_WORDS) {
      const key = words[at + KEY] as number;
      const hi16 = key & 0xffff;
      const lo32 = words[at + LO32] as number;
      const vlan = (key >>> 16) & 0xfff;
      const heard = mirror.heardTicks(hi16, lo32, vlan, nowTicks);
      const used = mirror.usedTicks(hi16, lo32, vlan, nowTicks);
      if (heard === undefined || used === undefined) continue;
      words[at + UPDATED] = laterOf(heard, words[at + UPDATED] as number, nowTicks);
      const port = words[at + PORT] as number;
      // Units of a use wrap, like ticks. The later of two is the one that is fewer units ago.
      const now = usedUnits(nowTicks);
      const usedAgo = (now - usedUnits(used)) & 0xffff;
      if (usedAgo < ((now - (port >>> 16)) & 0xffff)) {
        words[at + PORT] = (port & PORT_MASK) | (usedUnits(used) << 16);
      }
    }
  }

  /** Whether a copy has further pieces. */
  get isBeingCopied(): boolean {
    return this.copy.isUnderWay;
  }

  /** Memory of the table, bytes. */
  get sizeBytes(): number {
    const { table, placements, perPort, victimAt, copy } = this;
    const parts = [table, placements, perPort, victimAt];
    return parts.reduce((sum, part) => sum + part.byteLength, copy.sizeBytes);
  }

  /** @returns the entry; if there is none, the complement (`~`) of the slot that is free for it */
  private find(hi16: number, lo32: number, vlan: number): number {
    const table = this.table;
    const key = hi16 | (vlan << 16) | IN_USE;
    const end = table.length;
    let at = this.home(hi16, lo32, vlan);
    for (;;) {
      const found = table[at + KEY] as number;
      if (found === 0) return ~at;
      if (table[at + LO32] === lo32 && (found & KEY_MASK) === key) return at;
      at += ENTRY_WORDS;
      if (at === end) at = 0;
    }
  }

  /** Word index at which probing for a key starts. */
  private home(hi16: number, lo32: number, vlan: number): number {
    // Two rounds of multiply and shift, as murmur3's finalizer does, with the seed in both.
    let hash = Math.imul(lo32 ^ this.seed, 0x85ebca6b);
    hash ^= (hash >>> 15) ^ hi16 ^ (vlan << 16);
    hash = Math.imul(hash, 0xc2b2ae35) ^ this.seed;
    hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
    hash ^= hash >>> 16;
    return (((hash >>> 0) * this.slotScale) | 0) * ENTRY_WORDS;
  }

  private isStaticAt(at: number): boolean {
    return ((this.table[at + KEY] as number) & STATIC) !== 0;
  }

  private isLockedAt(at: number): boolean {
    return (this.table[at + KEY] as number) < 0;
  }

  private isExpired(at: number, nowTicks: number): boolean {
    const age = ticksSince(nowTicks, this.table[at + UPDATED] as number);
    return age >= this.ageingTicks && !this.isStaticAt(at) && !this.wasHeardElsewhere(at, nowTicks);
  }

  /** Asks the mirror about a station that seems silent, and renews its entry if it was heard there. */
  private wasHeardElsewhere(at: number, nowTicks: number): boolean {
    const { table, mirror } = this;
    if (mirror === undefined) return false;
    const key = table[at + KEY] as number;
    const hi16 = key & 0xffff;
    const lo32 = table[at + LO32] as number;
    const vlan = (key >>> 16) & 0xfff;
    const heard = mirror.heardTicks(hi16, lo32, vlan, nowTicks);
    if (heard === undefined) return false;
    if (ticksSince(nowTicks, heard) >= this.ageingTicks) {
      mirror.removed(hi16, lo32, vlan);
      return false;
    }
    table[at + UPDATED] = heard;
    return true;
  }

  /** @param free a slot that is free for the entry; eviction may change it */
  private insertLearned(
    free: number,
    hi16: number,
    lo32: number,
    vlan: number,
    port: number,
    nowTicks: number,
    flags: number,
  ): boolean {
    const isPortFull = (this.perPort[port] as number) >= this.maxPerPort;
    const isFull = isPortFull || this.dynamicCount >= this.maxDynamic;
    if (isFull) {
      this.crowdedCount++;
      // An operator's entry finds room also where the table evicts nothing for a learned one.
      if (!this.evicts && (flags & STICKY) === 0) return false;
      const { perPort, portCeiling } = this;
      const from = isPortFull ? port : heaviestPort(perPort, portCeiling, port);
      if (!this.evictFrom(from)) return false;
    }
    const at = isFull ? ~this.find(hi16, lo32, vlan) : free;
    this.write(at, hi16, lo32, vlan, port, nowTicks, flags);
    this.totals[DYNAMIC] = this.dynamicCount + 1;
    this.perPort[port] = (this.perPort[port] as number) + 1;
    if (port >= this.portCeiling) this.portCeiling = port + 1;
    return true;
  }

  private move(found: number, port: number, nowTicks: number, wasAlive: boolean): LearnResult {
    const { table, perPort } = this;
    if (((table[found + KEY] as number) & (STATIC | STICKY)) !== 0) return LearnResult.Refused;
    const at = (perPort[port] as number) < this.maxPerPort ? found : this.makeRoom(found, port);
    if (at < 0) return LearnResult.Refused;
    this.forgetAnswers();
    // A station that waits on a locked port and is heard on another one waits no longer.
    table[at + KEY] = (table[at + KEY] as number) & ~LOCKED;
    const from = (table[at + PORT] as number) & PORT_MASK;
    perPort[from] = (perPort[from] as number) - 1;
    perPort[port] = (perPort[port] as number) + 1;
    if (port >= this.portCeiling) this.portCeiling = port + 1;
    table[at + PORT] = port | (usedUnits(nowTicks) << 16);
    table[at + UPDATED] = nowTicks;
    this.notePlacement(at);
    if (this.mirror !== undefined) {
      const key = table[at + KEY] as number;
      const lo32 = table[at + LO32] as number;
      this.mirror.placed(key & 0xffff, lo32, (key >>> 16) & 0xfff, port);
    }
    this.movedFrom = from;
    return wasAlive ? LearnResult.Moved : LearnResult.Learned;
  }

  /**
   * Evicts one entry of `port`.
   * @returns new place of the entry that was at `at`; negative if none was evicted
   */
  private makeRoom(at: number, port: number): number {
    if (!this.evicts) return NO_SLOT;
    const key = this.table[at + KEY] as number;
    const lo32 = this.table[at + LO32] as number;
    if (!this.evictFrom(port)) return NO_SLOT;
    return this.find(key & 0xffff, lo32, (key >>> 16) & 0xfff);
  }

  /** @param at a free slot */
  private write(
    at: number,
    hi16: number,
    lo32: number,
    vlan: number,
    port: number,
    nowTicks: number,
    flags: number,
  ): void {
    const table = this.table;
    // What is known of another station stays true.
    this.heard.forget(hi16, lo32, vlan);
    this.lookedUp.forget(hi16, lo32, vlan);
    this.copy.taken(at);
    table[at + LO32] = lo32;
    table[at + KEY] = hi16 | (vlan << 16) | IN_USE | flags;
    table[at + UPDATED] = nowTicks;
    table[at + PORT] = port | (usedUnits(nowTicks) << 16);
    this.notePlacement(at);
    if ((flags & LOCKED) === 0) this.mirror?.placed(hi16, lo32, vlan, port);
  }

  /** Numbers the placement. Numbers wrap after four billion; a station cannot sit still for so many. */
  private notePlacement(at: number): void {
    this.placementCount = (this.placementCount + 1) | 0 || 1;
    this.placements[at / ENTRY_WORDS] = this.placementCount;
  }

  /** Frees one learned entry of `port`. @returns false if none is near enough */
  private evictFrom(port: number): boolean {
    const victim = findVictim(this.table, this.victimAt, port);
    if (victim < 0) return false;
    this.removeAt(victim);
    return true;
  }

  /** Knuth 6.4, algorithm R: closes the gap by shifting later entries of the run back. */
  private removeAt(at: number): void {
    const table = this.table;
    this.forgetAnswers();
    if (this.mirror !== undefined) {
      const key = table[at + KEY] as number;
      this.mirror.removed(key & 0xffff, table[at + LO32] as number, (key >>> 16) & 0xfff);
    }
    if (this.isStaticAt(at)) this.totals[STATICS] = this.staticCount - 1;
    else {
      const port = (table[at + PORT] as number) & PORT_MASK;
      this.perPort[port] = (this.perPort[port] as number) - 1;
      this.totals[DYNAMIC] = this.dynamicCount - 1;
    }
    const isCopied = this.copy.isUnderWay;
    const sweptTo = this.sweepAt * ENTRY_WORDS;
    let gap = at;
    let next = at;
    for (;;) {
      next += ENTRY_WORDS;
      if (next === table.length) next = 0;
      const key = table[next + KEY] as number;
      if (key === 0) break;
      const home = this.home(key & 0xffff, table[next + LO32] as number, (key >>> 16) & 0xfff);
      const staysPut = gap < next ? gap < home && home <= next : gap < home || home <= next;
      if (staysPut) continue;
      this.copyEntry(next, gap);
      if (gap < sweptTo && next >= sweptTo) this.hasSlipped = true;
      if (isCopied) this.copy.shifted(next, gap);
      gap = next;
    }
    for (let word = 0; word < ENTRY_WORDS; word++) table[gap + word] = 0;
    this.copy.freed(gap);
  }

  /** Copies an entry word by word. For so few words, a call of `copyWithin` costs more than the copy. */
  private copyEntry(from: number, to: number): void {
    const table = this.table;
    for (let word = 0; word < ENTRY_WORDS; word++) {
      table[to + word] = table[from + word] as number;
    }
    this.placements[to / ENTRY_WORDS] = this.placements[from / ENTRY_WORDS] as number;
  }

  /** @param most maximum number of matching entries: the search ends with the last of them */
  private removeWhere(matches: (at: number) => boolean, most: number): number {
    const table = this.table;
    if (most === 0) return 0;
    let start = 0;
    while (table[start + KEY] !== 0) start += ENTRY_WORDS;
    let removed = 0;
    // The search goes backwards from an empty slot, so that an entry that shifts back was read already.
    for (let step = 0; step < this.slots; step++) {
      const at = (start === 0 ? table.length : start) - ENTRY_WORDS;
      start = at;
      if (table[at + KEY] === 0 || !matches(at)) continue;
      this.removeAt(at);
      removed++;
      if (removed === most) break;
    }
    return removed;
  }

  private forgetAnswers(): void {
    this.heard.clear();
    this.lookedUp.clear();
  }

  private tell(at: number, onForget: ForgetListener): void {
    const key = this.table[at + KEY] as number;
    const port = (this.table[at + PORT] as number) & PORT_MASK;
    onForget(key & 0xffff, this.table[at + LO32] as number, (key >>> 16) & 0xfff, port);
  }
}

/** The later of two times. */
function laterOf(one: number, other: number, nowTicks: number): number {
  return ticksSince(nowTicks, one) <= ticksSince(nowTicks, other) ? one : other;
}

/** Whether most frames of a burst have other addresses than the frame before. */
function isScattered(u16: Uint16Array, offset: Int32Array, count: number): boolean {
  let changes = 0;
  let lastTo = 0;
  let lastFrom = 0;
  for (let frame = 0; frame < count; frame++) {
    const at = offset[frame] as number;
    const to = macLo32(u16, at);
    const from = macLo32(u16, at + MAC_BYTES);
    if (to !== lastTo || from !== lastFrom) changes++;
    lastTo = to;
    lastFrom = from;
  }
  return 2 * changes > count;
}

function checkLimits({ maxDynamic, maxDynamicPerPort }: FdbOptions): void {
  if (!Number.isInteger(maxDynamic) || maxDynamic < 1) {
    throw new RangeError(`an FDB of ${maxDynamic} entries: it takes a whole number from 1 on`);
  }
  if (!(maxDynamicPerPort >= 1)) {
    throw new RangeError(`an FDB with ${maxDynamicPerPort} entries a port: it takes 1 or more`);
  }
}
