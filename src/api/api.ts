/** The type of the API, for the files that add routes: fastify, with requests checked by zod. */

import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { z } from 'zod';

declare module 'fastify' {
  /** Parts of a route that the OpenAPI document shows. */
  interface FastifySchema {
    readonly operationId?: string;
    readonly summary?: string;
    readonly description?: string;
    readonly hide?: boolean;
  }
}

/** Types of a request's parts: the outputs of their zod schemas. */
export interface ZodTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  /** Type of an answer. It is unknown, because a streamed answer has the same schema as another. */
  readonly serializer: unknown;
}

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypes
>;
