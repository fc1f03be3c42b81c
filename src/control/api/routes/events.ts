/** What happens, as it happens. */

import { EventStream } from '../../event-stream';
import { Limit } from '../../limit';
import type { TapSwitch } from '../../tap-switch';
import type { Api } from '../api';
import { startStream } from '../stream';

const READERS_MAX = 16;

export function eventRoutes(api: Api, { journal }: TapSwitch): void {
  const readers = new Limit(READERS_MAX, 'events');
  api.get(
    '/v1/events',
    {
      schema: {
        summary: 'A line of JSON for each event, without end',
        description:
          'A reader that is too slow loses the oldest events: the line {"event":"lost","lost":N} ' +
          'stands where they were.',
      },
    },
    (_, reply) => {
      readers.enter(reply.raw);
      return startStream(reply, 'application/x-ndjson', new EventStream(journal));
    },
  );
}
