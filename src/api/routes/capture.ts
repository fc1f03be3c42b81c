/** Captures of frames, for Wireshark. */

import { compileFilter } from '../../capture/filter-compiler';
import { FilterError } from '../../capture/filter-error';
import { Direction } from '../../wire/pcapng';
import { ValueError, mapRule, oneOf, textRule, wholeNumber } from '../../config/values/rule';
import { listOf, mapping, textField } from '../../config/rule-schema';
import { Limit } from '../limit';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { streamOf } from '../openapi';
import { sendHead, startStream } from '../stream';
import { findPort, portName } from './ports';

/**
 * Most captures at the same time. Each has a capture ring of 8 MiB. On the data-plane thread it checks
 * each frame when the frame arrives, and once for each port through which the frame leaves.
 */
const CAPTURES_MAX = 4;
const TYPE = 'application/x-pcapng';
/** Wireshark's limit for a packet on Ethernet, and more than the longest frame of a TAP. */
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
        operationId: 'capture',
        summary: 'Captured frames, as pcapng without end',
        querystring: query,
        response: {
          200: streamOf(TYPE, 'blocks of pcapng, until the reader goes or `count` frames are sent'),
        },
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
