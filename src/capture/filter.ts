/**
 * A filter that selects frames, as a tree. Captures use it.
 *
 *     words ──▶ parse ──▶ tree ──▶ fold ──▶ smaller tree ──▶ compile ──▶ program ──▶ run per frame
 *              filter-parser      filter-fold               filter-compiler         filter-program
 *
 * Every step but the last happens once, on the main thread. A program is plain data, so that it can be
 * sent to the data-plane thread. Its cost per frame is bounded: see `MAX_COMPARISONS` in
 * filter-compiler.ts.
 */

export type Side = 'src' | 'dst' | 'either';

/** One question about a frame. */
export type Primitive =
  | { readonly kind: 'mac'; readonly side: Side; readonly bytes: readonly number[] }
  | { readonly kind: 'ether-type'; readonly type: number }
  | { readonly kind: 'tagged'; readonly vid?: number }
  | IpPrimitive
  | { readonly kind: 'protocol'; readonly number: number }
  | {
      readonly kind: 'port';
      readonly side: Side;
      /** First and last port that match. */
      readonly first: number;
      readonly last: number;
    };

/** A network, or a host, whose prefix is the whole address. */
export interface IpPrimitive {
  readonly kind: 'ip';
  readonly side: Side;
  /** 4 or 16 bytes in wire order, zero behind the prefix. */
  readonly bytes: readonly number[];
  readonly prefixBits: number;
}

export type Filter =
  | { readonly kind: 'all' | 'none' }
  | { readonly kind: 'not'; readonly term: Filter }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Filter[] }
  | Primitive;

export const ALL: Filter = { kind: 'all' };
export const NONE: Filter = { kind: 'none' };
