/** VLAN filtering, played from the table of cases in `test/conformance/vlan-matrix.json`. */

import { describe, expect, test } from '@jest/globals';
import type { PortVlan } from '../../../src/l2/vlan-table';
import { station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { fromHex } from '../../support/room-harness';
import {
  type Row,
  type Tag,
  canSay,
  linux,
  membersOf,
  ovs,
  rangeOf,
  tagHex,
  taggedHex,
} from '../../support/vlan-matrix';

const SOURCE = station(0x0a);
const PAYLOAD = '00112233';

const frameHex = (tags: readonly Tag[]): string => taggedHex(SOURCE, tags, PAYLOAD);

function switchOf(ports: readonly (readonly PortVlan[])[]): MemorySwitch {
  const sw = new MemorySwitch(ports.length);
  sw.bridge.configure({ vlanFiltering: true });
  ports.forEach((vlans, port) => sw.bridge.setPortVlans(port, vlans));
  return sw;
}

/** VLANs in which the source is known. */
function learnedIn(sw: MemorySwitch): number[] {
  return sw.bridge.stations(sw.nowMs).map(({ vlan }) => vlan);
}

const named = <T extends Row>(rows: readonly T[]) =>
  rows.map((row) => ({ ...row, tagText: row.tags.map(tagHex).join(' ') || 'no tag' }));

function expectRow(sw: MemorySwitch, names: readonly string[], row: Row): void {
  const out = sw.send(names.indexOf(row.ingress), fromHex(frameHex(row.tags)));
  const got: unknown = Object.fromEntries(
    out.flatMap((frames, id) => (frames.length > 0 ? [[names[id] ?? '', frames] as const] : [])),
  );
  const want = row.egress.map(({ port, tags }) => [port, [frameHex(tags)]]);
  expect(got).toEqual(Object.fromEntries(want));
  expect(learnedIn(sw)).toEqual(row.learnedIn === null ? [] : [row.learnedIn]);
}

describe('as the Linux bridge', () => {
  const names = Object.keys(linux.ports);
  const ports = Object.values(linux.ports).map(({ vlans }) => vlans.map(rangeOf));

  test('has rows', () => expect(linux.rows.length).toBe(153));

  test.each(named(linux.rows))('$ingress, $tagText', (row) => {
    const sw = switchOf(ports);
    expectRow(sw, names, row);
    const drops = row.drop === undefined ? {} : { [row.drop]: 1 };
    expect(sw.drops(names.indexOf(row.ingress))).toEqual(drops);
  });
});

describe('as Open vSwitch', () => {
  const said = Object.entries(ovs.ports).filter(([, { mode }]) => mode !== 'dot1q-tunnel');
  const names = said.map(([name]) => name);
  const ports = said.map(([, port]) => membersOf(port));
  const rows = ovs.rows.filter(canSay);

  test('has rows', () => expect(rows.length).toBeGreaterThan(40));

  test.each(named(rows))('$ingress, $tagText', (row) => {
    const egress = row.egress
      .filter(({ port }) => names.includes(port))
      .map(({ port, tags }) => ({ port, tags: tags.filter(({ vid }) => vid !== 0) }));
    expectRow(switchOf(ports), names, { ...row, egress });
  });
});
