/**
 * What the lane tells the journal: the name of an event, and its fields. There is one type for all of
 * it, one kind of report that carries it, and no words: those are in `src/journal/events.ts`. A port is
 * an id here; whoever keeps the ports knows its label.
 */

import type { RoomNews } from '../l2/room-list';
import { type BridgeEvent, type EventFields, decodeEvents } from '../l2/event-log';

export type News =
  | StationNews
  /** Events of stations that came faster than they could be told. */
  | { readonly event: 'stations-lost'; readonly lost: number }
  | RoomNews
  /** io_uring cannot be had: each frame takes system calls of its own. */
  | { readonly event: 'io-uring-refused'; readonly why: string };

export interface StationNews {
  readonly event: BridgeEvent['event'];
  readonly mac: string;
  readonly port: number;
  /** The port that the station moved from. */
  readonly from?: number;
  /** Milliseconds of the lane's clock, which is monotonic. */
  readonly atMs: number;
}

/** News of stations comes in bulk, as numbers: the lane has no time to put it into words. */
export type PackedNews = EventFields;

/** @returns the news, oldest first */
export function unpackNews({ fields, lost }: PackedNews): News[] {
  const news: News[] = decodeEvents(fields).map(({ event, mac, port, fromPort, atMs }) => ({
    event,
    mac,
    port,
    ...(fromPort >= 0 && { from: fromPort }),
    atMs,
  }));
  if (lost > 0) news.push({ event: 'stations-lost', lost });
  return news;
}
