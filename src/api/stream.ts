/** Answers that are long or have no end. */

import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Items that are written in one turn of the event loop, before it serves other clients. */
const PIECE_ITEMS = 500;

/**
 * Answers with a list. A long one, which may have a million items, is written piece by piece, as fast
 * as it is read.
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

/** Answers HEAD on a resource whose GET has no end, without starting the stream. */
export function sendHead(reply: FastifyReply, type: string): FastifyReply {
  return reply.type(type).send('');
}

/** Sends the headers at once: from then on, the reader misses nothing. */
export function startStream(reply: FastifyReply, type: string, stream: Readable): FastifyReply {
  // A stream may be silent for long although its reader is there.
  reply.raw.socket?.setTimeout(0);
  void reply.type(type).send(stream);
  reply.raw.flushHeaders();
  return reply;
}
