/** The forwarding database against a naive twin, on addresses that collide around the table's end. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FdbEntry, decodeEntries } from '../../../src/l2/fdb/entry';
import { type Fdb, MAX_STATIC } from '../../../src/l2/fdb/table';
import { formatMac, type MacWords } from '../../../src/wire/mac';
import { TICK_MS } from '../../../src/frame/time';
import { collidingHosts, copyAll, host, makeFdb } from '../../support/fdb-table';
import { type Kind, type NaiveEntry, NaiveFdb } from '../../support/naive-fdb';

const PORTS = 6;
const PORT_IDS = [...Array(PORTS).keys()];
const AGEING_TICKS = 1_000;
const SEED = 0x5eed;
const TIMEOUT_MS = 30_000;

interface Station extends MacWords {
  readonly vlan: number;
}

function stationsFor(maxDynamic: number): Station[] {
  const untagged = [
    ...collidingHosts(24, 3, { maxDynamic, seed: SEED }),
    ...Array.from({ length: 8 }, (_, index) => host(index)),
  ].map((mac) => ({ ...mac, vlan: 0 }));
  const tagged = untagged.slice(0, 4).map((mac) => ({ ...mac, vlan: 4_094 }));
  return [...untagged, ...tagged];
}

const nameOf = (station: Station): string =>
  `${station.vlan} ${formatMac(station.hi16, station.lo32)}`;
const nameOfEntry = ({ vlan, mac }: FdbEntry): string => `${vlan} ${mac}`;

const port = fc.nat(PORTS - 1);
const who = fc.nat(1_000);

const action = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('learn' as const), who, port }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('lookup' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('peek' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('static' as const), who, port }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sticky' as const), who, port }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('locked' as const), who, port }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush locked' as const), port }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush port' as const), port }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget port' as const), port }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ticks: fc.oneof(fc.nat(AGEING_TICKS), fc.constantFrom(AGEING_TICKS - 1, AGEING_TICKS)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('sweep' as const), slots: fc.nat(5_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set ageing' as const),
      ticks: fc.constantFrom(0, AGEING_TICKS / 2, AGEING_TICKS, 2 * AGEING_TICKS),
    }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** State after an action, of the table or of its twin. */
interface View {
  readonly answer: unknown;
  readonly entries: ReadonlyMap<string, NaiveEntry>;
  readonly staticCount: number;
  readonly dynamicCount: number;
  readonly perPort: readonly number[];
  /** Fault of the evicted entries, or of the time for which no entry expires. */
  readonly complaint: string | undefined;
}

/** The table and its twin, which take the same actions. */
class Pair {
  private readonly fdb: Fdb;
  private readonly twin: NaiveFdb;

  constructor(
    private readonly stations: readonly Station[],
    limits: {
      readonly maxDynamic: number;
      readonly maxDynamicPerPort: number;
      readonly evicts: boolean;
    },
    private ticks: number,
  ) {
    const ageingMs = AGEING_TICKS * TICK_MS;
    this.fdb = makeFdb({ ...limits, ageingMs, seed: SEED, maxPorts: PORTS });
    this.twin = new NaiveFdb({ ...limits, maxStatic: MAX_STATIC }, AGEING_TICKS);
  }

  step(step: Action): { table: View; twin: View } {
    const { fdb, twin } = this;
    const [ofTable, ofTwin] = this.answers(step);
    const entries = this.entriesOfTable();
    const missing = [...twin.entries.keys()].filter((name) => !entries.has(name));
    const complaint = twin.settleVictims(missing);
    return {
      table: {
        answer: ofTable,
        entries,
        staticCount: fdb.staticCount,
        dynamicCount: fdb.dynamicCount,
        perPort: PORT_IDS.map((id) => fdb.dynamicCountOn(id)),
        complaint: this.earlyExpiry(),
      },
      twin: {
        answer: ofTwin,
        entries: twin.entries,
        staticCount: twin.countOf('static'),
        dynamicCount: twin.dynamicCount,
        perPort: PORT_IDS.map((id) => twin.count(id)),
        complaint,
      },
    };
  }

  /** An entry that expires within the time for which the table says that none does. */
  private earlyExpiry(): string | undefined {
    const { fdb, twin, ticks } = this;
    const calmTicks = fdb.calmTicks(ticks | 0);
    for (const [name, { kind, heardTicks }] of twin.entries) {
      const leftTicks = heardTicks + twin.ageingTicks - ticks;
      if (calmTicks > 0 && kind !== 'static' && leftTicks < calmTicks) {
        return `${name}: ${leftTicks} ticks are left`;
      }
    }
    return undefined;
  }

  /** Results of one action on the table and on its twin. */
  private answers(step: Action): [unknown, unknown] {
    const { fdb, twin, ticks: now } = this;
    const at = now | 0;
    const station = this.stations['who' in step ? step.who % this.stations.length : 0] as Station;
    const { hi16, lo32, vlan } = station;
    const name = nameOf(station);
    switch (step.do) {
      case 'learn':
        return [fdb.learn(hi16, lo32, vlan, step.port, at), twin.learn(name, step.port, now)];
      case 'lookup':
        return [fdb.lookup(hi16, lo32, vlan, at), twin.lookup(name, now)];
      case 'peek':
        return [fdb.peek(hi16, lo32, vlan, at), twin.lookup(name, now)];
      case 'remove':
        return [fdb.remove(hi16, lo32, vlan), twin.entries.delete(name)];
      case 'static':
        return [
          fdb.addStatic(hi16, lo32, vlan, step.port, at),
          twin.addStatic(name, step.port, now),
        ];
      case 'sticky':
        return [
          fdb.addSticky(hi16, lo32, vlan, step.port, at),
          twin.addSticky(name, step.port, now),
        ];
      case 'locked': {
        const isNoted = fdb.learnLocked(hi16, lo32, vlan, step.port, at);
        return [isNoted, twin.learnLocked(name, step.port, now, isNoted)];
      }
      case 'flush locked':
        return [
          fdb.flushLocked(step.port),
          twin.removeWhere((entry) => entry.kind === 'locked' && entry.port === step.port),
        ];
      case 'flush port':
        return [
          fdb.flushPort(step.port),
          twin.removeWhere((entry) => entry.kind !== 'static' && entry.port === step.port),
        ];
      case 'forget port':
        return [fdb.forgetPort(step.port), twin.removeWhere((entry) => entry.port === step.port)];
      case 'flush':
        return [fdb.flush(), twin.removeWhere((entry) => entry.kind !== 'static')];
      case 'sweep':
        return this.sweep(step.slots);
      case 'set ageing':
        fdb.setAgeing(step.ticks * TICK_MS);
        twin.ageingTicks = step.ticks;
        return [undefined, undefined];
      case 'wait':
        this.ticks += step.ticks;
        return [undefined, undefined];
    }
  }

  /** Entries that a sweep removes: some of the expired ones, and all of them if it is long. */
  private sweep(slots: number): [unknown, unknown] {
    const { fdb, twin, ticks } = this;
    const told: string[] = [];
    const freed = fdb.sweep(slots, ticks | 0, (hi16, lo32, vlan, freedPort) => {
      const name = nameOf({ hi16, lo32, vlan });
      const entry = twin.entries.get(name);
      if (entry && twin.isExpired(entry, ticks) && entry.port === freedPort) told.push(name);
      twin.entries.delete(name);
    });
    const isWhole = slots >= fdb.slots + this.stations.length;
    const left = twin.removeWhere((entry) => isWhole && twin.isExpired(entry, ticks));
    return [
      { freed, left: 0 },
      { freed: told.length, left },
    ];
  }

  private entriesOfTable(): Map<string, NaiveEntry> {
    const entries = copyAll(this.fdb, this.ticks | 0).map((entry): [string, NaiveEntry] => [
      nameOfEntry(entry),
      {
        kind: kindOf(entry),
        port: entry.port,
        heardTicks: this.ticks - entry.updatedAgoMs / TICK_MS,
      },
    ]);
    return new Map(entries);
  }
}

function kindOf({ isStatic, isSticky, isLocked }: FdbEntry): Kind {
  if (isStatic) return 'static';
  return isSticky ? 'sticky' : isLocked ? 'locked' : 'learned';
}

/** First ticks: around the values where 32-bit ticks change sign and wrap, and far from them. */
const startTicks = fc.constantFrom(0, 123_456, 2 ** 31 - 2_000, 2 ** 32 - 2_000);

describe('Fdb', () => {
  test.each([
    ['with room for all', 1_000, Number.POSITIVE_INFINITY, true],
    ['that is soon full', 12, Number.POSITIVE_INFINITY, true],
    ['with a limit for each port', 1_000, 4, true],
    ['with both limits', 12, 3, true],
    ['of one entry', 1, Number.POSITIVE_INFINITY, true],
    ['with both limits and without eviction', 12, 3, false],
  ])(
    '%s holds what a naive twin holds',
    (_, maxDynamic, maxDynamicPerPort, evicts) => {
      const stations = stationsFor(maxDynamic);
      fc.assert(
        fc.property(
          startTicks,
          fc.array(action, { maxLength: 80, size: 'max' }),
          (start, actions) => {
            const pair = new Pair(stations, { maxDynamic, maxDynamicPerPort, evicts }, start);
            for (const each of actions) {
              const { table, twin } = pair.step(each);
              expect(table).toEqual(twin);
            }
          },
        ),
        { numRuns: 60 },
      );
    },
    TIMEOUT_MS,
  );

  test(
    'a copy has every entry that was there throughout',
    () => {
      const stations = stationsFor(1_000);
      const change = fc.record({
        isRemoved: fc.boolean(),
        who,
        port,
        slots: fc.integer({ min: 1, max: 600 }),
      });
      fc.assert(
        fc.property(fc.array(change, { maxLength: 60, size: 'max' }), (changes) => {
          const fdb = makeFdb({ seed: SEED, maxDynamicPerPort: 8 });
          for (const [index, { hi16, lo32, vlan }] of stations.entries()) {
            fdb.learn(hi16, lo32, vlan, index % PORTS, 0);
          }
          const names = (): Set<string> => new Set(fdb.entries(0).map(nameOfEntry));
          let throughout = names();
          const copied = new Set<string>();
          fdb.beginCopy();
          for (const { isRemoved, who: index, port: onPort, slots } of changes) {
            for (const entry of decodeEntries(fdb.copySlots(slots) ?? new Int32Array(0), 0)) {
              copied.add(nameOfEntry(entry));
            }
            const { hi16, lo32, vlan } = stations[index % stations.length] as Station;
            if (isRemoved) fdb.remove(hi16, lo32, vlan);
            else fdb.learn(hi16, lo32, vlan, onPort, 0);
            const now = names();
            throughout = new Set([...throughout].filter((name) => now.has(name)));
          }
          for (let words = fdb.copySlots(64); words; words = fdb.copySlots(64)) {
            for (const entry of decodeEntries(words, 0)) copied.add(nameOfEntry(entry));
          }
          expect([...throughout].filter((name) => !copied.has(name))).toEqual([]);
        }),
        { numRuns: 200 },
      );
    },
    TIMEOUT_MS,
  );
});
