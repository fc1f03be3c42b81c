/** Changes of a spanning tree over time: the timelines of the tables in `test/conformance`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { TreeSettings } from '../../../src/stp/spanning-tree';
import { type Protocol, StpNetwork, stateWord, treeAddress } from '../../support/stp-network';

interface End {
  readonly bridge: string;
  readonly port: number;
}

interface TimelinePort extends End {
  readonly lan: string | null;
  readonly up?: boolean;
  readonly edge?: boolean;
  readonly autoEdge?: boolean;
  readonly pointToPoint?: boolean;
  readonly rootGuard?: boolean;
  readonly bpduGuard?: boolean;
  readonly bpduFilter?: boolean;
  readonly tcnGuard?: boolean;
  readonly cost?: number;
}

interface TimelineBridge {
  readonly priority: number;
  readonly address: string;
  readonly rstp?: boolean;
  readonly forwardDelay?: number;
}

interface TimelineEvent {
  readonly at: number;
  readonly do: string;
  readonly ends?: readonly End[];
  readonly lans?: readonly string[];
  readonly bridge?: string;
  readonly priority?: number;
}

interface Expectation {
  readonly bridge: string;
  readonly port?: number;
  readonly at?: number;
  readonly from?: number;
  readonly until?: number;
  readonly slack?: number;
  readonly is?: string;
  readonly role?: string;
  readonly becomes?: string;
  readonly never?: string;
  readonly flushes?: readonly number[];
  readonly isRoot?: boolean;
  readonly speaks?: Protocol;
  readonly tcFlag?: boolean;
  readonly sends?: number;
  readonly sendsAtMost?: number;
}

interface Timeline {
  readonly id: string;
  readonly bridges: Readonly<Record<string, TimelineBridge>>;
  readonly ports: readonly TimelinePort[];
  readonly events?: readonly TimelineEvent[];
  readonly since?: number;
  readonly expect: readonly Expectation[];
}

/** State of a bridge at one second. */
interface Sample {
  readonly isRoot: boolean;
  readonly hasTcFlag: boolean;
  readonly states: ReadonlyMap<number, string>;
  readonly roles: ReadonlyMap<number, string>;
  readonly spoken: ReadonlyMap<number, Protocol>;
}

/** Seconds that are played after the last second of a timeline. */
const MARGIN = 5;

function timelinesOf(protocol: Protocol): readonly Timeline[] {
  const path = join(__dirname, `../../conformance/${protocol}-topologies.json`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { timelines: Timeline[] }).timelines;
}

class Player {
  readonly network = new StpNetwork();
  /** Second → bridge → its state then. */
  private readonly samples: Map<string, Sample>[] = [];

  constructor(
    private readonly timeline: Timeline,
    private readonly protocol: Protocol,
  ) {
    for (const [name, bridge] of Object.entries(timeline.bridges)) {
      this.network.add(name, treeAddress(bridge.address), this.settingsOf(bridge));
    }
    for (const { bridge, port, lan, edge, autoEdge, up, ...settings } of timeline.ports) {
      const known = Object.entries(settings).filter(([, value]) => value !== undefined);
      const linked = this.network.bridge(bridge).addPort(port, {
        adminEdge: edge ?? false,
        autoEdge: autoEdge ?? true,
        ...Object.fromEntries(known),
      });
      linked.lan = lan;
      void up;
    }
    for (const name of Object.keys(timeline.bridges)) {
      const own = timeline.ports.filter(({ bridge, up }) => bridge === name && up !== false);
      this.network.bridge(name).setLinks(
        own.map(({ port }) => port),
        true,
      );
    }
  }

  private settingsOf({ priority, rstp, forwardDelay }: TimelineBridge): TreeSettings {
    const protocol = rstp === false ? 'stp' : this.protocol;
    return { protocol, priority, helloTime: 2, maxAge: 20, forwardDelay: forwardDelay ?? 15 };
  }

  get since(): number {
    return this.timeline.since ?? 0;
  }

  play(): void {
    const ends = this.timeline.expect.map(({ at, until }) => Math.max(at ?? 0, until ?? 0));
    const last = this.since + Math.max(...ends) + MARGIN;
    for (let now = 0; now <= last; now++) {
      if (now > 0) this.network.second();
      for (const event of this.timeline.events ?? []) if (event.at === now) this.happen(event);
      this.network.deliver();
      this.samples.push(this.sample());
    }
  }

  private happen({ do: what, ends = [], lans = [], bridge, priority }: TimelineEvent): void {
    switch (what) {
      case 'link-down':
      case 'link-up':
        for (const [name, linked] of this.network.bridges) {
          const own = ends.filter((end) => end.bridge === name);
          const numbers = own.map(({ port }) => port);
          linked.setLinks(numbers, what === 'link-up');
        }
        return;
      case 'silence':
        for (const lan of lans) this.network.silent.add(lan);
        return;
      case 'deaf':
        for (const end of ends) this.network.bridge(end.bridge).portOf(end.port).isDeaf = true;
        return;
      case 'mcheck':
        for (const end of ends) this.network.bridge(end.bridge).tree.checkMigration(end.port);
        return;
      case 'upgrade':
      case 'priority':
        return this.reconfigure(bridge ?? '', priority);
      default:
        throw new Error(`no such event: ${what}`);
    }
  }

  private reconfigure(name: string, priority: number | undefined): void {
    const bridge = this.timeline.bridges[name];
    if (bridge === undefined) throw new Error(`no bridge ${name}`);
    const before = this.settingsOf({ ...bridge, rstp: true });
    this.network.bridge(name).tree.configure({ ...before, priority: priority ?? bridge.priority });
  }

  private sample(): Map<string, Sample> {
    return new Map(
      [...this.network.bridges].map(([name, bridge]) => {
        const { tree, sent } = bridge;
        const of = <T>(value: (number: number) => T): Map<number, T> =>
          new Map([...bridge.ports.keys()].map((number) => [number, value(number)]));
        const sample: Sample = {
          isRoot: tree.isRoot,
          hasTcFlag: tree.topologyChange,
          states: of((number) => stateWord(bridge, number, this.protocol)),
          roles: of((number) => tree.port(number)?.role ?? ''),
          spoken: of((number) => {
            const last = sent.findLast(({ port }) => port === number);
            return last?.isRst === false ? 'stp' : 'rstp';
          }),
        };
        return [name, sample];
      }),
    );
  }

  at(second: number, name: string): Sample {
    const sample = this.samples[this.since + second]?.get(name);
    if (sample === undefined) throw new Error(`nothing seen of ${name} at ${second}`);
    return sample;
  }

  /** @returns the first second after `since` in which the bridge is like that */
  first(name: string, isLike: (sample: Sample) => boolean): number | undefined {
    const second = this.samples.findIndex((samples, at) => {
      const sample = samples.get(name);
      return at >= this.since && sample !== undefined && isLike(sample);
    });
    return second < 0 ? undefined : second - this.since;
  }

  seconds(name: string, isLike: (sample: Sample) => boolean): number[] {
    return [...this.samples.keys()]
      .map((at) => at - this.since)
      .filter((at) => at >= 0 && isLike(this.at(at, name)));
  }
}

function expectAll(player: Player, expected: Expectation): void {
  const { bridge, port = 0, at = 0, from = 0, until = Infinity, slack = 0 } = expected;
  if (expected.is !== undefined) {
    expect(player.at(at, bridge).states.get(port)).toBe(expected.is);
  }
  if (expected.role !== undefined) {
    expect(player.at(at, bridge).roles.get(port)).toBe(expected.role);
  }
  if (expected.isRoot !== undefined) {
    expect(player.at(at, bridge).isRoot).toBe(expected.isRoot);
  }
  if (expected.speaks !== undefined) {
    expect(player.at(at, bridge).spoken.get(port)).toBe(expected.speaks);
  }
  if (expected.becomes !== undefined) {
    const first = player.first(bridge, ({ states }) => states.get(port) === expected.becomes);
    expect(first).toBeGreaterThanOrEqual(from);
    expect(first).toBeLessThanOrEqual(until);
  }
  expectSpans(player, { ...expected, port, from, until, slack });
}

function expectSpans(
  player: Player,
  expected: Expectation & Required<Pick<Expectation, 'port' | 'from' | 'until' | 'slack'>>,
): void {
  const { bridge, port, from, until, slack } = expected;
  const { since, network } = player;
  const isWithin = (second: number): boolean => second >= since + from && second <= since + until;
  const linked = network.bridge(bridge);
  if (expected.never !== undefined) {
    const states = linked.states.filter((entry) => entry.port === port && isWithin(entry.at));
    expect(states.map(({ state }) => state)).not.toContain(expected.never);
    expect(player.at(from, bridge).states.get(port)).not.toBe(expected.never);
  }
  if (expected.flushes !== undefined) {
    const ports = linked.flushes.filter((entry) => isWithin(entry.at)).map((entry) => entry.port);
    expect([...new Set(ports)].sort()).toEqual(expected.flushes);
  }
  if (expected.tcFlag !== undefined) {
    const seconds = player.seconds(bridge, ({ hasTcFlag }) => hasTcFlag);
    expect(Math.abs(Math.min(...seconds) - from)).toBeLessThanOrEqual(slack);
    expect(Math.abs(Math.max(...seconds) + 1 - until)).toBeLessThanOrEqual(slack);
  }
  const sent = linked.sent.filter((entry) => entry.port === port && isWithin(entry.at)).length;
  if (expected.sends !== undefined) {
    expect(Math.abs(sent - expected.sends)).toBeLessThanOrEqual(slack);
  }
  if (expected.sendsAtMost !== undefined) expect(sent).toBeLessThanOrEqual(expected.sendsAtMost);
}

describe.each<Protocol>(['rstp', 'stp'])('timelines of %s', (protocol) => {
  test.each(timelinesOf(protocol).map((timeline) => [timeline.id, timeline] as const))(
    '%s',
    (_, timeline) => {
      const player = new Player(timeline, protocol);
      player.play();
      expect(timeline.expect).not.toHaveLength(0);
      for (const expected of timeline.expect) expectAll(player, expected);
    },
  );
});
