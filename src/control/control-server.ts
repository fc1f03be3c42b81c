/**
 * Serves the control API over the control socket, within limits: a client that is slow, hostile or
 * many cannot make the switch grow. Frames are another thread's.
 */

import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../config/logger';
import type * as appModule from './api/app';
import { listenAt } from './control-socket';
import type { Reload } from './reload';
import type { TapSwitch } from './tap-switch';

const CONNECTIONS_MAX = 64;
const REQUESTS_PER_CONNECTION_MAX = 10_000;
const HEADERS_MAX_BYTES = 8 * 1024;
const HEADERS_PATIENCE_MS = 5_000;
const REQUEST_PATIENCE_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
/** For a client that neither asks nor reads. */
const SILENCE_PATIENCE_MS = 30_000;

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

export class ControlServer {
  private readonly server: Server;
  /** Connections on which a request is being answered, with those that wait for its end. */
  private readonly busy = new WeakMap<Socket, Exchange[]>();
  private loading: Promise<void> | undefined;
  private answer: RequestListener | undefined;
  private served: { tapSwitch: Promise<TapSwitch>; reload: Reload } | undefined;

  private constructor(
    readonly path: string,
    private readonly log: Logger,
  ) {
    this.server = createServer(
      {
        maxHeaderSize: HEADERS_MAX_BYTES,
        headersTimeout: HEADERS_PATIENCE_MS,
        requestTimeout: REQUEST_PATIENCE_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => this.enqueue([request, response]),
    );
    this.server.maxConnections = CONNECTIONS_MAX;
    this.server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX;
    this.server.setTimeout(SILENCE_PATIENCE_MS);
  }

  /**
   * Listens, so that no second switch of the same name starts. Requests wait for `serve`.
   * @param gid see `listenAt`
   * @throws StartError
   */
  static async listen(path: string, log: Logger, gid?: number): Promise<ControlServer> {
    const server = new ControlServer(path, log);
    await listenAt(path, server.server, gid);
    return server;
  }

  /** Says whose API it is. A switch that does not come up answers nobody. */
  serve(tapSwitch: Promise<TapSwitch>, reload: Reload): void {
    this.served = { tapSwitch, reload };
    tapSwitch.catch(() => this.close());
  }

  /** Loads everything now, for a switch that may not be able to read its own files later. */
  preload(): void {
    loadApp();
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    require('./api/metrics');
  }

  /** Ends every connection. The socket's file goes too, where the switch may remove it. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** One request of a connection after the other: pipelining is allowed, and gains nothing. */
  private enqueue(exchange: Exchange): void {
    const { socket } = exchange[0];
    const waiting = this.busy.get(socket);
    if (waiting !== undefined) {
      waiting.push(exchange);
      return;
    }
    this.busy.set(socket, []);
    this.begin(exchange);
  }

  private begin([request, response]: Exchange): void {
    const { socket } = request;
    response.once('close', () => this.goOn(socket));
    if (this.answer !== undefined) {
      this.answer(request, response);
      return;
    }
    this.loading ??= this.load();
    this.loading
      .then(() => this.answer?.(request, response))
      .catch((error: unknown) => {
        this.log.error('the control API cannot be loaded', { error: (error as Error).stack });
        socket.destroy();
      });
  }

  private goOn(socket: Socket): void {
    const next = this.busy.get(socket)?.shift();
    if (next === undefined) this.busy.delete(socket);
    else this.begin(next);
  }

  private async load(): Promise<void> {
    if (this.served === undefined) throw new Error('there is no switch to steer');
    const { tapSwitch, reload } = this.served;
    const app = await loadApp().createApi(await tapSwitch, reload, this.log);
    this.answer = (request, response) => app.routing(request, response);
  }
}

function loadApp(): typeof appModule {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./api/app') as typeof appModule;
}
