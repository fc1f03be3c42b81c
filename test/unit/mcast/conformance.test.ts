/** Scenarios, frames and malformed frames of the table `test/conformance/igmp-mld.json`, played in memory. */

import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { RouterMode } from '../../../src/mcast/routers';
import { Family } from '../../../src/mcast/contexts';
import type { McastSettings } from '../../../src/mcast/settings';
import {
  type Record,
  data,
  join,
  leave,
  pimHello,
  query,
  report,
  routerAdvertisement,
} from '../../support/group-frames';
import { GroupLab } from '../../support/group-lab';
import type { MdbRow } from '../../support/group-rows';
import { fromHex } from '../../support/room-harness';

interface Event {
  readonly kind: string;
  readonly group?: string;
  readonly version?: number;
  readonly records?: readonly Record[];
  readonly source?: string;
  readonly maxResponse?: number;
  readonly family?: number;
}

interface Step {
  readonly at: number;
  readonly rx?: number;
  readonly event?: Event;
  readonly data?: { readonly port: number; readonly group: string; readonly source: string };
  readonly delivered?: readonly number[];
  readonly mdb?: readonly MdbRow[];
  readonly isQuerier?: { readonly family: number; readonly value: boolean };
  readonly sentBySwitch?: {
    readonly port: number;
    readonly what: string;
    readonly atLeast: number;
  };
  readonly portDown?: number;
  readonly portUp?: number;
}

interface TableBridge {
  readonly snooping?: boolean;
  readonly querier?: boolean;
  readonly querierSince?: number;
  readonly igmpVersion?: number;
  readonly queryInterval?: number;
  readonly queryResponse?: number;
  readonly lastMemberInterval?: number;
}

interface TablePort {
  readonly fastLeave?: boolean;
  readonly router?: 'always' | 'never';
  readonly mcastFlood?: boolean;
}

interface Scenario {
  readonly id: string;
  readonly about: string;
  readonly bridge: TableBridge;
  readonly ports: Readonly<{ [port: string]: TablePort }>;
  readonly steps: readonly Step[];
}

interface KernelResult {
  readonly entries: readonly string[];
  readonly routerPort: boolean;
  readonly querier: boolean;
  readonly forwarded: boolean;
}

interface Frame {
  readonly hex: string;
  readonly about: string;
  readonly kernel618: KernelResult;
}

interface Malformed extends Omit<Frame, 'about'> {
  readonly name: string;
  readonly why: string;
}

const path = joinPath(__dirname, '../../conformance/igmp-mld.json');
const table = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly scenarios: readonly Scenario[];
  readonly frames: Readonly<{ [name: string]: Frame }>;
  readonly malformed: readonly Malformed[];
};

/** Milliseconds, longer than hosts have to answer a querier. The table is used after that. */
const LONG_AGO_S = 12;

function settingsOf(bridge: TableBridge): Partial<McastSettings> {
  const inMs = (value: number | undefined, name: keyof McastSettings): Partial<McastSettings> =>
    value === undefined ? {} : { [name]: value * 1_000 };
  return {
    mcastSnooping: bridge.snooping ?? true,
    mcastQuerier: bridge.querier ?? false,
    ...(bridge.igmpVersion !== undefined && { mcastIgmpVersion: bridge.igmpVersion }),
    ...inMs(bridge.queryInterval, 'mcastQueryIntervalMs'),
    ...inMs(bridge.queryResponse, 'mcastQueryResponseIntervalMs'),
    ...inMs(bridge.lastMemberInterval, 'mcastLastMemberIntervalMs'),
  };
}

function labOf({ bridge, ports }: Scenario): GroupLab {
  const settings = settingsOf(bridge);
  const lab = new GroupLab(Object.keys(ports).length, settings);
  const modeOf = { always: RouterMode.Always, never: RouterMode.Never };
  for (const [number, { fastLeave, router, mcastFlood }] of Object.entries(ports)) {
    const id = Number(number) - 1;
    lab.bridge.configurePort(id, {
      ...(fastLeave !== undefined && { fastLeave }),
      ...(router !== undefined && { mcastRouter: modeOf[router] }),
      ...(mcastFlood !== undefined && { mcastFlood }),
    });
  }
  return bridge.querierSince === undefined ? lab.until(LONG_AGO_S).begin() : lab.begin();
}

function frameOf(event: Event): Uint8Array {
  const { kind, group = '', records = [], family = 4, version = 2 } = event;
  switch (kind) {
    case 'join':
      return join(group, { version });
    case 'leave':
      return leave(group);
    case 'report':
      return report(records);
    case 'query':
      return query(event);
    case 'pim-hello':
      return pimHello();
    case 'mrd':
      return routerAdvertisement(family);
    default:
      throw new TypeError(`no event ${kind}`);
  }
}

function sorted(rows: readonly MdbRow[]): MdbRow[] {
  return rows.map((row) => ({
    ...row,
    port: row.port - 1,
    sources: [...row.sources].sort(),
    blocked: [...row.blocked].sort(),
  }));
}

function play(lab: GroupLab, step: Step): void {
  lab.until(step.at);
  if (step.sentBySwitch !== undefined) {
    const { port, atLeast } = step.sentBySwitch;
    expect(lab.queries(port - 1).group).toBeGreaterThanOrEqual(atLeast);
  }
  // The frames that the switch sends after a received frame belong to the next step.
  if (step.event !== undefined) {
    lab.take();
    lab.port((step.rx ?? 0) - 1).send(frameOf(step.event));
  }
  if (step.data !== undefined) {
    const { port, group, source } = step.data;
    lab.take();
    const takers = lab.takers(port - 1, data(group, source)).map((id) => id + 1);
    expect(takers).toEqual(step.delivered);
  }
  if (step.mdb !== undefined) expect(lab.rows()).toEqual(sorted(step.mdb));
  if (step.isQuerier !== undefined) {
    expect(lab.isQuerier(step.isQuerier.family)).toBe(step.isQuerier.value);
  }
  if (step.portDown !== undefined) lab.port(step.portDown - 1).setUp(false);
  if (step.portUp !== undefined) lab.port(step.portUp - 1).setUp(true);
}

describe.each(table.scenarios)('$id: $about', (scenario) => {
  test('as in the table', () => {
    const lab = labOf(scenario);
    expect(scenario.steps.length).toBeGreaterThan(0);
    for (const step of scenario.steps) play(lab, step);
  });
});

/** Result of a frame on port 1 of a switch that has received nothing before. */
function resultOf(hex: string): KernelResult {
  const lab = new GroupLab(3, {}, '02:00:00:00:00:99');
  lab.until(0.5).begin();
  const takers = lab.takers(0, fromHex(hex));
  const { contexts } = lab.bridge.rooms.mcast;
  const both = [contexts.find(0, Family.Ipv4), contexts.find(0, Family.Ipv6)];
  return {
    entries: lab.rows().map(({ group }) => group),
    routerPort: both.some((context) => context?.routers.ports.includes(0)),
    querier: both.some((context) => context?.querier.isKnown(lab.nowMs)),
    forwarded: takers.length === 2,
  };
}

describe.each(Object.entries(table.frames))('the frame %s', (name, { hex, kernel618 }) => {
  test('has the result that it has on a Linux bridge', () => {
    expect([name, resultOf(hex)]).toEqual([name, kernel618]);
  });
});

/** Malformed messages that are forwarded all the same, because the switch does not read them. */
const DATA = ['ip-fragment', 'mld-no-hop-by-hop'];

describe.each(table.malformed)('the malformed frame $name: $why', ({ name, hex }) => {
  test('changes nothing', () => {
    expect(resultOf(hex)).toEqual({
      entries: [],
      routerPort: false,
      querier: false,
      forwarded: DATA.includes(name),
    });
  });
});
