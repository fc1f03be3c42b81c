import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { madeWhenRead } from '../../../src/config/rule-schema';
import { lintOpenApi } from '../../support/openapi-client';
import { ApiDocument, NO_BODY, linesOf, streamOf } from '../../../src/api/openapi';

const port = z.object({ port: z.string() }).meta({ id: 'Port' });

function documentOf(...routes: Parameters<ApiDocument['add']>[]): {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
} {
  const document = new ApiDocument('1.2.3');
  for (const route of routes) document.add(...route);
  return JSON.parse(document.render()) as ReturnType<typeof documentOf>;
}

describe('the OpenAPI document', () => {
  test('refers to a schema by its name, also inside another', () => {
    const { paths, components } = documentOf([
      'GET',
      '/v1/ports/:port',
      {
        operationId: 'x',
        params: z.object({ port: z.string() }),
        response: { 200: z.array(port) },
      },
    ]);
    expect(paths['/v1/ports/{port}']?.['get']).toMatchObject({
      operationId: 'x',
      parameters: [{ name: 'port', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        200: {
          content: {
            'application/json': {
              schema: { type: 'array', items: { $ref: '#/components/schemas/Port' } },
            },
          },
        },
      },
    });
    expect(Object.keys(components.schemas).sort()).toEqual(['Port', 'Problem']);
  });

  test('makes the schemas when it is asked for, and not for the first request', () => {
    let made = 0;
    const body = z.unknown().meta(
      madeWhenRead(() => {
        made++;
        return [{ type: 'string' }];
      }),
    );
    const document = new ApiDocument('1.2.3');
    document.add('POST', '/v1/ports', { body });
    expect(made).toBe(0);
    expect(document.render()).toContain('{"application/json":{"schema":{"type":"string"}}}');
    expect(made).toBeGreaterThan(0);
  });

  test('has the type of a stream, of lines, and no type where there is no body', () => {
    const { paths } = documentOf(
      ['GET', '/bytes', { response: { 200: streamOf('application/x-pcapng', 'blocks') } }],
      ['GET', '/lines', { response: { 200: linesOf('application/x-ndjson', port) } }],
      ['DELETE', '/lines', { response: { 204: NO_BODY } }],
    );
    expect(paths).toMatchObject({
      '/bytes': {
        get: {
          responses: { 200: { description: 'blocks', content: { 'application/x-pcapng': {} } } },
        },
      },
      '/lines': {
        get: { responses: { 200: { content: { 'application/x-ndjson': {} } } } },
        delete: { responses: { 204: { description: 'done' } } },
      },
    });
    expect(JSON.stringify(paths['/lines']?.['delete'])).not.toContain('"200"');
  });

  test('leaves out a hidden route', () => {
    expect(documentOf(['GET', '/x', { hide: true }]).paths).toEqual({});
  });

  test('passes the linter, which reports a route without an operation id', async () => {
    const words = { summary: 'x', response: { 200: port } };
    expect(
      await lintOpenApi(JSON.stringify(documentOf(['GET', '/x', { operationId: 'x', ...words }]))),
    ).toEqual([]);
    expect(await lintOpenApi(JSON.stringify(documentOf(['GET', '/x', words])))).toEqual([
      'operation-operationId at #/paths/~1x/get/operationId',
    ]);
  });
});
