/** The bridge against a textbook switch: random ports, frames, link flaps, MTUs and clocks. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BridgeOptions } from '../../../src/l2/bridge';
import { parseMac, type MacWords } from '../../../src/wire/mac';
import { ethernetOf, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { NaiveBridge } from '../../support/naive-bridge';
import { toHex } from '../../support/room-harness';

const OWN_MAC = '020000000099';
const HOSTS = 12;

const host = fc.integer({ min: 1, max: HOSTS }).map(station);
const group = fc.constantFrom('ffffffffffff', '333300000001', '01005e0000fb', '0180c2000021');
const reserved = fc.nat(15).map((nibble) => `0180c200000${nibble.toString(16)}`);

const destination = fc.oneof(
  { weight: 12, arbitrary: host },
  { weight: 4, arbitrary: group },
  { weight: 2, arbitrary: reserved },
  { weight: 1, arbitrary: fc.constantFrom(OWN_MAC, '000000000000') },
);
const source = fc.oneof(
  { weight: 20, arbitrary: host },
  { weight: 1, arbitrary: group },
  { weight: 1, arbitrary: fc.constantFrom(OWN_MAC, '000000000000') },
);
const lengthBytes = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: 14, max: 100 }) },
  { weight: 1, arbitrary: fc.nat(13) },
  { weight: 2, arbitrary: fc.integer({ min: 1_000, max: 1_600 }) },
  { weight: 1, arbitrary: fc.integer({ min: 8_990, max: 9_050 }) },
);

const which = fc.nat(1_000);
const frame = fc
  .record({ destination, source, lengthBytes })
  .map((fields) => ethernetOf(fields.lengthBytes, fields.destination, fields.source));

const step = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      // Frames of several ports in one burst.
      frames: fc.array(fc.record({ from: which, frame }), { minLength: 1, maxLength: 20 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('link' as const), port: which, isUp: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('mtu' as const),
      port: which,
      mtuBytes: fc.constantFrom(68, 1_280, 1_500, 9_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      // Whole ticks of the FDB, so that both forget at the same moment.
      ms: fc.oneof(fc.nat(500), fc.nat(2_500)).map((ticks) => ticks * 10),
      isSwept: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const topology = fc.record({
  portCount: fc.integer({ min: 1, max: 40 }),
  ageingMs: fc.constantFrom(0, 10_000, 300_000),
  reserved: fc.constantFrom('br0' as const, 'strict' as const),
  // Small sizes split floods and bursts at every place.
  receiveFrames: fc.constantFrom(1, 7, 64),
  txEntries: fc.constantFrom(1, 5, 2_048),
  seed: fc.integer(),
});
type Topology = typeof topology extends fc.Arbitrary<infer T> ? T : never;

/** Frames that left by each port, and the port of each station. */
interface View {
  readonly out: string[][];
  readonly stations: Record<string, number>;
}

class Pair {
  private readonly sw: MemorySwitch;
  private readonly twin: NaiveBridge;

  constructor(private readonly topology: Topology) {
    const { ageingMs, reserved: mode, receiveFrames, txEntries, seed, portCount } = topology;
    const options: BridgeOptions = {
      mac: parseMac(printed(OWN_MAC)) as MacWords,
      ageingMs,
      reserved: mode,
      seed,
      fdbMax: 100,
      burst: { receiveFrames, txEntries },
    };
    this.sw = new MemorySwitch(portCount, options);
    this.twin = new NaiveBridge({ ageingMs, reserved: mode, ownMac: OWN_MAC });
    for (let id = 0; id < portCount; id++) this.twin.ports.push({ isUp: true, mtuBytes: 1_500 });
  }

  step(step: Step): { bridge: View; twin: View } {
    const { sw, twin, topology } = this;
    const idOf = (index: number): number => index % topology.portCount;
    const expected: string[][] = twin.ports.map(() => []);
    switch (step.do) {
      case 'send':
        for (const { from, frame: bytes } of step.frames) {
          sw.io.enqueue(sw.port(idOf(from)), { bytes, vnetHeader: new Uint8Array(10) });
          for (const id of twin.forward(idOf(from), toHex(bytes), sw.nowMs)) {
            expected[id]?.push(toHex(bytes));
          }
        }
        sw.io.run();
        break;
      case 'link':
        sw.port(idOf(step.port)).setUp(step.isUp);
        twin.setUp(idOf(step.port), step.isUp);
        break;
      case 'mtu':
        sw.port(idOf(step.port)).setMtu(step.mtuBytes);
        Object.assign(twin.ports[idOf(step.port)] ?? {}, { mtuBytes: step.mtuBytes });
        break;
      case 'wait':
        if (step.isSwept) sw.io.advance(step.ms);
        else sw.io.clock.advance(step.ms);
        break;
    }
    return {
      bridge: { out: sw.take(), stations: this.stationsOfBridge() },
      twin: { out: expected, stations: twin.known(sw.nowMs) },
    };
  }

  private stationsOfBridge(): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.sw.stations()).map(([mac, port]) => [mac.replaceAll(':', ''), port]),
    );
  }
}

const TIMEOUT_MS = 30_000;

test(
  'the bridge delivers the frames of a textbook switch in the same order, and has the same stations',
  () => {
    fc.assert(
      fc.property(topology, fc.array(step, { maxLength: 40, size: 'max' }), (ports, steps) => {
        const pair = new Pair(ports);
        for (const each of steps) {
          const { bridge, twin } = pair.step(each);
          expect(bridge).toEqual(twin);
        }
      }),
      { numRuns: 80 },
    );
  },
  TIMEOUT_MS,
);
