/**
 * The program's end of a script port: a Duplex in object mode, with one frame in each chunk. Frames move through
 * two rings in memory that the data plane shares (`frame/ring.ts`). No descriptor and no system call moves a
 * frame; a doorbell wakes a side that waits.
 *
 * A full ring makes the program's writes wait. The switch never waits: it drops what the program does not read,
 * as `congested`.
 */

import { Duplex } from 'node:stream';
import { MAX_SOCKET_FRAME_BYTES } from '../frame/burst';
import { RingReader, RingWriter, makeRing } from '../frame/ring';
import type { PortTransport } from '../dataplane/messages';
import { type NativeFdWatch, native } from '../native/native';
import { RequestError } from '../system/request-error';
import { FrameError } from '../system/frame-error';

/** Size of a ring: some 16,000 small frames, or 600 of full size. A power of two. */
const RING_BYTES = 1024 * 1024;
/** Frames that the stream holds in each direction besides the ring. */
const HIGH_WATER_FRAMES = 256;
/** Frames that are handed over in one turn of the event loop, before the program does other work. */
const FRAMES_PER_TURN = 4_096;
const LENGTH_BYTES = 4;
const EPOLLIN = 1;

type Done = (error?: Error | null) => void;

interface Chunk {
  readonly chunk: unknown;
}

/** Frames that a full ring has not taken yet. */
interface Waiting {
  readonly chunks: readonly Chunk[];
  readonly next: number;
  readonly done: Done;
}

export class ScriptEnd extends Duplex {
  /** Transport of the port, for the data plane. */
  readonly transport: PortTransport;
  private readonly writer: RingWriter;
  private readonly reader: RingReader;
  private readonly ownBell = new (native().Doorbell)();
  private readonly portBell = new (native().Doorbell)();
  private readonly watch: NativeFdWatch;
  private waiting: Waiting | undefined;
  private isWanted = false;
  private goesOn = false;
  /** Piece of the ring whose frames are being handed over, and the offset of the next one. */
  private piece: Buffer = Buffer.alloc(0);
  private pieceAt = 0;
  private isUnplugged = false;
  /** Removes the port of a stream that is being destroyed. The stream is closed when this has ended. */
  removePort: () => Promise<void> = () => Promise.resolve();
  /** Stream of the program that this one is joined to. */
  partner: Duplex | undefined = undefined;

  /**
   * @param label label of the port, for errors
   * @throws NativeError where the kernel has no descriptor left
   */
  constructor(readonly label: string) {
    super({ objectMode: true, highWaterMark: HIGH_WATER_FRAMES, allowHalfOpen: false });
    const incoming = makeRing(RING_BYTES);
    const outgoing = makeRing(RING_BYTES);
    this.writer = new RingWriter(incoming);
    this.reader = new RingReader(outgoing);
    this.transport = {
      fd: this.portBell.fd,
      kind: 'ring',
      framing: 'plain',
      rings: { incoming, outgoing, peerBellFd: this.ownBell.fd },
    };
    const { FdWatch } = native();
    this.watch = new FdWatch(this.ownBell.fd, () => this.answerBell());
    this.watch.arm(EPOLLIN);
  }

  /** Whether the stream, or the one that it is joined to, has been destroyed: it is about to be closed. */
  get isEnding(): boolean {
    return this.destroyed || this.partner?.destroyed === true;
  }

  /** Ends the stream, because the port has gone. Frames on their way are lost, as when a cable is unplugged. */
  unplug(): void {
    if (this.isUnplugged) return;
    this.isUnplugged = true;
    this.closeBells();
    this.push(null);
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.done();
    // A program that only writes would never see the end.
    if (this.readableFlowing === null) this.resume();
  }

  override _write(chunk: unknown, _: BufferEncoding, done: Done): void {
    this.send([{ chunk }], 0, done);
  }

  override _writev(chunks: readonly Chunk[], done: Done): void {
    this.send(chunks, 0, done);
  }

  override _read(): void {
    this.isWanted = true;
    this.hand();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.isWanted = false;
    this.isUnplugged = true;
    this.waiting = undefined;
    // The data plane has the doorbells until the port is removed.
    void this.removePort().finally(() => {
      this.closeBells();
      done(error);
    });
  }

  private closeBells(): void {
    this.watch.close();
    this.ownBell.close();
    this.portBell.close();
  }

  private answerBell(): void {
    if (this.isUnplugged) return;
    this.ownBell.clear();
    this.watch.arm(EPOLLIN);
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting !== undefined) this.send(waiting.chunks, waiting.next, waiting.done);
    this.hand();
  }

  // To the switch ------------------------------------------------------------------------------

  /** Sends frames from `next` on. Where the ring has no room, the rest waits. */
  private send(chunks: readonly Chunk[], next: number, done: Done): void {
    if (this.isUnplugged) return done(this.gone());
    const fault = this.putAll(chunks, next, done);
    if (this.writer.commit() && this.writer.shouldTell()) this.portBell.ring();
    if (fault !== undefined) done(fault);
    else if (this.waiting === undefined) done();
  }

  /** @returns the fault of a chunk that is no frame */
  private putAll(chunks: readonly Chunk[], from: number, done: Done): Error | undefined {
    for (let next = from; next < chunks.length; next++) {
      const frame = (chunks[next] as Chunk).chunk;
      const fault = faultOf(frame);
      if (fault !== undefined) return fault;
      if (this.put(frame as Uint8Array)) continue;
      this.waiting = { chunks, next, done };
      return undefined;
    }
    return undefined;
  }

  /** @returns false if the ring has no room. The doorbell rings when there is some. */
  private put(frame: Uint8Array): boolean {
    const { writer } = this;
    const blockBytes = blockBytesOf(frame.length);
    let at = writer.append(blockBytes);
    if (at < 0) {
      // The data plane makes room of what it knows of.
      if (writer.commit() && writer.shouldTell()) this.portBell.ring();
      if (writer.waitForRoom(blockBytes)) return false;
      at = writer.append(blockBytes);
    }
    writer.words[at >> 2] = frame.length;
    writer.bytes.set(frame, at + LENGTH_BYTES);
    return true;
  }

  // To the program -------------------------------------------------------------------------------

  private hand(): void {
    if (this.goesOn) return;
    for (let count = 0; this.isWanted && count < FRAMES_PER_TURN; count++) {
      if (this.pieceAt === this.piece.length && !this.takePiece()) return;
      const lengthBytes = this.piece.readUInt32LE(this.pieceAt);
      const at = this.pieceAt + LENGTH_BYTES;
      this.pieceAt += blockBytesOf(lengthBytes);
      this.isWanted = this.push(this.piece.subarray(at, at + lengthBytes));
    }
    if (!this.isWanted) return;
    this.goesOn = true;
    setImmediate(() => {
      this.goesOn = false;
      this.hand();
    });
  }

  /** @returns false if there are no frames. The doorbell rings when there are some. */
  private takePiece(): boolean {
    if (this.isUnplugged) return false;
    this.pieceAt = 0;
    // The data plane hands over whole blocks, and a block lies in one piece.
    this.piece = this.reader.take(RING_BYTES);
    if (this.piece.length > 0) return true;
    this.reader.listen();
    this.piece = this.reader.take(RING_BYTES);
    return this.piece.length > 0;
  }

  private gone(): RequestError {
    const message = `${this.label}: the port has been removed, or the switch has stopped`;
    return new RequestError('not-found', message, 'ERR_NO_SUCH_PORT');
  }
}

function blockBytesOf(frameBytes: number): number {
  return (LENGTH_BYTES + frameBytes + 3) & ~3;
}

function faultOf(frame: unknown): FrameError | undefined {
  if (!(frame instanceof Uint8Array)) {
    return new FrameError(`expected a frame as a Uint8Array or Buffer, got ${typeof frame}`);
  }
  if (frame.length > 0 && frame.length <= MAX_SOCKET_FRAME_BYTES) return undefined;
  return new FrameError(
    `expected a frame of 1 to ${MAX_SOCKET_FRAME_BYTES} bytes, got ${frame.length}`,
  );
}
