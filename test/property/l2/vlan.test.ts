/**
 * VLAN filtering against a naive twin, with random VLANs of ports, frames and changes: no frame is ever at a
 * port that is no member of its VLAN, each has the right tags, and nothing is learned from a frame that was
 * not admitted. 500 sequences of 200 steps.
 */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonical } from '../../../src/config/values/vlan-list';
import type { PortVlan } from '../../../src/l2/vlan-table';
import { EXPERIMENTAL, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { NaiveVlanBridge, type NaiveVlanFrame, type Tags } from '../../support/naive-vlan-bridge';
import { fromHex } from '../../support/room-harness';

const PORTS = 4;
const STEPS = 200;
const SEQUENCES = 500;
const PAYLOAD = '0011223344';

/** VIDs: few, so that ports share them, with the lowest and the highest. */
const vid = fc.constantFrom(1, 2, 3, 31, 32, 33, 4094);
const entry: fc.Arbitrary<PortVlan> = fc.record(
  { vid, pvid: fc.constant(true), untagged: fc.constant(true) },
  { requiredKeys: ['vid'] },
);
const vlans = fc.array(entry, { maxLength: 5 }).map(canonical);

const tag = fc.tuple(
  fc.constantFrom(0x8100, 0x8100, 0x8100, 0x88a8),
  fc
    .tuple(fc.constantFrom(0, 1, 2, 3, 31, 32, 33, 4094, 4095), fc.nat(15))
    .map(([id, priority]) => (priority << 12) | id),
);
const mac = fc.constantFrom(...[1, 2, 3].map(station));
const frame: fc.Arbitrary<NaiveVlanFrame> = fc.record({
  to: fc.oneof(mac, fc.constantFrom('ffffffffffff', '030000000001')),
  from: mac,
  tags: fc.array(tag, { maxLength: 3 }),
});

type Step =
  | { readonly kind: 'frame'; readonly port: number; readonly frame: NaiveVlanFrame }
  | { readonly kind: 'vlans'; readonly port: number; readonly vlans: readonly PortVlan[] }
  | { readonly kind: 'filtering'; readonly isOn: boolean }
  | { readonly kind: 'protocol'; readonly tpid: number };

const port = fc.nat(PORTS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ kind: fc.constant('frame'), port, frame }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('vlans'), port, vlans }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('filtering'), isOn: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('protocol'),
      tpid: fc.constantFrom(0x8100, 0x88a8),
    }),
  },
);

const hex = (value: number): string => value.toString(16).padStart(4, '0');

function hexOf({ to, from }: NaiveVlanFrame, tags: Tags): string {
  return (
    to + from + tags.map(([tpid, tci]) => hex(tpid) + hex(tci)).join('') + EXPERIMENTAL + PAYLOAD
  );
}

function expectSame(
  sw: MemorySwitch,
  twin: NaiveVlanBridge,
  at: number,
  sent: NaiveVlanFrame,
): void {
  const out = sw.send(at, fromHex(hexOf(sent, sent.tags)));
  const expected = sw.ports.map((): string[] => []);
  if (sent.to !== sent.from) {
    for (const [id, tags] of twin.forward(at, sent)) expected[id] = [hexOf(sent, tags)];
  }
  expect(out).toEqual(expected);
}

test('frames and stations are where a naive switch has them', () => {
  fc.assert(
    fc.property(
      fc.array(vlans, { minLength: PORTS, maxLength: PORTS }),
      fc.array(step, { minLength: STEPS, maxLength: STEPS }),
      (initial, steps) => {
        const sw = new MemorySwitch(PORTS, { fdbMax: 64, burst: { receiveFrames: 2 } });
        const twin = new NaiveVlanBridge();
        sw.bridge.configure({ vlanFiltering: true });
        const setVlans = (id: number, list: readonly PortVlan[]): void => {
          sw.bridge.setPortVlans(id, list);
          twin.setVlans(id, list);
        };
        initial.forEach((list, id) => setVlans(id, list));
        for (const next of steps) {
          if (next.kind === 'vlans') setVlans(next.port, next.vlans);
          else if (next.kind === 'filtering') {
            twin.isFiltering = next.isOn;
            sw.bridge.configure({ vlanFiltering: next.isOn });
          } else if (next.kind === 'protocol') {
            twin.tpid = next.tpid;
            sw.bridge.configure({ vlanProtocol: next.tpid === 0x8100 ? '802.1Q' : '802.1ad' });
          } else expectSame(sw, twin, next.port, next.frame);
        }
        const known = sw.bridge
          .stations(sw.nowMs)
          .map(
            ({ vlan, mac: address, port: id }) => `${vlan} ${address.replaceAll(':', '')} ${id}`,
          );
        expect(known.sort()).toEqual(twin.known());
      },
    ),
    { numRuns: SEQUENCES },
  );
});

test('others lose nothing while the VLANs of a port change a thousand times', () => {
  const sw = new MemorySwitch(4);
  sw.bridge.configure({ vlanFiltering: true });
  const access = (id: number): PortVlan[] => [{ vid: id, pvid: true, untagged: true }];
  for (const id of [0, 1]) sw.bridge.setPortVlans(id, access(10));
  const [A, B] = [station(1), station(2)];
  const send = (from: number, to: string, source: string): string[] =>
    sw.send(from, fromHex(to + source + EXPERIMENTAL + PAYLOAD))[1 - from] ?? [];
  send(0, 'ffffffffffff', A);
  send(1, A, B);
  sw.events();
  for (let change = 0; change < 1_000; change++) {
    sw.bridge.setPortVlans(2, change % 3 === 0 ? access(10) : access(1 + (change % 4094)));
    if (change % 100 === 0) sw.bridge.configure({ vlanDefaultPvid: 1 + (change % 7) });
    expect([send(0, B, A).length, send(1, A, B).length]).toEqual([1, 1]);
  }
  expect(sw.drops(0)).toEqual({});
  expect(sw.events('learn')).toEqual([]);
});
