/** News of the lane in the log: each event has a text and its fields. */

import { describe, expect, test } from '@jest/globals';
import { type News, unpackNews } from '../../../src/dataplane/news';
import { RefusalReason } from '../../../src/hosts/refusal-reason';
import { EVENTS, EVENT_NAMES, type EventName } from '../../../src/journal/events';
import { Journal } from '../../../src/journal/journal';
import { noteNews, noteStations } from '../../../src/journal/lane-news';
import type { LogFields, Logger } from '../../../src/journal/logger';
import { EventKind, EventLog } from '../../../src/l2/event-log';
import { formatMac } from '../../../src/wire/mac';

const MAC = '02:00:00:00:00:01';
const FORMER = '02:00:00:00:00:02';
const STATION = { mac: MAC, port: 3, atMs: 5 };
const DOUBT = { address: '192.0.2.7', mac: MAC, port: 3, formerMac: FORMER };
const DOUBT_FIELDS = { ...DOUBT, port: 'tap3' };

/** News of the lane, and the fields of each in the log. */
const NEWS: { readonly [E in News['event']]: [News & { event: E }, LogFields] } = {
  learn: [
    { event: 'learn', ...STATION },
    { mac: MAC, port: 'tap3' },
  ],
  move: [
    { event: 'move', ...STATION, from: 4 },
    { mac: MAC, port: 'tap3', from: 'tap4' },
  ],
  age: [
    { event: 'age', ...STATION },
    { mac: MAC, port: 'tap3' },
  ],
  'learn-locked': [
    { event: 'learn-locked', ...STATION },
    { mac: MAC, port: 'tap3' },
  ],
  flapping: [
    { event: 'flapping', ...STATION, from: 0 },
    { mac: MAC, port: 'tap3', from: 'tap0' },
  ],
  'own-source': [
    { event: 'own-source', ...STATION },
    { mac: MAC, port: 'tap3' },
  ],
  'offload-refused': [
    { event: 'offload-refused', ...STATION },
    { mac: MAC, port: 'tap3' },
  ],
  limit: [
    { event: 'limit', ...STATION },
    { mac: MAC, port: 'tap3' },
  ],
  storm: [
    { event: 'storm', ...STATION },
    { mac: MAC, port: 'tap3' },
  ],
  violation: [
    { event: 'violation', ...STATION },
    { mac: MAC, port: 'tap3' },
  ],
  'impairment-full': [
    { event: 'impairment-full', port: 3, direction: 'in', words: 'delay 10ms' },
    { port: 'tap3', direction: 'in', words: 'delay 10ms' },
  ],
  'impairment-ended': [
    { event: 'impairment-ended', port: 3, direction: 'out', words: 'loss 1% for 1s' },
    { port: 'tap3', direction: 'out', words: 'loss 1% for 1s' },
  ],
  'port-shut': [
    { event: 'port-shut', port: 3, why: 'port-security', mac: MAC },
    { port: 'tap3', why: 'port-security', mac: MAC },
  ],
  'stations-lost': [{ event: 'stations-lost', lost: 9 }, { lost: 9 }],
  'address-claimed': [{ event: 'address-claimed', address: '192.0.2.1' }, { address: '192.0.2.1' }],
  'address-conflict': [
    { event: 'address-conflict', address: '192.0.2.1', mac: MAC, port: 0, outcome: 'lost' },
    { address: '192.0.2.1', mac: MAC, port: 'tap0', outcome: 'lost' },
  ],
  'neighbour-changed': [{ event: 'neighbour-changed', ...DOUBT }, DOUBT_FIELDS],
  'neighbour-conflict': [{ event: 'neighbour-conflict', ...DOUBT }, DOUBT_FIELDS],
  'neighbour-contradicted': [{ event: 'neighbour-contradicted', ...DOUBT }, DOUBT_FIELDS],
  'inspection-refused': [
    {
      event: 'inspection-refused',
      reason: RefusalReason.Malformed,
      mac: MAC,
      port: 3,
      address: '192.0.2.7',
      untold: 2,
    },
    {
      reason: 'inspect-malformed',
      address: '192.0.2.7',
      mac: MAC,
      port: 'tap3',
      advice: 'capture it with tapctl capture; if it must pass, make the port trusted',
      untold: 2,
    },
  ],
  'mcast-querier': [
    { event: 'mcast-querier', address: '192.0.2.1', port: 3 },
    { address: '192.0.2.1', port: 'tap3' },
  ],
  'mcast-querier-missing': [
    { event: 'mcast-querier-missing', family: 'IPv4 and IPv6' },
    { family: 'IPv4 and IPv6' },
  ],
  'mcast-refused': [
    { event: 'mcast-refused', group: '239.1.1.1', port: 3, groups: 8 },
    { group: '239.1.1.1', port: 'tap3', groups: 8 },
  ],
  'loop-found': [
    { event: 'loop-found', port: 3, from: 4, seconds: 5 },
    { port: 'tap3', from: 'tap4', seconds: 5 },
  ],
  'loop-over': [{ event: 'loop-over', port: 3 }, { port: 'tap3' }],
  'hook-failed': [
    { event: 'hook-failed', hook: 'firewall', why: 'no port tap9' },
    { hook: 'firewall', why: 'no port tap9' },
  ],
  'hook-off': [
    { event: 'hook-off', hook: 'firewall', why: 'it took longer than its budget' },
    { hook: 'firewall', why: 'it took longer than its budget' },
  ],
  'hook-log': [
    { event: 'hook-log', hook: 'firewall', text: 'blocked', untold: 0 },
    { hook: 'firewall', text: 'blocked', untold: 0 },
  ],
  'stp-root': [
    { event: 'stp-root', root: '8000.020000000001', port: 3 },
    { root: '8000.020000000001', port: 'tap3' },
  ],
  'stp-port': [
    { event: 'stp-port', port: 3, role: 'alternate', state: 'discarding' },
    { port: 'tap3', role: 'alternate', state: 'discarding' },
  ],
  'stp-topology-change': [{ event: 'stp-topology-change', port: 3 }, { port: 'tap3' }],
  'stp-guarded': [{ event: 'stp-guarded', port: 3 }, { port: 'tap3' }],
  'io-uring-refused': [{ event: 'io-uring-refused', why: 'ENOSYS' }, { why: 'ENOSYS' }],
};

/** Lines that the journal writes to the log. */
function logOf(
  tell: (journal: Journal) => void,
  writes: Logger['writes'] = () => true,
): [string, string, LogFields | undefined][] {
  const logged: [string, string, LogFields | undefined][] = [];
  const at = (level: string) => (words: string, fields?: LogFields) => {
    logged.push([level, words, fields]);
  };
  const log: Logger = {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    writes,
  };
  tell(new Journal(log));
  return logged;
}

describe('news of the lane', () => {
  const told = Object.values(NEWS).map(([news, fields]) => ({ event: news.event, news, fields }));
  test.each(told)('$event is in the log with its text', ({ news, fields }) => {
    const logged = logOf((journal) => noteNews(journal, news, (port) => `tap${port}`));
    const { level, words } = EVENTS[news.event];
    expect(logged).toEqual([[level, words, fields]]);
    expect(EVENTS[news.event].fields).toEqual(expect.arrayContaining(Object.keys(fields)));
  });

  test('has its VLAN, if it is in one', () => {
    const inspected: News = {
      event: 'inspection-refused',
      reason: 0,
      mac: MAC,
      port: 3,
      untold: 0,
    };
    const all: News[] = [
      { event: 'learn', ...STATION, vlan: 10 },
      { event: 'address-claimed', address: '192.0.2.1', vlan: 10 },
      { event: 'address-conflict', ...DOUBT, outcome: 'lost', vlan: 10 },
      { event: 'neighbour-conflict', ...DOUBT, vlan: 10 },
      { ...inspected, vlan: 10 },
    ];
    for (const news of all) {
      const [[, , fields = {}] = []] = logOf((journal) => noteNews(journal, news, String));
      expect(fields).toMatchObject({ vlan: 10 });
      expect(EVENTS[news.event].fields).toContain('vlan');
    }
    const [[, , fields] = []] = logOf((journal) => noteNews(journal, inspected, String));
    expect(fields).not.toHaveProperty('vlan');
  });

  test('without an address has no such field', () => {
    const news: News = { event: 'inspection-refused', reason: 0, mac: MAC, port: 3, untold: 0 };
    const [[, , fields] = []] = logOf((journal) => noteNews(journal, news, String));
    expect(fields).not.toHaveProperty('address');
  });

  test('of stations has the time of the event', () => {
    const now = Number(process.hrtime.bigint() / 1_000_000n);
    const lines: string[] = [];
    logOf((journal) => {
      journal.listen((line) => lines.push(line));
      noteNews(journal, { event: 'learn', ...STATION, atMs: now - 3_600_000 }, String);
      noteNews(journal, { event: 'learn', ...STATION, atMs: now }, String);
    });
    const [first = 0, second = 0] = lines.map((line) =>
      Date.parse((JSON.parse(line) as { time: string }).time),
    );
    // The journal reads the clocks again for the second event.
    expect(Math.round((second - first) / 60_000)).toBe(60);
  });

  test('of stations is unpacked, oldest first, with the number of lost events', () => {
    const log = new EventLog(2);
    const mac = formatMac(0x0002, 0x01000000);
    log.add(EventKind.Learn, 3, -1, 0x0002, 0x01000000, 0, 5);
    log.add(EventKind.Move, 4, 0, 0x0002, 0x01000000, 20, 6);
    log.add(EventKind.Age, 4, -1, 0x0002, 0x01000000, 0, 7);
    expect(unpackNews(log.takeFields())).toEqual([
      { event: 'learn', mac, port: 3, atMs: 5 },
      { event: 'move', mac, port: 4, from: 0, vlan: 20, atMs: 6 },
      { event: 'stations-lost', lost: 1 },
    ]);
    expect(unpackNews(log.takeFields())).toEqual([]);
  });
});

describe('news of stations in bulk', () => {
  const packed = () => {
    const log = new EventLog(3);
    log.add(EventKind.Learn, 3, -1, 0x0002, 0x01000000, 0, 5);
    log.add(EventKind.Limit, 4, -1, 0x0002, 0x02000000, 0, 6);
    log.add(EventKind.Learn, 3, -1, 0x0002, 0x03000000, 0, 7);
    log.add(EventKind.Learn, 3, -1, 0x0002, 0x04000000, 0, 8);
    return log.takeFields();
  };
  const labels: number[] = [];
  const labelOf = (port: number) => {
    labels.push(port);
    return `tap${port}`;
  };

  test('that nobody reads are not made, and have their numbers', () => {
    labels.length = 0;
    const lines: string[] = [];
    const logged = logOf(
      (journal) => {
        noteStations(journal, packed(), labelOf);
        journal.listen((line) => lines.push(line));
        journal.note('port-removed');
      },
      (level) => level !== 'debug',
    );
    expect(labels).toEqual([4]);
    expect(logged.filter(([level]) => level !== 'debug').map(([, words]) => words)).toEqual([
      EVENTS.limit.words,
      EVENTS['port-removed'].words,
    ]);
    // Two were learned, one was a limit, and one says how many were lost.
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([5]);
  });

  test('are all passed to a listener, in order', () => {
    const heard: [string, number][] = [];
    logOf(
      (journal) => {
        journal.observe(({ event, seq }) => heard.push([event, seq]));
        noteStations(journal, packed(), labelOf);
      },
      (level) => level !== 'debug',
    );
    expect(heard).toEqual([
      ['learn', 1],
      ['limit', 2],
      ['learn', 3],
      ['stations-lost', 4],
    ]);
  });

  test('are all in a log that writes every level', () => {
    const logged = logOf((journal) => noteStations(journal, packed(), labelOf));
    expect(logged.map(([, , fields]) => fields)).toEqual([
      { mac: '02:00:00:00:00:01', port: 'tap3' },
      { mac: '02:00:00:00:00:02', port: 'tap4' },
      { mac: '02:00:00:00:00:03', port: 'tap3' },
      { lost: 1 },
    ]);
  });
});

test.each(EVENT_NAMES)('the event %s has a level and its own text', (name: EventName) => {
  const { words, fields } = EVENTS[name];
  expect(words).toMatch(/^[^.]+[^.]$/);
  expect(EVENT_NAMES.filter((other) => EVENTS[other].words === words)).toEqual([name]);
  expect(new Set(fields).size).toBe(fields.length);
});
