/** Answers that are long, or have no end. */

import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Items that are written at once, before anybody else is served. */
const PIECE_ITEMS = 500;

/**
 * Answers with a list. It may have a million items: then it is written piece by piece, as fast as it
 * is read.
 */
export function sendList<T>(
  reply: FastifyReply,
  items: readonly T[],
  bodyOf: (item: T) => unknown,
): FastifyReply {
  if (items.length <= PIECE_ITEMS) return reply.send(items.map(bodyOf));
  return reply.type('application/json').send(Readable.from(jsonPieces(items, bodyOf)));
}

function* jsonPieces<T>(items: readonly T[], bodyOf: (item: T) => unknown): Generator<string> {
  yield '[';
  for (let at = 0; at < items.length; at += PIECE_ITEMS) {
    const bodies = items.slice(at, at + PIECE_ITEMS).map((item) => JSON.stringify(bodyOf(item)));
    yield (at === 0 ? '' : ',') + bodies.join(',');
  }
  yield ']';
}

/** Answers HEAD in place of an answer without end, which is not begun for it. */
export function sendHead(reply: FastifyReply, type: string): FastifyReply {
  return reply.type(type).send('');
}

/** Begins the answer at once, so that its reader knows that he misses nothing from now on. */
export function startStream(reply: FastifyReply, type: string, stream: Readable): FastifyReply {
  // Silence is no sign that the reader has gone.
  reply.raw.socket?.setTimeout(0);
  void reply.type(type).send(stream);
  reply.raw.flushHeaders();
  return reply;
}
