/**
 * The capture ring: carries blocks from one thread to another in shared memory, with one writer and
 * one reader. A full ring takes no block; neither side ever waits.
 *
 * A block lies in one piece, so the end of the memory may stay unused. Positions count bytes since
 * the start, modulo 2^32. Sizes of blocks are multiples of four; the ring's size is a power of two.
 */

import { i32At } from '../wire/read';

const DEFAULT_SIZE_BYTES = 8 * 1024 * 1024;

/** Words of the control block. */
const WRITTEN = 0;
const READ = 1;
/** Position from which the writer last left the end of the memory unused. */
const SKIPPED_FROM = 2;
/** Whether the reader has been woken since it last called `listen`. */
const TOLD = 3;
const CONTROL_BYTES = 64;
/** Value for "no unused end". It is no position: those are multiples of four. */
const NOWHERE = -1;

/** @param sizeBytes a power of two */
export function makeCaptureRing(sizeBytes = DEFAULT_SIZE_BYTES): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(CONTROL_BYTES + sizeBytes);
  new Int32Array(memory)[SKIPPED_FROM] = NOWHERE;
  return memory;
}

export class CaptureRingWriter {
  /** The memory of the blocks, as bytes and as words. */
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  private readonly control: Int32Array;
  /** Position behind the last block. The reader sees the blocks in front of `control[WRITTEN]`. */
  private written: number;
  private skippedFrom: number;
  private kept: number;
  private keptSkippedFrom: number;
  /** Last known position of the reader. It is kept because an atomic load is a call of a builtin. */
  private readSeen: number;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.bytes = new Uint8Array(memory, CONTROL_BYTES);
    this.words = new Int32Array(memory, CONTROL_BYTES);
    this.written = i32At(this.control, WRITTEN);
    this.skippedFrom = i32At(this.control, SKIPPED_FROM);
    this.kept = this.written;
    this.keptSkippedFrom = this.skippedFrom;
    this.readSeen = Atomics.load(this.control, READ);
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
    this.readSeen = Atomics.load(control, READ);
    return wantedBytes <= bytes.length - ((written - this.readSeen) >>> 0);
  }

  /** Keeps and hands over all blocks since the last `commit`. @returns whether there were any */
  commit(): boolean {
    this.keep();
    const { control, written } = this;
    if (written === control[WRITTEN]) return false;
    if (this.skippedFrom !== control[SKIPPED_FROM]) {
      Atomics.store(control, SKIPPED_FROM, this.skippedFrom);
    }
    Atomics.store(control, WRITTEN, written);
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
    return Atomics.exchange(this.control, TOLD, 1) === 0;
  }
}

export class CaptureRingReader {
  private readonly bytes: Uint8Array;
  private readonly control: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.bytes = new Uint8Array(memory, CONTROL_BYTES);
  }

  /** Bytes that wait to be taken, unused bytes at the end of the memory included. */
  get waitingBytes(): number {
    const { control } = this;
    return (Atomics.load(control, WRITTEN) - i32At(control, READ)) >>> 0;
  }

  /** Asks to be woken when something is written from now on. */
  listen(): void {
    Atomics.store(this.control, TOLD, 0);
  }

  /**
   * Takes the bytes that lie in one piece. The piece may end within a block; the next one continues.
   * @returns a copy, empty where there is nothing
   */
  take(maxBytes: number): Buffer {
    const { bytes, control } = this;
    for (;;) {
      const { waitingBytes } = this;
      const read = i32At(control, READ);
      const at = (read >>> 0) % bytes.length;
      const toEndBytes = bytes.length - at;
      const skippedFrom = Atomics.load(control, SKIPPED_FROM);
      const untilSkipBytes = skippedFrom === NOWHERE ? Infinity : (skippedFrom - read) >>> 0;
      if (waitingBytes > 0 && untilSkipBytes === 0) {
        Atomics.store(control, READ, (read + toEndBytes) | 0);
        continue;
      }
      const size = Math.min(maxBytes, waitingBytes, toEndBytes, untilSkipBytes);
      const taken = Buffer.allocUnsafe(size);
      taken.set(bytes.subarray(at, at + size));
      Atomics.store(control, READ, (read + size) | 0);
      return taken;
    }
  }
}
