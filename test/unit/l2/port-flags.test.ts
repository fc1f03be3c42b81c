/** Flags of a port, played from the table of cases in `test/conformance/flags.json`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type PortFlags, PortState } from '../../../src/l2/port-table';
import { type MacWords, parseMac } from '../../../src/wire/mac';
import { ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

type Flags = Partial<PortFlags> & { readonly port: string; readonly state?: string };

interface Step {
  readonly set?: Flags;
  readonly frame?: { readonly port: string; readonly from: string; readonly to: string };
  readonly delivered?: readonly string[];
  readonly fdb?: { readonly mac: string; readonly port: string | null };
  readonly fdbAdd?: { readonly mac: string; readonly port: string };
  readonly fdbDelete?: { readonly mac: string };
  readonly fdbFlush?: object;
  readonly wait?: number;
  readonly learnedCount?: number;
}

interface Scenario {
  readonly id: string;
  readonly about: string;
  readonly switch: { readonly ageing?: number };
  readonly ports: Readonly<Record<string, object>>;
  readonly steps: readonly Step[];
}

/** Scenarios of what the switch does not have: VLANs, MAB, a limit without eviction, backup ports. */
const LEFT_OUT =
  /^(locked-vlan|locked-eapol|mab.*|limit-(8|static|user|extern|local)|overflow-oldest|backup-port)$/;

const STATES: Readonly<Record<string, PortState>> = {
  blocking: PortState.Discarding,
  listening: PortState.Discarding,
  learning: PortState.Learning,
  forwarding: PortState.Forwarding,
};

const path = join(__dirname, '../../conformance/flags.json');
const { scenarios } = JSON.parse(readFileSync(path, 'utf8')) as { scenarios: Scenario[] };
const played = scenarios.filter(({ id }) => !LEFT_OUT.test(id));

const idOf = (name: string): number => Number(name.slice(1)) - 1;
const plain = (mac: string): string => mac.replaceAll(':', '');

function play(sw: MemorySwitch, step: Step): void {
  const { bridge } = sw;
  if (step.set !== undefined) {
    const { port, state, ...flags } = step.set;
    bridge.configurePort(idOf(port), flags);
    if (state !== undefined) bridge.setPortState(idOf(port), STATES[state] as PortState);
  }
  if (step.frame !== undefined) {
    const { port, from, to } = step.frame;
    const out = sw.send(idOf(port), ethernet({ to: plain(to), from: plain(from) }));
    const takers = out.flatMap((frames, id) => frames.map(() => `p${id + 1}`));
    expect(takers).toEqual(step.delivered);
  }
  if (step.fdb !== undefined) {
    const port = sw.stations()[step.fdb.mac];
    expect(port === undefined ? null : `p${port + 1}`).toBe(step.fdb.port);
  }
  if (step.fdbAdd !== undefined) {
    const { hi16, lo32 } = parseMac(step.fdbAdd.mac) as MacWords;
    expect(bridge.fdb.addStatic(hi16, lo32, 0, idOf(step.fdbAdd.port), 0)).toBe(true);
  }
  if (step.fdbDelete !== undefined) {
    const { hi16, lo32 } = parseMac(step.fdbDelete.mac) as MacWords;
    expect(bridge.fdb.remove(hi16, lo32, 0)).toBe(true);
  }
  if (step.fdbFlush !== undefined) bridge.fdb.flush();
  if (step.wait !== undefined) sw.io.clock.advance(step.wait * 1_000);
  if (step.learnedCount !== undefined) expect(bridge.fdb.dynamicCount).toBe(step.learnedCount);
}

test('most scenarios of the table are tested', () => {
  expect(played.length).toBe(scenarios.length - 13);
});

describe.each(played)('$id: $about', ({ switch: { ageing = 300 }, ports, steps }) => {
  test('as in the table', () => {
    const sw = new MemorySwitch(Object.keys(ports).length, { ageingMs: ageing * 1_000 });
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
