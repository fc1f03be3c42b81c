/** The stations of the fast path against the forwarding database, through a random sequence. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Bridge } from '../../../src/l2/bridge';
import { TICK_MS } from '../../../src/frame/time';
import type { PortVlan } from '../../../src/l2/vlan-table';
import { FastMemory, LEG, stationName } from '../../support/fast-memory';
import { host } from '../../support/fdb-table';

const PORTS = 4;
const STATIONS = 24;
/** Entries of the database. There are more stations, so that some are evicted. */
const FDB_MAX = 16;
const AGEING_MS = 10_000;

const who = fc.nat(STATIONS - 1);
const port = fc.nat(PORTS - 1);
/** VLANs of a station and of a port; 0 for a station outside of every VLAN, and a port without a PVID. */
const vlan = fc.constantFrom(0, 10, 20);
const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('learn' as const), who, port, vlan }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('filter' as const), isOn: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('vlans' as const), port, vlan, isTagged: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('look up' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), who, vlan }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('static' as const), who, port, vlan }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sticky' as const), who, port }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('down' as const), port }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leg' as const), port, has: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('anew' as const), port, has: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(AGEING_MS) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** VLANs of a port: all of them, of which one may be the PVID, with a tag or without. */
function vlansOf(pvid: number, isTagged: boolean): PortVlan[] {
  const own = pvid === 0 ? [] : [{ vid: pvid, pvid: true, untagged: !isTagged }];
  return [...own, ...[10, 20].filter((vid) => vid !== pvid).map((vid) => ({ vid }))];
}

class Twin {
  readonly bridge = new Bridge({ maxPorts: PORTS, fdbMax: FDB_MAX, ageingMs: AGEING_MS });
  readonly memory = FastMemory.of(this.bridge);
  private nowMs = 0;
  private readonly hasLeg = new Set<number>();

  constructor() {
    this.bridge.connect({ transmit: () => 0 });
    for (let id = 0; id < PORTS; id++) this.add(id, id % 2 === 0);
  }

  take(action: Step): void {
    const { bridge } = this;
    const { fdb } = bridge;
    const ticks = this.nowMs / TICK_MS;
    const { hi16, lo32 } = host('who' in action ? action.who << 8 : 0);
    switch (action.do) {
      case 'learn':
        return void fdb.learn(hi16, lo32, action.vlan, action.port, ticks);
      case 'filter':
        return bridge.configure({ vlanFiltering: action.isOn });
      case 'vlans':
        return bridge.setPortVlans(action.port, vlansOf(action.vlan, action.isTagged));
      case 'look up':
        return void fdb.lookup(hi16, lo32, 0, ticks);
      case 'remove':
        return void fdb.remove(hi16, lo32, action.vlan);
      case 'static':
        return void fdb.addStatic(hi16, lo32, action.vlan, action.port, ticks);
      case 'sticky':
        return fdb.addSticky(hi16, lo32, 0, action.port, ticks);
      case 'flush':
        return void fdb.flush();
      case 'down':
        bridge.setPortUp(action.port, false);
        return bridge.setPortUp(action.port, true);
      case 'leg':
        this.note(action.port, action.has);
        return bridge.configurePort(action.port, { fastLeg: action.has ? LEG : null });
      case 'anew':
        bridge.removePort(action.port);
        return this.add(action.port, action.has);
      case 'wait':
        this.nowMs += Math.ceil(action.ms / TICK_MS) * TICK_MS;
        bridge.burst.clock[0] = this.nowMs;
        bridge.burst.begin(0);
        return bridge.tick();
    }
  }

  /** Stations that the program may find: entries that have not expired, of untagged VLANs, on ports with a leg. */
  expected(): Map<string, number> {
    const { vlans } = this.bridge;
    const untagged = (id: number): number => (vlans.isFiltering ? vlans.pvid(id) || NaN : 0);
    const isTagged = (id: number): boolean =>
      vlans.isFiltering && !vlans.isUntagged(id, vlans.pvid(id));
    const fast = this.bridge
      .stations(this.nowMs)
      .filter(({ port: id }) => this.hasLeg.has(id) && !isTagged(id))
      .filter(({ port: id, vlan: vid }) => vid === untagged(id));
    return new Map(fast.map(({ mac, vlan: vid, port: id }) => [stationName(mac, vid), id]));
  }

  /** Stations that the program finds at open ports. */
  found(): Map<string, number> {
    return new Map([...this.memory.stations()].filter(([, id]) => this.memory.isOpen(id)));
  }

  private add(id: number, has: boolean): void {
    this.note(id, has);
    const settings = { name: `p${id}`, mtuBytes: 1500, takesOffloads: true, isUp: true };
    this.bridge.addPort(id, { ...settings, fastLeg: has ? LEG : null });
  }

  private note(id: number, has: boolean): void {
    if (has) this.hasLeg.add(id);
    else this.hasLeg.delete(id);
  }
}

test('the program finds the stations of the bridge, and no others', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const twin = new Twin();
      for (const action of steps) {
        twin.take(action);
        expect(twin.found()).toEqual(twin.expected());
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);
