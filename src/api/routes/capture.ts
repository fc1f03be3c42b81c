/** Captures of frames, for Wireshark. */

import { captureQuery, captureRequest } from '../../control/resources/capture';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { Limit } from '../limit';
import { streamOf } from '../openapi';
import { sendHead, startStream } from '../stream';

/**
 * Most captures at the same time. Each has a capture ring of 8 MiB. On the data-plane thread it checks
 * each frame when the frame arrives, and once for each port through which the frame leaves.
 */
const CAPTURES_MAX = 4;
const TYPE = 'application/x-pcapng';

export function captureRoutes(api: Api, tapSwitch: TapSwitch): void {
  const readers = new Limit(CAPTURES_MAX, 'frames');
  api.get(
    '/v1/capture',
    {
      schema: {
        operationId: 'capture',
        summary: 'Captured frames, as pcapng without end',
        querystring: captureQuery,
        response: {
          200: streamOf(TYPE, 'blocks of pcapng, until the reader goes or `count` frames are sent'),
        },
      },
    },
    async (request, reply) => {
      const wanted = captureRequest(tapSwitch, request.query);
      if (request.method === 'HEAD') return sendHead(reply, TYPE);
      readers.enter(reply.raw);
      return startStream(reply, TYPE, await tapSwitch.capture(wanted));
    },
  );
}
