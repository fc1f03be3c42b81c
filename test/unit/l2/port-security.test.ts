/** Port security, with the cases of `test/conformance/flags.json` that the switch can be configured for. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { PortShut } from '../../../src/l2/shut-ports';
import type { SecuritySettings } from '../../../src/l2/port-security';
import { BROADCAST, ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

interface Case {
  readonly id: string;
  readonly max?: number;
  readonly action?: string;
  readonly allow?: readonly string[];
  readonly sources?: readonly string[];
  readonly passes?: readonly boolean[];
  readonly counted?: number;
  readonly learned?: readonly string[];
}

const path = join(__dirname, '../../conformance/flags.json');
const table = JSON.parse(readFileSync(path, 'utf8')) as { portSecurity: { cases: Case[] } };
const { cases } = table.portSecurity;
/** Values of `violation` by action of the table. The switch reports each drop, too. */
const VIOLATIONS = { protect: 'drop', restrict: 'drop', shutdown: 'shutdown' } as const;
const played = cases.filter(
  ({ passes, action = 'protect' }) => passes !== undefined && action in VIOLATIONS,
);
/** Cases of the table that are not played from it, and the reason. */
const OTHERS: Readonly<Record<string, string>> = {
  'shutdown-recovers':
    'no port opens after a time: an operator opens it, and it begins empty, as a test below shows',
  'forward-not-learn':
    'no value of `violation`: the limits of the FDB do this, as a test below shows',
  ageing: 'words only: a test below plays it',
  sticky: 'no learned station is kept for good: an operator adds it as a static one',
  'max-below-count': 'words only: a test below plays it',
};

const [A, B, C, D] = [0x0a, 0x0b, 0x0c, 0x0d].map(station) as [string, string, string, string];
const NOBODY = station(0x77);

function secured(
  settings: Partial<SecuritySettings>,
  news: PortShut[] = [],
  ageingMs = 300_000,
): MemorySwitch {
  const sw = new MemorySwitch(2, {
    ageingMs,
    news: (one) => one.event === 'port-shut' && news.push(one),
  });
  sw.bridge.configurePort(0, settings);
  return sw;
}

/** Sends a frame from a station. @returns whether it leaves from the second port */
function passes(sw: MemorySwitch, from: string, to = NOBODY): boolean {
  return sw.send(0, ethernet({ to, from: from.replaceAll(':', '') }))[1]?.length === 1;
}

test('every case of the table is played, or its line says why not', () => {
  const ids = [...played.map(({ id }) => id), ...Object.keys(OTHERS)];
  expect(ids.sort()).toEqual(cases.map(({ id }) => id).sort());
  expect(played.map(({ id }) => id)).toEqual(['protect', 'restrict', 'shutdown', 'allow-list']);
});

test.each(played)('$id, as in the table', (row) => {
  const { max, allow, action = 'protect', sources = [], counted } = row;
  const violation = VIOLATIONS[action as keyof typeof VIOLATIONS];
  const macAllow = allow?.join('+');
  const news: PortShut[] = [];
  const sw = secured(
    { violation, ...(max !== undefined && { macs: max }), ...(macAllow && { macAllow }) },
    news,
  );
  expect(sources.map((from) => passes(sw, from))).toEqual(row.passes);
  const refused = row.passes?.filter((isPassed) => !isPassed).length ?? 0;
  const dropped = violation === 'shutdown' ? { 'port-security': 1, 'ingress-down': 1 } : undefined;
  expect(sw.drops(0)).toEqual(dropped ?? { 'port-security': counted ?? refused });
  expect(sw.events('violation')).toMatchObject([{ port: 0 }]);
  expect(sw.bridge.ports.isUp(0)).toBe(violation !== 'shutdown');
  expect(news).toHaveLength(violation === 'shutdown' ? 1 : 0);
});

test('forward-not-learn, by a limit of the FDB', () => {
  const row = cases.find(({ id }) => id === 'forward-not-learn') as Case;
  const { max = 0, sources = [], learned = [] } = row;
  const sw = new MemorySwitch(2, { fdbMaxPerPort: max, fdbEviction: 'none' });
  expect(sources.map((from) => passes(sw, from))).toEqual(row.passes);
  expect(sw.stations()).toEqual(Object.fromEntries(learned.map((mac) => [mac, 0])));
});

describe('a limit on stations', () => {
  test('admits another station when one has aged', () => {
    const sw = secured({ macs: 1 }, [], 10_000);
    expect(passes(sw, A)).toBe(true);
    sw.io.clock.advance(9_000);
    expect(passes(sw, B)).toBe(false);
    sw.io.clock.advance(2_000);
    expect(passes(sw, B)).toBe(true);
    expect(passes(sw, A)).toBe(false);
  });

  test('does not count static entries, and lets them pass', () => {
    const sw = secured({ macs: 1 });
    for (const byte of [0x0b, 0x0c]) sw.bridge.fdb.addStatic(0x0002, byte * 2 ** 24, 0, 0, 0);
    expect([A, B, C, D].map((from) => passes(sw, from))).toEqual([true, true, true, false]);
  });

  test('removes no station when it is lowered, and admits new ones when there are fewer', () => {
    const sw = secured({ macs: 3 });
    for (const from of [A, B, C]) passes(sw, from);
    sw.bridge.configurePort(0, { macs: 1 });
    expect([A, B, C, D].map((from) => passes(sw, from))).toEqual([true, true, true, false]);
    sw.bridge.fdb.flushPort(0);
    expect([D, A].map((from) => passes(sw, from))).toEqual([true, false]);
  });

  test('counts a station that moves here, and forgets one that moves away', () => {
    const sw = secured({ macs: 1 });
    sw.send(1, ethernet({ to: BROADCAST, from: B }));
    expect([A, B].map((from) => passes(sw, from))).toEqual([true, false]);
    expect(sw.stations()[printed(B)]).toBe(1);
    sw.send(1, ethernet({ to: BROADCAST, from: A }));
    expect(passes(sw, B)).toBe(true);
  });

  test('holds where the FDB keeps fewer entries for a port', () => {
    const sw = new MemorySwitch(2, { fdbMaxPerPort: 1 });
    sw.bridge.configurePort(0, { macs: 2 });
    expect([A, B, A].map((from) => passes(sw, from))).toEqual([true, false, true]);
  });

  test('never lets a station pass that has a static entry on another port', () => {
    const sw = secured({ macs: 2 });
    sw.bridge.fdb.addStatic(0x0002, 0x0a000000, 0, 1, 0);
    expect(passes(sw, A)).toBe(false);
    expect(sw.drops(0)).toEqual({ 'port-security': 1 });
  });

  test('keeps a station that may not send out of the FDB, also if it sends to a reserved address', () => {
    const sw = secured({ macs: 1 });
    passes(sw, A);
    expect(passes(sw, B, '0180c200000e')).toBe(false);
    expect(sw.drops(0)).toEqual({ reserved: 1 });
    expect(sw.stations()).toEqual({ [printed(A)]: 0 });
  });

  test('ends while frames flow', () => {
    const sw = secured({ macs: 1 });
    expect([A, B].map((from) => passes(sw, from))).toEqual([true, false]);
    sw.bridge.configurePort(0, { macs: null });
    expect(passes(sw, B)).toBe(true);
  });
});

describe('a list of stations', () => {
  test('forgets the learned stations of the port that it does not have', () => {
    const sw = secured({});
    for (const from of [A, B]) passes(sw, from);
    sw.bridge.fdb.addStatic(0x0002, 0x0c000000, 0, 0, 0);
    sw.bridge.configurePort(0, { macAllow: `${printed(A)}+${printed(D)}` });
    expect(sw.stations()).toEqual({ [printed(A)]: 0, [printed(C)]: 0 });
    expect([A, B, C, D].map((from) => passes(sw, from))).toEqual([true, false, true, true]);
    sw.bridge.configurePort(0, { macAllow: null });
    expect(passes(sw, B)).toBe(true);
  });

  test('and a limit both hold', () => {
    const sw = secured({ macs: 1, macAllow: `${printed(A)}+${printed(B)}` });
    expect([C, B, A].map((from) => passes(sw, from))).toEqual([false, true, false]);
  });
});

describe('a port that a violation shuts', () => {
  test('stays down whatever its link does, until an operator opens it', () => {
    const news: PortShut[] = [];
    const sw = secured({ macs: 1, violation: 'shutdown' }, news);
    expect([A, B, A].map((from) => passes(sw, from))).toEqual([true, false, false]);
    expect(news).toEqual([{ event: 'port-shut', port: 0, why: 'port-security', mac: printed(B) }]);
    expect(sw.stations()).toEqual({});
    for (const isUp of [true, false, true]) {
      sw.bridge.configurePort(0, { isUp });
      expect(sw.bridge.ports.isUp(0)).toBe(false);
    }
    expect(sw.send(1, ethernet({ to: BROADCAST, from: D }))).toEqual([[], []]);
    sw.bridge.configurePort(0, { isShut: false });
    expect(sw.bridge.ports.isUp(0)).toBe(true);
    expect(passes(sw, B)).toBe(true);
  });

  test('stays down when it is opened without a link', () => {
    const sw = secured({});
    sw.bridge.configurePort(0, { isShut: true });
    sw.port(0).setUp(false);
    sw.bridge.configurePort(0, { isShut: false });
    expect(sw.bridge.ports.isUp(0)).toBe(false);
    sw.port(0).setUp(true);
    expect(passes(sw, A)).toBe(true);
  });

  test('drops the rest of its burst, and does not affect other ports', () => {
    const sw = secured({ macs: 1, violation: 'shutdown' });
    const frames = [A, B, A, A].map((from) => ethernet({ to: NOBODY, from }));
    expect(sw.send(0, ...frames)[1]).toHaveLength(1);
    expect(sw.drops(0)).toEqual({ 'port-security': 1, 'ingress-down': 2 });
  });
});

test('a port that gets the id of another has no security', () => {
  const sw = secured({ macs: 1, violation: 'shutdown', macAllow: printed(A) });
  passes(sw, B);
  sw.bridge.removePort(0);
  sw.bridge.addPort(0, { name: 'new', mtuBytes: 1500, takesOffloads: false, isUp: true });
  expect([A, B, C].map((from) => passes(sw, from))).toEqual([true, true, true]);
});

test('violations are reported once a second', () => {
  const sw = secured({ macAllow: printed(A) });
  for (const from of [B, C]) passes(sw, from);
  sw.io.clock.advance(1_000);
  passes(sw, D);
  expect(sw.events('violation').map(({ mac }) => mac)).toEqual([B, D].map(printed));
});
