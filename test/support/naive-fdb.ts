/**
 * A forwarding database without regard to speed: a Map. It knows which entries must be in the table. It
 * does not choose the victims of evictions: it is given each one and checks whether the choice is valid.
 */

import { NO_PORT } from '../../src/frame/port-id';
import { LearnResult } from '../../src/l2/fdb/table';

export type Kind = 'learned' | 'sticky' | 'static' | 'locked';

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
  /** Whether a learned station takes the place of another one if there is no room. */
  readonly evicts: boolean;
}

export class NaiveFdb {
  /** Entries by name; expired ones stay here until they are swept. */
  readonly entries = new Map<string, NaiveEntry>();
  /** Ports of which one must have lost an entry to make room. */
  owesVictimOf: ReadonlySet<number> = new Set();
  /** Whether the entry that makes room must be a locked one. */
  private owesLocked = false;

  constructor(
    private readonly limits: NaiveLimits,
    public ageingTicks: number,
  ) {}

  lookup(name: string, nowTicks: number): number {
    const entry = this.entries.get(name);
    const isUsable = entry !== undefined && entry.kind !== 'locked';
    return isUsable && !this.isExpired(entry, nowTicks) ? entry.port : NO_PORT;
  }

  learn(name: string, port: number, nowTicks: number): LearnResult {
    if (this.ageingTicks === 0) return LearnResult.Refused;
    const known = this.entries.get(name);
    const isDead = known !== undefined && this.isExpired(known, nowTicks);
    // The expired entry still takes its place, but has no other effect.
    const old = isDead ? { ...known, kind: 'learned' as const } : known;
    if (old === undefined) {
      if (!this.limits.evicts && this.isFull(port)) return LearnResult.Refused;
      this.makeRoom(port);
      this.entries.set(name, { kind: 'learned', port, heardTicks: nowTicks });
      return LearnResult.Learned;
    }
    if (old.port !== port) {
      if (old.kind === 'static' || old.kind === 'sticky') return LearnResult.Refused;
      if (this.count(port) >= this.limits.maxDynamicPerPort) {
        this.entries.set(name, old);
        if (!this.limits.evicts) return LearnResult.Refused;
        this.owesVictimOf = new Set([port]);
      }
    }
    const kind = old.port === port ? old.kind : 'learned';
    this.entries.set(name, { kind, port, heardTicks: nowTicks });
    if (isDead) return LearnResult.Learned;
    return old.port === port ? LearnResult.Refreshed : LearnResult.Moved;
  }

  /**
   * Where there is no room, a locked entry of the port with most may make some. If that port has other entries as well,
   * either may be found.
   * @param isNoted what the table did
   * @returns whether the entry is new
   */
  learnLocked(name: string, port: number, nowTicks: number, isNoted: boolean): boolean {
    if (this.ageingTicks === 0) return false;
    const old = this.entries.get(name);
    if (old !== undefined && !this.isExpired(old, nowTicks)) {
      const isThere = old.port === port && old.kind === 'locked';
      if (isThere) this.entries.set(name, { ...old, heardTicks: nowTicks });
      return false;
    }
    this.entries.delete(name);
    if (this.isFull(port) && !this.makeRoomForLocked(port, isNoted)) return false;
    this.entries.set(name, { kind: 'locked', port, heardTicks: nowTicks });
    return true;
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
      if (this.owesLocked && entry.kind !== 'locked') return `${name} was not locked`;
      if (!this.owesVictimOf.has(entry.port)) return `${name} was of port ${entry.port}`;
      this.entries.delete(name);
    }
    this.owesVictimOf = new Set();
    this.owesLocked = false;
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

  /** Number of entries that count against the limits. */
  get dynamicCount(): number {
    return this.entries.size - this.countOf('static');
  }

  private isFull(port: number): boolean {
    const { maxDynamic, maxDynamicPerPort } = this.limits;
    return this.count(port) >= maxDynamicPerPort || this.dynamicCount >= maxDynamic;
  }

  /** Ports that may lose an entry: one at its limit itself, else the one with most, on a tie its own. */
  private makeRoom(port: number): void {
    if (this.count(port) >= this.limits.maxDynamicPerPort) {
      this.owesVictimOf = new Set([port]);
    } else if (this.dynamicCount >= this.limits.maxDynamic) {
      this.owesVictimOf = this.heaviestPorts(port);
    }
  }

  private makeRoomForLocked(port: number, isNoted: boolean): boolean {
    const heaviest = this.heaviestPorts(port);
    const isPortFull = this.count(port) >= this.limits.maxDynamicPerPort;
    if (!this.limits.evicts || isPortFull || heaviest.has(port)) return false;
    const kinds = [...this.entries.values()]
      .filter((entry) => entry.kind !== 'static' && heaviest.has(entry.port))
      .map(({ kind }) => kind);
    const isFound = kinds.every((kind) => kind === 'locked') || isNoted;
    if (!isFound || !kinds.includes('locked')) return false;
    this.owesVictimOf = heaviest;
    this.owesLocked = true;
    return true;
  }

  /** Ports with most entries; on a tie, that of the newcomer. */
  private heaviestPorts(port: number): ReadonlySet<number> {
    const ports = [...new Set([port, ...[...this.entries.values()].map((entry) => entry.port)])];
    const most = Math.max(...ports.map((each) => this.count(each)));
    const heaviest = ports.filter((each) => this.count(each) === most);
    return new Set(heaviest.includes(port) ? [port] : heaviest);
  }
}
