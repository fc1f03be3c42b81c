/** Answers that are long, or have no end. */

import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Items that are written at once, before anybody else is served. */
const PIECE_ITEMS = 500;

/** A list may have a million items: it is written piece by piece, as fast as it is read. */
export function* jsonPieces<T>(
  items: readonly T[],
  bodyOf: (item: T) => unknown,
): Generator<string> {
  yield '[';
  for (let at = 0; at < items.length; at += PIECE_ITEMS) {
    const bodies = items.slice(at, at + PIECE_ITEMS).map((item) => JSON.stringify(bodyOf(item)));
    yield (at === 0 ? '' : ',') + bodies.join(',');
  }
  yield ']';
}

/** Begins the answer at once, so that its reader knows that he misses nothing from now on. */
export function startStream(reply: FastifyReply, type: string, stream: Readable): FastifyReply {
  // Silence is no sign that the reader has gone.
  reply.raw.socket?.setTimeout(0);
  void reply.type(type).send(stream);
  reply.raw.flushHeaders();
  return reply;
}
