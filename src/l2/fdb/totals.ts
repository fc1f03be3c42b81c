/** The totals of the forwarding database: two counts, in memory that another thread may read. */

/** Words of the totals. */
export const TOTALS = { DYNAMIC: 0, STATICS: 1 } as const;
export const TOTALS_BYTES = 8;

/** How many learned and how many static entries there are, read by another thread. */
export class FdbTotals {
  readonly memory = new SharedArrayBuffer(TOTALS_BYTES);
  private readonly totals = new Int32Array(this.memory);

  get dynamic(): number {
    return Atomics.load(this.totals, TOTALS.DYNAMIC);
  }

  get static(): number {
    return Atomics.load(this.totals, TOTALS.STATICS);
  }
}
