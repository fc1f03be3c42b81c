/**
 * The control API: fastify, with requests checked by zod schemas, from which the OpenAPI document is
 * made, too. It is loaded with the first request, because that takes 70 ms and 14 MB.
 */

import swagger from '@fastify/swagger';
import fastify, { type FastifyError, type FastifySchema } from 'fastify';
import type { z } from 'zod';
import type { Logger } from '../journal/logger';
import { packageVersion } from '../system/package-version';
import { readShape, toJsonSchema } from '../config/rule-schema';
import type { Reload } from '../control/reload';
import type { TapSwitch } from '../control/tap-switch';
import type { Api, ZodTypes } from './api';
import { InvalidRequest, sendProblem } from './problem';
import { SERVER_NAME } from './server-name';
import { addressRoutes } from './routes/addresses';
import { mirrorRoutes } from './routes/mirrors';
import { captureRoutes } from './routes/capture';
import { configRoutes } from './routes/config';
import { bridgeRoutes } from './routes/bridge';
import { eventRoutes } from './routes/events';
import { fdbRoutes } from './routes/fdb';
import { neighbourRoutes } from './routes/neighbours';
import { portRoutes } from './routes/ports';
import { statsRoutes } from './routes/stats';
import { traceRoutes } from './routes/trace';
import { problemShape } from './shapes';

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
  app.setNotFoundHandler((request, reply) => {
    const message = `${request.method} ${request.url}: no such resource; see /v1/openapi.json`;
    sendProblem(reply, Object.assign(new Error(message), { statusCode: 404 }));
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'tapswitch',
        version: packageVersion(),
        description: 'Controls a running switch over its control socket.',
      },
    },
    transform: ({ schema, url }) => ({ schema: describe(schema), url }),
  });
  await app.register((api: Api) => {
    bridgeRoutes(api, tapSwitch);
    portRoutes(api, tapSwitch);
    fdbRoutes(api, tapSwitch);
    neighbourRoutes(api, tapSwitch);
    addressRoutes(api, tapSwitch);
    mirrorRoutes(api, tapSwitch);
    statsRoutes(api, tapSwitch);
    configRoutes(api, tapSwitch, reload);
    eventRoutes(api, tapSwitch);
    captureRoutes(api, tapSwitch);
    traceRoutes(api, tapSwitch);
    // The document is made with the first request and does not change afterwards.
    let document: string | undefined;
    api.get('/v1/openapi.json', { schema: { hide: true } }, (_, reply) => {
      document ??= JSON.stringify(app.swagger());
      return reply.type('application/json').send(document);
    });
  });
  await app.ready();
  return app;
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

/** A route's zod schemas as JSON schemas for OpenAPI, with the error answer of every route. */
function describe(schema: FastifySchema | undefined): FastifySchema {
  const { body, querystring, params, response = {}, ...rest } = schema ?? {};
  const inWords = (part: unknown): object => toJsonSchema(part as z.ZodType);
  const answers = Object.entries(response as Record<string, unknown>).map(([status, shape]) => [
    status,
    inWords(shape),
  ]);
  return {
    ...rest,
    ...(body !== undefined && { body: inWords(body) }),
    ...(querystring !== undefined && { querystring: inWords(querystring) }),
    ...(params !== undefined && { params: inWords(params) }),
    response: {
      ...(Object.fromEntries(answers) as object),
      default: {
        description: 'the error',
        content: { 'application/problem+json': { schema: inWords(problemShape) } },
      },
    },
  };
}
