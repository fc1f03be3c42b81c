/**
 * The journal of the switch's events. It writes them to the log and passes them to listeners, in order.
 *
 * A listener is called at once and must not wait; `EventStream` is the listener for slow readers.
 */

import type { LogFields, Logger } from './logger';
import { printable } from '../system/printable';
import { EVENTS, type EventName } from './events';

export interface SwitchEvent {
  /** Sequence number. A gap shows the events that a slow reader has lost. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: EventName;
  readonly [field: string]: string | number | boolean | undefined;
}

/** @param line the event as JSON, with a line feed at the end */
export type EventListener = (line: string) => void;

export class Journal {
  private readonly listeners = new Set<EventListener>();
  private lastSeq = 0;

  constructor(readonly log: Logger) {}

  /** @param atMs time of the event, milliseconds since 1970; now unless given */
  note(event: EventName, fields: LogFields = {}, atMs = Date.now()): void {
    const { level, words } = EVENTS[event];
    this.log[level](words, fields);
    const seq = ++this.lastSeq;
    if (this.listeners.size === 0) return;
    const entry: SwitchEvent = { ...fields, seq, time: new Date(atMs).toISOString(), event };
    // `printable` does not change the value of the JSON, and people show it on a terminal.
    const line = `${printable(JSON.stringify(entry))}\n`;
    for (const listener of this.listeners) listener(line);
  }

  /** @returns a function that ends the listening */
  listen(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
