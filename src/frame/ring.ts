/**
 * A ring: carries blocks from one thread to another in shared memory, with one writer and one reader.
 * Neither side ever waits: a full ring takes no block.
 *
 * A block lies in one piece, so the end of the memory may stay unused. Positions count bytes since
 * the start, modulo 2^32. Sizes of blocks are multiples of four; the ring's size is a power of two.
 *
 * The addon reads and writes such rings, too: `addon/io/ring.h`.
 */

import { i32At } from '../wire/read';

const DEFAULT_SIZE_BYTES = 8 * 1024 * 1024;

/** Words of the control block. Those of the writer and of the reader are apart, in cache lines of their own. */
export const RingWord = {
  /** Position behind the last block. */
  written: 0,
  /** Position from which the writer last left the end of the memory unused. */
  skippedFrom: 1,
  /** Whether the writer waits to hear of room. */
  waiting: 2,
  /** Position of the first byte that the reader has not taken. */
  read: 16,
  /** Whether the reader has been woken since it last called `listen`. */
  told: 17,
} as const;
export const RING_CONTROL_BYTES = 128;
/** Value for "no unused end". It is no position: those are multiples of four. */
const NOWHERE = -1;

/** @param sizeBytes a power of two */
export function makeRing(sizeBytes = DEFAULT_SIZE_BYTES): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(RING_CONTROL_BYTES + sizeBytes);
  new Int32Array(memory)[RingWord.skippedFrom] = NOWHERE;
  return memory;
}

export class RingWriter {
  /** The memory of the blocks, as bytes and as words. */
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  private readonly control: Int32Array;
  /** Position behind the last block. The reader sees the blocks in front of `control[RingWord.written]`. */
  private written: number;
  private skippedFrom: number;
  private kept: number;
  private keptSkippedFrom: number;
  /** Last known position of the reader. It is kept because an atomic load is a call of a builtin. */
  private readSeen: number;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, RING_CONTROL_BYTES / 4);
    this.bytes = new Uint8Array(memory, RING_CONTROL_BYTES);
    this.words = new Int32Array(memory, RING_CONTROL_BYTES);
    this.written = i32At(this.control, RingWord.written);
    this.skippedFrom = i32At(this.control, RingWord.skippedFrom);
    this.kept = this.written;
    this.keptSkippedFrom = this.skippedFrom;
    this.readSeen = Atomics.load(this.control, RingWord.read);
  }

  /**
   * Makes room for a block, which the caller then writes.
   * @returns its offset in `bytes`, a multiple of four, or -1 where there is no room
   */
  append(blockBytes: number): number {
    const { written } = this;
    const at = (written >>> 0) % this.bytes.length;
    const toEndBytes = this.bytes.length - at;
    const isInOnePiece = blockBytes <= toEndBytes;
    const wantedBytes = isInOnePiece ? blockBytes : toEndBytes + blockBytes;
    if (!this.hasRoom(wantedBytes)) return -1;
    // The memory was full to its end. An end that was unused before lies a whole ring back, behind the
    // reader; after 2^32 bytes its position would come again.
    if (at === 0) this.skippedFrom = NOWHERE;
    this.written = (written + wantedBytes) | 0;
    if (isInOnePiece) return at;
    this.skippedFrom = written;
    return 0;
  }

  private hasRoom(wantedBytes: number): boolean {
    const { bytes, control, written } = this;
    if (wantedBytes <= bytes.length - ((written - this.readSeen) >>> 0)) return true;
    this.readSeen = Atomics.load(control, RingWord.read);
    return wantedBytes <= bytes.length - ((written - this.readSeen) >>> 0);
  }

  /**
   * Asks to hear of room: a reader that makes some clears the word `waiting`.
   * @returns false where there is room for a block of this size already
   */
  waitForRoom(blockBytes: number): boolean {
    const { control } = this;
    Atomics.store(control, RingWord.waiting, 1);
    // The unused end may take up to the size of the block, too.
    if (!this.hasRoom(2 * blockBytes)) return true;
    Atomics.store(control, RingWord.waiting, 0);
    return false;
  }

  /** Keeps and hands over all blocks since the last `commit`. @returns whether there were any */
  commit(): boolean {
    this.keep();
    const { control, written } = this;
    if (written === control[RingWord.written]) return false;
    if (this.skippedFrom !== control[RingWord.skippedFrom]) {
      Atomics.store(control, RingWord.skippedFrom, this.skippedFrom);
    }
    Atomics.store(control, RingWord.written, written);
    return true;
  }

  /** Keeps the present blocks: `rollBack` no longer takes them back. */
  keep(): void {
    this.kept = this.written;
    this.keptSkippedFrom = this.skippedFrom;
  }

  /** Takes back all blocks since the last `keep`. None of them was handed over. */
  rollBack(): void {
    this.written = this.kept;
    this.skippedFrom = this.keptSkippedFrom;
  }

  /** @returns whether the reader must be woken, because it listens. */
  shouldTell(): boolean {
    return Atomics.exchange(this.control, RingWord.told, 1) === 0;
  }
}

export class RingReader {
  private readonly bytes: Uint8Array;
  private readonly control: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, RING_CONTROL_BYTES / 4);
    this.bytes = new Uint8Array(memory, RING_CONTROL_BYTES);
  }

  /** Bytes that wait to be taken, unused bytes at the end of the memory included. */
  get waitingBytes(): number {
    const { control } = this;
    return (Atomics.load(control, RingWord.written) - i32At(control, RingWord.read)) >>> 0;
  }

  /** Asks to be woken when something is written from now on. */
  listen(): void {
    Atomics.store(this.control, RingWord.told, 0);
  }

  /**
   * Takes the bytes that lie in one piece. The piece may end within a block; the next one continues.
   * @returns a copy, empty where there is nothing
   */
  take(maxBytes: number): Buffer {
    const { bytes, control } = this;
    for (;;) {
      const { waitingBytes } = this;
      const read = i32At(control, RingWord.read);
      const at = (read >>> 0) % bytes.length;
      const toEndBytes = bytes.length - at;
      const skippedFrom = Atomics.load(control, RingWord.skippedFrom);
      const untilSkipBytes = skippedFrom === NOWHERE ? Infinity : (skippedFrom - read) >>> 0;
      if (waitingBytes > 0 && untilSkipBytes === 0) {
        Atomics.store(control, RingWord.read, (read + toEndBytes) | 0);
        continue;
      }
      const size = Math.min(maxBytes, waitingBytes, toEndBytes, untilSkipBytes);
      const taken = Buffer.allocUnsafe(size);
      taken.set(bytes.subarray(at, at + size));
      Atomics.store(control, RingWord.read, (read + size) | 0);
      return taken;
    }
  }
}
