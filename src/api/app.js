"use strict";
/**
 * The control API: fastify, with requests checked by zod schemas, from which the OpenAPI document is
 * made, too. It is loaded with the first request, because that takes 70 ms and 14 MB.
 */
var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.createApi = createApi;
const fastify_1 = __importDefault(require("fastify"));
const package_version_1 = require("../system/package-version");
const rule_schema_1 = require("../config/rule-schema");
const invalid_request_1 = require("../control/invalid-request");
const allowed_methods_1 = require("./allowed-methods");
const openapi_1 = require("./openapi");
const problem_1 = require("./problem");
const server_name_1 = require("./server-name");
const addresses_1 = require("./routes/addresses");
const mirrors_1 = require("./routes/mirrors");
const capture_1 = require("./routes/capture");
const config_1 = require("./routes/config");
const bridge_1 = require("./routes/bridge");
const events_1 = require("./routes/events");
const fdb_1 = require("./routes/fdb");
const mdb_1 = require("./routes/mdb");
const neighbours_1 = require("./routes/neighbours");
const ports_1 = require("./routes/ports");
const stp_1 = require("./routes/stp");
const stats_1 = require("./routes/stats");
const trace_1 = require("./routes/trace");
const vlans_1 = require("./routes/vlans");
const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;
const BODY_MAX_BYTES = 64 * 1024;
/** Longer than the label of any port: a namespace may be given by its path, of 4,096 bytes at most. */
const PARAMETER_MAX_CHARACTERS = 16 * 1024;
/** @returns the API of a switch, ready for requests. */
async function createApi(tapSwitch, reload, log) {
    const app = (0, fastify_1.default)({
        bodyLimit: BODY_MAX_BYTES,
        exposeHeadRoutes: true,
        routerOptions: { maxParamLength: PARAMETER_MAX_CHARACTERS },
        // A URL that cannot be read.
        frameworkErrors: (error, _, reply) => (0, problem_1.sendProblem)(reply, error),
    }).withTypeProvider();
    app.removeContentTypeParser('text/plain');
    app.addHook('onRequest', (_, reply, done) => {
        void reply.header('server', `${server_name_1.SERVER_NAME}${(0, package_version_1.packageVersion)()}`);
        done();
    });
    takeEmptyBodies(app);
    app.setValidatorCompiler(({ schema }) => (value) => {
        const read = (0, rule_schema_1.readShape)(schema, value);
        return 'data' in read ? { value: read.data } : { error: new invalid_request_1.InvalidRequest(read.faults) };
    });
    app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
    app.setErrorHandler((error, request, reply) => {
        const { code, statusCode } = error;
        if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
            const type = request.headers['content-type'] ?? 'none';
            const message = `expected a body of type application/json, got ${type}; send Content-Type: application/json`;
            (0, problem_1.sendProblem)(reply, Object.assign(new Error(message), { statusCode }));
            return;
        }
        if (reply.statusCode >= 500) {
            log.error('a request failed', { url: request.url, error: error.stack });
        }
        (0, problem_1.sendProblem)(reply, error);
    });
    refuseUnknown(app);
    const document = new openapi_1.ApiDocument((0, package_version_1.packageVersion)());
    app.addHook('onRoute', ({ method, url, schema }) => {
        if (method !== 'HEAD')
            document.add(String(method), url, schema ?? {});
    });
    refuseStrayQueries(app);
    await app.register((api) => {
        (0, bridge_1.bridgeRoutes)(api, tapSwitch);
        (0, ports_1.portRoutes)(api, tapSwitch);
        (0, fdb_1.fdbRoutes)(api, tapSwitch);
        (0, vlans_1.vlanRoutes)(api, tapSwitch);
        (0, neighbours_1.neighbourRoutes)(api, tapSwitch);
        (0, mdb_1.mdbRoutes)(api, tapSwitch);
        (0, addresses_1.addressRoutes)(api, tapSwitch);
        (0, stp_1.stpRoutes)(api, tapSwitch);
        (0, mirrors_1.mirrorRoutes)(api, tapSwitch);
        (0, stats_1.statsRoutes)(api, tapSwitch);
        (0, config_1.configRoutes)(api, tapSwitch, reload);
        (0, events_1.eventRoutes)(api, tapSwitch);
        (0, capture_1.captureRoutes)(api, tapSwitch);
        (0, trace_1.traceRoutes)(api, tapSwitch);
        // The document is made with the first request and does not change afterwards.
        let text;
        api.get('/v1/openapi.json', { schema: { hide: true } }, (_, reply) => {
            text ??= document.render();
            return reply.type('application/json').send(text);
        });
    });
    await app.ready();
    return app;
}
/** Answers requests for an unknown path (404), and for a method that the path does not have (405). */
function refuseUnknown(app) {
    const allowed = new allowed_methods_1.AllowedMethods();
    app.addHook('onRoute', ({ url, method }) => allowed.add(url, method));
    app.setNotFoundHandler(({ method, url }, reply) => {
        const methods = allowed.of(url).join(', ');
        const isKnown = methods !== '';
        if (isKnown)
            void reply.header('allow', methods);
        const why = isKnown
            ? `no such method; this path has ${methods}`
            : 'no such resource; see /v1/openapi.json';
        const statusCode = isKnown ? METHOD_NOT_ALLOWED : NOT_FOUND;
        (0, problem_1.sendProblem)(reply, Object.assign(new Error(`${method} ${url}: ${why}`), { statusCode }));
    });
}
/** Refuses a query (400) where a route has none. The OpenAPI document must have read the route before. */
function refuseStrayQueries(app) {
    const none = (0, rule_schema_1.mapping)({}, { what: 'a query', keyIs: 'parameter' });
    app.addHook('onRoute', (route) => {
        route.schema = { ...route.schema, querystring: route.schema?.querystring ?? none };
    });
}
/**
 * Accepts an empty body of type JSON. Clients send the content type without a body, too, as with
 * DELETE. The route's schema says whether a body must be there.
 */
function takeEmptyBodies(app) {
    const parse = app.getDefaultJsonParser('error', 'error');
    const parser = (request, text, done) => {
        if (text === '')
            done(null, undefined);
        else
            void parse(request, text, done);
    };
    app.removeContentTypeParser('application/json');
    app.addContentTypeParser('application/json', { parseAs: 'string' }, parser);
}
