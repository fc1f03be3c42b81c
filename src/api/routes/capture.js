"use strict";
/** Captures of frames, for Wireshark. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.captureRoutes = captureRoutes;
const capture_1 = require("../../control/resources/capture");
const limit_1 = require("../limit");
const openapi_1 = require("../openapi");
const stream_1 = require("../stream");
/**
 * Most captures at the same time. Each has a capture ring of 8 MiB. On the data-plane thread it checks
 * each frame when the frame arrives, and once for each port through which the frame leaves.
 */
const CAPTURES_MAX = 4;
const TYPE = 'application/x-pcapng';
function captureRoutes(api, tapSwitch) {
    const readers = new limit_1.Limit(CAPTURES_MAX, 'frames');
    api.get('/v1/capture', {
        schema: {
            operationId: 'capture',
            summary: 'Captured frames, as pcapng without end',
            querystring: capture_1.newCapture.query,
            response: {
                200: (0, openapi_1.streamOf)(TYPE, 'blocks of pcapng, until the reader goes or `count` frames are sent'),
            },
        },
    }, async (request, reply) => {
        const wanted = (0, capture_1.captureRequest)(tapSwitch, request.query);
        if (request.method === 'HEAD')
            return (0, stream_1.sendHead)(reply, TYPE);
        readers.enter(reply.raw);
        return (0, stream_1.startStream)(reply, TYPE, await tapSwitch.capture(wanted));
    });
}
