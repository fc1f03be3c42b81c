/** Flags of a port, played from the table of cases in `test/conformance/flags.json`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { BridgeOptions } from '../../../src/l2/bridge';
import { type PortFlags, PortState } from '../../../src/l2/port-table';
import { type MacWords, parseMac } from '../../../src/wire/mac';
import { refuseContradiction } from '../../../src/ports/bridge-keys';
import { ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

type Flags = Partial<PortFlags> & {
  readonly port: string;
  readonly state?: string;
  readonly up?: boolean;
  readonly backup?: string | null;
};

interface Step {
  readonly set?: Flags;
  /** Whether `set` is accepted. */
  readonly ok?: boolean;
  readonly frame?: {
    readonly port: string;
    readonly from: string;
    readonly to: string;
    readonly vlan?: number;
  };
  readonly delivered?: readonly string[];
  readonly fdb?: { readonly mac: string; readonly port: string | null; readonly locked?: boolean };
  readonly fdbAdd?: {
    readonly mac: string;
    readonly port: string;
    readonly kind: string;
    readonly vlan?: number;
  };
  readonly fdbDelete?: { readonly mac: string };
  readonly fdbFlush?: object;
  readonly wait?: number;
  readonly learnedCount?: number;
}

type FdbAdd = NonNullable<Step['fdbAdd']>;

interface Scenario {
  readonly id: string;
  readonly about: string;
  readonly switch: {
    readonly ageing?: number;
    readonly fdbMaxLearned?: number;
    readonly eviction?: 'fair';
  };
  readonly ports: Readonly<Record<string, object>>;
  readonly steps: readonly Step[];
}

/**
 * The scenario that is not played here. `locked-eapol` has no steps (`modelled: false`): a test below plays
 * it. The cases `activity` of the table are not played either: they need `activity_notify`, and static entries of this switch have no age.
 */
const LEFT_OUT = ['locked-eapol'];

const STATES: Readonly<Record<string, PortState>> = {
  blocking: PortState.Discarding,
  listening: PortState.Discarding,
  learning: PortState.Learning,
  forwarding: PortState.Forwarding,
};

const path = join(__dirname, '../../conformance/flags.json');
const { scenarios } = JSON.parse(readFileSync(path, 'utf8')) as { scenarios: Scenario[] };
const played = scenarios.filter(({ id }) => !LEFT_OUT.includes(id));

const idOf = (name: string): number => Number(name.slice(1)) - 1;
const plain = (mac: string): string => mac.replaceAll(':', '');

/** Sets flags, unless the keys of ports refuse them. */
function set(
  sw: MemorySwitch,
  { port, state, up, backup, ...flags }: Flags,
  isAccepted: boolean,
): void {
  const { bridge } = sw;
  if (up !== undefined) bridge.setPortUp(idOf(port), up);
  if (backup !== undefined) {
    const name = backup === null ? null : bridge.ports.name(idOf(backup));
    bridge.configurePort(idOf(port), { backup: name });
  }
  const present = { ...bridge.ports.flagsOf(idOf(port)), ...flags };
  const check = (): void => refuseContradiction((key) => present[key as keyof PortFlags]);
  if (!isAccepted) {
    expect(check).toThrow(/^mab: /);
    return;
  }
  check();
  bridge.configurePort(idOf(port), flags);
  if (state !== undefined) bridge.setPortState(idOf(port), STATES[state] as PortState);
}

function tagged(vlan: number): { readonly type: string; readonly payload: string } {
  return { type: '8100', payload: `${vlan.toString(16).padStart(4, '0')}0800` };
}

/** Adds an entry. The switch has one kind for all entries without ageing, and a setting for the MAC of the host's own leg. */
function enter({ bridge }: MemorySwitch, { mac, port, kind, vlan = 0 }: FdbAdd): void {
  if (kind === 'local') return bridge.configurePort(idOf(port), { hostMac: mac });
  const { hi16, lo32 } = parseMac(mac) as MacWords;
  expect(bridge.addStation(hi16, lo32, vlan, idOf(port), true)).toBe(true);
}

function play(sw: MemorySwitch, step: Step): void {
  const { bridge } = sw;
  if (step.set !== undefined) set(sw, step.set, step.ok === true);
  if (step.frame !== undefined) {
    const { port, from, to, vlan } = step.frame;
    const tag = vlan === undefined ? {} : tagged(vlan);
    const out = sw.send(idOf(port), ethernet({ to: plain(to), from: plain(from), ...tag }));
    const takers = out.flatMap((frames, id) => frames.map(() => `p${id + 1}`));
    expect(takers).toEqual(step.delivered);
  }
  if (step.fdb !== undefined) {
    const { mac, port, locked = false } = step.fdb;
    const entry = bridge.stations(sw.nowMs).find((found) => found.mac === mac);
    expect(entry === undefined ? null : `p${entry.port + 1}`).toBe(port);
    if (entry !== undefined) expect(entry.isLocked).toBe(locked);
  }
  if (step.fdbAdd !== undefined) enter(sw, step.fdbAdd);
  if (step.fdbDelete !== undefined) {
    const { hi16, lo32 } = parseMac(step.fdbDelete.mac) as MacWords;
    expect(bridge.removeStation(hi16, lo32, 0)).toBe(true);
  }
  if (step.fdbFlush !== undefined) bridge.fdb.flush();
  if (step.wait !== undefined) sw.io.clock.advance(step.wait * 1_000);
  if (step.learnedCount !== undefined) expect(bridge.fdb.dynamicCount).toBe(step.learnedCount);
}

test('all scenarios of the table are played but one', () => {
  expect(played.length).toBe(scenarios.length - 1);
});

describe.each(played)('$id: $about', ({ switch: settings, ports, steps }) => {
  test('as in the table', () => {
    const { ageing = 300, fdbMaxLearned: fdbMax, eviction = 'none' } = settings;
    const limit = fdbMax === undefined ? {} : { fdbMax };
    const options: BridgeOptions = {
      ageingMs: ageing * 1_000,
      fdbEviction: eviction,
      ...limit,
    };
    const sw = new MemorySwitch(Object.keys(ports).length, options);
    if (steps.some(({ frame }) => frame?.vlan !== undefined)) {
      sw.bridge.configure({ vlanFiltering: true });
      const vlans = [{ vid: 1, vidEnd: 100 }];
      for (const name of Object.keys(ports)) sw.bridge.configurePort(idOf(name), { vlans });
    }
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) play(sw, step);
  });
});

describe('a port that is isolated', () => {
  const A = station(0x0a);
  const B = station(0x0b);
  const toB = ethernet({ to: B, from: A });

  test('takes no frame from another such port, and counts it', () => {
    const sw = new MemorySwitch(3);
    sw.send(1, ethernet({ to: 'ffffffffffff', from: B }));
    for (const port of [0, 1]) sw.bridge.configurePort(port, { isolated: true });
    expect(sw.send(0, toB)).toEqual([[], [], []]);
    expect(sw.drops(1)).toEqual({ isolated: 1 });
    sw.bridge.configurePort(1, { isolated: false });
    expect(sw.send(0, toB)[1]).toHaveLength(1);
  });

  test('gets no answer for a host behind another such port', () => {
    const sw = new MemorySwitch(2, { arp: 'answer' });
    const arp = (from: string, sender: string, target: string, to = 'ffffffffffff'): Uint8Array =>
      ethernet({
        to,
        from,
        type: '0806',
        payload: `0001080006040001${from}${sender}000000000000${target}`,
      });
    const [ipA, ipB] = ['c000020a', 'c000020b'];
    const request = arp(A, ipA, ipB);
    sw.send(1, arp(B, ipB, ipA));
    sw.send(0, arp(A, ipA, ipA));
    expect(sw.send(0, request)).toEqual([[expect.stringMatching(/0806.*0002/)], []]);
    for (const port of [0, 1]) sw.bridge.configurePort(port, { isolated: true });
    sw.send(0, arp(A, ipA, ipA));
    expect(sw.send(0, request)).toEqual([[], []]);
  });
});

test('a port with flags that is down takes nothing', () => {
  const sw = new MemorySwitch(2);
  sw.bridge.configurePort(0, { isolated: true, hairpin: true });
  sw.port(0).setUp(false);
  expect(sw.send(0, ethernet({ to: 'ffffffffffff', from: station(0x0a) }))).toEqual([[], []]);
  expect(sw.stations()).toEqual({});
  expect(sw.drops(0)).toEqual({ 'ingress-down': 1 });
});

test('a port that is locked learns nothing from reserved addresses', () => {
  const sw = new MemorySwitch(2);
  sw.bridge.configurePort(0, { locked: true });
  sw.send(0, ethernet({ to: '0180c2000003', from: station(0x0a), type: '888e' }));
  expect(sw.stations()).toEqual({});
  sw.send(0, ethernet({ to: 'ffffffffffff', from: station(0x0a) }));
  expect(sw.drops(0)).toEqual({ reserved: 1, locked: 1 });
});

describe('MAB', () => {
  const A = station(0x0a);
  const toAll = ethernet({ to: 'ffffffffffff', from: A });

  function waiting(options = {}): MemorySwitch {
    const sw = new MemorySwitch(2, options);
    sw.bridge.configurePort(0, { locked: true, mab: true });
    sw.send(0, toAll);
    return sw;
  }

  test('reports once that a station waits', () => {
    const sw = waiting();
    sw.send(0, toAll);
    expect(sw.events()).toMatchObject([{ event: 'learn-locked', port: 0, mac: printed(A) }]);
    expect(sw.drops(0)).toEqual({ locked: 2 });
  });

  test('forgets a station that is silent, and notes it again', () => {
    const sw = waiting({ ageingMs: 10_000 });
    sw.io.clock.advance(10_000);
    expect(sw.stations()).toEqual({});
    sw.send(0, toAll);
    expect(sw.stations()).toEqual({ [printed(A)]: 0 });
    expect(sw.bridge.fdb.dynamicCount).toBe(1);
  });

  test('notes a station although another such port has filled the table, and displaces no admitted station', () => {
    const sw = new MemorySwitch(4, { fdbMax: 16 });
    for (const port of [0, 1]) sw.bridge.configurePort(port, { locked: true, mab: true });
    const from = (number: number): Uint8Array =>
      ethernet({ to: 'ffffffffffff', from: station(number) });
    for (let number = 0; number < 4; number++) sw.send(2, from(100 + number));
    for (let number = 0; number < 40; number++) sw.send(0, from(number + 1));
    sw.send(1, from(99));
    const held = sw.bridge.stations(sw.nowMs);
    const on = (wanted: number): number => held.filter(({ port }) => port === wanted).length;
    expect([on(0), on(1), on(2)]).toEqual([11, 1, 4]);
    // A port that holds most of the entries displaces no entry of another port.
    sw.send(0, from(50));
    expect(sw.stations()[printed(station(99))]).toBe(1);
  });

  test('lets a station move to a port that is not locked', () => {
    const sw = waiting();
    expect(sw.send(1, toAll)[0]).toHaveLength(1);
    expect(sw.bridge.stations()).toMatchObject([{ port: 1, isLocked: false }]);
    expect(sw.send(0, toAll)).toEqual([[], []]);
    expect(sw.stations()).toEqual({ [printed(A)]: 1 });
  });

  test.each([
    ['a full table', { fdbMax: 1 }, {}],
    ['the limit of the port', {}, { macs: 1 }],
  ])('displaces nobody from %s', (_, options, settings) => {
    const sw = new MemorySwitch(2, options);
    sw.send(0, toAll);
    sw.bridge.configurePort(0, { locked: true, mab: true, ...settings });
    sw.send(0, ethernet({ to: 'ffffffffffff', from: station(0x0b) }));
    expect(sw.stations()).toEqual({ [printed(A)]: 0 });
    expect(sw.drops(0)).toEqual({ locked: 1 });
  });
});
