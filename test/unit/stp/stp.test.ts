/** The spanning tree of a whole bridge: frames, ports and BPDUs, between two switches in memory. */

import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoomNews } from '../../../src/l2/room-list';
import type { BridgeSettings } from '../../../src/l2/settings';
import { type BridgePortSettings, PortState } from '../../../src/l2/port-table';
import { traceFrame } from '../../../src/l2/trace';
import { parseMac } from '../../../src/wire/mac';
import { ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

const RSTP: Partial<BridgeSettings> = { stp: 'rstp' };
const HOST = 'ffffffffffff';

interface Row {
  readonly name: string;
  readonly hex: string;
  readonly stp: string;
  readonly rstp: string;
}

const path = join(__dirname, '../../conformance/bpdus.json');
const { rows } = JSON.parse(readFileSync(path, 'utf8')) as { rows: Row[] };

/** A switch with a MAC that ends in `last`. */
function switchOf(last: number, news: RoomNews[] = []): MemorySwitch {
  const mac = parseMac(`02:00:00:00:00:0${last}`);
  if (mac === undefined) throw new Error('no MAC');
  return new MemorySwitch(3, { mac, news: (told) => void news.push(told) });
}

/** Two switches: port 0 to port 0, port 1 to port 1, and a host on port 2 of each. */
class Ring {
  readonly news: RoomNews[] = [];
  readonly a = switchOf(1);
  readonly b = switchOf(2, this.news);
  /** Frames that hosts have got, by switch. */
  readonly heard = new Map<MemorySwitch, string[]>([
    [this.a, []],
    [this.b, []],
  ]);

  constructor(settings: Partial<BridgeSettings> = RSTP) {
    for (const sw of [this.a, this.b]) sw.bridge.configure(settings);
  }

  /** Passes on the frames of the switches until no frame is on its way. */
  pass(): void {
    for (let round = 0; round < 1_000; round++) {
      const moved = [this.passOn(this.a, this.b), this.passOn(this.b, this.a)];
      if (!moved.includes(true)) return;
    }
    throw new Error('frames go round');
  }

  private passOn(from: MemorySwitch, to: MemorySwitch): boolean {
    const [first = [], second = [], host = []] = from.take();
    this.heard.get(from)?.push(...host.filter((hex) => !hex.startsWith('0180c2')));
    for (const [port, frames] of [first, second].entries()) {
      for (const hex of frames) to.port(port).send(Buffer.from(hex, 'hex'));
    }
    return first.length + second.length > 0;
  }

  run(seconds: number): void {
    for (let step = 0; step < seconds * 4; step++) {
      for (const { io } of [this.a, this.b]) io.advance(250);
      this.pass();
    }
  }

  states(sw: MemorySwitch): string[] {
    return [...sw.bridge.portStates().values()];
  }

  /** Sends a broadcast from the host of A. @returns frames that the host of B gets */
  broadcast(): number {
    const before = this.heard.get(this.b)?.length ?? 0;
    this.a.port(2).send(ethernet({ to: HOST, from: station(9), type: '88b5', payload: '00' }));
    this.pass();
    return (this.heard.get(this.b)?.length ?? 0) - before;
  }
}

describe('two switches with two links between them', () => {
  test.each(['rstp', 'stp'] as const)(
    'block one of them with %s, and a broadcast arrives once',
    (stp) => {
      const ring = new Ring({ stp });
      ring.run(40);
      expect(ring.states(ring.a)).toEqual(['forwarding', 'forwarding', 'forwarding']);
      expect(ring.states(ring.b)).toEqual(['forwarding', 'discarding', 'forwarding']);
      expect(ring.broadcast()).toBe(1);
    },
  );

  test('send a frame round without end without a spanning tree', () => {
    const ring = new Ring({ stp: 'off' });
    ring.run(2);
    expect(() => ring.broadcast()).toThrow('frames go round');
  });

  test('go on over the other link when one fails, and forget where stations were', () => {
    const ring = new Ring();
    ring.run(10);
    ring.broadcast();
    expect(ring.b.stations()['02:00:00:00:00:09']).toBe(0);
    ring.a.port(0).setUp(false);
    ring.b.port(0).setUp(false);
    ring.run(1);
    expect(ring.states(ring.b)).toEqual(['disabled', 'forwarding', 'forwarding']);
    expect(ring.broadcast()).toBe(1);
    expect(ring.b.stations()['02:00:00:00:00:09']).toBe(1);
  });

  test('forward on all ports again when the spanning tree is switched off', () => {
    const ring = new Ring();
    ring.run(10);
    ring.b.bridge.configure({ stp: 'off' });
    expect(ring.states(ring.b)).toEqual(['forwarding', 'forwarding', 'forwarding']);
    expect(ring.b.bridge.dueMs).toBe(Infinity);
  });

  test('report roots, roles and topology changes', () => {
    const ring = new Ring();
    ring.run(10);
    expect(ring.news).toContainEqual({ event: 'stp-root', root: '8000.020000000001', port: 0 });
    expect(ring.news).toContainEqual({
      ...{ event: 'stp-port', port: 1 },
      ...{ role: 'alternate', state: 'discarding' },
    });
    expect(ring.news.map(({ event }) => event)).toContain('stp-topology-change');
  });

  test('show their tree', () => {
    const ring = new Ring();
    ring.run(10);
    const state = ring.b.bridge.rooms.stp.state;
    expect(state).toMatchObject({
      ...{ protocol: 'rstp', bridgeId: '8000.020000000002', rootId: '8000.020000000001' },
      ...{ rootCost: 20_000, rootPort: 0, helloTime: 2, maxAge: 20, forwardDelay: 15 },
    });
    expect(state?.ports.map(({ portId, role }) => [portId, role])).toEqual([
      ['8001', 'root'],
      ['8002', 'alternate'],
      ['8003', 'designated'],
    ]);
  });

  test('age stations fast while a topology change is in force with STP', () => {
    const ring = new Ring({ stp: 'stp' });
    ring.run(32);
    expect(ring.b.bridge.fdb.ageingMs).toBe(15_000);
    ring.run(60);
    expect(ring.b.bridge.fdb.ageingMs).toBe(300_000);
  });
});

describe('a port that is blocked', () => {
  function blocked(): Ring {
    const ring = new Ring();
    ring.run(10);
    return ring;
  }

  test('learns nothing, answers nothing and passes nothing', () => {
    const ring = blocked();
    const frame = ethernet({ to: HOST, from: station(7), type: '88b5', payload: '00' });
    expect(ring.b.send(1, frame).flat()).toEqual([]);
    expect(ring.b.stations()['02:00:00:00:00:07']).toBeUndefined();
    expect(ring.b.drops(1)).toMatchObject({ 'ingress-discarding': 1 });
  });

  test('is named by a trace, on the way in and on the way out', () => {
    const ring = blocked();
    const states = ring.b.bridge.portStates();
    const settings = { mtuBytes: 1500, takesOffloads: false, isUp: true };
    const ports = [...states].map(([id, state]) => ({ ...settings, id, label: `tap${id}`, state }));
    const nothing = { stations: [], addresses: [], neighbours: [], leases: [] };
    const traced = { options: RSTP, ports, ...nothing };
    const frame = ethernet({ to: HOST, from: station(7), type: '88b5', payload: '00' });
    expect(traceFrame(traced, 1, frame).drops).toEqual([
      { port: 'tap1', reason: 'ingress-discarding' },
    ]);
    const out = traceFrame(traced, 2, frame);
    expect(out.egress).toEqual(['tap0']);
    expect(out.steps).toContain('tap1 is discarding: not there');
  });
});

describe('BPDUs of the table', () => {
  /** Result of a frame on the first port, whose number is 1, of a switch with this protocol. */
  function fate(hex: string, stp: 'stp' | 'rstp'): string {
    const sw = switchOf(1);
    sw.bridge.configure({ stp });
    sw.io.advance(10);
    sw.take();
    const out = sw.send(0, Buffer.from(hex, 'hex'));
    const isForwarded = out.flat().some((frame) => frame.startsWith(hex.slice(0, 24)));
    if (isForwarded) return 'flood';
    if (sw.counts(0)['bpdu-received'] === 1) return 'taken';
    return Object.values(sw.drops(0)).some((count) => count === 1) ? 'ignore' : 'lost';
  }

  test.each(rows)('$name: $stp with STP, $rstp with RSTP', ({ hex, stp, rstp }) => {
    const inWords = (fateInTable: string): string =>
      ['config', 'tcn', 'rst'].includes(fateInTable) ? 'taken' : fateInTable;
    expect(fate(hex, 'stp')).toBe(inWords(stp));
    expect(fate(hex, 'rstp')).toBe(inWords(rstp));
  });
});

test('a provider bridge has BPDUs of its own group, and forwards those to the other group as data', () => {
  const sw = switchOf(1);
  sw.bridge.configure({ ...RSTP, vlanProtocol: '802.1ad' });
  for (const port of [0, 1, 2]) sw.bridge.configurePort(port, { stpEdge: 'on' });
  sw.io.advance(10);
  for (const [first] of sw.take()) expect(first).toMatch(/^0180c2000008/);
  const hexOf = (name: string): string => rows.find((row) => row.name === name)?.hex ?? '';
  sw.send(0, Buffer.from(hexOf('provider-bridge-group'), 'hex'));
  expect(sw.counts(0)['bpdu-received']).toBe(1);
  sw.send(1, Buffer.from(hexOf('config'), 'hex'));
  expect(sw.counts(1)['bpdu-received']).toBeUndefined();
});

test('no station is learned from a BPDU: its source may be the MAC of a station on another port', () => {
  const sw = switchOf(1);
  sw.bridge.configure(RSTP);
  sw.bridge.configurePort(2, { stpEdge: 'on' });
  const [hex = ''] = rows.filter(({ name }) => name === 'config').map((row) => row.hex);
  sw.send(2, Buffer.from(hex, 'hex'));
  expect(sw.counts(2)['bpdu-received']).toBe(1);
  expect(sw.stations()).toEqual({});
});

describe('settings of a port', () => {
  const superior = rows.find(({ name }) => name === 'rst')?.hex ?? '';

  function after(settings: Partial<BridgePortSettings>, news: RoomNews[] = []): MemorySwitch {
    const sw = switchOf(1, news);
    sw.bridge.configure(RSTP);
    sw.bridge.configurePort(0, settings);
    sw.io.advance(5_000);
    sw.take();
    sw.send(0, Buffer.from(superior, 'hex'));
    return sw;
  }

  test('bpdu-guard shuts the port at the first BPDU, and reports it', () => {
    const news: RoomNews[] = [];
    const sw = after({ bpduGuard: true }, news);
    expect(sw.bridge.ports.state(0)).toBe(PortState.Disabled);
    expect(news).toContainEqual({ event: 'stp-guarded', port: 0 });
    expect(sw.drops(0)).toEqual({ 'bpdu-guarded': 1 });
  });

  test('bpdu-guard opens the port when it is given again, and for no other setting', () => {
    const sw = after({ bpduGuard: true });
    sw.bridge.configurePort(0, { linkSpeedMbps: 100, stpEdge: 'on' });
    expect(sw.bridge.ports.state(0)).toBe(PortState.Disabled);
    sw.bridge.configurePort(0, { bpduGuard: true });
    expect(sw.bridge.ports.state(0)).toBe(PortState.Forwarding);
  });

  test('bpdu-filter neither receives nor sends BPDUs', () => {
    const sw = after({ bpduFilter: true });
    expect(sw.drops(0)).toEqual({ 'bpdu-filtered': 1 });
    sw.io.advance(10_000);
    const [filtered, other] = sw.take();
    expect(filtered).toEqual([]);
    expect(other).not.toEqual([]);
  });

  test('root-guard keeps the port from becoming the root port', () => {
    expect(after({}).bridge.rooms.stp.state?.rootPort).toBe(0);
    expect(after({ rootGuard: true }).bridge.rooms.stp.state?.rootPort).toBeUndefined();
  });

  test('stp-edge=on forwards at once', () => {
    const sw = switchOf(1);
    sw.bridge.configurePort(0, { stpEdge: 'on' });
    sw.bridge.configure(RSTP);
    expect([...sw.bridge.portStates().values()]).toEqual([
      'forwarding',
      'discarding',
      'discarding',
    ]);
  });

  test('stp-cost and stp-priority are in the tree', () => {
    const sw = after({ stpCost: 7, stpPortPriority: 16 });
    const [port] = sw.bridge.rooms.stp.state?.ports ?? [];
    expect(port).toMatchObject({ portId: '1001', cost: 7 });
    expect(sw.bridge.rooms.stp.state?.rootCost).toBe(20_007);
  });
});

test('BPDUs leave from the MAC of the switch, untagged, out of ports that are isolated or blocked', () => {
  const sw = switchOf(1);
  sw.bridge.configurePort(0, { isolated: true, mcastFlood: false });
  sw.bridge.configure(RSTP);
  sw.io.advance(10);
  for (const [first] of sw.take()) expect(first).toMatch(/^0180c20000000200000000010027424203/);
});

test.each([
  [0, 20_000],
  [10, 2_000_000],
  [100, 200_000],
  [1_000, 20_000],
  [2_500, 8_000],
  [10_000, 2_000],
  [400_000, 50],
  [1, 20_000_000],
  [4_000_000_000, 1],
])('a link of %d Mb/s has the cost %d by default, of table 17-3', (linkSpeedMbps, cost) => {
  const sw = new MemorySwitch(1);
  sw.bridge.configure({ stp: 'rstp' });
  sw.bridge.configurePort(0, { linkSpeedMbps });
  expect(sw.bridge.rooms.stp.state?.ports[0]?.cost).toBe(cost);
  sw.bridge.configurePort(0, { stpCost: 7 });
  expect(sw.bridge.rooms.stp.state?.ports[0]?.cost).toBe(7);
  sw.bridge.configurePort(0, { stpCost: 0 });
  expect(sw.bridge.rooms.stp.state?.ports[0]?.cost).toBe(cost);
});
