/**
 * A client's connection, between its socket and the HTTP server. Node.js parses whatever comes, and
 * keeps each request with its answer until the client reads: a client that asks on and on and reads
 * nothing would fill the memory. Here the parser gets a small piece at a time, and nothing while a
 * request waits for the one before it. Then the socket's buffer fills up, and the client has to wait.
 */

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** At most twenty of the shortest requests. Most requests are one piece. */
const PIECE_BYTES = 512;

type Done = (error?: Error | null) => void;

export class Connection extends Duplex {
  /** When it was made, or the last answer was over. */
  idleSinceMs = performance.now();
  private isHeld = false;
  private isFeeding = false;
  private isWanted = false;
  private piece: Buffer = Buffer.alloc(0);
  private patienceMs = 0;

  constructor(private readonly socket: Socket) {
    super({ allowHalfOpen: true, emitClose: true });
    socket.on('readable', () => this.feed());
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.on('timeout', () => this.emit('timeout'));
  }

  /** Whether the client does not read what was written for it. */
  get isStalled(): boolean {
    return this.writableLength > 0;
  }

  /** Whether an answer goes out that has no end: a stream of events, or a capture. */
  get isEndless(): boolean {
    return this.patienceMs === 0;
  }

  /** Stops, or goes on, reading from the client. */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
    this.feed();
  }

  /** As a socket's: the HTTP server and `startStream` set it. */
  setTimeout(patienceMs: number, listener?: () => void): this {
    this.patienceMs = patienceMs;
    this.socket.setTimeout(patienceMs);
    if (listener !== undefined) this.once('timeout', listener);
    return this;
  }

  override _read(): void {
    this.isWanted = true;
    this.feed();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: Done): void {
    this.socket.write(chunk, done);
  }

  /** As one system call. */
  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    const { socket } = this;
    socket.cork();
    for (const { chunk } of chunks.slice(0, -1)) socket.write(chunk);
    socket.write((chunks.at(-1) as { chunk: Buffer }).chunk, done);
    socket.uncork();
  }

  /** As a socket's: the HTTP server hangs up with it behind the last answer. */
  destroySoon(): void {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _final(done: Done): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.socket.destroy();
    done(error);
  }

  /** The parser must not be called while it works: what it finds may lead back to here. */
  private feed(): void {
    if (this.isFeeding) return;
    this.isFeeding = true;
    while (this.isWanted && !this.isHeld && !this.destroyed) {
      if (this.piece.length === 0) this.piece = (this.socket.read() as Buffer | null) ?? this.piece;
      if (this.piece.length === 0) break;
      const piece = this.piece.subarray(0, PIECE_BYTES);
      this.piece = this.piece.subarray(PIECE_BYTES);
      this.isWanted = this.push(piece);
    }
    this.isFeeding = false;
  }
}
