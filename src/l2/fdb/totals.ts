/** The totals of the forwarding database: two counts, in memory that another thread may read. */

/** Words of the totals. */
export const TOTALS = { DYNAMIC: 0, STATICS: 1 } as const;
export const TOTALS_BYTES = 8;

/** Numbers of learned and of static entries, which another thread reads. */
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
