"use strict";
/** The stream of events. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.eventRoutes = eventRoutes;
const event_stream_1 = require("../../journal/event-stream");
const limit_1 = require("../limit");
const openapi_1 = require("../openapi");
const shapes_1 = require("../../control/shapes");
const stream_1 = require("../stream");
const READERS_MAX = 16;
const TYPE = 'application/x-ndjson';
function eventRoutes(api, { journal }) {
    const readers = new limit_1.Limit(READERS_MAX, 'events');
    api.get('/v1/events', {
        schema: {
            operationId: 'followEvents',
            summary: 'A line of JSON for each event, without end',
            description: 'A reader that is too slow loses the oldest events. The line {"event":"lost","lost":N} ' +
                'stands in their place.',
            response: { 200: (0, openapi_1.linesOf)(TYPE, shapes_1.eventShape) },
        },
    }, ({ method }, reply) => {
        if (method === 'HEAD')
            return (0, stream_1.sendHead)(reply, TYPE);
        readers.enter(reply.raw);
        return (0, stream_1.startStream)(reply, TYPE, new event_stream_1.EventStream(journal));
    });
}
