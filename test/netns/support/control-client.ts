/** A client of the control socket, for valid and for hostile requests. */

import { request } from 'node:http';
import { type Socket, connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Retry-After of a busy switch, seconds. */
  readonly retryAfter: string | undefined;
  /** Methods of the path (Allow), if the request had another one. */
  readonly allow: string | undefined;
  readonly text: string;
  /** The text as JSON, if it is JSON. */
  readonly body: unknown;
}

export class ControlClient {
  constructor(readonly path: string) {}

  get(url: string): Promise<Answer> {
    return this.ask('GET', url);
  }

  post(url: string, body?: unknown): Promise<Answer> {
    return this.ask('POST', url, body === undefined ? undefined : JSON.stringify(body));
  }

  patch(url: string, body: unknown): Promise<Answer> {
    return this.ask('PATCH', url, JSON.stringify(body));
  }

  delete(url: string): Promise<Answer> {
    return this.ask('DELETE', url);
  }

  /** @param text the unchanged body */
  ask(method: string, url: string, text?: string, contentType = 'application/json') {
    return new Promise<Answer>((resolve, reject) => {
      const headers = text === undefined ? {} : { 'content-type': contentType };
      const asked = request({ socketPath: this.path, method, path: url, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          const type = response.headers['content-type'] ?? '';
          resolve({
            status: response.statusCode ?? 0,
            contentType: type,
            retryAfter: response.headers['retry-after'],
            allow: response.headers.allow,
            text: answer,
            body: type.includes('json') && answer !== '' ? JSON.parse(answer) : undefined,
          });
        });
      });
      asked.on('error', reject);
      asked.end(text);
    });
  }

  /** Requests an answer and does not read it. Resolves when the answer has begun. */
  readNoFurther(url: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.path, () =>
        socket.write(`GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`),
      );
      socket.once('readable', () => resolve(socket));
      socket.once('error', reject);
    });
  }

  /**
   * Sends bytes unchanged.
   * @param hangsUp whether to end the sending side behind them
   * @returns the answer until the switch closed the connection
   */
  raw(bytes: string | Uint8Array, hangsUp = true): Promise<string> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const socket = connect({ path: this.path, allowHalfOpen: true }, () => {
        socket.write(bytes);
        if (hangsUp) socket.end();
      });
      socket.on('data', (chunk) => chunks.push(chunk));
      // The switch may reset a hostile client.
      socket.on('error', () => undefined);
      socket.on('end', () => socket.end());
      socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    });
  }
}
