/** Captures of frames: what may be asked of them. */

import type { z } from 'zod';
import { compileFilter } from '../../capture/filter-compiler';
import { FilterError } from '../../capture/filter-error';
import { Direction } from '../../wire/pcapng';
import { ValueError, mapRule, oneOf, textRule, wholeNumber } from '../../config/values/rule';
import { field, listOf, mapping, textField } from '../../config/rule-schema';
import type { CaptureRequest } from '../captures';
import type { TapSwitch } from '../tap-switch';
import { MAPPING, QUERY, type ToField } from './forms';
import { findPort, portName } from './ports';

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

const labels = (to: ToField) => listOf(to(portName), (label) => label).optional();
const wantedFrames = (to: ToField) => ({
  direction: to(directions).optional(),
  snaplen: to(wholeNumber({ from: 14, to: SNAP_BYTES_MAX, unit: 'bytes' })).optional(),
  count: to(wholeNumber({ from: 1, to: 2 ** 31, unit: 'frames' })).optional(),
  filter: to(filter).optional(),
});

/** The query of a URL, in which each port is a `port`. */
export const captureQuery = mapping({ port: labels(textField), ...wantedFrames(textField) }, QUERY);
export type NewCapture = z.output<typeof captureQuery>;

/** Options of a program, in which the ports are `ports`. */
export const captureOptions = mapping({ ports: labels(field), ...wantedFrames(field) }, MAPPING);

/** @throws RequestError where there is no such port */
export function captureRequest({ ports }: TapSwitch, capture: NewCapture): CaptureRequest {
  const { port, direction, snaplen, count, filter: wanted } = capture;
  const ids = port?.map((label) => findPort(ports, label).id);
  return {
    ...(ids !== undefined && { ports: ids }),
    directions: direction ?? [Direction.In, Direction.Out],
    snapBytes: snaplen ?? SNAP_BYTES_MAX,
    filter: wanted ?? compileFilter(''),
    ...(count !== undefined && { count }),
  };
}
