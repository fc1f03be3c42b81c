/** Text of an event for people. */

import { EVENTS, type EventName } from '../journal/events';
import type { SwitchEvent } from '../journal/journal';
import { printable } from '../system/printable';

/** Columns of ISO 8601 that have the time of the day, with milliseconds: `06:55:12.507`. */
const TIME = [11, 23] as const;

/**
 * @param line JSON of an event, or of a gap (`{"event":"lost","lost":3}`)
 * @returns `06:55:12.507  port is up  port tap0`, the time in UTC
 */
export function eventText(line: string): string {
  const { seq, time, event, ...fields } = JSON.parse(line) as Partial<SwitchEvent>;
  void seq;
  const words = EVENTS[event as EventName]?.words ?? event;
  const values = Object.entries(fields).map(([key, value]) => `${key} ${value}`);
  return printable([(time ?? '').slice(...TIME).padEnd(12), words, ...values].join('  '));
}
