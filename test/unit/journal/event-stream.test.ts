import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Logger } from '../../../src/journal/logger';
import { EventStream } from '../../../src/journal/event-stream';
import { Journal, type SwitchEvent } from '../../../src/journal/journal';

function silentJournal() {
  const logged: [level: string, message: string, fields: unknown][] = [];
  const method = (level: string) => (message: string, fields?: unknown) => {
    logged.push([level, message, fields]);
  };
  const log: Logger = {
    error: method('error'),
    warn: method('warn'),
    info: method('info'),
    debug: method('debug'),
  };
  return { journal: new Journal(log), logged };
}

const GATHERED_MS = 200;

/** Lines that a stream has at the moment. */
async function readAll(stream: EventStream): Promise<Record<string, unknown>[]> {
  let text = '';
  // The stream gathers events for this time, and hands them over together.
  await sleep(GATHERED_MS);
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) break;
    text += chunk.toString();
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the journal', () => {
  test('writes each event to the log with its text', () => {
    const { journal, logged } = silentJournal();
    journal.note('port-down', { port: 'tap0' });
    journal.note('learn', { mac: '02:00:00:00:00:01', port: 'tap0' });
    expect(logged).toEqual([
      ['warn', 'port is down', { port: 'tap0' }],
      ['debug', 'station learn', { mac: '02:00:00:00:00:01', port: 'tap0' }],
    ]);
  });

  test('numbers events with and without listeners', () => {
    const { journal } = silentJournal();
    const heard: number[] = [];
    journal.note('learn');
    const stop = journal.listen((line) => heard.push((JSON.parse(line) as SwitchEvent).seq));
    journal.note('learn');
    stop();
    journal.note('learn');
    expect(heard).toEqual([2]);
  });
});

describe('a stream of events', () => {
  test('has a line for each event, with its time', async () => {
    const { journal } = silentJournal();
    const stream = new EventStream(journal);
    journal.note('port-up', { port: 'tap0' }, Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    expect(await readAll(stream)).toEqual([
      { seq: 1, time: '2026-01-02T03:04:05.678Z', event: 'port-up', port: 'tap0' },
    ]);
  });

  test('loses the oldest events if its reader is slow, and says how many', async () => {
    const { journal } = silentJournal();
    const stream = new EventStream(journal);
    for (let number = 0; number < 5000; number++) journal.note('learn', { number });
    const events = await readAll(stream);
    const lost = events.findIndex(({ event }) => event === 'lost');
    const rest = events.filter(({ event }) => event !== 'lost');
    expect(rest.length).toBeLessThan(1200);
    expect(events[lost]).toEqual({ event: 'lost', lost: 5000 - rest.length });
    expect(rest.at(-1)).toMatchObject({ number: 4999, seq: 5000 });
    // All missing events are missing at one place.
    expect(Number(events[lost + 1]?.['seq']) - Number(events[lost - 1]?.['seq'] ?? 0) - 1).toBe(
      5000 - rest.length,
    );
    journal.note('learn', { number: 5000 });
    expect(await readAll(stream)).toMatchObject([{ number: 5000 }]);
  });

  test('hands over events that happen together at once', async () => {
    const { journal } = silentJournal();
    const stream = new EventStream(journal);
    const chunks: string[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    for (let number = 0; number < 10; number++) {
      journal.note('port-added', { number });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sleep(GATHERED_MS);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.match(/\n/g)).toHaveLength(10);
    stream.destroy();
  });

  test('is forgotten with its waiting events when its reader goes', async () => {
    const { journal } = silentJournal();
    const stream = new EventStream(journal);
    const chunks: unknown[] = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    journal.note('learn');
    stream.destroy();
    journal.note('learn');
    await sleep(GATHERED_MS);
    expect(chunks).toEqual([]);
  });
});
