/**
 * Bindings from DHCP servers: the station and port of each leased address, and the end of the lease. Only
 * inspection uses them.
 *
 * A lease survives when its link goes down, as the right of its holder to the address does.
 *
 * Source: RFC 2131 4.4.1 (what a client may use), RFC 7513 (address validation by DHCP).
 */

import { f64At, i32At, u16At } from '../wire/read';
import { formatIpKey, newIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { formatMac } from '../wire/mac';
import { BindingTable, NO_ENTRY } from './binding-table';
import type { TableSize } from './binding-table';

/** Interval between removals of expired leases. An expired lease has no effect even before. */
const SWEEP_INTERVAL_MS = 10_000;

export interface Lease {
  readonly address: string;
  readonly mac: string;
  readonly vlan: number;
  readonly port: number;
  /** Milliseconds; `Infinity` for a lease without end. */
  readonly expiresInMs: number;
}

export class Leases {
  private readonly table: BindingTable;
  private readonly key = newIpKey();
  private sweepMs = Infinity;

  constructor(size: Partial<TableSize> = {}) {
    this.table = new BindingTable(size);
  }

  /** Notes that a server leased the address to the station (`hi16`, `lo32`) behind `port`. */
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

  /** Notes that the holder released the address. A release by another station is ignored. */
  release(key: IpKey, vlan: number, hi16: number, lo32: number, port: number): void {
    const entry = this.table.find(key, vlan);
    if (entry !== NO_ENTRY && this.isHeldBy(entry, hi16, lo32, port)) this.table.remove(entry);
  }

  /** Whether the address is leased to this station behind this port. */
  has(key: IpKey, vlan: number, hi16: number, lo32: number, port: number, nowMs: number): boolean {
    const entry = this.table.find(key, vlan);
    return (
      entry !== NO_ENTRY &&
      this.isHeldBy(entry, hi16, lo32, port) &&
      nowMs < f64At(this.table.dueMs, entry)
    );
  }

  /** Forgets the leases of a removed port, because its id will be reused. */
  forgetPort(port: number): void {
    this.table.forEach((entry) => {
      if (this.table.port[entry] === port) this.table.remove(entry);
    });
  }

  /** Number of leases, including expired ones that are not removed yet. */
  get count(): number {
    return this.table.count;
  }

  /** One more than the last entry in use. */
  get ceiling(): number {
    return this.table.ceiling;
  }

  /** Lists the leases, or a part of them for callers that must not take long. */
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

  /** Time of the next work of `tick`; `Infinity` for never. */
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
