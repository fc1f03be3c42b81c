/**
 * Port security: which stations, and how many, may send from a port.
 *
 * A frame passes if the FDB has its source behind the port already. The source of any other frame is new
 * there. It must be on the list of the port, if there is a list, and the port must have room for one more
 * learned station, if there is a limit. Static entries of the port pass and do not count. A station that a
 * static or sticky entry places behind another port never passes. What the FDB has forgotten by time makes
 * room again: the table is searched for that ten times a second at most, because a hostile host could
 * have it searched for each frame.
 *
 * It decides, and changes nothing else: the bridge drops the frame or shuts the port. A lower limit forgets
 * nobody.
 */

import { type MacWords, parseMac } from '../wire/mac';
import { NO_PORT } from '../frame/port-id';
import { f64At, i32At } from '../wire/read';
import type { Fdb } from './fdb/table';

/** Milliseconds between two searches of the FDB for entries of one port that are past their time. */
const PURGE_INTERVAL_MS = 100;
const NO_LIMIT = 2 ** 31 - 1;

export type Violation = 'drop' | 'shutdown';

/** Port security of one port. */
export interface SecuritySettings {
  /** Learned stations at most; `null`: no limit. */
  readonly macs: number | null;
  /** MACs of the stations that may send, as text with `+` between them; `null`: any. */
  readonly macAllow: string | null;
  /** What follows if another station sends: its frame is dropped, or the port is shut besides. */
  readonly violation: Violation;
}

export class PortSecurity {
  /** Port → learned stations at most. */
  private readonly limits: Int32Array;
  /** Port → MACs that may send, each as one number; absent: any. */
  private readonly lists = new Map<number, ReadonlySet<number>>();
  /** Ports that a violation shuts. */
  private readonly shutting = new Set<number>();
  /** Port → time before which its old entries are not looked for again, milliseconds. */
  private readonly purgeFromMs: Float64Array;
  /** Port → time before which no violation is reported, milliseconds. */
  private readonly quietUntilMs: Float64Array;

  /** @param maxPerPort learned entries that the FDB keeps for one port; beyond them it forgets others */
  constructor(
    private readonly fdb: Fdb,
    private readonly maxPerPort: number,
    maxPorts: number,
  ) {
    this.limits = new Int32Array(maxPorts).fill(NO_LIMIT);
    this.purgeFromMs = new Float64Array(maxPorts).fill(-Infinity);
    this.quietUntilMs = new Float64Array(maxPorts).fill(-Infinity);
  }

  /** Sets what is given. Stations that a new list does not have are forgotten, unless they are static or sticky. */
  configure(port: number, { macs, macAllow, violation }: Partial<SecuritySettings>): void {
    if (macs !== undefined) this.limits[port] = macs ?? NO_LIMIT;
    if (violation === 'shutdown') this.shutting.add(port);
    if (violation === 'drop') this.shutting.delete(port);
    if (macAllow === undefined) return;
    if (macAllow === null) {
      this.lists.delete(port);
      return;
    }
    const list = new Set(macAllow.split('+').map((mac) => keyOf(parseMac(mac) as MacWords)));
    this.lists.set(port, list);
    this.fdb.forgetLearned(port, (hi16, lo32) => !list.has(keyOf({ hi16, lo32 })));
  }

  /** Forgets the settings of a port whose id will be given away again. */
  forget(port: number): void {
    this.configure(port, { macs: null, macAllow: null, violation: 'drop' });
    this.purgeFromMs[port] = -Infinity;
    this.quietUntilMs[port] = -Infinity;
  }

  /** Whether the port has a limit or a list. */
  secures(port: number): boolean {
    return i32At(this.limits, port) !== NO_LIMIT || this.lists.has(port);
  }

  /** Whether a violation shuts the port. */
  shuts(port: number): boolean {
    return this.shutting.has(port);
  }

  /** Whether a frame from this source may pass from the port. */
  admits(
    port: number,
    hi16: number,
    lo32: number,
    vlan: number,
    nowTicks: number,
    nowMs: number,
  ): boolean {
    const known = this.fdb.peek(hi16, lo32, vlan, nowTicks);
    if (known === port) return true;
    if (known !== NO_PORT && this.fdb.isFixed(hi16, lo32, vlan)) return false;
    if (this.lists.get(port)?.has(keyOf({ hi16, lo32 })) === false) return false;
    const limit = Math.min(i32At(this.limits, port), this.maxPerPort);
    if (i32At(this.limits, port) === NO_LIMIT || this.fdb.dynamicCountOn(port) < limit) return true;
    if (nowMs < f64At(this.purgeFromMs, port)) return false;
    this.purgeFromMs[port] = nowMs + PURGE_INTERVAL_MS;
    this.fdb.forgetExpired(port, nowTicks);
    return this.fdb.dynamicCountOn(port) < limit;
  }

  /** Whether a violation at this port is to be reported: once in `intervalMs` at most. */
  reports(port: number, nowMs: number, intervalMs: number): boolean {
    if (nowMs < f64At(this.quietUntilMs, port)) return false;
    this.quietUntilMs[port] = nowMs + intervalMs;
    return true;
  }
}

/** A MAC as one whole number of 48 bits. */
function keyOf({ hi16, lo32 }: MacWords): number {
  return hi16 * 2 ** 32 + (lo32 >>> 0);
}
