/** Static entries of the group table, played from `test/conformance/igmp-mld.json`. */

import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { canonicalIpAddress } from '../../../src/wire/ip-text';
import { groupAddress } from '../../../src/config/values/group-address';
import { hostAddress } from '../../../src/config/values/host-address';
import { type GroupOrder, addGroups, removeGroup } from '../../../src/dataplane/group-orders';
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
  readonly get?: { readonly group: string; readonly source?: string; readonly port?: string };
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
    readonly maxGroups?: unknown;
  };
  readonly portDown?: string;
  readonly portUp?: string;
  readonly entries?: readonly Entry[];
  readonly stays?: readonly Entry[];
  readonly count?: { readonly port: string };
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

/** What needs VLANs, or a membership of the switch itself, or names keys of a tunnel, which no rule reads. */
const LEFT_OUT = /^(ipv[46]-without-vlan|max-per-vlan|counts|flush-.*|dump|table-full)$/;
const played = scenarios.filter(({ id }) => !LEFT_OUT.test(id));

const idOf = (name: string): number => Number(name.slice(1)) - 1;
const BEGAN = 5;

/** A switch whose ports p1 … p4 have, where the scenario says so, no flood of groups. */
function labOf({ id }: Scenario): GroupLab {
  const lab = new GroupLab(3, {
    mcastQuerier: id !== 'l2-forwarding',
    mcastIgmpVersion: 3,
    mcastMldVersion: 2,
  });
  if (id.includes('-forwarding-')) lab.bridge.configurePort(1, { mcastFlood: false });
  return lab.until(12).begin();
}

function orderOf(entry: Partial<Entry>, group: string): GroupOrder {
  const { port = 'p1', source, state, filter, sources } = entry;
  const bytesOf = (text: string): Uint8Array => hostAddress.fromText(text).bytes;
  return {
    port: idOf(port),
    vlan: 0,
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

/** @returns why it is refused, by a rule of a value or by the table */
function refusalOf(lab: GroupLab, entry: Step & Partial<Entry>): string | undefined {
  if (entry.vlan !== undefined && entry.vlan > 4094) return 'not a VLAN';
  try {
    const orders = groupsOf(entry).map((group) => ({
      ...orderOf(entry, group),
      isReplacing: entry.op === 'replace',
    }));
    if (entry.op !== 'del') return addGroups(lab.bridge, orders);
    const isGone = orders.map((order) => removeGroup(lab.bridge, order));
    return isGone.every(Boolean) ? undefined : 'not there';
  } catch (error) {
    return (error as Error).message;
  }
}

function entriesOf(lab: GroupLab): GroupEntry[] {
  const { staticGroups } = lab.bridge.rooms.mcast;
  return staticGroups.list(lab.nowMs, 0, staticGroups.ceiling);
}

function find(lab: GroupLab, { group, source, port }: NonNullable<Step['get']>): GroupEntry[] {
  const same = (a: string, b: string): boolean => canonicalIpAddress(a) === canonicalIpAddress(b);
  return entriesOf(lab).filter(
    (entry) =>
      (group.split(':').length === 6 ? entry.group === group : same(entry.group, group)) &&
      (source === undefined
        ? entry.source === undefined
        : entry.source !== undefined && same(entry.source, source)) &&
      (port === undefined || entry.port === idOf(port)),
  );
}

function check(lab: GroupLab, { get, exists, because, is }: Step): void {
  if (get === undefined) return;
  const entry = find(lab, get)[0];
  // A port that excludes nothing gets the sources of others, too: its own list has no entry for that.
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

/** A number of groups: the one that is given, or relative to what there was before the scenario. */
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
    bridge.configurePort(0, { mcastMaxGroups: numberOf(step.set.maxGroups) });
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
    expect(bridge.rooms.mcast.table.countOn(idOf(step.count.port))).toBe(numberOf(step.is));
  }
}

/** Scenarios that count from a number of groups that are there. */
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

test('most scenarios of the table are played', () => {
  expect(played.length).toBe(38);
});

describe('a flush', () => {
  test('removes what matches every filter', () => {
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
  const lab = new GroupLab(3, { mcastQuerier: true, mcastHashMax: 64 });
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
