/**
 * Frames on their way from the data plane to whoever captures: a ring in shared memory, with one
 * writer and one reader. A full ring loses frames and says how many; neither side ever waits.
 *
 * A record is a head of 32 bytes and the frame, and begins at a multiple of eight. Positions count
 * bytes since the beginning, modulo 2^32; the ring's size is a power of two.
 */

import type { Direction } from './pcapng';

export interface CapturedFrame {
  readonly port: number;
  readonly direction: Direction;
  /** The data plane's clock. */
  readonly atMs: number;
  readonly lengthBytes: number;
  /** The frame, or its first bytes. */
  readonly bytes: Uint8Array;
  /** Frames of this port that were lost since the one before. */
  readonly lostCount: number;
}

const DEFAULT_SIZE_BYTES = 4 * 1024 * 1024;

/** Words of the control block. */
const WRITTEN = 0;
const READ = 1;
/** Whether the reader has been told that there is something to read. */
const TOLD = 2;
const CONTROL_BYTES = 64;

/** Words of a record's head; the time is a double. */
const SIZE = 0;
const PORT = 1;
const DIRECTION = 2;
const LENGTH = 3;
const CAPTURED = 4;
const LOST = 5;
const TIME_AT = 24;
const HEAD_BYTES = 32;
/** In place of a port: the rest of the ring is empty, go on at its beginning. */
const WRAP = -1;

const ALIGNMENT = 8;

class RingMemory {
  readonly control: Int32Array;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly doubles: Float64Array;

  constructor(readonly memory: SharedArrayBuffer) {
    this.control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    this.bytes = new Uint8Array(memory, CONTROL_BYTES);
    this.words = new Int32Array(memory, CONTROL_BYTES);
    this.doubles = new Float64Array(memory, CONTROL_BYTES);
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }
}

/** @param sizeBytes a power of two */
export function makeRing(sizeBytes = DEFAULT_SIZE_BYTES): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + sizeBytes);
}

export class RingWriter {
  private readonly ring: RingMemory;
  /** By port. */
  private readonly lost = new Map<number, number>();

  constructor(memory: SharedArrayBuffer) {
    this.ring = new RingMemory(memory);
  }

  /**
   * @param frame what is kept of it
   * @param lengthBytes of the whole frame
   * @returns whether there was room
   */
  write(
    port: number,
    direction: Direction,
    atMs: number,
    frame: Uint8Array,
    lengthBytes: number,
  ): boolean {
    const { words, doubles, bytes } = this.ring;
    const recordBytes = align(HEAD_BYTES + frame.length);
    const at = this.reserve(recordBytes);
    if (at < 0) {
      this.lost.set(port, (this.lost.get(port) ?? 0) + 1);
      return false;
    }
    const word = at / 4;
    words[word + SIZE] = recordBytes;
    words[word + PORT] = port;
    words[word + DIRECTION] = direction;
    words[word + LENGTH] = lengthBytes;
    words[word + CAPTURED] = frame.length;
    words[word + LOST] = this.lost.get(port) ?? 0;
    this.lost.delete(port);
    doubles[(at + TIME_AT) / 8] = atMs;
    bytes.set(frame, at + HEAD_BYTES);
    this.advance(recordBytes);
    return true;
  }

  /** @returns whether the reader has to be told that there is something to read. */
  shouldTell(): boolean {
    return Atomics.exchange(this.ring.control, TOLD, 1) === 0;
  }

  /** @returns where a record of so many bytes fits in one piece, or -1 */
  private reserve(recordBytes: number): number {
    const { control, sizeBytes, words } = this.ring;
    const written = control[WRITTEN] as number;
    const at = (written >>> 0) % sizeBytes;
    const freeBytes = sizeBytes - ((written - Atomics.load(control, READ)) >>> 0);
    const toEnd = sizeBytes - at;
    if (recordBytes <= toEnd) return recordBytes <= freeBytes ? at : -1;
    if (toEnd + recordBytes > freeBytes) return -1;
    words[at / 4 + SIZE] = toEnd;
    words[at / 4 + PORT] = WRAP;
    this.advance(toEnd);
    return 0;
  }

  private advance(byBytes: number): void {
    const { control } = this.ring;
    Atomics.store(control, WRITTEN, ((control[WRITTEN] as number) + byBytes) | 0);
  }
}

export class RingReader {
  private readonly ring: RingMemory;

  constructor(memory: SharedArrayBuffer) {
    this.ring = new RingMemory(memory);
  }

  get isEmpty(): boolean {
    const { control } = this.ring;
    return control[READ] === Atomics.load(control, WRITTEN);
  }

  /** Has itself told of what is written from now on. */
  listen(): void {
    Atomics.store(this.ring.control, TOLD, 0);
  }

  /** Takes out the next frame, if there is one. */
  read(): CapturedFrame | undefined {
    const { control, words, doubles, bytes, sizeBytes } = this.ring;
    for (;;) {
      const read = control[READ] as number;
      if (read === Atomics.load(control, WRITTEN)) return undefined;
      const at = (read >>> 0) % sizeBytes;
      const field = (index: number): number => words[at / 4 + index] as number;
      const next = (read + field(SIZE)) | 0;
      if (field(PORT) === WRAP) {
        Atomics.store(control, READ, next);
        continue;
      }
      const start = at + HEAD_BYTES;
      const frame: CapturedFrame = {
        port: field(PORT),
        direction: field(DIRECTION) as Direction,
        atMs: doubles[(at + TIME_AT) / 8] as number,
        lengthBytes: field(LENGTH),
        // A copy: the writer may use the room again.
        bytes: bytes.slice(start, start + field(CAPTURED)),
        lostCount: field(LOST),
      };
      Atomics.store(control, READ, next);
      return frame;
    }
  }
}

function align(sizeBytes: number): number {
  return (sizeBytes + ALIGNMENT - 1) & -ALIGNMENT;
}
