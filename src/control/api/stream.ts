/** Answers without an end. */

import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Begins the answer at once, so that its reader knows that he misses nothing from now on. */
export function startStream(reply: FastifyReply, type: string, stream: Readable): FastifyReply {
  // Silence is no sign that the reader has gone.
  reply.raw.socket?.setTimeout(0);
  void reply.type(type).send(stream);
  reply.raw.flushHeaders();
  return reply;
}
