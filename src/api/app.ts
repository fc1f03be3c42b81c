/**
 * The control API: fastify, with requests checked by zod schemas, from which the OpenAPI document is
 * made, too. It is loaded with the first request, because that takes 70 ms and 14 MB.
 */

import fastify, { type FastifyError } from 'fastify';
import type { z } from 'zod';
import type { Logger } from '../journal/logger';
import { packageVersion } from '../system/package-version';
import { mapping, readShape } from '../config/rule-schema';
import { InvalidRequest } from '../control/invalid-request';
import type { Reload } from '../control/reload';
import type { TapSwitch } from '../control/tap-switch';
import { AllowedMethods } from './allowed-methods';
import type { Api, ZodTypes } from './api';
import { ApiDocument } from './openapi';
import { sendProblem } from './problem';
import { SERVER_NAME } from './server-name';
import { addressRoutes } from './routes/addresses';
import { impairmentRoutes } from './routes/impairments';
import { hookRoutes } from './routes/hooks';
import { mirrorRoutes } from './routes/mirrors';
import { captureRoutes } from './routes/capture';
import { configRoutes } from './routes/config';
import { bridgeRoutes } from './routes/bridge';
import { eventRoutes } from './routes/events';
import { fdbRoutes } from './routes/fdb';
import { mdbRoutes } from './routes/mdb';
import { neighbourRoutes } from './routes/neighbours';
import { portRoutes } from './routes/ports';
import { stpRoutes } from './routes/stp';
import { statsRoutes } from './routes/stats';
import { traceRoutes } from './routes/trace';
import { vlanRoutes } from './routes/vlans';

const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;

const BODY_MAX_BYTES = 64 * 1024;
/** Longer than the label of any port: a namespace may be given by its path, of 4,096 bytes at most. */
const PARAMETER_MAX_CHARACTERS = 16 * 1024;

/** @returns the API of a switch, ready for requests. */
export async function createApi(tapSwitch: TapSwitch, reload: Reload, log: Logger): Promise<Api> {
  const app = fastify({
    bodyLimit: BODY_MAX_BYTES,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: PARAMETER_MAX_CHARACTERS },
    // A URL that cannot be read.
    frameworkErrors: (error, _, reply) => sendProblem(reply, error),
  }).withTypeProvider<ZodTypes>();
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', (_, reply, done) => {
    void reply.header('server', `${SERVER_NAME}${packageVersion()}`);
    done();
  });
  takeEmptyBodies(app);
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (value: unknown) => {
    const read = readShape(schema, value);
    return 'data' in read ? { value: read.data } : { error: new InvalidRequest(read.faults) };
  });
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.setErrorHandler((error, request, reply) => {
    const { code, statusCode } = error as FastifyError;
    if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
      const type = request.headers['content-type'] ?? 'none';
      const message = `expected a body of type application/json, got ${type}; send Content-Type: application/json`;
      sendProblem(reply, Object.assign(new Error(message), { statusCode }));
      return;
    }
    if (reply.statusCode >= 500) {
      log.error('a request failed', { url: request.url, error: (error as Error).stack });
    }
    sendProblem(reply, error);
  });
  refuseUnknown(app);
  const document = new ApiDocument(packageVersion());
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (method !== 'HEAD') document.add(String(method), url, schema ?? {});
  });
  refuseStrayQueries(app);
  await app.register((api: Api) => {
    bridgeRoutes(api, tapSwitch);
    portRoutes(api, tapSwitch);
    fdbRoutes(api, tapSwitch);
    vlanRoutes(api, tapSwitch);
    neighbourRoutes(api, tapSwitch);
    mdbRoutes(api, tapSwitch);
    addressRoutes(api, tapSwitch);
    stpRoutes(api, tapSwitch);
    mirrorRoutes(api, tapSwitch);
    impairmentRoutes(api, tapSwitch);
    hookRoutes(api, tapSwitch);
    statsRoutes(api, tapSwitch);
    configRoutes(api, tapSwitch, reload);
    eventRoutes(api, tapSwitch);
    captureRoutes(api, tapSwitch);
    traceRoutes(api, tapSwitch);
    // The document is made with the first request and does not change afterwards.
    let text: string | undefined;
    api.get('/v1/openapi.json', { schema: { hide: true } }, (_, reply) => {
      text ??= document.render();
      return reply.type('application/json').send(text);
    });
  });
  await app.ready();
  return app;
}

/** Answers requests for an unknown path (404), and for a method that the path does not have (405). */
function refuseUnknown(app: Api): void {
  const allowed = new AllowedMethods();
  app.addHook('onRoute', ({ url, method }) => allowed.add(url, method));
  app.setNotFoundHandler(({ method, url }, reply) => {
    const methods = allowed.of(url).join(', ');
    const isKnown = methods !== '';
    if (isKnown) void reply.header('allow', methods);
    const why = isKnown
      ? `no such method; this path has ${methods}`
      : 'no such resource; see /v1/openapi.json';
    const statusCode = isKnown ? METHOD_NOT_ALLOWED : NOT_FOUND;
    sendProblem(reply, Object.assign(new Error(`${method} ${url}: ${why}`), { statusCode }));
  });
}

/** Refuses a query (400) where a route has none. The OpenAPI document must have read the route before. */
function refuseStrayQueries(app: Api): void {
  const none = mapping({}, { what: 'a query', keyIs: 'parameter' });
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, querystring: route.schema?.querystring ?? none };
  });
}

/**
 * Accepts an empty body of type JSON. Clients send the content type without a body, too, as with
 * DELETE. The route's schema says whether a body must be there.
 */
function takeEmptyBodies(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  const parser: typeof parse = (request, text, done) => {
    if (text === '') done(null, undefined);
    else void parse(request, text, done);
  };
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, parser);
}
