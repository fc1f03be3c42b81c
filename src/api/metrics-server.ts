/**
 * Serves `/metrics`, and no other resource, over TCP: Prometheus cannot scrape a Unix socket. Whoever reaches
 * the address can read the counters and the names of the ports, and cannot change anything.
 *
 * Clients may be hostile: there are few connections, each with one request and a limit on its time, and all
 * clients that ask at the same time get one text.
 */

import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { getSystemErrorMap } from 'node:util';
import { isLocal, parseSocketAddress } from '../config/values/socket-address';
import type { TapSwitch } from '../control/tap-switch';
import type { Logger } from '../journal/logger';
import { descriptorsExhausted } from '../system/descriptors';
import { StartError } from '../system/start-error';
import type { SwitchMetrics } from './metrics';
import type * as metricsModule from './metrics';
import { CHECK_MS, checkWhileThereAreClients } from './slow-clients';

const CONNECTIONS_MAX = 16;
const HEADERS_MAX_BYTES = 8 * 1024;
/** Milliseconds for the whole of a request, and for a client to read on. */
const PATIENCE_MS = 10_000;

const OK = 200;
const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;
const SERVER_ERROR = 500;

export class MetricsServer {
  private tapSwitch: Promise<TapSwitch> | undefined;
  private metrics: SwitchMetrics | undefined;
  private scrape: Promise<string> | undefined;

  private constructor(private readonly server: Server) {}

  /**
   * Listens. Requests wait until the switch that `serve` names is up.
   * @param address `HOST:PORT` that has passed the rule of the option
   * @throws StartError
   */
  static async listen(address: string, log: Logger): Promise<MetricsServer> {
    const server = createServer({
      maxHeaderSize: HEADERS_MAX_BYTES,
      headersTimeout: PATIENCE_MS,
      requestTimeout: PATIENCE_MS,
      connectionsCheckingInterval: CHECK_MS,
      // One request per connection: Node.js would keep every further one while its client reads nothing.
      keepAlive: false,
    });
    checkWhileThereAreClients(server);
    server.maxConnections = CONNECTIONS_MAX;
    server.maxRequestsPerSocket = 1;
    server.setTimeout(PATIENCE_MS);
    const { host, port } = parseSocketAddress(address) as { host: string; port: number };
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(explain(address, error)));
      server.listen({ host, port }, resolve);
    });
    server.removeAllListeners('error');
    server.on('error', ({ message }) =>
      log.error(`metrics: a client cannot be accepted: ${message}`),
    );
    if (!isLocal(address)) {
      log.warn(`metrics: anybody who reaches ${address} can read the counters`);
    }
    const metrics = new MetricsServer(server);
    server.on('request', (request, response) => void metrics.answer(request, response));
    return metrics;
  }

  /** Sets the switch whose counters are served. If it does not come up, the server closes. */
  serve(tapSwitch: Promise<TapSwitch>): void {
    this.tapSwitch = tapSwitch;
    tapSwitch.catch(() => this.close());
  }

  /** Loads all modules now, for a switch that may not be able to read its own files later. */
  preload(): void {
    loadMetrics();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    response.setHeader('connection', 'close');
    if (url.split('?')[0] !== '/metrics') {
      end(response, NOT_FOUND, 'there is only /metrics here\n');
    } else if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      end(response, METHOD_NOT_ALLOWED, '/metrics can only be read\n');
    } else {
      try {
        const text = await this.read();
        end(response, OK, method === 'HEAD' ? '' : text, this.metrics?.contentType);
      } catch (error) {
        end(response, SERVER_ERROR, `${(error as Error).message}\n`);
      }
    }
  }

  /** The text of a scrape. Clients that ask during one get the same text. */
  private read(): Promise<string> {
    this.scrape ??= this.render().finally(() => {
      this.scrape = undefined;
    });
    return this.scrape;
  }

  private async render(): Promise<string> {
    const tapSwitch = await this.tapSwitch;
    if (tapSwitch === undefined) throw new Error('there is no switch yet');
    this.metrics ??= new (loadMetrics().SwitchMetrics)(tapSwitch);
    return this.metrics.render();
  }
}

function loadMetrics(): typeof metricsModule {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./metrics') as typeof metricsModule;
}

function end(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(text);
}

function explain(address: string, error: NodeJS.ErrnoException): StartError {
  const { code = '', errno = 0, message } = error;
  const reason = descriptorsExhausted(error) ?? getSystemErrorMap().get(errno)?.[1] ?? message;
  return new StartError(
    `--metrics ${address}: ${reason} (${code}); choose another address or port of this machine`,
    { cause: error },
  );
}
