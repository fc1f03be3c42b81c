/**
 * The journal of the switch's events. It writes them to the log and passes them to listeners, in order.
 *
 * A listener is called at once and must neither wait nor throw; `EventStream` is the listener for slow readers.
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
export type EventObserver = (event: SwitchEvent) => void;

export class Journal {
  private readonly listeners = new Set<EventListener>();
  private readonly observers = new Set<EventObserver>();
  private lastSeq = 0;

  constructor(readonly log: Logger) {}

  /**
   * Whether somebody reads events of this name: a listener, or the log. Events come by the thousand when many
   * stations are new, and one that nobody reads need not be made: see `skip`.
   */
  isRead(event: EventName): boolean {
    if (this.listeners.size + this.observers.size > 0) return true;
    return this.log.writes?.(EVENTS[event].level) ?? true;
  }

  /** Numbers events that nobody reads. A reader that comes back sees the gap. */
  skip(count: number): void {
    this.lastSeq += count;
  }

  /** @param atMs time of the event, milliseconds since 1970; now unless given */
  note(event: EventName, fields: LogFields = {}, atMs = Date.now()): void {
    const { level, words } = EVENTS[event];
    this.log[level](words, fields);
    const seq = ++this.lastSeq;
    if (this.listeners.size + this.observers.size === 0) return;
    const entry: SwitchEvent = { ...fields, seq, time: new Date(atMs).toISOString(), event };
    for (const observer of this.observers) observer(entry);
    if (this.listeners.size === 0) return;
    // `printable` does not change the value of the JSON, and people show it on a terminal.
    const line = `${printable(JSON.stringify(entry))}\n`;
    for (const listener of this.listeners) listener(line);
  }

  /** Passes on the lines of the events. @returns a function that ends the listening */
  listen(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Passes on the events themselves. @returns a function that ends it */
  observe(observer: EventObserver): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }
}
