/**
 * HTTP/1.1 over a Unix socket, one request after the other, with as little work as possible: answers
 * are received, not parsed.
 */

import { type Socket, connect } from 'node:net';

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

export class HttpConnection {
  private readonly socket: Socket;
  private answered: ((status: number) => void) | undefined;
  private failed: ((error: Error) => void) | undefined;
  private received: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.on('data', (bytes) => this.take(bytes));
    this.socket.on('error', (error) => this.failed?.(error));
    this.socket.on('close', () => this.failed?.(new Error('the switch has hung up')));
  }

  /** @returns the status, once the whole answer has been received */
  ask(method: string, path: string, body?: unknown): Promise<number> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(text)}\r\n`;
    const type = body === undefined ? '' : 'Content-Type: application/json\r\n';
    this.received = Buffer.alloc(0);
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
      this.socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\n${type}${length}\r\n${text}`);
    });
  }

  close(): void {
    this.failed = undefined;
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
    const headBytes = this.received.indexOf(HEAD_END) + HEAD_END.length;
    if (headBytes < HEAD_END.length) return;
    const head = this.received.toString('latin1', 0, headBytes);
    const status = Number(head.slice(9, 12));
    if (this.isWhole(head, headBytes, status)) this.answered?.(status);
  }

  private isWhole(head: string, headBytes: number, status: number): boolean {
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length !== undefined) return this.received.length - headBytes >= Number(length);
    const endsChunks = this.received.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
    return status === 204 || endsChunks;
  }
}
