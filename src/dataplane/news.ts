/**
 * News of the lane for the journal: the name of an event, and its fields. There is one type for all news and
 * one kind of report that carries it. The texts are in `src/journal/events.ts`. A port is an id here; the
 * control plane knows its label.
 */

import type { RoomNews } from '../l2/room-list';
import { type BridgeEvent, type EventFields, decodeEvents } from '../l2/event-log';
import { inVlan } from '../wire/vlan';

export type News =
  | StationNews
  /** Number of station events that were lost, because they came too fast. */
  | { readonly event: 'stations-lost'; readonly lost: number }
  | RoomNews
  /** io_uring is not available: each frame takes its own system calls. */
  | { readonly event: 'io-uring-refused'; readonly why: string };

export interface StationNews {
  readonly event: BridgeEvent['event'];
  readonly mac: string;
  readonly port: number;
  /** The port that the station moved from. */
  readonly from?: number;
  /** VID; absent outside of every VLAN. */
  readonly vlan?: number;
  /** Milliseconds of the lane's clock, which is monotonic. */
  readonly atMs: number;
}

/** News of stations in bulk, as numbers: text would take the lane too long. */
export type PackedNews = EventFields;

/**
 * @param isWanted whether news of this name are wanted; all are, unless given
 * @returns the news, oldest first
 */
export function unpackNews(
  { fields, lost }: PackedNews,
  isWanted?: (event: BridgeEvent['event']) => boolean,
): News[] {
  const news: News[] = decodeEvents(fields, isWanted).map(
    ({ event, mac, port, fromPort, vlan, atMs }) => ({
      event,
      mac,
      port,
      ...(fromPort >= 0 && { from: fromPort }),
      ...inVlan(vlan),
      atMs,
    }),
  );
  if (lost > 0) news.push({ event: 'stations-lost', lost });
  return news;
}
