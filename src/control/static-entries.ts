/**
 * The entries of one table that an operator made: what a configuration file says of it. One class
 * serves every such table (static neighbours, static stations), so that start, reload and
 * `show --config` treat all of them alike.
 *
 * An entry that names a port ends with that port. A port that is gone and comes back, or whose
 * interface gets another name, keeps its entries.
 */

import { isDeepStrictEqual } from 'node:util';
import { RequestError } from '../system/request-error';

export interface StaticEntry {
  /** Label of the port that the entry is bound to. */
  readonly port?: string;
}

/** What an entry needs of its port. */
export interface EntryPort {
  readonly id: number;
  readonly label: string;
}

export interface EntryPorts {
  readonly all: readonly EntryPort[];
  find(label: string): EntryPort | undefined;
  /** Why there is no port of this label. */
  explainMissing(label: string): string;
}

/** One table, and how the data plane gets its entries. */
export interface StaticTable<E extends StaticEntry> {
  /** Key of the option, for complaints. */
  readonly key: string;
  /** Text that no two entries have in common. */
  readonly identityOf: (entry: E) => string;
  /** Group of entries that share a limit. */
  readonly groupOf: (entry: E) => string;
  /** Entries of a group at most. */
  readonly max: number;
  /** The limit of a group, in words. */
  readonly limitText: (group: string) => string;
  /** Why there cannot be such an entry, whatever else there is. */
  readonly objectionTo?: (entry: E) => string | undefined;
  /** Whether the data plane forgets the entry in time. */
  readonly fades?: (entry: E) => boolean;
  /** Adds the entry, or replaces that of the same identity. @returns false where none fits. */
  readonly add: (entry: E, port: EntryPort | undefined) => Promise<boolean>;
  /** Removes what the table has of this identity. @returns whether there was anything. */
  readonly remove: (identity: string) => Promise<boolean>;
}

interface Held<E> {
  readonly entry: E;
  readonly port: EntryPort | undefined;
}

export class StaticEntries<E extends StaticEntry> {
  /** By identity. */
  private readonly held = new Map<string, Held<E>>();

  constructor(
    private readonly ports: EntryPorts,
    private readonly table: StaticTable<E>,
  ) {}

  /** The entries, with the labels that their ports have now. */
  list(): E[] {
    this.forgetEnded();
    return [...this.held.values()].map(({ entry, port }) =>
      port === undefined ? entry : { ...entry, port: port.label },
    );
  }

  /**
   * Adds an entry, or replaces that of the same identity.
   * @throws RequestError for a port that there is not, and where no further entry fits.
   */
  async add(entry: E): Promise<void> {
    const { table } = this;
    const port = this.portOf(entry);
    this.refuse(entry);
    this.forgetEnded();
    if (!this.hasRoomFor(entry) || !(await table.add(entry, port))) {
      const limit = table.limitText(table.groupOf(entry));
      throw new RequestError('conflict', `${limit}; remove another first`);
    }
    this.held.set(table.identityOf(entry), { entry, port });
  }

  /** Removes an entry, also one that was learned. @returns whether there was one. */
  async remove(identity: string): Promise<boolean> {
    const wasHeld = this.held.delete(identity);
    return (await this.table.remove(identity)) || wasHeld;
  }

  /**
   * Makes these the entries, and no others.
   * @throws RequestError for a port that there is not, and where there are too many; nothing has changed
   *   then.
   */
  async set(wanted: readonly E[]): Promise<void> {
    const { table } = this;
    for (const entry of wanted) {
      this.portOf(entry);
      this.refuse(entry);
    }
    this.refuseExcess(wanted);
    const groups = new Map(wanted.map((entry) => [table.identityOf(entry), table.groupOf(entry)]));
    for (const entry of this.list()) {
      const identity = table.identityOf(entry);
      // An entry that leaves its group makes room there for one that comes.
      if (groups.get(identity) !== table.groupOf(entry)) await this.remove(identity);
    }
    for (const entry of wanted) if (!this.has(entry)) await this.add(entry);
  }

  /** Enters again what the data plane may have forgotten. */
  async renew(): Promise<void> {
    for (const { entry, port } of this.held.values()) {
      if (this.table.fades?.(entry)) await this.table.add(entry, port);
    }
  }

  private has(wanted: E): boolean {
    const held = this.held.get(this.table.identityOf(wanted));
    if (held === undefined || held.port !== this.portOf(wanted)) return false;
    return isDeepStrictEqual(
      { ...held.entry, port: wanted.port },
      { ...wanted, port: wanted.port },
    );
  }

  private portOf(entry: E): EntryPort | undefined {
    const { port: label } = entry;
    if (label === undefined) return undefined;
    const port = this.ports.find(label);
    if (port !== undefined) return port;
    throw this.refusalOf(entry, this.ports.explainMissing(label));
  }

  private refuse(entry: E): void {
    const objection = this.table.objectionTo?.(entry);
    if (objection !== undefined) throw this.refusalOf(entry, objection);
  }

  private refusalOf(entry: E, why: string): RequestError {
    const { key, identityOf } = this.table;
    return new RequestError('conflict', `${key}: ${identityOf(entry)}: ${why}`);
  }

  private hasRoomFor(entry: E): boolean {
    const { groupOf, identityOf, max } = this.table;
    const [group, identity] = [groupOf(entry), identityOf(entry)];
    let count = 0;
    for (const [other, held] of this.held) {
      if (other !== identity && groupOf(held.entry) === group) count++;
    }
    return count < max;
  }

  private refuseExcess(entries: readonly E[]): void {
    const { key, groupOf, max, limitText } = this.table;
    const counts = new Map<string, number>();
    for (const group of entries.map(groupOf)) {
      const count = (counts.get(group) ?? 0) + 1;
      if (count > max) throw new RequestError('conflict', `${key}: ${limitText(group)}`);
      counts.set(group, count);
    }
  }

  private forgetEnded(): void {
    const open = new Set(this.ports.all);
    for (const [identity, { port }] of this.held) {
      if (port !== undefined && !open.has(port)) this.held.delete(identity);
    }
  }
}
