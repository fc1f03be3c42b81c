/**
 * What happens to the switch, in order: into the log, and to whoever listens to its events.
 *
 * A listener is called at once and must not wait; `EventStream` is the one for slow readers.
 */

import type { LogFields, Logger } from './logger';
import { printable } from '../system/printable';
import { EVENTS, type EventName } from './events';

export interface SwitchEvent {
  /** Counts up by one; a gap is what a slow reader has lost. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: EventName;
  readonly [field: string]: string | number | boolean | undefined;
}

/** @param line the event as JSON, with the end of the line */
export type EventListener = (line: string) => void;

export class Journal {
  private readonly listeners = new Set<EventListener>();
  private lastSeq = 0;

  constructor(readonly log: Logger) {}

  /** @param atMs when it happened, milliseconds since 1970; now unless given */
  note(event: EventName, fields: LogFields = {}, atMs = Date.now()): void {
    const { level, words } = EVENTS[event];
    this.log[level](words, fields);
    const seq = ++this.lastSeq;
    if (this.listeners.size === 0) return;
    const entry: SwitchEvent = { ...fields, seq, time: new Date(atMs).toISOString(), event };
    // The same JSON; people let it run down their terminals.
    const line = `${printable(JSON.stringify(entry))}\n`;
    for (const listener of this.listeners) listener(line);
  }

  /** @returns how to stop listening */
  listen(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
