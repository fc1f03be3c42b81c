/**
 * What the other hosts know of a station that asks: whether they have all heard, from a frame that
 * the switch flooded, which MAC uses the address, and behind which port that MAC is.
 *
 * A request carries more than a question. It tells the owner who asks (RFC 826, RFC 4861 7.2.3), it
 * corrects the caches of hosts that hold another MAC for the asker, and it shows the switches
 * further on where the asker is. A request may go to fewer hosts than all only when all of this has
 * been said before. It has to be said again when
 * - the address is new here, or nobody used it for the life of a binding;
 * - another MAC uses it than before, even if the former binding has gone with its port since then;
 * - the MAC was learned anew or moved to another port, by whatever frame;
 * - a port came up, whose hosts have heard nothing yet.
 *
 * A station that is new here and speaks to one host first needs no announcement: no other host holds
 * anything of it that is wrong.
 *
 * The table remembers the last MAC of an address for as long as there is room. Hosts do so, too:
 * Linux keeps a stale entry for ever while it has fewer than 128 (`gc_thresh1`).
 */

import { f64At } from '../wire/read';
import type { IpKey } from '../wire/ip-key';
import type { Topology } from './known-hosts';
import { BindingTable, NO_ENTRY } from './binding-table';
import { Miss } from './miss';
import type { TableSize } from './binding-table';

/** Which hosts put another MAC for the sender right when they hear a frame. */
export const Corrects = {
  /** None: it went to one station. */
  Nobody: -1,
  /** The host that is asked, and no other: the group of a solicitation is its alone. */
  Owner: 0,
  /** Each host whose entry has not changed for a while. */
  Settled: 1,
  /** Each host. */
  All: 2,
} as const;
export type Corrects = (typeof Corrects)[keyof typeof Corrects];

/**
 * Time for which Linux does not let an ARP packet change an entry again, unless it is gratuitous
 * (`locktime`, 1 s), and a half more.
 */
const LOCK_TIME_MS = 1_500;

/** Placement of a station of which nobody has heard yet, so that nobody can be wrong about it. */
const NEW = 0;
/** Placement of one that was known before, and has not told all how it is now. */
const UNTOLD = -1;
/** Placement that no station has. */
const ELSEWHERE = 0x7fffffff;
const UNCHANGED = -Infinity;

export class Announcements {
  private readonly table: BindingTable;
  /** `Topology.placementOf` the station, when it was announced. */
  private readonly placement: Int32Array;
  /** `Topology.audience`, when it was announced. */
  private readonly audience: Int32Array;
  /** When another MAC began to use the address, while some host may still hold the former one. */
  private readonly changedMs: Float64Array;

  constructor(
    size: Partial<TableSize>,
    private readonly topology: Topology,
  ) {
    this.table = new BindingTable(size);
    const { capacity } = this.table;
    this.placement = new Int32Array(capacity);
    this.audience = new Int32Array(capacity);
    this.changedMs = new Float64Array(capacity);
  }

  /**
   * A station was heard to use the address.
   * @param isKnown whether it was bound to it, on that port, and heard within the life of a binding
   */
  heard(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    isKnown: boolean,
    nowMs: number,
  ): void {
    const { table } = this;
    let entry = table.find(key, vlan);
    if (entry === NO_ENTRY) {
      entry = table.insert(key, vlan, hi16, lo32, port, nowMs);
      this.changedMs[entry] = UNCHANGED;
      this.placement[entry] = NEW;
      return;
    }
    table.touch(entry, port, nowMs);
    if (!isKnown) this.placement[entry] = UNTOLD;
    if (this.holds(entry, hi16, lo32)) return;
    table.hi16[entry] = hi16;
    table.lo32[entry] = lo32;
    this.changedMs[entry] = nowMs;
    this.placement[entry] = UNTOLD;
  }

  /** A frame in which the station (`hi16`, `lo32`) uses the address was forwarded. */
  announced(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    corrects: Corrects,
    nowMs: number,
  ): void {
    const entry = this.table.find(key, vlan);
    if (entry === NO_ENTRY || !this.holds(entry, hi16, lo32)) return;
    if (corrects === Corrects.Nobody && this.placement[entry] !== NEW) return;
    this.placement[entry] = this.topology.placementOf(hi16, lo32, vlan);
    this.audience[entry] = this.topology.audience();
    const isSettled = nowMs - f64At(this.changedMs, entry) >= LOCK_TIME_MS;
    if (corrects === Corrects.All || (corrects === Corrects.Settled && isSettled)) {
      this.changedMs[entry] = UNCHANGED;
    }
  }

  /**
   * Why some host or switch does not know the station (`hi16`, `lo32`) as it is; `Miss.None` where
   * all do.
   */
  unannounced(key: IpKey, vlan: number, hi16: number, lo32: number): Miss {
    const entry = this.table.find(key, vlan);
    if (entry === NO_ENTRY) return Miss.AskerUnknown;
    if (!this.holds(entry, hi16, lo32)) return Miss.AskerChanged;
    const placement = this.placement[entry];
    if (placement === NEW) return Miss.AskerUnknown;
    if (this.changedMs[entry] !== UNCHANGED) return Miss.AskerChanged;
    if (placement === UNTOLD) return Miss.AskerToldNotYet;
    if (placement !== this.topology.placementOf(hi16, lo32, vlan)) return Miss.AskerMoved;
    return this.audience[entry] === this.topology.audience() ? Miss.None : Miss.PortCameUp;
  }

  /** Notes of a station, just heard, what `unannounced` said of it in another table. */
  restore(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    unannounced: Miss,
    nowMs: number,
  ): void {
    this.announced(key, vlan, hi16, lo32, Corrects.All, nowMs);
    const entry = this.table.find(key, vlan);
    if (unannounced === Miss.AskerUnknown) this.placement[entry] = NEW;
    if (unannounced === Miss.AskerToldNotYet) this.placement[entry] = UNTOLD;
    if (unannounced === Miss.AskerMoved) this.placement[entry] = ELSEWHERE;
    if (unannounced === Miss.AskerChanged) this.changedMs[entry] = nowMs;
    if (unannounced === Miss.PortCameUp) this.audience[entry] = this.topology.audience() - 1;
  }

  private holds(entry: number, hi16: number, lo32: number): boolean {
    return this.table.lo32[entry] === lo32 && this.table.hi16[entry] === hi16;
  }
}
