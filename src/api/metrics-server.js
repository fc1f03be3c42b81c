"use strict";
/**
 * Serves `/metrics`, and no other resource, over TCP: Prometheus cannot scrape a Unix socket. Whoever reaches
 * the address can read the counters and the names of the ports, and cannot change anything.
 *
 * Clients may be hostile: there are few connections, each with one request and a limit on its time, and all
 * clients that ask at the same time get one text.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.MetricsServer = void 0;
const node_http_1 = require("node:http");
const node_util_1 = require("node:util");
const socket_address_1 = require("../config/values/socket-address");
const descriptors_1 = require("../system/descriptors");
const start_error_1 = require("../system/start-error");
const CONNECTIONS_MAX = 16;
const HEADERS_MAX_BYTES = 8 * 1024;
/** Milliseconds for the whole of a request, and for a client to read on. */
const PATIENCE_MS = 10_000;
/** Milliseconds from one check for slow clients to the next. */
const CHECK_MS = 1_000;
const OK = 200;
const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;
const SERVER_ERROR = 500;
class MetricsServer {
    server;
    tapSwitch;
    metrics;
    scrape;
    constructor(server) {
        this.server = server;
    }
    /**
     * Listens. Requests wait until the switch that `serve` names is up.
     * @param address `HOST:PORT` that has passed the rule of the option
     * @throws StartError
     */
    static async listen(address, log) {
        const server = (0, node_http_1.createServer)({
            maxHeaderSize: HEADERS_MAX_BYTES,
            headersTimeout: PATIENCE_MS,
            requestTimeout: PATIENCE_MS,
            connectionsCheckingInterval: CHECK_MS,
            // One request per connection: Node.js would keep every further one while its client reads nothing.
            keepAlive: false,
        });
        server.maxConnections = CONNECTIONS_MAX;
        server.maxRequestsPerSocket = 1;
        server.setTimeout(PATIENCE_MS);
        const { host, port } = (0, socket_address_1.parseSocketAddress)(address);
        await new Promise((resolve, reject) => {
            server.once('error', (error) => reject(explain(address, error)));
            server.listen({ host, port }, resolve);
        });
        server.removeAllListeners('error');
        server.on('error', ({ message }) => log.error(`metrics: a client cannot be accepted: ${message}`));
        if (!(0, socket_address_1.isLocal)(address)) {
            log.warn(`metrics: anybody who reaches ${address} can read the counters`);
        }
        const metrics = new MetricsServer(server);
        server.on('request', (request, response) => void metrics.answer(request, response));
        return metrics;
    }
    /** Sets the switch whose counters are served. If it does not come up, the server closes. */
    serve(tapSwitch) {
        this.tapSwitch = tapSwitch;
        tapSwitch.catch(() => this.close());
    }
    /** Loads all modules now, for a switch that may not be able to read its own files later. */
    preload() {
        loadMetrics();
    }
    close() {
        this.server.close();
        this.server.closeAllConnections();
    }
    async answer(request, response) {
        const { method, url = '' } = request;
        response.setHeader('connection', 'close');
        if (url.split('?')[0] !== '/metrics') {
            end(response, NOT_FOUND, 'there is only /metrics here\n');
        }
        else if (method !== 'GET' && method !== 'HEAD') {
            response.setHeader('allow', 'GET, HEAD');
            end(response, METHOD_NOT_ALLOWED, '/metrics can only be read\n');
        }
        else {
            try {
                const text = await this.read();
                end(response, OK, method === 'HEAD' ? '' : text, this.metrics?.contentType);
            }
            catch (error) {
                end(response, SERVER_ERROR, `${error.message}\n`);
            }
        }
    }
    /** The text of a scrape. Clients that ask during one get the same text. */
    read() {
        this.scrape ??= this.render().finally(() => {
            this.scrape = undefined;
        });
        return this.scrape;
    }
    async render() {
        const tapSwitch = await this.tapSwitch;
        if (tapSwitch === undefined)
            throw new Error('there is no switch yet');
        this.metrics ??= new (loadMetrics().SwitchMetrics)(tapSwitch);
        return this.metrics.render();
    }
}
exports.MetricsServer = MetricsServer;
function loadMetrics() {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('./metrics');
}
function end(response, status, text, type = 'text/plain') {
    response.writeHead(status, { 'content-type': type });
    response.end(text);
}
function explain(address, error) {
    const { code = '', errno = 0, message } = error;
    const reason = (0, descriptors_1.descriptorsExhausted)(error) ?? (0, node_util_1.getSystemErrorMap)().get(errno)?.[1] ?? message;
    return new start_error_1.StartError(`--metrics ${address}: ${reason} (${code}); choose another address or port of this machine`, { cause: error });
}
