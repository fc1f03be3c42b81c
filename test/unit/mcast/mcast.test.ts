/** Groups at a switch in memory: queries of the switch, VLANs, super-frames, limits, events and traces. */

import { describe, expect, test } from '@jest/globals';
import { traceFrame } from '../../../src/l2/trace';
import { parseMac, type MacWords } from '../../../src/wire/mac';
import { BROADCAST, ethernet, station } from '../../support/ethernet';
import { data, groupMac, join, leave, query, report } from '../../support/group-frames';
import { GroupLab } from '../../support/group-lab';
import { hasMessage } from '../../support/group-rows';
import { fromHex, toHex } from '../../support/room-harness';
import { buildSuperFrame } from '../../support/super-frame';

const GROUP = '239.1.1.1';
const SOURCE = '192.0.2.9';

/** Seconds at which the switch sends a general query of IGMP out of port 0, until a number of seconds. */
function generalQueries(lab: GroupLab, seconds: number): number[] {
  const times: number[] = [];
  for (let now = 0; now <= seconds; now += 0.25) {
    lab.until(now);
    const frames = lab.take()[0] ?? [];
    const isAsked = frames.some(
      (hex) => hex.slice(24, 28) === '0800' && hasMessage(hex, 'general'),
    );
    if (isAsked) times.push(now);
  }
  return times;
}

describe('general queries', () => {
  // RFC 3376 8.7: as many startup queries as the count says, and then one for each query interval.
  test.each([
    ['by default', {}, 160, [0, 31.25, 156.25]],
    ['with a startup interval of 1 s', { mcastStartupQueryIntervalMs: 1_000 }, 3, [0, 1]],
    [
      'with three of them',
      { mcastStartupQueryIntervalMs: 1_000, mcastStartupQueryCount: 3 },
      4,
      [0, 1, 2],
    ],
    ['without', { mcastStartupQueryCount: 0, mcastQueryIntervalMs: 2_000 }, 5, [0, 2, 4]],
  ])('%s', (_, settings, seconds, expected) => {
    const lab = new GroupLab(2, { mcastQuerier: true, ...settings });
    const asked = generalQueries(lab, seconds);
    expect(asked).toHaveLength(expected.length);
    asked.forEach((time, index) => expect(Math.abs(time - (expected[index] ?? 0))).toBeLessThan(1));
  });

  test('begin again when another querier is gone', () => {
    const lab = new GroupLab(2, { mcastQuerier: true, mcastQuerierIntervalMs: 1_000 });
    lab.until(5).begin();
    lab.port(1).send(query({ source: '192.0.2.1' }));
    expect(lab.isQuerier(4)).toBe(false);
    lab.take();
    const [first = 0] = generalQueries(lab, 3);
    expect(first).toBeGreaterThanOrEqual(1);
    expect(first).toBeLessThan(2);
  });

  test('come from the address of the switch, or from 0.0.0.0, and have its MAC', () => {
    const lab = new GroupLab(1, { mcastQuerier: true });
    lab.until(0.5);
    const [first = ''] = (lab.take()[0] ?? []).filter((hex) => hex.slice(24, 28) === '0800');
    expect(first).toBe(
      '01005e000001' +
        '0200000000fe' +
        '0800' +
        '46c00020000040000102' +
        '4118c00002fee0000001' +
        '94040000' +
        '1164ee9b00000000',
    );
  });

  test('go to a port that comes up', () => {
    const lab = new GroupLab(2, { mcastQuerier: true });
    lab.until(5).begin();
    lab.port(1).setUp(false);
    lab.port(1).setUp(true);
    lab.until(1);
    expect(lab.queries(1).general).toBe(2);
  });
});

test('a query from 0.0.0.0 neither stops the switch as querier nor makes another querier known', () => {
  const asking = new GroupLab(2, { mcastQuerier: true });
  asking.until(12);
  asking.send(1, query({ source: '0.0.0.0' }));
  expect(asking.isQuerier(4)).toBe(true);
  const silent = new GroupLab(3);
  silent.send(1, query({ source: '0.0.0.0' }));
  silent.until(30);
  expect(silent.takers(0, data(GROUP, SOURCE))).toEqual([1, 2]);
});

test('a switch without a querier reports it once, with the families', () => {
  const lab = new GroupLab(2);
  lab.send(1, query({ source: 'fe80::1' }));
  lab.until(134);
  expect(lab.news.filter(({ event }) => event === 'mcast-querier-missing')).toEqual([]);
  lab.until(600);
  expect(lab.news.filter(({ event }) => event === 'mcast-querier-missing')).toEqual([
    { event: 'mcast-querier-missing', family: 'IPv4' },
  ]);
});

test('reports go only to routers as soon as a querier is known', () => {
  const lab = new GroupLab(4);
  expect(lab.takers(0, join(GROUP))).toEqual([1, 2, 3]);
  lab.send(3, query());
  expect(lab.takers(0, join(GROUP))).toEqual([3]);
  expect(lab.takers(0, report([['to_ex', GROUP, []]]))).toEqual([3]);
  expect(lab.takers(0, leave(GROUP))).toEqual([3]);
  expect(lab.takers(3, join(GROUP))).toEqual([]);
});

test('a source query of another querier lowers its sources, unless it is suppressed', () => {
  const lab = new GroupLab(3, { mcastIgmpVersion: 3 });
  lab.send(2, query());
  lab.until(11);
  lab.send(1, report([['is_in', GROUP, ['192.0.2.1', '192.0.2.2']]]));
  const ask = { group: GROUP, maxResponse: 1, sources: ['192.0.2.1'] };
  lab.send(2, query({ ...ask, isSuppressed: true }));
  lab.until(15);
  expect(lab.takers(0, data(GROUP, '192.0.2.1'))).toEqual([1, 2]);
  lab.send(2, query(ask));
  lab.until(18);
  expect(lab.takers(0, data(GROUP, '192.0.2.1'))).toEqual([2]);
  expect(lab.takers(0, data(GROUP, '192.0.2.2'))).toEqual([1, 2]);
});

test('a removed port takes its groups with it, permanent ones too, and its keys', () => {
  const lab = new GroupLab(3, { mcastQuerier: true });
  lab.bridge.configurePort(1, { mcastRouter: 2 });
  lab.until(12);
  lab.send(1, join(GROUP));
  lab.bridge.removePort(1);
  expect(lab.rows()).toEqual([]);
  expect(lab.takers(0, data(GROUP, SOURCE))).toEqual([]);
});

test('a super-frame to a group goes to its members, whole or in segments', () => {
  const lab = new GroupLab(3, { mcastQuerier: true });
  lab.until(12);
  lab.send(1, join(GROUP));
  const { frame, vnet } = buildSuperFrame({
    ipVersion: 4,
    transport: 'udp',
    gsoSizeBytes: 1_000,
    payloadBytes: 3_000,
  });
  frame.set(fromHex(groupMac(GROUP) + station(9)));
  frame.set(fromHex('ef010101'), 30);
  lab.take();
  lab.port(0).sendOffloaded(vnet, frame);
  const [, atMember = [], atOther = []] = lab.take();
  expect([atMember.length, atOther.length]).toEqual([3, 0]);
});

test('two isolated ports stay apart, joined or not', () => {
  const lab = new GroupLab(3, { mcastQuerier: true });
  for (const port of [0, 1]) lab.bridge.configurePort(port, { isolated: true });
  lab.until(12);
  for (const port of [1, 2]) lab.send(port, join(GROUP));
  expect(lab.takers(0, data(GROUP, SOURCE))).toEqual([2]);
});

test('each VLAN has its own groups and queriers', () => {
  const lab = new GroupLab(4);
  const tag = (vid: number): string => `8100${vid.toString(16).padStart(4, '0')}`;
  const trunk = [10, 20].map((vid) => ({ vid }));
  for (const port of [0, 1, 2, 3]) lab.bridge.configurePort(port, { vlans: trunk });
  lab.bridge.configure({ vlanFiltering: true });
  lab.send(3, query({ tags: tag(10) }));
  lab.until(12);
  lab.send(1, join(GROUP, { tags: tag(10) }));
  lab.send(2, join(GROUP, { tags: tag(20) }));
  expect(lab.takers(0, data(GROUP, SOURCE, { tags: tag(10) }))).toEqual([1, 3]);
  // The other VLAN has no querier.
  expect(lab.takers(0, data(GROUP, SOURCE, { tags: tag(20) }))).toEqual([1, 2, 3]);
  lab.bridge.configurePort(1, { vlans: [{ vid: 20 }] });
  expect(lab.takers(0, data(GROUP, SOURCE, { tags: tag(10) }))).toEqual([3]);
});

test('the switch asks in a VLAN with the tag of that VLAN', () => {
  const lab = new GroupLab(2, { mcastQuerier: true });
  lab.bridge.configurePort(1, { vlans: [{ vid: 10 }] });
  lab.bridge.configure({ vlanFiltering: true });
  lab.send(1, join(GROUP, { tags: '8100000a' }));
  lab.take();
  lab.until(1);
  const asked = (lab.take()[1] ?? []).filter((hex) => hex.startsWith('01005e000001'));
  expect(asked[0]?.slice(24, 36)).toBe('8100000a0800');
});

test('a trace says where a group goes', () => {
  const lab = new GroupLab(3, { mcastQuerier: true });
  lab.until(12);
  lab.send(1, join(GROUP));
  const { contexts, staticGroups, settings } = lab.bridge.rooms.mcast;
  const mac = parseMac('02:00:00:00:00:fe') as MacWords;
  const ports = [0, 1, 2].map((id) => ({
    ...{ id, label: `tap${id}`, mtuBytes: 1500, takesOffloads: false, isUp: true },
  }));
  const state = { options: { mac, ...settings }, ports, stations: [], addresses: [] };
  const traced = traceFrame(
    {
      ...{ ...state, neighbours: [], leases: [] },
      groups: staticGroups.list(lab.nowMs, 0, staticGroups.ceiling),
      groupContexts: contexts.list(lab.nowMs),
    },
    0,
    data(GROUP, SOURCE),
  );
  expect(traced.egress).toEqual(['tap1']);
  expect(traced.steps).toContain('to members of its group and multicast routers: tap1');
});

test('broadcasts and frames to one station are as they are without snooping', () => {
  const lab = new GroupLab(3, { mcastQuerier: true });
  lab.until(12).begin();
  expect(lab.takers(0, ethernet({ to: BROADCAST, from: station(1) }))).toEqual([1, 2]);
  expect(lab.takers(1, ethernet({ to: station(1), from: station(2) }))).toEqual([0]);
  expect(toHex(data(GROUP, SOURCE)).slice(0, 12)).toBe(groupMac(GROUP));
});
