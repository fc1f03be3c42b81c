"use strict";
/** Answers that are long or have no end. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.sendList = sendList;
exports.sendHead = sendHead;
exports.startStream = startStream;
const node_stream_1 = require("node:stream");
/** Items that are written in one turn of the event loop, before it serves other clients. */
const PIECE_ITEMS = 500;
/**
 * Answers with a list. A long one, which may have a million items, is written piece by piece, as fast
 * as it is read.
 */
function sendList(reply, items, bodyOf) {
    if (items.length <= PIECE_ITEMS)
        return reply.send(items.map(bodyOf));
    return reply.type('application/json').send(node_stream_1.Readable.from(jsonPieces(items, bodyOf)));
}
function* jsonPieces(items, bodyOf) {
    yield '[';
    for (let at = 0; at < items.length; at += PIECE_ITEMS) {
        const bodies = items.slice(at, at + PIECE_ITEMS).map((item) => JSON.stringify(bodyOf(item)));
        yield (at === 0 ? '' : ',') + bodies.join(',');
    }
    yield ']';
}
/** Answers HEAD on a resource whose GET has no end, without starting the stream. */
function sendHead(reply, type) {
    return reply.type(type).send('');
}
/** Sends the headers at once: from then on, the reader misses nothing. */
function startStream(reply, type, stream) {
    // A stream may be silent for long although its reader is there.
    reply.raw.socket?.setTimeout(0);
    void reply.type(type).send(stream);
    reply.raw.flushHeaders();
    return reply;
}
