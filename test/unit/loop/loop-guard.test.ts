/** Loop guard: two ports of a switch that lead to one dumb bridge, in memory and in simulated time. */

import { describe, expect, test } from '@jest/globals';
import type { LoopNews } from '../../../src/loop/news';
import type { RoomNews } from '../../../src/l2/room-list';
import type { BridgeOptions } from '../../../src/l2/bridge';
import type { BridgeSettings } from '../../../src/l2/settings';
import { type MacWords, parseMac } from '../../../src/wire/mac';
import { ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

const PROBE = '037461707377';
const EVERYBODY = 'ffffffffffff';
const OWN = '020000000001';
const MAC = parsedMac('02:00:00:00:00:01');
const HOST = parsedMac('02:00:00:00:00:09');
const SEED = 77;

function parsedMac(text: string): MacWords {
  const mac = parseMac(text);
  if (mac === undefined) throw new Error(`no MAC: ${text}`);
  return mac;
}

/** A switch whose ports 0 and 1 lead to a dumb bridge, and whose port 2 leads to a host. */
class Lab {
  readonly news: RoomNews[] = [];
  readonly sw: MemorySwitch;
  /** Whether the dumb bridge joins both links. */
  isLooped = true;
  /** Whether the dumb bridge loses all frames from port 1 but probes. */
  isOneWay = false;
  /** Frames that the dumb bridge passes on. */
  passes: (hex: string) => boolean = () => true;
  /** Probes that left from each port. */
  readonly probesOf: string[][] = [[], [], []];
  toHost: string[] = [];

  constructor(settings: Partial<BridgeSettings>, options: BridgeOptions = {}) {
    const news = (told: RoomNews): void => void this.news.push(told);
    this.sw = new MemorySwitch(3, { mac: MAC, seed: SEED, news, ...options });
    this.sw.bridge.configure(settings);
  }

  /** Number of probes that left from any port. */
  get probes(): number {
    return this.probesOf.flat().length;
  }

  /** The dumb bridge passes on the frames on their way, for a number of rounds at most. */
  pass(rounds = 200): void {
    for (let round = 0; round < rounds; round++) {
      const taken = this.sw.take();
      taken.forEach((frames, port) =>
        this.probesOf[port]?.push(...frames.filter((hex) => hex.startsWith(PROBE))),
      );
      const [first = [], second = [], host = []] = taken.map((all) => all.filter(this.passes));
      this.toHost.push(...host);
      if (!this.isLooped || first.length + second.length === 0) return;
      for (const hex of first) this.sw.port(1).send(Buffer.from(hex, 'hex'));
      const back = this.isOneWay ? second.filter((hex) => hex.startsWith(PROBE)) : second;
      for (const hex of back) this.sw.port(0).send(Buffer.from(hex, 'hex'));
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

  test('finds a loop in which a unicast frame goes round in one direction, so that nothing moves', () => {
    const lab = new Lab({ loopGuard: true });
    lab.isOneWay = true;
    lab.sw.port(0).send(ethernet({ to: station(9), from: station(8) }));
    // The host sends twice, and its station moves to the loop each time.
    for (let count = 0; count < 2; count++) {
      lab.sw.port(2).send(ethernet({ to: station(8), from: station(9) }));
      lab.pass();
    }
    lab.run(1_000);
    expect(lab.states).toEqual(SHUT);
    expect(lab.told).toEqual([found(5)]);
    expect(lab.probesOf[2]).toEqual([]);
  });

  test('shuts the port that came up last', () => {
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

  test('doubles the time for a loop that comes back soon', () => {
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

  test('sends no probe without a loop, also when a station roams', () => {
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

  test.each<[string, Partial<BridgeSettings>, BridgeOptions]>([
    ['a hub', {}, { ageingMs: 0 }],
    ['a switch whose storm limit tames the loop', {}, {}],
    ['a switch where the sender is a static station', {}, {}],
  ])('finds a loop of %s', (name, settings, options) => {
    const lab = new Lab({ loopGuard: true, ...settings }, options);
    const { bridge } = lab.sw;
    if (name.includes('storm')) {
      for (const port of [0, 1]) bridge.configurePort(port, { stormBroadcast: 20 });
    }
    if (name.includes('static')) {
      bridge.addStation(HOST.hi16, HOST.lo32, 0, 2, true);
    }
    lab.broadcast();
    lab.run(3_000);
    expect(lab.states).toEqual(SHUT);
    expect(lab.probesOf[2]).toEqual([]);
  });

  test('finds a loop of one VLAN with a probe in that VLAN', () => {
    const lab = new Lab({ loopGuard: true, vlanFiltering: true });
    const { bridge } = lab.sw;
    for (const port of [0, 1]) bridge.setPortVlans(port, [{ vid: 20 }]);
    bridge.setPortVlans(2, [{ vid: 20, pvid: true, untagged: true }]);
    const tag = '81000014';
    lab.passes = (hex) => hex.slice(24, 32) === tag;
    lab.broadcast();
    lab.run(1_000);
    expect(lab.told).toEqual([found(5)]);
    lab.run(6_000);
    expect(lab.states).toEqual(SHUT);
    lab.isLooped = false;
    lab.run(20_000);
    expect(lab.states).toEqual(OPEN);
  });

  test('sends no probe to a host that sends a lot and has roamed once', () => {
    const lab = new Lab({ loopGuard: true });
    lab.isLooped = false;
    const frame = ethernet({ to: EVERYBODY, from: station(7), type: '88b5', payload: '00' });
    lab.sw.port(1).send(frame);
    for (let count = 0; count < 5_000; count++) lab.sw.port(0).send(frame);
    lab.run(2_000);
    expect(lab.probes).toBe(0);
  });

  describe('a hostile host behind port 0', () => {
    /** Sends frames with the MAC of the switch as their source, which are signs of a loop. */
    const pretend = (lab: Lab, port = 0): void => {
      const frame = ethernet({ to: EVERYBODY, from: OWN, type: '88b5', payload: '00' });
      for (let count = 0; count < 20; count++) lab.sw.port(port).send(frame);
      lab.run(100);
    };
    const labOf = (): Lab => {
      const lab = new Lab({ loopGuard: true });
      lab.isLooped = false;
      return lab;
    };
    const last = (lab: Lab, port: number): string => lab.probesOf[port]?.at(-1) ?? '';
    /** A probe with another port in it. */
    const forged = (hex: string, port: number): Buffer =>
      Buffer.from(hex.slice(0, 52) + port.toString(16).padStart(4, '0') + hex.slice(56), 'hex');
    /** Number in a probe, in hex. */
    const numberIn = (hex: string): string => hex.slice(36, 52);

    test('gets a probe of its own port only', () => {
      const lab = labOf();
      pretend(lab);
      expect(lab.probesOf.map(({ length }) => length > 0)).toEqual([true, false, false]);
    });

    test('cannot use the number of an old probe again', () => {
      const lab = labOf();
      pretend(lab);
      const first = last(lab, 0);
      lab.run(2_000);
      pretend(lab);
      expect(numberIn(last(lab, 0))).not.toBe(numberIn(first));
      const words = [0, 4].map((at) => Buffer.from(numberIn(first), 'hex').readInt32BE(at));
      for (const word of words) expect([SEED, SEED + 1]).not.toContain(word);
      expect(words[0]).not.toBe(words[1]);
      // The old probe comes back late.
      lab.sw.port(1).send(Buffer.from(first, 'hex'));
      expect(lab.states).toEqual(OPEN);
    });

    test('has no other port shut by a forged probe', () => {
      const lab = labOf();
      pretend(lab);
      const probe = last(lab, 0);
      expect(probe).not.toBe('');
      for (const port of [1, 2, 99]) lab.sw.port(0).send(forged(probe, port));
      expect(lab.states).toEqual(OPEN);
      expect(lab.told).toEqual([]);
      // Its own port is shut by the probe that it sends back.
      lab.sw.port(0).send(Buffer.from(probe, 'hex'));
      expect(lab.states).toEqual(['disabled', 'forwarding', 'forwarding']);
    });

    test('sees no number that lasts while it pretends on and on', () => {
      const lab = labOf();
      pretend(lab);
      const first = last(lab, 0);
      for (let round = 0; round < 20; round++) pretend(lab);
      expect(numberIn(last(lab, 0))).not.toBe(numberIn(first));
      lab.sw.port(1).send(Buffer.from(first, 'hex'));
      expect(lab.told).toEqual([]);
    });

    test('has nothing shut by a probe with one half of its number', () => {
      const lab = labOf();
      pretend(lab);
      const probe = last(lab, 0);
      for (const [from, to] of [
        [36, 44],
        [44, 52],
      ] as const) {
        const guess = `${probe.slice(0, from)}${'5a'.repeat(4)}${probe.slice(to)}`;
        for (const port of [0, 1]) lab.sw.port(port).send(Buffer.from(guess, 'hex'));
      }
      expect(lab.states).toEqual(OPEN);
    });

    test('has no port shut that is another one by now, after its link was down', () => {
      const lab = labOf();
      pretend(lab);
      const probe = last(lab, 0);
      lab.sw.port(0).setUp(false);
      lab.sw.port(0).setUp(true);
      lab.sw.port(1).send(Buffer.from(probe, 'hex'));
      expect(lab.told).toEqual([]);
      expect(lab.states).toEqual(OPEN);
    });

    test.each([false, true])('has no port shut by a probe in a mirror (shared: %p)', (isShared) => {
      const lab = labOf();
      lab.sw.bridge.addMirror({ name: 'm', in: [1], out: [1], target: 0, isShared });
      pretend(lab, 1);
      const probe = last(lab, 1);
      expect(probe).not.toBe('');
      expect(lab.probesOf[0]).toContain(probe);
      lab.sw.port(0).send(Buffer.from(probe, 'hex'));
      expect(lab.told).toEqual([]);
      expect(lab.states).toEqual(OPEN);
    });

    test('cannot keep the port of another one shut', () => {
      const lab = labOf();
      lab.isLooped = true;
      lab.broadcast();
      lab.run(1_000);
      expect(lab.states).toEqual(SHUT);
      lab.isLooped = false;
      const old = last(lab, 1);
      for (let second = 0; second < 7; second++) {
        for (const port of [0, 1]) lab.sw.port(0).send(forged(last(lab, 0) || old, port));
        pretend(lab);
        lab.run(900);
      }
      expect(lab.states).toEqual(OPEN);
    });
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

  test('opens the ports that it has shut when it is switched off', () => {
    const lab = new Lab({ loopGuard: true });
    lab.broadcast();
    lab.run(1_000);
    expect(lab.states).toEqual(SHUT);
    lab.sw.bridge.configure({ loopGuard: false });
    expect(lab.states).toEqual(OPEN);
  });
});
