import { describe, expect, test } from '@jest/globals';
import { BURST_FRAMES, BurstWriter, macOf } from '../../../bench/decide/burst-writer';
import { requireLibrary } from '../../../bench/decide/library';
import { PATTERNS, TURN_BURSTS, type Pattern } from '../../../bench/decide/patterns';
import { Trial } from '../../../bench/decide/trial';
import { Bridge, MemoryIo, hookProgram } from '../../../src/index';

const LIBRARY = requireLibrary({ Bridge, MemoryIo, hookProgram });
const FRAMES = TURN_BURSTS * BURST_FRAMES;

/** A clock on which a turn takes `elapsedNs`. */
function clockOf(elapsedNs: number): () => bigint {
  let nowNs = 0n;
  return () => (nowNs += BigInt(elapsedNs));
}

describe('patterns', () => {
  test.each([...PATTERNS.keys()])(
    'the frames of %s go where they should, turn after turn',
    (id) => {
      const trial = new Trial(LIBRARY, PATTERNS.get(id)!);
      for (let turn = 0; turn < 2; turn++) {
        expect(trial.takeTurn(clockOf(10 * FRAMES))).toBe(10);
      }
    },
  );

  test('a pattern with frames to other ports is refused', () => {
    const broken: Pattern = { ...PATTERNS.get('unicast')!, copiesPerFrame: 3 };
    const trial = new Trial(LIBRARY, broken);
    expect(() => trial.takeTurn(clockOf(1))).toThrow('1 copies of a frame left the switch');
  });

  test('every frame of "learn" is learned', () => {
    const { bridge, counters } = watched();
    new Trial({ Bridge: bridge, MemoryIo: LIBRARY.MemoryIo }, PATTERNS.get('learn')!).takeTurn(
      clockOf(1),
    );
    expect(counters('learned')).toBe(FRAMES + 1);
  });

  test('every request of "arp" is answered for the host', () => {
    const { bridge, counters } = watched();
    new Trial({ Bridge: bridge, MemoryIo: LIBRARY.MemoryIo }, PATTERNS.get('arp')!).takeTurn(
      clockOf(1),
    );
    expect(counters('tx-frames')).toBeGreaterThanOrEqual(FRAMES);
    expect(counters('rx-flooded')).toBeLessThanOrEqual(3 * BURST_FRAMES);
  });
});

/** A Bridge whose counters of the first port can be read. */
function watched(): { bridge: typeof LIBRARY.Bridge; counters: (name: string) => number } {
  const bridges: Bridge[] = [];
  class Watched extends Bridge {
    constructor(...options: ConstructorParameters<typeof Bridge>) {
      super(...options);
      bridges.push(this);
    }
  }
  const counters = (name: string): number => {
    const counts = Object.entries(bridges[0]!.counters.read(0).counters);
    const count = counts.find(([key]) => key.replace(/[A-Z]/g, '-$&').toLowerCase() === name);
    if (count === undefined) throw new Error(`no counter ${name}: ${counts.join(' ')}`);
    return Number(count[1]);
  };
  return { bridge: Watched, counters };
}

describe('BurstWriter', () => {
  test('addresses of a laid out frame can be rewritten', () => {
    const { burst } = new LIBRARY.Bridge({});
    const writer = new BurstWriter(burst);
    writer.put(5, 1, Uint8Array.from([...macOf(1), ...macOf(2), 0x08, 0x00]));
    writer.setDestination(5, 0xabcdef);
    writer.setSource(5, 0x010203);
    const at = burst.offset[5]!;
    expect([...burst.u8.subarray(at, at + 14)]).toEqual([
      ...[0x02, 0, 0, 0xab, 0xcd, 0xef],
      ...[0x02, 0, 0, 0x01, 0x02, 0x03],
      ...[0x08, 0x00],
    ]);
    expect([burst.length[5], burst.ingress[5]]).toEqual([14, 1]);
  });
});

describe('requireLibrary', () => {
  test('names the export that a package lacks', () => {
    expect(() => requireLibrary({})).toThrow('exports no Bridge and MemoryIo');
  });

  test('names the column that a burst lacks', () => {
    class Strange {
      readonly burst = { u8: new Uint8Array(1), offset: new Int32Array(1), clock: [] };
    }
    expect(() => requireLibrary({ Bridge: Strange, MemoryIo })).toThrow(
      'Bridge.burst has no length, ingress, clock',
    );
  });
});
