/**
 * A burst: the frames that one `receive` brought in, the frames that the switch adds, and the answer,
 * which is a list of (frame, egress port) pairs. One burst is allocated at the start and used for ever.
 *
 * All frames lie in one arena. Each received frame has a slot of its own; the frames that the switch makes
 * follow behind the slots. A frame is an index into the arrays below, and never an object. In front of
 * each frame lie `VNET_HEADER_BYTES` of virtio network header, all zero for a plain frame, so that a
 * super-frame travels from TAP to TAP with one read and one write.
 *
 * The addon writes the same memory. `addon/io/burst_io.h` mirrors this layout, and `native/native.ts`
 * passes it to the addon.
 */

import { AS_IT_IS, shiftOf } from './tag-operation';
import { toTicks } from './time';
import { PAYLOAD, VLAN_TAG_BYTES } from '../wire/ethernet';
import { NO_VLAN } from '../wire/vlan';
import { VNET_HEADER_BYTES } from '../wire/virtio';

/** Largest frame that a TAP gives or takes: a 64 KiB super-frame with its Ethernet header. */
export const MAX_FRAME_BYTES = 65536 + 18;

/**
 * Longest frame that a socket may bring: NET_BUFSIZE of QEMU (include/net/net.h). No port takes more than
 * `MAX_FRAME_BYTES`, so the bridge drops what is longer as too long for the ports that it is meant for.
 */
export const MAX_SOCKET_FRAME_BYTES = 4096 + 65536;

/**
 * Bytes of the slot of a received frame. One read fills many slots before the lengths are known. The
 * size is two cache lines more than a multiple of the page size: without them, the first lines of all
 * slots would fall into the same cache sets.
 */
export const RECEIVE_SLOT_BYTES = MAX_SOCKET_FRAME_BYTES + 128;

/** Frames start at multiples of this, so that both MAC addresses load as aligned words. */
const FRAME_ALIGNMENT_BYTES = 8;
/** Room before each frame: the vnet header, rounded up so that the frame stays aligned. */
export const HEADROOM_BYTES = 16;

const DEFAULT_RECEIVE_FRAMES = 64;
/** Two super-frames: what one `receive` reads is written while it is in the second-level cache. */
const DEFAULT_RECEIVE_BYTES = 128 * 1024;
const DEFAULT_MADE_FRAMES = 256;
const DEFAULT_TX_ENTRIES = 2048;

/** Frames and bytes that one frame, and what the rooms answer to it, may take at most. */
const SPARE_FRAMES = 64;
const SPARE_BYTES = 2 * MAX_FRAME_BYTES;

/** Copying 4 KiB to a TAP takes about as long as the rest of a write. */
const WORK_SHIFT = 12;

/**
 * Flags of a frame, bits of `Burst.kind`. A plain, untagged frame to one station has no flag.
 */
export const FrameFlag = {
  /** The destination is a group address: multicast, or the broadcast address. */
  Group: 1 << 20,
  /** The destination is the broadcast address. `Group` is set as well. */
  Broadcast: 1 << 21,
  /** The destination is 01-80-C2-00-00-00 … 0F. `Group` is set as well. */
  Reserved: 1 << 22,
  /** The destination is the switch's own MAC. */
  ToSwitch: 1 << 23,
  /** The outermost EtherType is that of a VLAN tag. */
  Tagged: 1 << 24,
  /** A super-frame, or a frame with an open checksum: not every port can send it unchanged. */
  Offloaded: 1 << 25,
  /** Fewer than 14 bytes. No other flag is set. */
  Short: 1 << 26,
  /** No hook takes the frame as it lies there. */
  Unhooked: 1 << 27,
  /** The only hook that is on takes the frame as it lies there. */
  Hooked: 1 << 28,
} as const;

/** Flags of a frame as it was received. A frame that was made or changed since does not have them. */
export const HOOK_FLAGS = FrameFlag.Unhooked | FrameFlag.Hooked;

/** Bits below the flags: the number of tags in front of the packet, 0 to 7, and the packet's EtherType. */
const KIND_TAGS_SHIFT = 16;
const KIND_TAGS_MASK = 7;
const KIND_TYPE_MASK = 0xffff;
/** The type of a frame without a type: it is too short, or its tags are cut off or too many. */
export const NO_TYPE = 0;

export interface BurstSize {
  /** Frames that one `receive` may bring in. */
  readonly receiveFrames?: number;
  /** Bytes after which `receive` stops reading, so that super-frames stay bounded. */
  readonly receiveBytes?: number;
  /** Frames that the switch itself can add before the list must be transmitted. */
  readonly madeFrames?: number;
  /** (frame, port) pairs that fit before the list must be transmitted. */
  readonly txEntries?: number;
  /** Makes zeroed memory for the frames: at least so many bytes. An ArrayBuffer by default. */
  readonly makeArena?: (leastBytes: number) => ArrayBuffer;
}

export class Burst {
  readonly arena: ArrayBuffer;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  /** Frame → arena offset of its destination MAC, bytes. */
  readonly offset: Int32Array;
  /** Frame → its length from the destination MAC to the end, bytes, vnet header not counted. */
  readonly length: Int32Array;
  /** Frame → the port that it came from; -1 for a frame that the switch made. */
  readonly ingress: Int32Array;
  /**
   * Frame → its kind, in one word: its flags (`FrameFlag`), and the type and tags that `typeOf` and
   * `payloadOf` read. One column holds all three, because each column costs a store and its loads, about
   * 1 ns a frame. `classify` writes it for a received frame, and `copyKind` for a frame that is made from
   * one. Any other frame of the switch has 0: it is plain and untagged, and no step asks for its type or
   * destination.
   */
  readonly kind: Int32Array;
  /**
   * Frame → VID of its VLAN. A bridge that filters by VLAN decides it at ingress; whoever makes a frame
   * sets it. It is `NO_VLAN` for every frame while the bridge does not filter, so the plain trip only
   * loads it.
   */
  readonly vlan: Int32Array;
  /** Frame → priority and drop eligible, as bits of a TCI, of the tag that the frame came with. */
  readonly priority: Int32Array;

  /** The answer: the frame and the port of each pair, and the result of sending it (0, or an errno). */
  readonly txFrame: Int32Array;
  readonly txPort: Int32Array;
  readonly txStatus: Int32Array;
  /**
   * Pair → the tag operation on its frame: see `tag-operation.ts`. All are `AS_IT_IS` between two
   * answers, so that a pair without an operation, as nearly all are, writes nothing.
   */
  readonly txTag: Int32Array;
  /** Pair → length of the frame as it leaves, bytes. It is counted when the frame is sent. */
  readonly txLength: Int32Array;

  /**
   * [0]: time at which the burst was complete, monotonic milliseconds. It is in an array, because a number
   * in a field would be an object on the heap, made anew for each burst.
   */
  readonly clock = new Float64Array(1);

  readonly receiveFrames: number;
  readonly receiveBytes: number;

  /** Time of the burst, or of the last tick, in ticks: see `time.ts`. `takeTime` sets it. */
  nowTicks = 0;
  /** Frames that `receive` brought in: 0 … receivedCount - 1. */
  receivedCount = 0;
  /** Frames among them that the last burst carried over: 0 … carriedCount - 1. */
  carriedCount = 0;
  /** Received frames that wait for the next burst. */
  deferredCount = 0;
  /** Work of the answer so far: 1 for each pair, and 1 for each 4 KiB in it. */
  work = 0;
  /** All frames: first the received ones, then those that the switch made. */
  frameCount = 0;
  txCount = 0;
  /** Whether some pair of the answer has a tag operation. */
  private hasTags = false;
  private makeAt: number;
  private readonly madeStart: number;
  private readonly deferred: Int32Array;

  constructor(size: BurstSize = {}) {
    this.receiveFrames = size.receiveFrames ?? DEFAULT_RECEIVE_FRAMES;
    this.receiveBytes = size.receiveBytes ?? DEFAULT_RECEIVE_BYTES;
    this.madeStart = this.receiveFrames * RECEIVE_SLOT_BYTES;
    // Behind the slots, 256 KiB for the frames that the switch makes: enough for three super-frames of
    // 64 KiB, cut into segments of 1448 bytes. When it is full, the bridge transmits and starts over.
    const arenaBytes = align(this.madeStart + 4 * MAX_FRAME_BYTES);
    this.arena = size.makeArena?.(arenaBytes) ?? new ArrayBuffer(arenaBytes);
    this.u8 = new Uint8Array(this.arena);
    this.u16 = new Uint16Array(this.arena);
    const frames = this.receiveFrames + (size.madeFrames ?? DEFAULT_MADE_FRAMES);
    this.offset = new Int32Array(frames);
    this.length = new Int32Array(frames);
    this.ingress = new Int32Array(frames);
    this.kind = new Int32Array(frames);
    this.vlan = new Int32Array(frames);
    this.priority = new Int32Array(frames);
    this.deferred = new Int32Array(this.receiveFrames);
    const entries = size.txEntries ?? DEFAULT_TX_ENTRIES;
    this.txFrame = new Int32Array(entries);
    this.txPort = new Int32Array(entries);
    this.txStatus = new Int32Array(entries);
    this.txTag = new Int32Array(entries);
    this.txLength = new Int32Array(entries);
    this.makeAt = this.madeStart;
  }

  /**
   * Time of the burst in whole milliseconds, for the bridge and its rooms. Read it where you need it: a number
   * with a fraction, or one of more than 31 bits (24 days after boot), is an object on the heap when it is passed on.
   */
  get nowMs(): number {
    return Math.floor(this.clock[0] as number);
  }

  /** Reads the clock for the tables. */
  takeTime(): void {
    this.nowTicks = toTicks(this.nowMs);
  }

  /** Starts a new burst of `receivedCount` frames, which the arrays already describe. */
  begin(receivedCount: number): void {
    this.receivedCount = receivedCount;
    this.frameCount = receivedCount;
    this.makeAt = this.madeStart;
    this.clearAnswer();
    this.deferredCount = 0;
    this.work = 0;
  }

  /** Makes a received frame wait for the next burst. */
  defer(frame: number): void {
    this.deferred[this.deferredCount++] = frame;
  }

  /** Forgets the waiting frames of a port. @returns their number */
  forgetDeferred(port: number): number {
    const before = this.deferredCount;
    this.deferredCount = 0;
    for (let index = 0; index < before; index++) {
      const frame = this.deferred[index] as number;
      if (this.ingress[frame] !== port) this.defer(frame);
    }
    return before - this.deferredCount;
  }

  /**
   * Begins a new burst with the frames that wait, in their order. The answer must have been sent: the
   * rest of the burst is gone. The kinds of the frames are wrong until `classify`.
   */
  carryOver(): void {
    const { deferredCount: count, deferred, offset, length, ingress } = this;
    for (let index = 0; index < count; index++) {
      const frame = deferred[index] as number;
      offset[index] = offset[frame] as number;
      length[index] = length[frame] as number;
      ingress[index] = ingress[frame] as number;
    }
    this.begin(count);
    this.carriedCount = count;
  }

  /** Moves the frames that were carried over into the first slots, so that the other slots are free. */
  freeSlots(): void {
    const { offset, length, u8 } = this;
    for (let frame = 0; frame < this.carriedCount; frame++) {
      const from = offset[frame] as number;
      const to = frame * RECEIVE_SLOT_BYTES + HEADROOM_BYTES;
      const end = from + (length[frame] as number);
      u8.copyWithin(to - VNET_HEADER_BYTES, from - VNET_HEADER_BYTES, end);
      offset[frame] = to;
    }
  }

  /** Frees the room of the frames that the switch made, after they were transmitted. */
  releaseMade(): void {
    this.frameCount = this.receivedCount;
    this.makeAt = this.madeStart;
  }

  /**
   * Reserves a frame that the switch makes, with a zero vnet header. The caller writes every byte.
   * @returns its index, or -1 if the list must be transmitted first.
   */
  make(lengthBytes: number): number {
    const frame = this.frameCount;
    const at = this.makeAt + HEADROOM_BYTES;
    const end = align(at + lengthBytes);
    if (frame >= this.offset.length || end > this.arena.byteLength) return -1;
    this.u8.fill(0, at - VNET_HEADER_BYTES, at);
    this.offset[frame] = at;
    this.length[frame] = lengthBytes;
    this.ingress[frame] = -1;
    this.kind[frame] = 0;
    this.vlan[frame] = NO_VLAN;
    this.priority[frame] = 0;
    this.makeAt = end;
    this.frameCount = frame + 1;
    return frame;
  }

  /**
   * Whether there is room for a frame of the largest size and for the answers to it. Otherwise the list must be
   * transmitted first, if a frame that the switch makes is to last until its trip has ended.
   */
  get hasRoomToMake(): boolean {
    const framesLeft = this.offset.length - this.frameCount;
    return framesLeft >= SPARE_FRAMES && this.arena.byteLength - this.makeAt >= SPARE_BYTES;
  }

  /** Copies the kind and the VLAN of `frame` to `made`, a complete frame with the same headers. */
  copyKind(made: number, frame: number): void {
    this.kind[made] = (this.kind[frame] as number) & ~(FrameFlag.Offloaded | HOOK_FLAGS);
    this.vlan[made] = this.vlan[frame] as number;
    this.priority[made] = this.priority[frame] as number;
  }

  /** Whether `count` more pairs fit into the answer. */
  hasTxRoom(count: number): boolean {
    return this.txCount + count <= this.txFrame.length;
  }

  /**
   * Appends one pair. The caller has checked `hasTxRoom`.
   * @param tag the tag operation on the frame: see `tag-operation.ts`
   */
  send(frame: number, port: number, tag = AS_IT_IS): void {
    const entry = this.txCount;
    const lengthBytes = this.length[frame] as number;
    this.txFrame[entry] = frame;
    this.txPort[entry] = port;
    this.txLength[entry] = lengthBytes;
    this.txCount = entry + 1;
    this.work += 1 + (lengthBytes >> WORK_SHIFT);
    if (tag !== AS_IT_IS) this.setTag(entry, tag);
  }

  private setTag(entry: number, tag: number): void {
    this.txTag[entry] = tag;
    this.txLength[entry] = (this.txLength[entry] as number) + shiftOf(tag);
    this.hasTags = true;
  }

  /** Clears the answer after it was sent. */
  clearAnswer(): void {
    if (this.hasTags) this.txTag.fill(AS_IT_IS, 0, this.txCount);
    this.hasTags = false;
    this.txCount = 0;
  }

  /** The frame's bytes, without its vnet header: a view, for tests, traces and captures. */
  bytes(frame: number): Uint8Array {
    const at = this.offset[frame] as number;
    return this.u8.subarray(at, at + (this.length[frame] as number));
  }
}

/** Whether any port can send the frame unchanged: it is no super-frame, and its checksum is complete. */
export function isPlain(burst: Burst, frame: number): boolean {
  return ((burst.kind[frame] as number) & FrameFlag.Offloaded) === 0;
}

/** The kind of a frame without flags. @param type in memory order, or `NO_TYPE` */
export function kindOf(type: number, tags: number): number {
  return (tags << KIND_TAGS_SHIFT) | type;
}

/** EtherType behind the VLAN tags of a classified frame, in memory order, or `NO_TYPE`. */
export function typeOf(burst: Burst, frame: number): number {
  return (burst.kind[frame] as number) & KIND_TYPE_MASK;
}

/** Number of whole VLAN tags of a classified frame, 0 to 7. */
export function tagsOf(burst: Burst, frame: number): number {
  return ((burst.kind[frame] as number) >> KIND_TAGS_SHIFT) & KIND_TAGS_MASK;
}

/** Arena offset of the packet of a classified frame: the first byte behind its EtherType. */
export function payloadOf(burst: Burst, frame: number): number {
  return (burst.offset[frame] as number) + PAYLOAD + tagsOf(burst, frame) * VLAN_TAG_BYTES;
}

/** Bytes of a classified frame from its packet to its end. */
export function payloadBytesOf(burst: Burst, frame: number): number {
  const { offset, length } = burst;
  return (offset[frame] as number) + (length[frame] as number) - payloadOf(burst, frame);
}

/** Rounds up to the next possible start of a frame. */
export function align(bytes: number): number {
  return (bytes + FRAME_ALIGNMENT_BYTES - 1) & -FRAME_ALIGNMENT_BYTES;
}
