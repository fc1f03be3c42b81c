/**
 * Frames that impairments hold until they are due: a pool of bounded memory, a heap of what is due first, and
 * a queue of what is due already and waits for the end of the burst. Frames that are due at the same time leave
 * in the order in which they were held. A frame in the queue is held no longer: what is decided about other
 * frames does not depend on when the burst ends.
 *
 * The bytes of a frame lie in chunks of 2 KiB, together with its vnet header, so that ordinary frames take
 * one chunk and super-frames take 33. The pool is made when the first impairment is. No object is made for a
 * frame.
 */

import { type Burst, HEADROOM_BYTES, RECEIVE_SLOT_BYTES } from '../frame/burst';
import { i32At, u8At } from '../wire/read';

/** Frames and bytes that are held at most, by all impairments together. */
export const MAX_HELD_FRAMES = 32_768;
export const MAX_HELD_BYTES = 64 * 1024 * 1024;

const CHUNK_BYTES = 2_048;
const CHUNK_WORDS = CHUNK_BYTES / 4;
const CHUNKS = MAX_HELD_BYTES / CHUNK_BYTES;
/** Words are copied from 12 bytes before the frame on, the last multiple of 4 before its vnet header. */
const LEAD_BYTES = 12;
const NONE = -1;

/** Frames of one impairment that are held. An impairment that replaces another takes them over. */
export interface HeldShare {
  /** Frames, and the segments in them. */
  frames: number;
  segments: number;
}

/** Where a held frame goes on. */
export interface HeldFrame {
  /** Id of the port whose impairment holds it. */
  readonly port: number;
  /** Whether it came from the port; otherwise it is about to leave by it. */
  readonly isIn: boolean;
  /** Segments that it is on a wire. */
  readonly segments: number;
  /** Tag operation with which it leaves. */
  readonly tag: number;
  /** Id of the port that it came from, or `NO_PORT`. */
  readonly ingress: number;
}

export class HeldFrames {
  private readonly bytes = new Uint8Array(MAX_HELD_BYTES);
  private readonly words = new Int32Array(this.bytes.buffer);
  private readonly arena: Int32Array;
  /** Chunk → the next one of its frame, or the next free one. */
  private readonly nextChunk = new Int32Array(CHUNKS);
  private freeChunk = 0;
  private freeChunks = CHUNKS;

  /** Entries: a held frame each. */
  private readonly due = new Float64Array(MAX_HELD_FRAMES);
  private readonly sequence = new Float64Array(MAX_HELD_FRAMES);
  private readonly chunk = new Int32Array(MAX_HELD_FRAMES);
  private readonly length = new Int32Array(MAX_HELD_FRAMES);
  private readonly port = new Int32Array(MAX_HELD_FRAMES);
  private readonly isIn = new Uint8Array(MAX_HELD_FRAMES);
  private readonly segments = new Int32Array(MAX_HELD_FRAMES);
  private readonly tag = new Int32Array(MAX_HELD_FRAMES);
  private readonly ingress = new Int32Array(MAX_HELD_FRAMES);
  private readonly kind = new Int32Array(MAX_HELD_FRAMES);
  private readonly vlan = new Int32Array(MAX_HELD_FRAMES);
  private readonly priority = new Int32Array(MAX_HELD_FRAMES);
  private readonly share: (HeldShare | undefined)[] = new Array<undefined>(MAX_HELD_FRAMES).fill(
    undefined,
  );
  /** Entries: a heap of those that are held, the earliest at its root. */
  private readonly heap = new Int32Array(MAX_HELD_FRAMES);
  private count = 0;
  /** Entries that are due, in their order: a ring. */
  private readonly queue = new Int32Array(MAX_HELD_FRAMES);
  private queueAt = 0;
  private queueCount = 0;
  /** Entries that are free, the last one is used next. */
  private readonly free = Int32Array.from({ length: MAX_HELD_FRAMES }, (_, entry) => entry);
  private freeCount = MAX_HELD_FRAMES;
  private lastSequence = 0;

  constructor(private readonly burst: Burst) {
    this.arena = new Int32Array(burst.arena);
    for (let chunk = 0; chunk < CHUNKS; chunk++) this.nextChunk[chunk] = chunk + 1;
  }

  /** When the next frame is due, milliseconds; `-Infinity` if one waits already, `Infinity` if there is none. */
  get dueMs(): number {
    if (this.queueCount > 0) return -Infinity;
    return this.count === 0 ? Infinity : (this.due[i32At(this.heap, 0)] as number);
  }

  /** Whether a frame is due that was not taken yet. Call `settle` before. */
  get hasDue(): boolean {
    return this.queueCount > 0;
  }

  /** Moves what is due into the queue. @param clock [0]: time, milliseconds */
  settle(clock: Float64Array): void {
    const { due } = this;
    while (this.count > 0 && (due[i32At(this.heap, 0)] as number) <= (clock[0] as number)) {
      const entry = i32At(this.heap, 0);
      this.removeFromHeap(0);
      this.sink(0);
      this.queue[(this.queueAt + this.queueCount++) % MAX_HELD_FRAMES] = entry;
    }
  }

  /** Whether the next frame of the queue came from its port. There must be one. */
  get isNextIn(): boolean {
    return this.isIn[this.next] === 1;
  }

  get nextPort(): number {
    return i32At(this.port, this.next);
  }

  get nextTag(): number {
    return i32At(this.tag, this.next);
  }

  private get next(): number {
    return i32At(this.queue, this.queueAt);
  }

  /**
   * Holds a copy of a frame of the burst.
   * @param due [0]: time when it is due, milliseconds
   * @returns its entry, which is valid until the next call; -1 if there is no room
   */
  hold(frame: number, due: Float64Array, share: HeldShare, where: HeldFrame): number {
    const lengthBytes = i32At(this.burst.length, frame);
    const chunks = Math.ceil((LEAD_BYTES + lengthBytes) / CHUNK_BYTES);
    if (this.freeCount === 0 || chunks > this.freeChunks) return NONE;
    const entry = i32At(this.free, --this.freeCount);
    this.due[entry] = due[0] as number;
    this.sequence[entry] = ++this.lastSequence;
    this.length[entry] = lengthBytes;
    this.port[entry] = where.port;
    this.isIn[entry] = where.isIn ? 1 : 0;
    this.segments[entry] = where.segments;
    this.tag[entry] = where.tag;
    this.ingress[entry] = where.ingress;
    this.kind[entry] = i32At(this.burst.kind, frame);
    this.vlan[entry] = i32At(this.burst.vlan, frame);
    this.priority[entry] = i32At(this.burst.priority, frame);
    this.share[entry] = share;
    share.frames++;
    share.segments += where.segments;
    this.chunk[entry] = this.freeChunk;
    this.copyIn((i32At(this.burst.offset, frame) - LEAD_BYTES) >> 2, lengthBytes);
    this.freeChunks -= chunks;
    this.heap[this.count] = entry;
    this.rise(this.count++);
    return entry;
  }

  /** Inverts a bit of a held frame. */
  flip(entry: number, bit: number): void {
    let at = LEAD_BYTES + (bit >> 3);
    let chunk = i32At(this.chunk, entry);
    for (; at >= CHUNK_BYTES; at -= CHUNK_BYTES) chunk = i32At(this.nextChunk, chunk);
    const byte = chunk * CHUNK_BYTES + at;
    this.bytes[byte] = u8At(this.bytes, byte) ^ (1 << (bit & 7));
  }

  /** Moves the next frame of the queue into the slot of a received frame. */
  takeInto(slot: number): void {
    const { burst } = this;
    const entry = this.next;
    const at = slot * RECEIVE_SLOT_BYTES + HEADROOM_BYTES;
    const lengthBytes = i32At(this.length, entry);
    burst.offset[slot] = at;
    burst.length[slot] = lengthBytes;
    burst.ingress[slot] = i32At(this.ingress, entry);
    burst.kind[slot] = i32At(this.kind, entry);
    burst.vlan[slot] = i32At(this.vlan, entry);
    burst.priority[slot] = i32At(this.priority, entry);
    this.copyOut(i32At(this.chunk, entry), (at - LEAD_BYTES) >> 2, lengthBytes);
    this.queueAt = (this.queueAt + 1) % MAX_HELD_FRAMES;
    this.queueCount--;
    this.release(entry);
  }

  /** Makes every frame of a share due now. They keep their order. */
  expedite(share: HeldShare, nowMs: number): void {
    for (let index = 0; index < this.count; index++) {
      const entry = i32At(this.heap, index);
      if (this.share[entry] === share) this.due[entry] = Math.min(nowMs, this.due[entry] as number);
    }
    this.rebuild();
  }

  /** Forgets the frames of a port that is removed. */
  forgetPort(port: number): void {
    let index = 0;
    while (index < this.count) {
      const entry = i32At(this.heap, index);
      if (i32At(this.port, entry) !== port) {
        index++;
        continue;
      }
      this.removeFromHeap(index);
      this.release(entry);
    }
    this.rebuild();
    const waiting = this.queueCount;
    this.queueCount = 0;
    for (let turn = 0; turn < waiting; turn++) {
      const entry = i32At(this.queue, (this.queueAt + turn) % MAX_HELD_FRAMES);
      if (i32At(this.port, entry) === port) this.release(entry);
      else this.queue[(this.queueAt + this.queueCount++) % MAX_HELD_FRAMES] = entry;
    }
  }

  // Bytes ---------------------------------------------------------------------------------------

  /** Copies a frame from the arena to the first free chunks. */
  private copyIn(from: number, lengthBytes: number): void {
    const { arena, words } = this;
    let left = (LEAD_BYTES + lengthBytes + 3) >> 2;
    let source = from;
    while (left > 0) {
      const part = Math.min(left, CHUNK_WORDS);
      const to = this.freeChunk * CHUNK_WORDS;
      for (let word = 0; word < part; word++) words[to + word] = i32At(arena, source + word);
      this.freeChunk = i32At(this.nextChunk, this.freeChunk);
      source += part;
      left -= part;
    }
  }

  /** Copies a frame from its chunks to the arena. */
  private copyOut(first: number, to: number, lengthBytes: number): void {
    const { arena, words } = this;
    let left = (LEAD_BYTES + lengthBytes + 3) >> 2;
    let target = to;
    let chunk = first;
    while (left > 0) {
      const part = Math.min(left, CHUNK_WORDS);
      const from = chunk * CHUNK_WORDS;
      for (let word = 0; word < part; word++) arena[target + word] = i32At(words, from + word);
      chunk = i32At(this.nextChunk, chunk);
      target += part;
      left -= part;
    }
  }

  /** Frees an entry and its chunks. */
  private release(entry: number): void {
    const chunks = Math.ceil((LEAD_BYTES + i32At(this.length, entry)) / CHUNK_BYTES);
    const first = i32At(this.chunk, entry);
    let last = first;
    for (let step = 1; step < chunks; step++) last = i32At(this.nextChunk, last);
    this.nextChunk[last] = this.freeChunk;
    this.freeChunk = first;
    this.freeChunks += chunks;
    this.free[this.freeCount++] = entry;
  }

  // Heap ----------------------------------------------------------------------------------------

  /** Takes an entry out of the heap; the last entry takes its place. The order of the heap is the caller's. */
  private removeFromHeap(index: number): void {
    const entry = i32At(this.heap, index);
    const share = this.share[entry] as HeldShare;
    share.frames--;
    share.segments -= i32At(this.segments, entry);
    this.share[entry] = undefined;
    this.heap[index] = i32At(this.heap, --this.count);
  }

  private rebuild(): void {
    for (let index = (this.count >> 1) - 1; index >= 0; index--) this.sink(index);
  }

  private rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.isBefore(index, parent)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private sink(from: number): void {
    let index = from;
    for (;;) {
      let earliest = index;
      const left = 2 * index + 1;
      const right = left + 1;
      if (left < this.count && this.isBefore(left, earliest)) earliest = left;
      if (right < this.count && this.isBefore(right, earliest)) earliest = right;
      if (earliest === index) return;
      this.swap(index, earliest);
      index = earliest;
    }
  }

  private isBefore(index: number, other: number): boolean {
    const one = i32At(this.heap, index);
    const two = i32At(this.heap, other);
    const difference = (this.due[one] as number) - (this.due[two] as number);
    if (difference !== 0) return difference < 0;
    return (this.sequence[one] as number) < (this.sequence[two] as number);
  }

  private swap(index: number, other: number): void {
    const entry = i32At(this.heap, index);
    this.heap[index] = i32At(this.heap, other);
    this.heap[other] = entry;
  }
}
