/**
 * A copy of the forwarding database, taken in pieces between bursts while the table changes.
 *
 * Complications. Deletion may shift an entry from the part to come into the part already copied. Such an
 * entry comes with the next piece, so that no entry that stays in the table is missing. An entry that wraps
 * around the end of the table can come twice. Regions without an entry are skipped: a nearly empty table is
 * read in one piece, not in many that push the frames out of the cache.
 */

import { i32At, u16At } from '../../wire/read';
import { LAYOUT } from './entry';

const { KEY, ENTRY_WORDS } = LAYOUT;

/** Slots of a region, which is a page of memory. */
export const REGION_SLOTS = 256;
const REGION_WORDS = REGION_SLOTS * ENTRY_WORDS;

/** A part of the table: word indices, and the number of entries between them. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly used: number;
}

export class TableCopy {
  /** Region of the table → number of entries in it. */
  private readonly regionUsed: Uint16Array;
  /** Words of entries that were shifted into the part already copied; absent unless a copy is under way. */
  private slipped: number[] | undefined;
  /** Word index up to which the table is copied. */
  private copiedTo = 0;

  constructor(private readonly table: Int32Array) {
    this.regionUsed = new Uint16Array(Math.ceil(table.length / REGION_WORDS));
  }

  /** Bytes of memory that the copy needs besides the table. */
  get sizeBytes(): number {
    return this.regionUsed.byteLength;
  }

  /** Whether a copy has further pieces. */
  get isUnderWay(): boolean {
    return this.slipped !== undefined;
  }

  /** Whether no slot of the region that begins at `at` is in use. */
  isEmptyRegion(at: number): boolean {
    return this.regionUsed[regionOf(at)] === 0;
  }

  /** Notes that the empty slot at `at` is in use now. */
  taken(at: number): void {
    const region = regionOf(at);
    this.regionUsed[region] = u16At(this.regionUsed, region) + 1;
  }

  /** Notes that the slot at `at` is empty again. */
  freed(at: number): void {
    const region = regionOf(at);
    this.regionUsed[region] = u16At(this.regionUsed, region) - 1;
  }

  /** Notes that the entry that now lies at `to` lay at `from` before. */
  shifted(from: number, to: number): void {
    const { slipped, copiedTo } = this;
    if (slipped === undefined || from < copiedTo || to >= copiedTo) return;
    for (let word = 0; word < ENTRY_WORDS; word++) slipped.push(i32At(this.table, to + word));
  }

  /** Starts a copy. There can be one at a time. */
  begin(): void {
    this.slipped = [];
    this.copiedTo = 0;
  }

  /**
   * Copies the entries of the next `slots` slots, or of fewer that hold `entriesMax`.
   * @returns words for `decodeEntries`, or undefined when the copy is complete
   */
  next(slots: number, entriesMax: number): Int32Array<ArrayBuffer> | undefined {
    if (this.slipped === undefined) return undefined;
    const part = this.scan(this.copiedTo, slots, entriesMax);
    const words = this.copyUsed(part, this.slipped);
    this.copiedTo = part.end;
    this.slipped = this.copiedTo < this.table.length ? [] : undefined;
    return words;
  }

  /** Copies the whole table at once. It leaves a copy in pieces alone that is under way. */
  all(): Int32Array<ArrayBuffer> {
    const slots = this.table.length / ENTRY_WORDS;
    return this.copyUsed(this.scan(0, slots, slots), []);
  }

  /** Finds the end of a part with so many slots, or so many entries. It skips empty regions. */
  private scan(start: number, slots: number, entriesMax: number): Part {
    const { table } = this;
    let looked = 0;
    let used = 0;
    let at = this.passEmpty(start);
    while (at < table.length && looked < slots && used < entriesMax) {
      if (table[at + KEY] !== 0) used++;
      at = this.passEmpty(at + ENTRY_WORDS);
      looked++;
    }
    return { start, end: Math.min(at, table.length), used };
  }

  /** Finds the next slot of a region that is not empty. */
  private passEmpty(from: number): number {
    let at = from;
    while (at % REGION_WORDS === 0 && this.regionUsed[at / REGION_WORDS] === 0) at += REGION_WORDS;
    return at;
  }

  private copyUsed({ start, end, used }: Part, more: readonly number[]): Int32Array<ArrayBuffer> {
    const { table } = this;
    const words = new Int32Array(used * ENTRY_WORDS + more.length);
    let to = 0;
    for (let at = this.passEmpty(start); at < end; at = this.passEmpty(at + ENTRY_WORDS)) {
      if (table[at + KEY] === 0) continue;
      for (let word = 0; word < ENTRY_WORDS; word++) words[to++] = i32At(table, at + word);
    }
    words.set(more, to);
    return words;
  }
}

const regionOf = (at: number): number => Math.floor(at / REGION_WORDS);
