import { describe, expect, test } from '@jest/globals';
import { EventKind, EventLog } from '../../../src/l2/event-log';

describe('EventLog', () => {
  test('returns every kind of event by its name, with all its fields', () => {
    const log = new EventLog();
    for (const kind of Object.values(EventKind)) log.add(kind, 7, -1, 0x0002, 0x01000000, 12, 1.5);
    const { events, lost } = log.drain();
    expect(lost).toBe(0);
    expect(events.map(({ event }) => event)).toEqual([
      'learn',
      'move',
      'age',
      'flapping',
      'own-source',
      'offload-refused',
      'limit',
      'storm',
      'violation',
      'learn-locked',
    ]);
    expect(events).toHaveLength(Object.keys(EventKind).length);
    for (const event of events) {
      expect(event).toMatchObject({ port: 7, fromPort: -1, mac: '02:00:00:00:00:01', vlan: 12 });
      expect(event.atMs).toBe(1.5);
    }
  });

  test('an address with its highest bits set survives', () => {
    const log = new EventLog();
    log.add(EventKind.Move, 16_383, 3, 0xfefe, 0xfffffffe | 0, 4094, 2 ** 40);
    expect(log.drain().events).toEqual([
      {
        event: 'move',
        port: 16_383,
        fromPort: 3,
        mac: 'fe:fe:fe:ff:ff:ff',
        vlan: 4094,
        atMs: 2 ** 40,
      },
    ]);
  });

  test('keeps the oldest when it is full, and counts the others', () => {
    const log = new EventLog(3);
    for (let atMs = 0; atMs < 8; atMs++) log.add(EventKind.Learn, 0, -1, 2, 0, 0, atMs);
    expect(log.size).toBe(3);
    const { events, lost } = log.drain();
    expect(events.map(({ atMs }) => atMs)).toEqual([0, 1, 2]);
    expect(lost).toBe(5);
  });

  test('is empty after it was drained, and can be filled again', () => {
    const log = new EventLog(1);
    log.add(EventKind.Learn, 0, -1, 2, 0, 0, 1);
    log.add(EventKind.Learn, 0, -1, 2, 0, 0, 2);
    log.drain();
    expect(log.size).toBe(0);
    expect(log.drain()).toEqual({ events: [], lost: 0 });
    log.add(EventKind.Age, 0, -1, 2, 0, 0, 3);
    expect(log.drain()).toMatchObject({ events: [{ event: 'age', atMs: 3 }], lost: 0 });
  });
});
