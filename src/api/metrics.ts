/**
 * The counters for Prometheus, by prom-client. It is loaded with the first scrape, because it takes
 * 30 ms and 10 MB. Every scrape fills the metrics with the switch's own counters.
 *
 * Names follow https://prometheus.io/docs/practices/naming/: base units, and `_total` for counters.
 */

import { Counter, Gauge, Registry } from 'prom-client';
import { packageVersion } from '../system/package-version';
import { COUNTERS } from '../l2/counters';
import { DROP_REASONS } from '../l2/drop-reason';
import type { GroupCounts } from '../dataplane/messages';
import type { ImpairmentCounts } from '../impair/impairment';
import type { PortInfo } from '../ports/port-set';
import type { HookState, ListedImpairment, TapSwitch } from '../control/tap-switch';
import { TREE_STATES, type TreeState } from '../stp/tree-state';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [Labels, number];

/** Counters that have their own metric below. */
const OWN_METRIC = new Set([
  'rx-frames',
  'rx-bytes',
  'rx-multicast',
  'rx-broadcast',
  'tx-frames',
  'tx-bytes',
]);

/** Side of each of the bridge's drop reasons. Other reasons are inspection's, on ingress. */
const SIDES: ReadonlyMap<string, string> = new Map(
  DROP_REASONS.map(({ name, side }) => [name, side]),
);

export class SwitchMetrics {
  private readonly registry = new Registry();
  private infos: readonly PortInfo[] = [];
  /** Spanning tree; `undefined` while it is off, and its metrics have no samples then. */
  private tree: TreeState | undefined;
  private groupCounts: GroupCounts = { groups: 0, ports: new Map() };
  private hooks: readonly HookState[] = [];
  private impairments: readonly ListedImpairment[] = [];

  constructor(private readonly tapSwitch: TapSwitch) {
    this.defineBridge();
    this.definePorts();
    this.defineSpanningTree();
    this.defineHooks();
    this.defineImpairments();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** @returns the text of a scrape. */
  async render(): Promise<string> {
    await this.tapSwitch.settle();
    this.tree = await this.tapSwitch.treeState();
    this.groupCounts = await this.tapSwitch.groupCounts();
    this.hooks = await this.tapSwitch.hooks();
    this.impairments = await this.tapSwitch.impairments();
    this.infos = this.tapSwitch.ports.infos();
    return this.registry.metrics();
  }

  private defineBridge(): void {
    const { tapSwitch } = this;
    this.gauge('build_info', 'The version of the switch.', ['version'], () => [
      [{ version: packageVersion() }, 1],
    ]);
    this.gauge('start_time_seconds', 'When the switch was started, since 1970.', [], () => [
      [{}, Math.round(performance.timeOrigin / 1000)],
    ]);
    this.gauge('resident_memory_bytes', 'Memory of the process.', [], () => [
      [{}, process.memoryUsage.rss()],
    ]);
    this.gauge('fdb_entries', 'Entries of the forwarding database.', ['kind'], () => [
      [{ kind: 'dynamic' }, tapSwitch.stationCounts.dynamic],
      [{ kind: 'static' }, tapSwitch.stationCounts.static],
    ]);
    this.gauge('fdb_dynamic_entries_max', 'Limit of dynamic entries.', [], () => [
      [{}, tapSwitch.config.fdbMax],
    ]);
    this.gauge('mcast_groups', 'Groups in the table of groups.', [], () => [
      [{}, this.groupCounts.groups],
    ]);
    this.gauge(
      'port_mcast_groups',
      'Groups that hosts behind the port have joined.',
      ['port'],
      () =>
        [...this.groupCounts.ports].map(([id, groups]) => [
          { port: tapSwitch.ports.labelOf(id) },
          groups,
        ]),
    );
    this.counter(
      'bursts_total',
      'Bursts by the number of frames that came at once.',
      ['frames'],
      () =>
        tapSwitch.burstSizes().map(({ from, to, bursts }) => [{ frames: `${from}-${to}` }, bursts]),
    );
  }

  private definePorts(): void {
    const perPort = (value: (info: PortInfo) => number) => (): Sample[] =>
      this.infos.map((info) => [{ port: info.port }, value(info)]);
    const count = (name: string) => (info: PortInfo) => info.counters.counters[name] ?? 0;
    this.gauge(
      'port_up',
      'Whether the port forwards.',
      ['port'],
      perPort(({ state }) => (state === 'up' ? 1 : 0)),
    );
    this.gauge(
      'port_mtu_bytes',
      'MTU of the interface.',
      ['port'],
      perPort(({ mtuBytes }) => mtuBytes),
    );
    this.counter(
      'port_receive_frames_total',
      'Frames received from the port, by what they were addressed to.',
      ['port', 'to'],
      () =>
        this.infos.flatMap((info): Sample[] => {
          const [all, multicast, broadcast] = ['rx-frames', 'rx-multicast', 'rx-broadcast'].map(
            (name) => count(name)(info),
          ) as [number, number, number];
          return [
            // A counter may have grown between two of these reads.
            [{ port: info.port, to: 'unicast' }, Math.max(0, all - multicast - broadcast)],
            [{ port: info.port, to: 'multicast' }, multicast],
            [{ port: info.port, to: 'broadcast' }, broadcast],
          ];
        }),
    );
    this.counter(
      'port_receive_bytes_total',
      'Bytes received from the port.',
      ['port'],
      perPort(count('rx-bytes')),
    );
    this.counter(
      'port_transmit_frames_total',
      'Frames that the port took.',
      ['port'],
      perPort(count('tx-frames')),
    );
    this.counter(
      'port_transmit_bytes_total',
      'Bytes that the port took.',
      ['port'],
      perPort(count('tx-bytes')),
    );
    for (const { name, meaning } of COUNTERS.filter((counter) => !OWN_METRIC.has(counter.name))) {
      this.counter(
        `port_${name.replaceAll('-', '_').replace(/^rx_/, '')}_total`,
        meaning,
        ['port'],
        perPort(count(name)),
      );
    }
    this.counter(
      'port_dropped_frames_total',
      'Frames, or copies of them, that went no further, by reason.',
      ['port', 'side', 'reason'],
      () =>
        this.infos.flatMap((info) =>
          Object.entries(info.counters.drops).map(([reason, count]): Sample => [
            { port: info.port, side: SIDES.get(reason) ?? 'ingress', reason },
            count,
          ]),
        ),
    );
  }

  private defineSpanningTree(): void {
    const { tapSwitch } = this;
    this.gauge('stp_root', 'Whether the switch is the root of the spanning tree.', [], () =>
      this.tree === undefined ? [] : [[{}, this.tree.rootPort === undefined ? 1 : 0]],
    );
    this.counter('stp_topology_changes_total', 'Topology changes of the spanning tree.', [], () =>
      this.tree === undefined ? [] : [[{}, this.tree.topologyChanges]],
    );
    this.gauge(
      'port_stp_state',
      'Whether the port is in this state of the spanning tree.',
      ['port', 'state'],
      () =>
        (this.tree?.ports ?? []).flatMap(({ port, state: present }) =>
          TREE_STATES.map((state): Sample => {
            const isPresent = state === present;
            return [{ port: tapSwitch.ports.labelOf(port), state }, isPresent ? 1 : 0];
          }),
        ),
    );
  }

  private defineHooks(): void {
    const perHook = (value: (hook: HookState) => number) => (): Sample[] =>
      this.hooks.map((hook) => [{ hook: hook.name }, value(hook)]);
    this.gauge(
      'hook_on',
      'Whether the hook is on; the switch switches off one that takes too long.',
      ['hook'],
      perHook(({ off }) => (off === undefined ? 1 : 0)),
    );
    this.counter(
      'hook_frames_total',
      'Frames that the filter of the hook accepted.',
      ['hook'],
      perHook(({ frames }) => frames),
    );
    this.counter(
      'hook_failures_total',
      'Times that the hook threw, or returned no verdict.',
      ['hook'],
      perHook(({ failures }) => failures),
    );
    this.counter(
      'hook_counter_total',
      'Counters that the hook makes for itself.',
      ['hook', 'counter', 'label'],
      () =>
        this.hooks.flatMap(({ name: hook, counters }) =>
          counters.map(({ name: counter, label, value }): Sample => [
            { hook, counter, label },
            value,
          ]),
        ),
    );
  }

  private defineImpairments(): void {
    const labels = ['impairment'];
    const each = (value: (counts: ImpairmentCounts) => number) => (): Sample[] =>
      this.impairments.map(({ counts }) => [{ impairment: counts.name }, value(counts)]);
    this.gauge(
      'impairment_held_frames',
      'Frames that the impairment holds; the segments of a super-frame count.',
      labels,
      each(({ held }) => held),
    );
    this.counter(
      'impairment_frames_total',
      'Frames that match the impairment.',
      labels,
      each(({ frames }) => frames),
    );
    this.counter(
      'impairment_effects_total',
      'Frames that the impairment lost, duplicated, corrupted, sent ahead, or could not hold.',
      ['impairment', 'effect'],
      () =>
        this.impairments.flatMap(({ counts: { name: impairment, ...counts } }) =>
          (['lost', 'duplicated', 'corrupted', 'reordered', 'full'] as const).map(
            (effect): Sample => [{ impairment, effect }, counts[effect]],
          ),
        ),
    );
  }

  private gauge(name: string, help: string, labels: string[], samples: () => Sample[]): void {
    const { name: bridge } = this.tapSwitch.config;
    new Gauge({
      ...this.describe(name, help, labels),
      collect() {
        this.reset();
        for (const [own, value] of samples()) this.set({ bridge, ...own }, value);
      },
    });
  }

  private counter(name: string, help: string, labels: string[], samples: () => Sample[]): void {
    const { name: bridge } = this.tapSwitch.config;
    new Counter({
      ...this.describe(name, help, labels),
      collect() {
        this.reset();
        for (const [own, value] of samples()) this.inc({ bridge, ...own }, value);
      },
    });
  }

  private describe(name: string, help: string, labels: string[]) {
    return {
      name: `tapswitch_${name}`,
      help,
      labelNames: ['bridge', ...labels],
      registers: [this.registry],
    };
  }
}
