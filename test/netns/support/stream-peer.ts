/** The other end of a stream port: frames behind their lengths, as hex. */

import { once } from 'node:events';
import { type NetConnectOpts, type Server, type Socket, connect, createServer } from 'node:net';
import { until } from './until';

export class StreamPeer {
  /** Whether the switch has hung up. */
  hasEnded = false;
  private bytes: Buffer = Buffer.alloc(0);

  /** @param prefixBytes bytes of a length */
  constructor(
    readonly socket: Socket,
    private readonly prefixBytes = 4,
  ) {
    socket.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
    });
    // The switch may reset a connection.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.hasEnded = true;
    });
  }

  static async connect(to: string | NetConnectOpts, prefixBytes?: number): Promise<StreamPeer> {
    const socket = typeof to === 'string' ? connect(to) : connect(to);
    const peer = new StreamPeer(socket, prefixBytes);
    await once(socket, 'connect');
    return peer;
  }

  /** Whole frames that have come. Throws if other bytes have come. */
  get frames(): string[] {
    const frames: string[] = [];
    let at = 0;
    while (at + this.prefixBytes <= this.bytes.length) {
      const length = this.bytes.readUIntBE(at, this.prefixBytes);
      if (length === 0) throw new Error(`a frame without a byte behind ${frames.length} frames`);
      const end = at + this.prefixBytes + length;
      if (end > this.bytes.length) break;
      frames.push(this.bytes.toString('hex', at + this.prefixBytes, end));
      at = end;
    }
    return frames;
  }

  /** Bytes of the last frame, which has not come completely. */
  get hasPart(): boolean {
    const whole = this.frames.reduce((sum, hex) => sum + this.prefixBytes + hex.length / 2, 0);
    return whole < this.bytes.length;
  }

  /** The frames behind their lengths, as they go over the stream. */
  encode(...frames: string[]): Buffer {
    return Buffer.concat(
      frames.map((hex) => {
        const frame = Buffer.alloc(this.prefixBytes + hex.length / 2);
        frame.writeUIntBE(hex.length / 2, 0, this.prefixBytes);
        frame.write(hex, this.prefixBytes, 'hex');
        return frame;
      }),
    );
  }

  send(...frames: string[]): void {
    this.socket.write(this.encode(...frames));
  }

  /** Resolves once `frame` has come. @returns the frames before it since the last call */
  async before(frame: string): Promise<string[]> {
    await until(
      () => this.frames.includes(frame),
      () => `${frame.slice(0, 60)} comes after ${this.frames.length} frames`,
    );
    const { frames } = this;
    const index = frames.indexOf(frame);
    this.bytes = this.encode(...frames.slice(index + 1));
    return frames.slice(0, index);
  }

  async ended(): Promise<void> {
    await until(() => this.hasEnded, 'the switch hangs up');
  }

  end(): void {
    this.socket.destroy();
  }
}

/** A program that listens for one port at a time. */
export class StreamServer {
  readonly peers: StreamPeer[] = [];

  private constructor(
    private readonly server: Server,
    prefixBytes?: number,
  ) {
    server.on('connection', (socket) => this.peers.push(new StreamPeer(socket, prefixBytes)));
  }

  static async listen(path: string, prefixBytes?: number): Promise<StreamServer> {
    const server = createServer();
    const listening = new StreamServer(server, prefixBytes);
    server.listen(path);
    await once(server, 'listening');
    return listening;
  }

  /** The peer that has come as number `count`. */
  async peer(count = 1): Promise<StreamPeer> {
    return until(() => this.peers[count - 1], `peer number ${count} connects`);
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.end();
    this.server.close();
    await once(this.server, 'close');
  }
}
