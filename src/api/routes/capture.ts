/** Frames as they come and go, for Wireshark. */

import { z } from 'zod';
import { compileFilter } from '../../capture/filter-compiler';
import { FilterError } from '../../capture/filter-error';
import { Direction } from '../../wire/pcapng';
import { ValueError, mapRule, oneOf, textRule, wholeNumber } from '../../config/values/rule';
import { listOf, mapping, textField } from '../../config/rule-schema';
import { Limit } from '../limit';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { sendHead, startStream } from '../stream';
import { findPort, portName } from './ports';

/**
 * Each holds a ring of 8 MiB, and looks at each frame when it comes and once for each port that it
 * leaves from, on the thread that moves frames.
 */
const CAPTURES_MAX = 4;
const TYPE = 'application/x-pcapng';
/** The longest that a TAP gives, and more than Wireshark's own limit on Ethernet. */
const SNAP_BYTES_MAX = 262_144;

const directions = mapRule(
  oneOf('in', 'out', 'both'),
  (word) =>
    ({
      in: [Direction.In],
      out: [Direction.Out],
      both: [Direction.In, Direction.Out],
    })[word],
);

const filter = textRule('a filter in the words of tcpdump', (text) => {
  try {
    return compileFilter(text);
  } catch (error) {
    throw error instanceof FilterError ? new ValueError(error.message) : error;
  }
});

const query = mapping(
  {
    port: listOf(textField(portName), (label) => label).optional(),
    direction: textField(directions).optional(),
    snaplen: textField(wholeNumber({ from: 14, to: SNAP_BYTES_MAX, unit: 'bytes' })).optional(),
    count: textField(wholeNumber({ from: 1, to: 2 ** 31, unit: 'frames' })).optional(),
    filter: textField(filter).optional(),
  },
  { what: 'a query', keyIs: 'parameter' },
);

export function captureRoutes(api: Api, tapSwitch: TapSwitch): void {
  const readers = new Limit(CAPTURES_MAX, 'frames');
  api.get(
    '/v1/capture',
    {
      schema: {
        summary: 'Frames as they come and go, as pcapng without end',
        querystring: query,
        response: { 200: z.unknown().meta({ contentMediaType: TYPE }) },
      },
    },
    async (request, reply) => {
      const { port, direction, snaplen, count, filter: wanted } = request.query;
      const ports = port?.map((label) => findPort(tapSwitch.ports, label).id);
      if (request.method === 'HEAD') return sendHead(reply, TYPE);
      readers.enter(reply.raw);
      const stream = await tapSwitch.capture({
        ...(ports !== undefined && { ports }),
        directions: direction ?? [Direction.In, Direction.Out],
        snapBytes: snaplen ?? SNAP_BYTES_MAX,
        filter: wanted ?? compileFilter(''),
        ...(count !== undefined && { count }),
      });
      return startStream(reply, TYPE, stream);
    },
  );
}
