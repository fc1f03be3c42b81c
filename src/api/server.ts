/**
 * Serves the control API over the control socket, within limits: slow, hostile or many clients cannot
 * make the switch use more memory. Another thread moves the frames.
 */

import {
  type IncomingMessage,
  type RequestListener,
  STATUS_CODES,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../journal/logger';
import type * as appModule from './app';
import { Connection } from './connection';
import { HurriedRequests } from './hurried-requests';
import { CHECK_MS, checkWhileThereAreClients } from './slow-clients';
import { type ControlSocket, type SocketAccess, listenAt } from './socket';
import type { Reload } from '../control/reload';
import type { TapSwitch } from '../control/tap-switch';

const CONNECTIONS_MAX = 64;
const REQUESTS_PER_CONNECTION_MAX = 10_000;
const HEADERS_MAX_BYTES = 8 * 1024;
const HEADERS_PATIENCE_MS = 5_000;
const REQUEST_PATIENCE_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
/** Milliseconds after which a connection is closed on which nothing is sent or read. */
const SILENCE_PATIENCE_MS = 30_000;
/** Milliseconds that a new client, or one that got its answer, has to ask before it may be dropped. */
const GRACE_MS = 1_000;
/** Milliseconds in which an error that every client could cause is logged once. */
const COMPLAINT_MS = 10_000;

const SERVICE_UNAVAILABLE = 503;
const RETRY_AFTER_S = 1;

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

/** Exchanges of a connection: the present one and the ones that wait behind it. */
interface Business {
  readonly current: Exchange;
  readonly waiting: Exchange[];
}

export class ControlServer {
  private readonly server: Server;
  /** Connections in the order of their last finished answer, the oldest first. */
  private readonly connections = new Set<Connection>();
  private readonly busy = new Map<Connection, Business>();
  private readonly hurried = new HurriedRequests();
  private complainedMs = -Infinity;
  private loading: Promise<void> | undefined;
  private answer: RequestListener | undefined;
  private served: { tapSwitch: Promise<TapSwitch>; reload: Reload } | undefined;

  private socket: ControlSocket | undefined;

  private constructor(private readonly log: Logger) {
    this.server = createServer(
      {
        maxHeaderSize: HEADERS_MAX_BYTES,
        headersTimeout: HEADERS_PATIENCE_MS,
        requestTimeout: REQUEST_PATIENCE_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: CHECK_MS,
      },
      (request, response) => this.enqueue([request, response]),
    );
    const [serve] = this.server.listeners('connection') as ((client: Connection) => void)[];
    this.server.removeAllListeners('connection').on('connection', (socket) => {
      const connection = this.admit(socket);
      if (connection !== undefined) serve?.call(this.server, connection);
    });
    checkWhileThereAreClients(this.server);
    this.server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX;
    this.server.setTimeout(SILENCE_PATIENCE_MS);
  }

  /**
   * Listens, so that no second switch of the same name starts. Requests wait until the switch that
   * `serve` names is up.
   * @param paths see `listenAt`
   * @throws StartError
   */
  static async listen(
    paths: readonly string[],
    log: Logger,
    access: SocketAccess,
  ): Promise<ControlServer> {
    const server = new ControlServer(log);
    server.socket = await listenAt(paths, server.server, access);
    server.server.on('error', (error) => server.complain('a client cannot be accepted', error));
    return server;
  }

  /** Sets the switch that the API controls. If it does not come up, the server closes. */
  serve(tapSwitch: Promise<TapSwitch>, reload: Reload): void {
    this.served = { tapSwitch, reload };
    tapSwitch.catch(() => this.close());
  }

  /** Loads all modules now, for a switch that may not be able to read its own files later. */
  preload(): void {
    loadApp();
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    require('./metrics');
  }

  /** Ends every connection, and removes the socket's file where the switch may. */
  close(): void {
    this.socket?.remove();
    this.socket = undefined;
    this.server.close();
    this.server.closeAllConnections();
  }

  /**
   * Accepts a client. Where there are too many, another one is dropped: the one that has been idle
   * longest beyond `GRACE_MS`, else one that does not read its answer, else one that sends requests
   * during its answer, else any idle one.
   * @returns undefined where all of them are being answered: the new client is dropped then
   */
  private admit(socket: Socket): Connection | undefined {
    const { connections } = this;
    if (connections.size >= CONNECTIONS_MAX) {
      const dispensable = this.findDispensable();
      (dispensable ?? socket).destroy();
      if (dispensable === undefined) return undefined;
      connections.delete(dispensable);
    }
    const connection = new Connection(socket);
    connections.add(connection);
    connection.once('close', () => {
      connections.delete(connection);
      this.busy.delete(connection);
    });
    return connection;
  }

  private findDispensable(): Connection | undefined {
    const all = [...this.connections];
    const graceMs = performance.now() - GRACE_MS;
    const isAnswered = (connection: Connection): boolean =>
      this.busy.get(connection)?.current[0].complete === true;
    const idle = all.filter((connection) => !isAnswered(connection));
    return (
      idle.find(({ idleSinceMs }) => idleSinceMs < graceMs) ??
      all.find(({ isStalled, isEndless }) => isStalled && !isEndless) ??
      all.find((connection) => (this.busy.get(connection)?.waiting.length ?? 0) > 0) ??
      idle[0]
    );
  }

  /** Answers the requests of a connection one after the other: pipelining is allowed, not faster. */
  private enqueue(exchange: Exchange): void {
    const connection = connectionOf(exchange);
    const business = this.busy.get(connection);
    if (business === undefined) {
      this.begin(exchange, []);
      return;
    }
    business.waiting.push(exchange);
    connection.hold(true);
  }

  private begin(exchange: Exchange, waiting: Exchange[]): void {
    const [request, response] = exchange;
    const connection = connectionOf(exchange);
    this.busy.set(connection, { current: exchange, waiting });
    this.hurried.begin(response);
    response.once('close', () => this.goOn(connection));
    if (this.answer !== undefined) {
      this.answer(request, response);
      return;
    }
    this.loading ??= this.load();
    this.loading
      .then(() => this.answer?.(request, response))
      .catch((error: unknown) => {
        // A lack of descriptors or memory may pass: the next request tries again.
        this.loading = undefined;
        this.complain('the control API cannot be loaded', error as Error);
        refuse(response, `the control API cannot be loaded: ${(error as Error).message}`);
      });
  }

  private goOn(connection: Connection): void {
    const waiting = this.busy.get(connection)?.waiting ?? [];
    this.busy.delete(connection);
    if (connection.destroyed) return;
    this.connections.delete(connection);
    this.connections.add(connection);
    connection.idleSinceMs = performance.now();
    const next = waiting.shift();
    if (next !== undefined) this.begin(next, waiting);
    connection.hold(waiting.length > 0);
  }

  private complain(message: string, { stack }: Error): void {
    const nowMs = performance.now();
    if (nowMs - this.complainedMs < COMPLAINT_MS) return;
    this.complainedMs = nowMs;
    this.log.error(message, { error: stack });
  }

  private async load(): Promise<void> {
    if (this.served === undefined) throw new Error('there is no switch to control');
    const { tapSwitch, reload } = this.served;
    const app = await loadApp().createApi(await tapSwitch, reload, this.log);
    this.answer = (request, response) => app.routing(request, response);
  }
}

function loadApp(): typeof appModule {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./app') as typeof appModule;
}

/** The connection of an exchange: the HTTP server gets one in place of each socket. */
function connectionOf([request]: Exchange): Connection {
  return request.socket as unknown as Connection;
}

/** Answers 503 without loading a module. */
function refuse(response: ServerResponse, detail: string): void {
  const status = SERVICE_UNAVAILABLE;
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail };
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'retry-after': String(RETRY_AFTER_S),
  });
  response.end(JSON.stringify(problem));
}
