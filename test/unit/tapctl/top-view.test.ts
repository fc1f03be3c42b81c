import { describe, expect, test } from '@jest/globals';
import { FOOTER, HELP, type Reading, short, topLines } from '../../../src/tapctl/top-view';
import { renderLine } from '../../../src/terminal/table';

const counters = (rxFrames: number, txBytes: number) => ({
  'rx-frames': rxFrames,
  'rx-bytes': rxFrames * 60,
  'tx-frames': 0,
  'tx-bytes': txBytes,
});

function reading(atMs: number, rxFrames: number, drops: Record<string, number>): Reading {
  const port = { port: 'tap0', counters: counters(rxFrames, 5_000_000), drops };
  return {
    atMs,
    bridge: {
      name: 'br0',
      mac: '02:00:00:00:00:64',
      version: '0',
      pid: 1,
      uptime: 7,
      addresses: [],
      fdb: { dynamic: 2, static: 0, max: 100, ageing: 300 },
      ports: [
        {
          id: 0,
          port: 'tap0',
          ifname: 'tap0',
          master: 'br0',
          priority: 32,
          cost: 20_000,
          guard: false,
          root_block: false,
          mcast_flood: true,
          bcast_flood: true,
          mcast_router: 1,
          mcast_max_groups: 0,
          neigh_suppress: true,
          kind: 'tap',
          origin: 'made',
          kernelName: 'tap0',
          state: 'up',
          mtu: 1500,
          offload: true,
          trusted: false,
          'neigh-suppress': true,
          fast: false,
        },
      ],
      total: {},
    },
    stats: { total: { counters: {}, drops }, ports: [port], bursts: [], hooks: [] },
  };
}

describe('the live view', () => {
  test('shows rates, the drop reasons that occurred, and the latest events', () => {
    const lines = topLines(
      reading(1_000, 100, { congested: 4, reserved: 0 }),
      reading(3_000, 2_100, { congested: 24, reserved: 0 }),
      ['newest', 'older'],
    ).map((line) => renderLine(line));
    expect(lines).toEqual([
      'br0  up 7 s  2 of 100 stations',
      '',
      'PORT  STATE  RX FRAMES/S  RX BYTES/S  TX FRAMES/S  TX BYTES/S  DROPS/S',
      'tap0  up     1.00k        60.0k       0            0           10',
      '',
      'DROPPED BECAUSE  TOTAL  PER SECOND',
      'congested           24  10',
      '',
      'LATELY',
      'newest',
      'older',
    ]);
  });

  test('fits a terminal of 60 columns', () => {
    const reason = { 'a-reason-with-a-long-name-that-nothing-has-today-really': 123_456_789 };
    const lines = topLines(reading(0, 0, {}), reading(1_000, 9e8, reason), ['x'.repeat(200)], 60);
    const texts = lines.map((line) => renderLine(line));
    expect(texts.filter((text) => text.length > 60)).toEqual([]);
    expect(texts[2]).toBe('PORT  STATE  RX F/S  RX B/S  TX F/S  TX B/S  DROPS/S');
    expect(texts.at(-1)).toBe(`${'x'.repeat(59)}…`);
    expect([FOOTER, ...HELP].filter((text) => text.length > 60)).toEqual([]);
  });

  test('takes the counters of a port that was added again to start from zero', () => {
    const lines = topLines(reading(0, 500, {}), reading(1_000, 3, {}), []).map((line) =>
      renderLine(line),
    );
    expect(lines[3]).toMatch(/^tap0 +up +0 /);
  });

  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.00k'],
    [12_345, '12.3k'],
    [999_999, '1000k'],
    [1_234_567, '1.23M'],
    [5e12, '5.00T'],
  ])('writes %d as %s', (value, text) => {
    expect(short(value)).toBe(text);
  });
});
