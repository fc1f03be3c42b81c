/** Loop guard: two ports of a switch that lead to one dumb bridge, in memory and in simulated time. */

import { describe, expect, test } from '@jest/globals';
import type { LoopNews } from '../../../src/loop/news';
import type { RoomNews } from '../../../src/l2/room-list';
import { parseMac } from '../../../src/wire/mac';
import { ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

const PROBE = '037461707377';
const EVERYBODY = 'ffffffffffff';

/** A switch whose ports 0 and 1 lead to a dumb bridge, and whose port 2 leads to a host. */
class Lab {
  readonly news: RoomNews[] = [];
  readonly sw: MemorySwitch;
  /** Whether the dumb bridge joins both links. */
  isLooped = true;
  probes = 0;
  toHost: string[] = [];

  constructor(settings: { readonly loopGuard: boolean; readonly stp?: 'off' | 'rstp' }) {
    const mac = parseMac('02:00:00:00:00:01');
    if (mac === undefined) throw new Error('no MAC');
    this.sw = new MemorySwitch(3, { mac, seed: 77, news: (told) => void this.news.push(told) });
    this.sw.bridge.configure(settings);
  }

  /** The dumb bridge passes on what is under way, a number of rounds at most. */
  pass(rounds = 40): void {
    for (let round = 0; round < rounds; round++) {
      const [first = [], second = [], host = []] = this.sw.take();
      this.probes += [...first, ...second, ...host].filter((hex) => hex.startsWith(PROBE)).length;
      this.toHost.push(...host);
      if (!this.isLooped || first.length + second.length === 0) return;
      for (const hex of first) this.sw.port(1).send(Buffer.from(hex, 'hex'));
      for (const hex of second) this.sw.port(0).send(Buffer.from(hex, 'hex'));
    }
  }

  run(ms: number): void {
    for (let at = 0; at < ms; at += 100) {
      this.sw.io.advance(100);
      this.pass();
    }
  }

  broadcast(last = 9): void {
    const frame = ethernet({ to: EVERYBODY, from: station(last), type: '88b5', payload: '00' });
    this.sw.port(2).send(frame);
    this.pass();
  }

  get states(): string[] {
    return [...this.sw.bridge.portStates().values()];
  }

  get told(): LoopNews[] {
    return this.news.filter((news) => news.event === 'loop-found' || news.event === 'loop-over');
  }
}

const OPEN = ['forwarding', 'forwarding', 'forwarding'];
const SHUT = ['forwarding', 'disabled', 'forwarding'];
const found = (seconds: number): LoopNews => ({ event: 'loop-found', port: 1, from: 0, seconds });

describe('loop guard', () => {
  test('shuts the port of a loop that came up later, within a second, and names both ends', () => {
    const lab = new Lab({ loopGuard: true });
    lab.broadcast();
    lab.run(1_000);
    expect(lab.states).toEqual(SHUT);
    expect(lab.told).toEqual([found(5)]);
    lab.toHost = [];
    lab.broadcast();
    lab.run(1_000);
    expect(lab.toHost).toEqual([]);
  });

  test('takes the order in which ports came up', () => {
    const lab = new Lab({ loopGuard: true });
    lab.sw.port(0).setUp(false);
    lab.sw.port(0).setUp(true);
    lab.broadcast();
    lab.run(1_000);
    expect(lab.told).toEqual([{ ...found(5), port: 0, from: 1 }]);
  });

  test('opens the port again when the loop is gone', () => {
    const lab = new Lab({ loopGuard: true });
    lab.broadcast();
    lab.run(1_000);
    lab.isLooped = false;
    lab.run(6_000);
    expect(lab.states).toEqual(OPEN);
    expect(lab.told.at(-1)).toEqual({ event: 'loop-over', port: 1 });
  });

  test('keeps the port shut while the loop is there, for twice the time, without a storm', () => {
    const lab = new Lab({ loopGuard: true });
    lab.broadcast();
    lab.run(1_000);
    lab.toHost = [];
    lab.run(14_000);
    expect(lab.states).toEqual(SHUT);
    lab.isLooped = false;
    lab.run(4_000);
    expect(lab.states).toEqual(OPEN);
    expect(lab.toHost).toEqual([]);
  });

  test('opens the port at once when its link goes down and up', () => {
    const lab = new Lab({ loopGuard: true });
    lab.broadcast();
    lab.run(1_000);
    lab.isLooped = false;
    lab.sw.port(1).setUp(false);
    lab.sw.port(1).setUp(true);
    expect(lab.states).toEqual(OPEN);
  });

  test('doubles the time for a loop that comes again soon', () => {
    const lab = new Lab({ loopGuard: true });
    lab.broadcast();
    lab.run(1_000);
    lab.isLooped = false;
    lab.run(6_000);
    lab.isLooped = true;
    lab.broadcast();
    lab.run(1_000);
    expect(lab.told.at(-1)).toEqual(found(10));
  });

  test('is quiet where there is no loop, also when a station roams', () => {
    const lab = new Lab({ loopGuard: true });
    lab.isLooped = false;
    for (let round = 0; round < 10; round++) {
      const frame = ethernet({ to: EVERYBODY, from: station(7), type: '88b5', payload: '00' });
      lab.sw.port(round % 3).send(frame);
      lab.run(200);
    }
    lab.run(60_000);
    expect(lab.probes).toBe(0);
    expect(lab.states).toEqual(OPEN);
  });

  test('does not shut a port where two hosts have one MAC, for no probe comes back', () => {
    const lab = new Lab({ loopGuard: true });
    lab.isLooped = false;
    for (let round = 0; round < 200; round++) {
      const frame = ethernet({ to: EVERYBODY, from: station(7), type: '88b5', payload: '00' });
      lab.sw.port(round % 2).send(frame);
    }
    lab.run(1_000);
    expect(lab.probes).toBeGreaterThan(0);
    expect(lab.states).toEqual(OPEN);
  });

  test('takes no probe of another identity', () => {
    const lab = new Lab({ loopGuard: true });
    const payload = '4c4f4f50' + '0000004e' + '0000' + '00'.repeat(36);
    lab.sw.port(1).send(ethernet({ to: PROBE, from: '020000000001', type: '88b6', payload }));
    expect(lab.states).toEqual(OPEN);
    expect(lab.sw.drops(1)).toEqual({ 'source-is-switch': 1 });
  });

  test.each([
    ['it is off', { loopGuard: false }],
    ['there is a spanning tree', { loopGuard: true, stp: 'rstp' as const }],
  ])('sends no probe while %s', (_, settings) => {
    const lab = new Lab(settings);
    lab.broadcast();
    lab.run(1_000);
    expect(lab.probes).toBe(0);
    expect(lab.told).toEqual([]);
  });

  test('opens what it has shut when it is switched off', () => {
    const lab = new Lab({ loopGuard: true });
    lab.broadcast();
    lab.run(1_000);
    expect(lab.states).toEqual(SHUT);
    lab.sw.bridge.configure({ loopGuard: false });
    expect(lab.states).toEqual(OPEN);
  });
});
