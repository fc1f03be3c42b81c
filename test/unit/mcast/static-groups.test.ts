/** Static entries of the group table, played from `test/conformance/igmp-mld.json`. */

import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { canonicalIpAddress } from '../../../src/wire/ip-text';
import { groupAddress } from '../../../src/config/values/group-address';
import { hostAddress } from '../../../src/config/values/host-address';
import { type GroupOrder, addGroups, removeGroup } from '../../../src/dataplane/group-orders';
import { readFilter } from '../../../src/tapctl/commands/mdb';
import type { GroupEntry } from '../../../src/mcast/static-groups';
import { data, join, report } from '../../support/group-frames';
import { GroupLab } from '../../support/group-lab';
import { ethernet, station } from '../../support/ethernet';

interface Entry {
  readonly port: string;
  readonly group?: string;
  readonly groups?: string | number;
  readonly source?: string;
  readonly state?: string;
  readonly vlan?: number;
  readonly filter?: 'include' | 'exclude';
  readonly sources?: readonly string[];
  readonly ok?: boolean;
}

interface Step {
  readonly op?: 'add' | 'replace' | 'del' | 'flush';
  readonly ok?: boolean;
  readonly get?: {
    readonly group: string;
    readonly source?: string;
    readonly port?: string;
    readonly vlan?: number;
  };
  readonly exists?: boolean;
  readonly because?: string;
  readonly is?: Readonly<Record<string, unknown>> | string | number;
  readonly data?: { readonly port: string; readonly group: string; readonly source?: string };
  readonly delivered?: readonly string[];
  readonly report?: {
    readonly port: string;
    readonly type?: string;
    readonly group?: string;
    readonly sources?: readonly string[];
    readonly groups?: number;
  };
  readonly set?: {
    readonly snooping?: boolean;
    readonly port?: string;
    readonly vlan?: number;
    readonly maxGroups?: unknown;
  };
  readonly portDown?: string;
  readonly portUp?: string;
  readonly entries?: readonly Entry[] | number;
  readonly stays?: readonly Entry[];
  readonly count?: { readonly port: string; readonly vlan?: number };
  readonly vni?: number;
  readonly dst?: string;
  readonly bulk?: { readonly ports?: number; readonly groups: number };
  readonly snooping?: boolean;
}

interface Scenario {
  readonly id: string;
  readonly about: string;
  readonly steps: readonly (Step & Partial<Entry>)[];
}

const path = joinPath(__dirname, '../../conformance/igmp-mld.json');
const { static: scenarios } = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly static: readonly Scenario[];
};

/** Scenarios with tests of their own, as they have thousands of entries. */
const LARGE = ['dump', 'table-full'];
const LARGE_COUNT = LARGE.length;
const played = scenarios.filter(({ id }) => !LARGE.includes(id));

function largeStep(name: string, index: number): Step {
  const step = scenarios.find(({ id }) => id === name)?.steps[index];
  if (step === undefined) throw new Error(`no step ${index} of ${name}`);
  return step;
}

/** `self` is the membership of the switch's host, whose leg is a port like any other: the last one. */
const idOf = (name: string): number => (name === 'self' ? SELF : Number(name.slice(1)) - 1);
const SELF = 3;
const BEGAN = 5;

/** Scenarios in which p1 … p4 are members of VLAN 10 and 20. The others are played without VLANs. */
const HAS_VLANS = /^(.*-without-vlan|flush-.*|counts|max-per-vlan)$/;

/** A switch whose ports p1 … p4 have, where the scenario says so, no flood of groups. */
function labOf({ id }: Scenario): GroupLab {
  const lab = new GroupLab(HAS_VLANS.test(id) ? 4 : 3, {
    mcastQuerier: id !== 'l2-forwarding',
    mcastIgmpVersion: 3,
    mcastMldVersion: 2,
  });
  if (HAS_VLANS.test(id)) {
    lab.bridge.configure({ vlanFiltering: true });
    for (const port of lab.ports.keys()) lab.bridge.setPortVlans(port, [{ vid: 10 }, { vid: 20 }]);
  }
  if (id.includes('-forwarding-')) lab.bridge.configurePort(1, { mcastFlood: false });
  return lab.until(12).begin();
}

function orderOf(entry: Partial<Entry>, group: string, filtersByVlan = false): GroupOrder {
  const { port = 'p1', vlan, source, state, filter, sources } = entry;
  const bytesOf = (text: string): Uint8Array => hostAddress.fromText(text).bytes;
  return {
    port: idOf(port),
    ...(filtersByVlan ? vlan !== undefined && { vlan } : { vlan: 0 }),
    group: groupAddress.fromText(group).bytes,
    ...(source !== undefined && { source: bytesOf(source) }),
    isPermanent: state === undefined ? group.split(':').length === 6 : state === 'permanent',
    ...(filter !== undefined && { mode: filter }),
    ...(sources !== undefined && { sources: sources.map(bytesOf) }),
  };
}

/** The groups of `239.1.1.1 … 5`, of a number of groups, or the one that is named. */
function groupsOf({ group, groups }: Partial<Entry>): string[] {
  if (group !== undefined) return [group];
  const count = typeof groups === 'number' ? groups : Number(/(\d+)$/.exec(String(groups))?.[1]);
  return Array.from({ length: count }, (_, index) => `239.1.1.${index + 1}`);
}

/** Adds an entry. @returns the reason of a refusal, by a rule of a value or by the table */
function refusalOf(lab: GroupLab, entry: Step & Partial<Entry>): string | undefined {
  if (entry.vlan !== undefined && entry.vlan > 4094) return 'not a VLAN';
  try {
    if (entry.op === 'flush') return flush(lab, entry);
    const orders = groupsOf(entry).map((group) => ({
      ...orderOf(entry, group, lab.bridge.filtersByVlan),
      isReplacing: entry.op === 'replace',
    }));
    if (entry.op !== 'del') return addGroups(lab.bridge, orders);
    const isGone = orders.map((order) => removeGroup(lab.bridge, order));
    return isGone.every(Boolean) ? undefined : 'not there';
  } catch (error) {
    return (error as Error).message;
  }
}

/** Removes the entries that match the words of `tapctl mdb flush`. */
function flush(lab: GroupLab, { port, vlan, state, vni, dst }: Step & Partial<Entry>): undefined {
  const words = Object.entries({ dev: port, vlan, vni, dst }).flatMap(([word, value]) =>
    value === undefined ? [] : [word, String(value)],
  );
  readFilter(state === undefined ? words : [...words, state]);
  lab.bridge.rooms.mcast.staticGroups.flush({
    ...(port !== undefined && { port: idOf(port) }),
    ...(vlan !== undefined && { vlan }),
    ...(state !== undefined && { isPermanent: state === 'permanent' }),
  });
  return undefined;
}

/** Entries as the table writes them. */
function textsOf(entries: readonly Entry[]): string[] {
  return entries
    .map(({ port, group, vlan, state }) => `${idOf(port)} ${group} ${vlan} ${state}`)
    .sort();
}

function entriesOf(lab: GroupLab): GroupEntry[] {
  const { staticGroups } = lab.bridge.rooms.mcast;
  return staticGroups.list(lab.nowMs, 0, staticGroups.ceiling);
}

function find(
  lab: GroupLab,
  { group, source, port, vlan }: NonNullable<Step['get']>,
): GroupEntry[] {
  const same = (a: string, b: string): boolean => canonicalIpAddress(a) === canonicalIpAddress(b);
  return entriesOf(lab).filter(
    (entry) =>
      (group.split(':').length === 6 ? entry.group === group : same(entry.group, group)) &&
      (source === undefined
        ? entry.source === undefined
        : entry.source !== undefined && same(entry.source, source)) &&
      (port === undefined || entry.port === idOf(port)) &&
      (vlan === undefined || !lab.bridge.filtersByVlan || entry.vlan === vlan),
  );
}

function check(lab: GroupLab, { get, exists, because, is }: Step): void {
  if (get === undefined) return;
  const entry = find(lab, get)[0];
  // A port that excludes no source gets all sources. Its own list has no entry for them.
  if (because === 'star exclude') return;
  if (exists !== undefined) expect(entry !== undefined).toBe(exists);
  if (typeof is !== 'object') return;
  const { filter, blocked, groupTimer, sourceTimer } = is;
  if (filter !== undefined) expect(entry?.mode).toBe(filter);
  if (blocked !== undefined) expect(entry?.isBlocked).toBe(blocked);
  if (groupTimer !== undefined) expect(entry?.leftMs !== undefined).toBe(groupTimer);
  if (sourceTimer !== undefined) {
    expect(entry?.sources.some(({ leftMs }) => leftMs > 0)).toBe(sourceTimer);
  }
}

/** A number of groups: absolute, or relative to the number before the scenario. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  const more = /^(?:n?\+?)(\d*)$/.exec(String(value))?.[1] ?? '';
  return String(value).startsWith('n') ? BEGAN + Number(more) : Number(more);
}

function send(lab: GroupLab, { data: sent, delivered }: Step): void {
  if (sent === undefined) return;
  const { port, group, source } = sent;
  const frame =
    group.split(':').length === 6
      ? ethernet({ to: group.replaceAll(':', ''), from: station(9) })
      : data(group, source ?? '');
  lab.take();
  expect(lab.takers(idOf(port), frame).map((id) => `p${id + 1}`)).toEqual(delivered);
}

function play(lab: GroupLab, step: Step & Partial<Entry>): void {
  const { bridge } = lab;
  if (step.set?.snooping !== undefined) {
    bridge.configure({ mcastSnooping: step.set.snooping });
    lab.io.advance(100);
  }
  if (step.set?.maxGroups !== undefined) {
    const groups = numberOf(step.set.maxGroups);
    const { vlan } = step.set;
    bridge.configurePort(
      0,
      vlan === undefined
        ? { mcastMaxGroups: groups }
        : { mcastVlanLimits: [{ vid: vlan, groups }] },
    );
  }
  if (step.portDown !== undefined) lab.port(idOf(step.portDown)).setUp(false);
  if (step.portUp !== undefined) lab.port(idOf(step.portUp)).setUp(true);
  if (step.op !== undefined) expect(refusalOf(lab, step) === undefined).toBe(step.ok);
  if (step.report?.groups !== undefined) {
    for (let group = 0; group < step.report.groups; group++) lab.send(0, join(`239.9.9.${group}`));
  } else if (step.report !== undefined) {
    const { port, type = '', group = '', sources = [] } = step.report;
    lab.send(idOf(port), report([[type, group, sources]]));
  }
  check(lab, step);
  send(lab, step);
  if (step.count !== undefined) {
    const { port, vlan } = step.count;
    const { limits } = bridge.rooms.mcast.table;
    const id = idOf(port);
    const count = vlan === undefined ? limits.countOn(id) : limits.countIn(id, vlan);
    expect(count).toBe(numberOf(step.is));
  }
  for (const entry of Array.isArray(step.entries) ? (step.entries as Entry[]) : []) {
    expect(refusalOf(lab, { op: 'add', ...entry })).toBeUndefined();
  }
  if (step.stays !== undefined) {
    const stays = entriesOf(lab).map(({ port, group, vlan, isPermanent }) => ({
      ...{ port: `p${port + 1}`, group, vlan, state: isPermanent ? 'permanent' : 'temp' },
    }));
    expect(textsOf(stays)).toEqual(textsOf(step.stays));
  }
}

/** Scenarios whose numbers are relative to a number of existing groups. */
const COUNTED = /^(max-refuses|max-reports-fill)$/;

describe.each(played)('$id: $about', (scenario) => {
  test('as in the table', () => {
    const lab = labOf(scenario);
    if (COUNTED.test(scenario.id)) {
      for (let group = 0; group < BEGAN; group++) lab.send(0, join(`239.8.8.${group}`));
    }
    expect(scenario.steps.length).toBeGreaterThan(0);
    for (const step of scenario.steps) play(lab, step);
  });
});

test('all scenarios of the table are played', () => {
  expect(scenarios.length - played.length - LARGE_COUNT).toBe(0);
});

/** Group number `index` of a family, or of another protocol. */
function groupAt(kind: 'IPv4' | 'IPv6' | 'L2', index: number): string {
  const [high, low] = [index >> 8, index & 0xff].map((byte) => byte.toString(16).padStart(2, '0'));
  if (kind === 'IPv4') return `239.2.${index >> 8}.${index & 0xff}`;
  return kind === 'IPv6' ? `ff0e::${high}:${low}` : `01:02:03:04:${high}:${low}`;
}

test.each(['IPv4', 'IPv6', 'L2'] as const)(
  'dump of %s: each port has an entry for each group',
  (kind) => {
    const { bulk, entries: expected } = largeStep('dump', 0);
    const lab = new GroupLab(bulk?.ports ?? 0, { mcastQuerier: true });
    for (let group = 0; group < (bulk?.groups ?? 0); group++) {
      const orders = [...lab.ports.keys()].map((port) =>
        orderOf({ port: `p${port + 1}`, state: 'permanent' }, groupAt(kind, group)),
      );
      expect(addGroups(lab.bridge, orders)).toBeUndefined();
    }
    expect(entriesOf(lab)).toHaveLength(Number(expected));
  },
);

test('table-full: the next new group is refused, members of known ones are not, and snooping stays', () => {
  const groups = largeStep('table-full', 0).bulk?.groups ?? 0;
  const lab = new GroupLab(2, { mcastQuerier: true });
  lab.until(12);
  for (let group = 0; group < groups; group++) lab.send(0, join(groupAt('IPv4', group)));
  expect(lab.rows()).toHaveLength(groups);
  lab.send(0, join(groupAt('IPv4', groups)));
  expect(lab.rows()).toHaveLength(groups);
  lab.send(1, join(groupAt('IPv4', 7)));
  expect(lab.rows()).toHaveLength(groups + 1);
  expect(lab.bridge.rooms.mcast.isOn).toBe(true);
});

describe('a flush', () => {
  test('removes the entries that match every filter', () => {
    const lab = new GroupLab(2, { mcastQuerier: true });
    lab.until(1);
    const { staticGroups } = lab.bridge.rooms.mcast;
    const fill = (): void => {
      staticGroups.flush({});
      const add = (port: string, group: string, state: string): string | undefined =>
        addGroups(lab.bridge, [orderOf({ port, state }, group)]);
      expect(add('p1', '239.1.1.1', 'temp')).toBeUndefined();
      expect(add('p2', '239.1.1.1', 'permanent')).toBeUndefined();
      expect(add('p2', '239.1.1.2', 'temp')).toBeUndefined();
    };
    const left = (): string[] =>
      entriesOf(lab).map(({ port, group, isPermanent }) => `${port} ${group} ${isPermanent}`);
    fill();
    expect(staticGroups.flush({ port: 1, isPermanent: false })).toBe(1);
    expect(left().sort()).toEqual(['0 239.1.1.1 false', '1 239.1.1.1 true']);
    fill();
    expect(staticGroups.flush({ isPermanent: true })).toBe(1);
    expect(left().sort()).toEqual(['0 239.1.1.1 false', '1 239.1.1.2 false']);
    fill();
    expect(staticGroups.flush({ vlan: 7 })).toBe(0);
    expect(staticGroups.flush({ vlan: 0 })).toBe(3);
    expect(left()).toEqual([]);
  });
});

test('a table that is full refuses new groups, takes members of known ones, and stays in use', () => {
  const lab = new GroupLab(4, { mcastQuerier: true, mcastHashMax: 64 });
  lab.until(12);
  for (let group = 0; group < 70; group++) lab.send(0, join(`239.1.1.${group}`));
  lab.send(1, join('239.1.1.63'));
  expect(lab.rows()).toHaveLength(65);
  expect(lab.counts(0)['mcast-refused']).toBe(6);
  expect(lab.news).toContainEqual(
    expect.objectContaining({ event: 'mcast-refused', group: '239.1.1.64', port: 0, groups: 64 }),
  );
  expect(lab.takers(2, data('239.1.1.63', '192.0.2.9'))).toEqual([0, 1]);
});
