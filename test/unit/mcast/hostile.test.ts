/** A hostile host behind port 0 of a switch that snoops, and honest ones behind the others. */

import { describe, expect, test } from '@jest/globals';
import { addGroups } from '../../../src/dataplane/group-orders';
import { groupAddress } from '../../../src/config/values/group-address';
import { data, groupMac, join, query } from '../../support/group-frames';
import { GroupLab } from '../../support/group-lab';
import { fromHex } from '../../support/room-harness';

const HASH_MAX = 64;
const SENDER = 2;

function labOf(hashMax = HASH_MAX): GroupLab {
  const lab = new GroupLab(3, { mcastQuerier: true, mcastHashMax: hashMax });
  return lab.until(12).begin();
}

const groupAt = (index: number): string =>
  `239.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`;

function takers(lab: GroupLab, group: string): number[] {
  return lab.takers(SENDER, data(group, '192.0.2.9'));
}

describe('a host that joins 100,000 groups', () => {
  test('fills the table at most, and other hosts get their groups all the same', () => {
    const lab = labOf(4_096);
    for (let index = 0; index < 100_000; index++) lab.port(0).send(join(groupAt(index)));
    lab.take();
    const { table } = lab.bridge.rooms.mcast;
    expect(table.countOn(0)).toBe(4_096);
    for (let index = 0; index < 50; index++) lab.send(1, join(`239.250.0.${index}`));
    expect([table.countOn(0), table.countOn(1)]).toEqual([4_046, 50]);
    expect(takers(lab, '239.250.0.0')).toEqual([1]);
    expect(takers(lab, '239.250.0.49')).toEqual([1]);
    // Its next groups displace no group of others.
    for (let index = 0; index < 10_000; index++) lab.port(0).send(join(groupAt(200_000 + index)));
    lab.take();
    expect([table.countOn(0), table.countOn(1)]).toEqual([4_046, 50]);
  });

  test('loses groups to other hosts until all hold the same number, and keeps the groups that it shares with them', () => {
    const lab = labOf();
    lab.send(1, join('239.0.0.0'));
    for (let index = 0; index < HASH_MAX; index++) lab.send(0, join(groupAt(index)));
    const { table } = lab.bridge.rooms.mcast;
    for (let index = 0; index < HASH_MAX; index++) lab.send(1, join(`239.250.0.${index}`));
    expect([table.countOn(0), table.countOn(1)]).toEqual([33, 32]);
    expect(takers(lab, '239.0.0.0')).toEqual([0, 1]);
    expect(lab.counts(1)['mcast-refused']).toBe(33);
  });

  test('does not displace entries of an operator', () => {
    const lab = labOf();
    const orders = Array.from({ length: HASH_MAX }, (_, index) => ({
      ...{ port: 0, vlan: 0, isPermanent: true },
      group: groupAddress.fromText(groupAt(index)).bytes,
    }));
    expect(addGroups(lab.bridge, orders)).toBeUndefined();
    lab.send(1, join('239.250.0.1'));
    expect(lab.bridge.rooms.mcast.table.countOn(0)).toBe(HASH_MAX);
    expect(lab.counts(1)['mcast-refused']).toBe(1);
  });
});

test('a host that joins too much in one VLAN is refused there, and joins in another', () => {
  const lab = new GroupLab(3, { mcastQuerier: true });
  lab.bridge.configure({ vlanFiltering: true });
  for (const port of [0, 1, SENDER]) lab.bridge.setPortVlans(port, [{ vid: 10 }, { vid: 20 }]);
  lab.bridge.configurePort(0, { mcastVlanLimits: [{ vid: 10, groups: 2 }] });
  lab.until(12).begin();
  const joinIn = (vid: string, group: string): void => {
    lab.send(0, join(group, { tags: `8100${vid}` }));
  };
  for (let group = 0; group < 5; group++) joinIn('000a', `239.1.1.${group}`);
  for (let group = 0; group < 5; group++) joinIn('0014', `239.1.1.${group}`);
  const { limits } = lab.bridge.rooms.mcast.table;
  expect([10, 20].map((vlan) => limits.countIn(0, vlan))).toEqual([2, 5]);
  expect(lab.counts(0)['mcast-refused']).toBe(3);
  expect(lab.news).toEqual([
    { event: 'mcast-refused', group: '239.1.1.2', port: 0, groups: 2, vlan: 10, vlanGroups: 2 },
  ]);
  // A lower limit ends nothing.
  lab.bridge.configurePort(0, { mcastVlanLimits: [{ vid: 1, vidEnd: 4094, groups: 1 }] });
  expect(limits.countIn(0, 20)).toBe(5);
  lab.bridge.configurePort(0, { mcastVlanLimits: [] });
  joinIn('000a', '239.1.1.9');
  expect(limits.countIn(0, 10)).toBe(3);
  lab.port(0).setUp(false);
  expect(limits.counts()).toEqual(new Map());
});

test('queries from 0.0.0.0 and from a higher address replace no querier', () => {
  const lab = labOf();
  lab.send(1, join('239.1.1.1'));
  for (let round = 0; round < 1_000; round++) {
    lab.send(0, query({ source: round % 2 === 0 ? '0.0.0.0' : '192.0.2.255' }));
  }
  expect(lab.isQuerier(4)).toBe(true);
  expect(takers(lab, '239.1.1.1')).toContain(1);
});

/** The frame, to the MAC of another group than its packet. */
function toMacOf(group: string, frame: Uint8Array): Uint8Array {
  frame.set(fromHex(groupMac(group)));
  return frame;
}

describe.each([
  { group: '239.1.1.1', other: '239.9.9.9', low: '192.0.2.1', all: '224.0.0.1', from: '192.0.2.9' },
  { group: 'ff05::1', other: 'ff05::9', low: 'fe80::1', all: 'ff02::1', from: '2001:db8::9' },
])('a query that nobody hears, about $group', ({ group, other, low, all, from }) => {
  const unheard = (about?: string): Uint8Array[] => {
    const ask = { source: low, maxResponse: 1, ...(about !== undefined && { group: about }) };
    return [query({ ...ask, to: other }), toMacOf(other, query(ask))];
  };

  test('makes no host the querier', () => {
    const lab = new GroupLab(3);
    for (const frame of unheard()) lab.send(0, frame);
    lab.until(20);
    // No host was queried, so that the table has no groups and is not used.
    expect(lab.takers(SENDER, data(group, from))).toEqual([0, 1]);
    lab.send(0, query({ source: low, to: all }));
    lab.until(31);
    expect(lab.takers(SENDER, data(group, from))).toEqual([0]);
  });

  test('ends no membership', () => {
    const lab = new GroupLab(3);
    lab.send(0, query({ source: low }));
    lab.until(12);
    lab.send(1, join(group));
    for (const frame of unheard(group)) lab.send(0, frame);
    lab.until(20);
    expect(lab.takers(SENDER, data(group, from))).toEqual([0, 1]);
    lab.send(0, query({ source: low, group, maxResponse: 1, to: all }));
    lab.until(30);
    expect(lab.takers(SENDER, data(group, from))).toEqual([0]);
  });
});
