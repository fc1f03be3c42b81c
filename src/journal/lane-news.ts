/** Notes the news of the lane in the journal, with the labels of ports and with wall-clock times. */

import type { News } from '../dataplane/news';
import { REFUSAL_REASONS } from '../hosts/refusal-reason';
import type { Journal } from './journal';
import type { LogFields } from './logger';

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
