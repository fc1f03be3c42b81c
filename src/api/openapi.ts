/**
 * The OpenAPI 3.1 document of the control API, made of the routes and their zod schemas. It has all that a
 * generator of clients needs: a server, an `operationId` for each operation, a name for each schema that has
 * one (`.meta({ id: 'Port' })`), and every status with the type of its body.
 *
 * Source: OpenAPI Specification 3.1.1, https://spec.openapis.org/oas/v3.1.1.html.
 */

import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { toJsonSchema } from '../config/rule-schema';
import type { JsonSchema } from '../config/values/rule';
import { problemShape } from '../control/shapes';

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

/** Parts of a route that the document shows. Their schemas are zod schemas. */
export interface RouteWords {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  /** A route that is not a part of the document. */
  readonly hide?: boolean;
  readonly body?: unknown;
  readonly querystring?: unknown;
  readonly params?: unknown;
  /** Schema of the answer by status; {@link streamOf} makes one of another type than JSON. */
  readonly response?: unknown;
}

/** Schema of an answer without a body. */
export const NO_BODY = z.undefined().describe('done');

/** Schema of an answer that is text or bytes of this media type. */
export function streamOf(mediaType: string, description: string): z.ZodType {
  return z.unknown().meta({ type: 'string', contentMediaType: mediaType, description });
}

/** Schema of an answer with one JSON value in each line (NDJSON), and no end. */
export function linesOf(mediaType: string, line: z.ZodType): z.ZodType {
  return line.meta({ contentMediaType: mediaType, description: 'a line for each, without end' });
}

/** Routes are only kept until the document is asked for: its schemas take longer to make than all else of the API. */
export class ApiDocument {
  private readonly routes: (readonly [method: string, url: string, words: RouteWords])[] = [];
  private readonly paths: Record<string, Record<string, object>> = {};
  private readonly schemas: Record<string, JsonSchema> = {};

  constructor(private readonly version: string) {}

  /** @param url path of the route with its parameters as `:name` */
  add(method: string, url: string, words: RouteWords): void {
    if (words.hide !== true) this.routes.push([method, url, { ...words }]);
  }

  /** @returns the document as JSON. */
  render(): string {
    for (const route of this.routes) this.describe(...route);
    const problem = { [PROBLEM_TYPE]: { schema: this.schemaOf(problemShape) } };
    const text = JSON.stringify({
      openapi: '3.1.0',
      info: {
        title: 'tapswitch',
        version: this.version,
        description: 'Controls a running switch over its control socket.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [
        {
          url: 'http://switch',
          description:
            'Any host name: a client connects to the control socket, /run/tapswitch/NAME.sock, and looks none up',
        },
      ],
      // Whoever may open the socket may do everything.
      security: [],
      paths: this.paths,
      components: {
        responses: {
          Refused: {
            description: 'the request is wrong, or does not fit the state',
            content: problem,
          },
          Failed: { description: 'the switch failed, or is busy', content: problem },
        },
        schemas: this.schemas,
      },
    });
    // zod keeps named schemas in $defs of each schema; here they have one place.
    return text.replaceAll('"#/$defs/', '"#/components/schemas/');
  }

  private describe(method: string, url: string, words: RouteWords): void {
    const { operationId, summary, description, params, querystring, body, response } = words;
    const path = url.replace(/:(\w+)/g, '{$1}');
    const parameters = [
      ...this.parameters('path', params),
      ...this.parameters('query', querystring),
    ];
    const answers = Object.entries((response ?? {}) as Record<string, z.ZodType>);
    this.paths[path] = {
      ...this.paths[path],
      [method.toLowerCase()]: {
        operationId,
        summary,
        description,
        ...(parameters.length > 0 && { parameters }),
        ...(body !== undefined && { requestBody: this.requestBody(body as z.ZodType) }),
        responses: {
          ...Object.fromEntries(
            answers.map(([status, shape]) => [status, this.answer(status, shape)]),
          ),
          '4XX': { $ref: '#/components/responses/Refused' },
          '5XX': { $ref: '#/components/responses/Failed' },
        },
      },
    };
  }

  private parameters(place: 'path' | 'query', shape: unknown): object[] {
    if (shape === undefined) return [];
    const { properties = {}, required = [] } = toJsonSchema(shape as z.ZodType) as {
      properties?: Record<string, JsonSchema>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, schema]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema,
    }));
  }

  private requestBody(shape: z.ZodType): object {
    return { required: true, content: { [JSON_TYPE]: { schema: this.schemaOf(shape) } } };
  }

  private answer(status: string, shape: z.ZodType): object {
    const { description = STATUS_CODES[status] } = shape;
    if (shape === NO_BODY) return { description };
    const type = (shape.meta()?.['contentMediaType'] ?? JSON_TYPE) as string;
    return { description, content: { [type]: { schema: this.schemaOf(shape) } } };
  }

  /** A reference to a named schema, or the schema itself. Notes the named schemas inside it. */
  private schemaOf(shape: z.ZodType): JsonSchema {
    // The wrapper lets zod treat the schema itself as one with a name, too.
    const { properties, $defs } = toJsonSchema(z.object({ shape })) as {
      properties: { shape: JsonSchema };
      $defs?: Record<string, JsonSchema>;
    };
    Object.assign(this.schemas, $defs);
    return properties.shape;
  }
}
