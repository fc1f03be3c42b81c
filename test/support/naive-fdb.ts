/**
 * A forwarding database without regard to speed: a Map. It knows which entries must be in the table. It
 * does not choose the victims of evictions: it is given each one and checks whether the choice is valid.
 */

import { NO_PORT } from '../../src/frame/port-id';
import { LearnResult } from '../../src/l2/fdb/table';

export type Kind = 'learned' | 'sticky' | 'static';

export interface NaiveEntry {
  readonly kind: Kind;
  readonly port: number;
  /** Time at which the station was last heard, in ticks that never wrap. */
  readonly heardTicks: number;
}

export interface NaiveLimits {
  readonly maxDynamic: number;
  readonly maxDynamicPerPort: number;
  readonly maxStatic: number;
}

export class NaiveFdb {
  /** Entries by name; expired ones stay here until they are swept. */
  readonly entries = new Map<string, NaiveEntry>();
  /** Ports of which one must have lost an entry to make room. */
  owesVictimOf: ReadonlySet<number> = new Set();

  constructor(
    private readonly limits: NaiveLimits,
    public ageingTicks: number,
  ) {}

  lookup(name: string, nowTicks: number): number {
    const entry = this.entries.get(name);
    return entry === undefined || this.isExpired(entry, nowTicks) ? NO_PORT : entry.port;
  }

  learn(name: string, port: number, nowTicks: number): LearnResult {
    if (this.ageingTicks === 0) return LearnResult.Refused;
    const known = this.entries.get(name);
    const isDead = known !== undefined && this.isExpired(known, nowTicks);
    // The expired entry still takes its place, but has no other effect.
    const old = isDead ? { ...known, kind: 'learned' as const } : known;
    if (old === undefined) {
      this.makeRoom(port);
      this.entries.set(name, { kind: 'learned', port, heardTicks: nowTicks });
      return LearnResult.Learned;
    }
    if (old.port !== port) {
      if (old.kind !== 'learned') return LearnResult.Refused;
      if (this.count(port) >= this.limits.maxDynamicPerPort) this.owesVictimOf = new Set([port]);
    }
    this.entries.set(name, { ...old, port, heardTicks: nowTicks });
    if (isDead) return LearnResult.Learned;
    return old.port === port ? LearnResult.Refreshed : LearnResult.Moved;
  }

  addStatic(name: string, port: number, nowTicks: number): boolean {
    const isNew = this.entries.get(name)?.kind !== 'static';
    if (isNew && this.countOf('static') >= this.limits.maxStatic) return false;
    this.entries.set(name, { kind: 'static', port, heardTicks: nowTicks });
    return true;
  }

  addSticky(name: string, port: number, nowTicks: number): void {
    this.entries.delete(name);
    this.makeRoom(port);
    this.entries.set(name, { kind: 'sticky', port, heardTicks: nowTicks });
  }

  /** Removes the matching entries. @returns their number */
  removeWhere(matches: (entry: NaiveEntry) => boolean): number {
    const gone = [...this.entries].filter(([, entry]) => matches(entry));
    for (const [name] of gone) this.entries.delete(name);
    return gone.length;
  }

  /** Accepts the victim of an eviction. @returns the fault if the choice is wrong */
  settleVictims(missing: readonly string[]): string | undefined {
    const expected = this.owesVictimOf.size > 0 ? 1 : 0;
    if (missing.length !== expected) return `${missing.length} entries gone, not ${expected}`;
    for (const name of missing) {
      const entry = this.entries.get(name) as NaiveEntry;
      if (entry.kind === 'static') return `${name} was static`;
      if (!this.owesVictimOf.has(entry.port)) return `${name} was of port ${entry.port}`;
      this.entries.delete(name);
    }
    this.owesVictimOf = new Set();
    return undefined;
  }

  isExpired(entry: NaiveEntry, nowTicks: number): boolean {
    return entry.kind !== 'static' && nowTicks - entry.heardTicks >= this.ageingTicks;
  }

  countOf(kind: Kind): number {
    return [...this.entries.values()].filter((entry) => entry.kind === kind).length;
  }

  /** Entries on a port that count against the limits. */
  count(port: number): number {
    return [...this.entries.values()].filter(
      (entry) => entry.kind !== 'static' && entry.port === port,
    ).length;
  }

  /** Ports that may lose an entry: one at its limit itself, else the one with most, on a tie its own. */
  private makeRoom(port: number): void {
    const total = this.countOf('learned') + this.countOf('sticky');
    if (this.count(port) >= this.limits.maxDynamicPerPort) {
      this.owesVictimOf = new Set([port]);
    } else if (total >= this.limits.maxDynamic) {
      const ports = [...new Set([port, ...[...this.entries.values()].map((entry) => entry.port)])];
      const most = Math.max(...ports.map((each) => this.count(each)));
      const heaviest = ports.filter((each) => this.count(each) === most);
      this.owesVictimOf = new Set(heaviest.includes(port) ? [port] : heaviest);
    }
  }
}
