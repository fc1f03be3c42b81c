/** Notes the news of the lane in the journal, with the labels of ports and with wall-clock times. */

import { type News, type PackedNews, unpackNews } from '../dataplane/news';
import { countEvents } from '../l2/event-log';
import { REFUSAL_REASONS } from '../hosts/refusal-reason';
import type { Journal } from './journal';
import type { LogFields } from './logger';

/**
 * Notes news of stations in bulk. What nobody reads stays packed: the main thread shares a processor with the data
 * plane on small machines, and 1024 texts that nobody reads took 2 ms of it, in which a thousand frames come.
 * @param labelOf gives the label of a port by its id
 */
export function noteStations(
  journal: Journal,
  packed: PackedNews,
  labelOf: (port: number) => string,
): void {
  const news = unpackNews(packed, (event) => journal.isRead(event));
  const lostNews = packed.lost > 0 ? 1 : 0;
  journal.skip(countEvents(packed.fields) + lostNews - news.length);
  for (const one of news) noteNews(journal, one, labelOf);
}

/** @param labelOf gives the label of a port by its id */
export function noteNews(journal: Journal, news: News, labelOf: (port: number) => string): void {
  const atMs = 'atMs' in news ? Date.now() - monotonicMs() + news.atMs : undefined;
  journal.note(news.event, fieldsOf(news, labelOf), atMs);
}

function fieldsOf(news: News, labelOf: (port: number) => string): LogFields {
  if (news.event === 'inspection-refused') {
    const { reason, address, mac, port, vlan, untold } = news;
    const { name, advice } = REFUSAL_REASONS[reason] as (typeof REFUSAL_REASONS)[number];
    const whose = {
      ...(address !== undefined && { address }),
      ...{ mac, port: labelOf(port), ...(vlan !== undefined && { vlan }) },
    };
    return { reason: name, ...whose, advice, untold };
  }
  const isPort = (name: string): boolean => name === 'port' || name === 'from';
  const fields = Object.entries(news).filter(([name]) => name !== 'event' && name !== 'atMs');
  return Object.fromEntries(
    fields.map(([name, value]: [string, string | number]) => [
      name,
      isPort(name) ? labelOf(Number(value)) : value,
    ]),
  );
}

/** Time of the data plane's clock. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
