/**
 * The bindings that a DHCP server vouches for: who was given which address, behind which port,
 * until when. Inspection believes them; nothing else in the switch uses them.
 *
 * A lease outlives a link that goes down, as its holder's right to the address does.
 *
 * Source: RFC 2131 4.4.1 (what a client may use), RFC 7513 (address validation by DHCP).
 */

import { f64At, i32At, u16At } from '../wire/read';
import { formatIpKey, newIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { formatMac } from '../wire/mac';
import { BindingTable, NO_ENTRY } from './binding-table';
import type { TableSize } from './binding-table';

/** Leases past their time do not count at once; this often they are cleared away. */
const SWEEP_INTERVAL_MS = 10_000;

export interface Lease {
  readonly address: string;
  readonly mac: string;
  readonly vlan: number;
  readonly port: number;
  /** Milliseconds; Infinity for ever. */
  readonly expiresInMs: number;
}

export class Leases {
  private readonly table: BindingTable;
  private readonly key = newIpKey();
  private sweepMs = Infinity;

  constructor(size: Partial<TableSize> = {}) {
    this.table = new BindingTable(size);
  }

  /** A server gave the address to the station (`hi16`, `lo32`) behind `port`. */
  grant(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    leaseMs: number,
    nowMs: number,
  ): void {
    const former = this.table.find(key, vlan);
    if (former !== NO_ENTRY) this.table.remove(former);
    const entry = this.table.insert(key, vlan, hi16, lo32, port, nowMs);
    this.table.dueMs[entry] = nowMs + leaseMs;
    if (this.sweepMs === Infinity) this.sweepMs = nowMs + SWEEP_INTERVAL_MS;
  }

  /** The holder gives the address back. Anybody else's word for it is ignored. */
  release(key: IpKey, vlan: number, hi16: number, lo32: number, port: number): void {
    const entry = this.table.find(key, vlan);
    if (entry !== NO_ENTRY && this.isHeldBy(entry, hi16, lo32, port)) this.table.remove(entry);
  }

  /** Whether the address is leased to this very station behind this very port. */
  has(key: IpKey, vlan: number, hi16: number, lo32: number, port: number, nowMs: number): boolean {
    const entry = this.table.find(key, vlan);
    return (
      entry !== NO_ENTRY &&
      this.isHeldBy(entry, hi16, lo32, port) &&
      nowMs < f64At(this.table.dueMs, entry)
    );
  }

  /** Forgets the leases of a port whose id will be given away again. */
  forgetPort(port: number): void {
    this.table.forEach((entry) => {
      if (this.table.port[entry] === port) this.table.remove(entry);
    });
  }

  /** Leases, those past their time included until they are cleared away. */
  get count(): number {
    return this.table.count;
  }

  /** One more than the last entry in use. */
  get ceiling(): number {
    return this.table.ceiling;
  }

  /** What is leased, or a part of it, for those who may not take long. */
  list(nowMs: number, from = 0, to = Infinity): Lease[] {
    const leases: Lease[] = [];
    const { table } = this;
    for (let entry = from; entry < Math.min(to, table.ceiling); entry++) {
      const expiresInMs = f64At(table.dueMs, entry) - nowMs;
      if (!table.isUsed(entry) || expiresInMs <= 0) continue;
      table.readKey(entry, this.key);
      leases.push({
        address: formatIpKey(this.key),
        mac: formatMac(u16At(table.hi16, entry), i32At(table.lo32, entry)),
        vlan: u16At(table.vlan, entry),
        port: i32At(table.port, entry),
        expiresInMs,
      });
    }
    return leases;
  }

  /** When `tick` has something to do next; `Infinity` for never. */
  get dueMs(): number {
    return this.sweepMs;
  }

  tick(nowMs: number): void {
    if (nowMs < this.sweepMs) return;
    const { table } = this;
    table.forEach((entry) => {
      if (nowMs >= f64At(table.dueMs, entry)) table.remove(entry);
    });
    this.sweepMs = table.count === 0 ? Infinity : nowMs + SWEEP_INTERVAL_MS;
  }

  private isHeldBy(entry: number, hi16: number, lo32: number, port: number): boolean {
    const { table } = this;
    return table.lo32[entry] === lo32 && table.hi16[entry] === hi16 && table.port[entry] === port;
  }
}
