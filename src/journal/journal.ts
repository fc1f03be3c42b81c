/**
 * What happens to the switch, in order: into the log, and to whoever listens to its events.
 *
 * A listener is called at once and must not wait; `EventStream` is the one for slow readers.
 */

import type { LogFields, Logger } from './logger';
import { printable } from '../system/printable';
import type { LogLevel } from '../config/schema';

/** Each event, with how loudly and in which words the log tells of it. */
const EVENTS = {
  learn: ['debug', 'station learn'],
  move: ['debug', 'station move'],
  age: ['debug', 'station age'],
  flapping: ['warn', 'station moves back and forth: a loop, or a MAC used twice'],
  'own-source': ['warn', "a host sends with the switch's own MAC: a loop, or a MAC used twice"],
  'offload-refused': [
    'warn',
    'the kernel refuses offloads on this port; it gets plain frames for a while',
  ],
  'io-uring-refused': ['info', 'no io_uring here; frames cost more system calls'],
  limit: ['warn', 'the forwarding database is full; one station makes room for another'],
  'stations-lost': ['debug', 'station events lost'],
  'port-added': ['info', 'port added'],
  'port-removed': ['info', 'port removed'],
  'port-up': ['info', 'port is up'],
  'port-down': ['warn', 'port is down'],
  'port-gone': ['warn', 'port is gone'],
  'port-back': ['info', 'port is back'],
  'port-problem': ['warn', 'port has a problem; it is tried again'],
  'port-problem-over': ['info', 'port has no problem any more'],
  'port-setting-refused': ['warn', 'what was set while the port was gone is refused'],
  'port-renamed': ['info', 'interface renamed'],
  'port-mtu': ['info', 'MTU changed'],
  'address-claimed': ['info', 'address claimed'],
  'address-conflict': ['warn', 'address conflict'],
  'neighbour-changed': ['info', 'another host uses the address of a known host'],
  'neighbour-conflict': ['warn', 'two hosts use one address; the switch answers for neither'],
  'neighbour-contradicted': ['warn', 'a host uses an address that is bound to another'],
  'inspection-refused': ['warn', 'inspection refused a frame'],
  reload: ['info', 'configuration reloaded'],
} as const satisfies Readonly<Record<string, readonly [LogLevel, string]>>;

export type EventName = keyof typeof EVENTS;

export const EVENT_NAMES = Object.keys(EVENTS) as EventName[];

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
    const [level, message] = EVENTS[event];
    this.log[level](message, fields);
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
