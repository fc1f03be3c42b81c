/** News of loop guard for the operator. A port is an id here. `src/journal/events.ts` has the texts. */

export type LoopNews = LoopFound | LoopOver;

/** A probe came back. */
export interface LoopFound {
  readonly event: 'loop-found';
  /** Port that is shut. */
  readonly port: number;
  /** Other end of the loop; the port itself where the loop is behind it. */
  readonly from: number;
  /** Seconds for which the port is shut at least. */
  readonly seconds: number;
}

/** The port is open again. */
export interface LoopOver {
  readonly event: 'loop-over';
  readonly port: number;
}
