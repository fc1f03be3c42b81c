/**
 * The static entries of one table, which an operator made. One class serves every such table (static
 * neighbours, static stations), so that the start, a reload and `show --config` treat all of them alike.
 *
 * An entry that names a port is removed with that port. A port keeps its entries if its device is deleted
 * and made again, or if its interface gets another name. An entry that names further ports loses those that are
 * removed; another port of the same label takes no part in the entry.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ListLimit } from '../config/list-limit';
import { RequestError } from '../system/request-error';

export interface StaticEntry {
  /** Label of the port that the entry is bound to. */
  readonly port?: string;
}

/** Port of an entry. */
export interface EntryPort {
  readonly id: number;
  readonly label: string;
  /** MAC of the one station behind the port, if there is only one for good. */
  readonly hostMac?: string | undefined;
}

export interface EntryPorts {
  readonly all: readonly EntryPort[];
  find(label: string): EntryPort | undefined;
  /** @returns why there is no port with this label */
  explainMissing(label: string): string;
}

/** A table, and how the data plane gets its entries. */
export interface StaticTable<E extends StaticEntry> extends ListLimit<E> {
  /** Key of the option, for complaints. */
  readonly key: string;
  /** Text that no two entries share. */
  readonly identityOf: (entry: E) => string;
  /** Reason why an entry is never accepted; `undefined` if there is none. */
  readonly objectionTo?: (entry: E) => string | undefined;
  /** Reason why there is no port with this label, if more can be said of it than that it is missing. */
  readonly explainMissing?: (label: string) => string;
  /** Whether the data plane may forget the entry by itself. */
  readonly fades?: (entry: E) => boolean;
  /** Further ports of an entry, which stays when one of them is removed. */
  readonly further?: {
    /** Labels of the ports. */
    readonly of: (entry: E) => readonly string[];
    /** The entry with these of its further ports alone. */
    readonly only: (entry: E, labels: readonly string[]) => E;
  };
  /**
   * Adds an entry, or replaces the one of the same identity.
   * @param isReplacing whether the entry may replace another; only some tables refuse that
   * @returns false if the table is full
   */
  readonly add: (entry: E, port: EntryPort | undefined, isReplacing: boolean) => Promise<boolean>;
  /** Removes the entry of this identity, static or learned. @returns whether there was one */
  readonly remove: (identity: string) => Promise<boolean>;
}

interface Held<E> {
  readonly entry: E;
  readonly port: EntryPort | undefined;
  readonly further: readonly EntryPort[];
}

export class StaticEntries<E extends StaticEntry> {
  /** Entries by identity. */
  private readonly held = new Map<string, Held<E>>();

  constructor(
    private readonly ports: EntryPorts,
    private readonly table: StaticTable<E>,
  ) {}

  /** Entries, with the present labels of their ports. */
  list(): E[] {
    this.forgetEnded();
    return [...this.held.values()].map((held) => {
      const { port } = held;
      const entry = this.present(held);
      return port === undefined ? entry : { ...entry, port: port.label };
    });
  }

  /**
   * Adds an entry, or replaces the one of the same identity.
   * @throws RequestError for a port that does not exist, and if the table is full.
   */
  async add(entry: E, isReplacing = true): Promise<void> {
    const { table } = this;
    const port = this.portOf(entry);
    this.refuse(entry);
    this.forgetEnded();
    if (!this.hasRoomFor(entry) || !(await table.add(entry, port, isReplacing))) {
      const limit = table.limitText(table.groupOf(entry));
      throw new RequestError('conflict', `${limit}; remove another first`);
    }
    const labels = table.further?.of(entry) ?? [];
    const further = labels.flatMap((label) => this.ports.find(label) ?? []);
    this.held.set(table.identityOf(entry), { entry, port, further });
  }

  /** Whether there is an entry of this identity. */
  contains(identity: string): boolean {
    this.forgetEnded();
    return this.held.has(identity);
  }

  /** Removes the entry of this identity, static or learned. @returns whether there was one */
  async remove(identity: string): Promise<boolean> {
    const wasHeld = this.held.delete(identity);
    return (await this.table.remove(identity)) || wasHeld;
  }

  /** Forgets the entries that match, which the data plane has removed already. */
  forget(matches: (entry: E) => boolean): void {
    for (const [identity, { entry }] of this.held) {
      if (matches(entry)) this.held.delete(identity);
    }
  }

  /**
   * Replaces all entries by these.
   * @throws RequestError for a port that does not exist, and for too many entries; nothing has changed then.
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
      // An entry that changes its group is removed first: it makes room in the old group.
      if (groups.get(identity) !== table.groupOf(entry)) await this.remove(identity);
    }
    for (const entry of wanted) if (!this.has(entry)) await this.add(entry);
  }

  /** Adds again the entries that the data plane may have forgotten. */
  async renew(): Promise<void> {
    for (const { entry, port } of this.held.values()) {
      if (this.table.fades?.(entry)) await this.table.add(entry, port, true);
    }
  }

  private has(wanted: E): boolean {
    const held = this.held.get(this.table.identityOf(wanted));
    if (held === undefined || held.port !== this.portOf(wanted)) return false;
    return isDeepStrictEqual(
      { ...this.present(held), port: wanted.port },
      { ...wanted, port: wanted.port },
    );
  }

  /** The entry without further ports that were removed. */
  private present({ entry, further }: Held<E>): E {
    const { table, ports } = this;
    if (table.further === undefined) return entry;
    const open = further.filter((port) => ports.all.includes(port));
    return table.further.only(
      entry,
      open.map(({ label }) => label),
    );
  }

  private portOf(entry: E): EntryPort | undefined {
    const { port: label } = entry;
    if (label === undefined) return undefined;
    const port = this.ports.find(label);
    if (port !== undefined) return port;
    const why = this.table.explainMissing?.(label) ?? this.ports.explainMissing(label);
    throw this.refusalOf(entry, why);
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
