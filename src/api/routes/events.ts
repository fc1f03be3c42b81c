/** The stream of events. */

import { EventStream } from '../../journal/event-stream';
import { Limit } from '../limit';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { linesOf } from '../openapi';
import { eventShape } from '../../control/shapes';
import { sendHead, startStream } from '../stream';

const READERS_MAX = 16;
const TYPE = 'application/x-ndjson';

export function eventRoutes(api: Api, { journal }: TapSwitch): void {
  const readers = new Limit(READERS_MAX, 'events');
  api.get(
    '/v1/events',
    {
      schema: {
        operationId: 'followEvents',
        summary: 'A line of JSON for each event, without end',
        description:
          'A reader that is too slow loses the oldest events. The line {"event":"lost","lost":N} ' +
          'stands in their place.',
        response: { 200: linesOf(TYPE, eventShape) },
      },
    },
    ({ method }, reply) => {
      if (method === 'HEAD') return sendHead(reply, TYPE);
      readers.enter(reply.raw);
      return startStream(reply, TYPE, new EventStream(journal));
    },
  );
}
