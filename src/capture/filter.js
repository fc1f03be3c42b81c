"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.NONE = exports.ALL = void 0;
exports.ALL = { kind: 'all' };
exports.NONE = { kind: 'none' };
