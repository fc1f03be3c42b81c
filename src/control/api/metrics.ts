/**
 * The counters for Prometheus, by prom-client, which is loaded with the first scrape: it takes 30 ms
 * and 10 MB. The numbers are the switch's own; every scrape makes its metrics anew from them.
 *
 * Names follow https://prometheus.io/docs/practices/naming/: base units, `_total` for what only
 * grows.
 */

import { Counter, Gauge, Registry } from 'prom-client';
import { packageVersion } from '../../config/package-version';
import { COUNTERS } from '../../l2/counters';
import { DROP_REASONS } from '../../l2/drop-reason';
import type { PortInfo } from '../port-set';
import type { TapSwitch } from '../tap-switch';

type Labels = Readonly<Record<string, string>>;

/** Counters that have a metric of their own below. */
const OWN_METRIC = new Set([
  'rx-frames',
  'rx-bytes',
  'rx-multicast',
  'rx-broadcast',
  'tx-frames',
  'tx-bytes',
]);

class Metrics {
  readonly registry = new Registry();

  constructor(private readonly bridge: string) {}

  gauge(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    const all = [...samples];
    const metric = new Gauge({ ...this.describe(name, help, all), registers: [this.registry] });
    for (const [labels, value] of all) metric.set({ bridge: this.bridge, ...labels }, value);
  }

  counter(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    const all = [...samples];
    const metric = new Counter({ ...this.describe(name, help, all), registers: [this.registry] });
    for (const [labels, value] of all) metric.inc({ bridge: this.bridge, ...labels }, value);
  }

  private describe(name: string, help: string, [first]: readonly (readonly [Labels, number])[]) {
    const labelNames = ['bridge', ...Object.keys(first?.[0] ?? {})];
    return { name: `tapswitch_${name}`, help, labelNames };
  }
}

/** @returns the text of a scrape, and its content type. */
export async function renderMetrics(tapSwitch: TapSwitch) {
  const { dynamic, static: fixed } = await tapSwitch.countStations();
  const { config, ports } = tapSwitch;
  const metrics = new Metrics(config.name);
  metrics.gauge('build_info', 'The version of the switch.', [[{ version: packageVersion() }, 1]]);
  metrics.gauge('start_time_seconds', 'When the switch was started, since 1970.', [
    [{}, Math.round(performance.timeOrigin / 1000)],
  ]);
  metrics.gauge('resident_memory_bytes', 'Memory of the process.', [
    [{}, process.memoryUsage.rss()],
  ]);
  metrics.gauge('fdb_entries', 'Entries of the forwarding database.', [
    [{ kind: 'dynamic' }, dynamic],
    [{ kind: 'static' }, fixed],
  ]);
  metrics.gauge('fdb_dynamic_entries_max', 'Dynamic entries at most.', [[{}, config.fdbMax]]);
  metrics.counter(
    'bursts_total',
    'Bursts by the number of frames that came at once.',
    tapSwitch.burstSizes().map(({ from, to, bursts }) => [{ frames: `${from}-${to}` }, bursts]),
  );
  addPortMetrics(metrics, ports.infos());
  return { text: await metrics.registry.metrics(), contentType: metrics.registry.contentType };
}

function addPortMetrics(metrics: Metrics, infos: readonly PortInfo[]): void {
  const perPort = (value: (info: PortInfo) => number): [Labels, number][] =>
    infos.map((info) => [{ port: info.port }, value(info)]);
  const count = (name: string) => (info: PortInfo) => info.counters.counters[name] ?? 0;
  metrics.gauge(
    'port_up',
    'Whether the port forwards.',
    perPort(({ state }) => (state === 'up' ? 1 : 0)),
  );
  metrics.gauge(
    'port_mtu_bytes',
    'MTU of the interface.',
    perPort(({ mtuBytes }) => mtuBytes),
  );
  metrics.counter(
    'port_receive_frames_total',
    'Frames received from the port, by what they were addressed to.',
    infos.flatMap((info): [Labels, number][] => {
      const [all, multicast, broadcast] = ['rx-frames', 'rx-multicast', 'rx-broadcast'].map(
        (name) => count(name)(info),
      ) as [number, number, number];
      return [
        // A count may have grown between two of these reads.
        [{ port: info.port, to: 'unicast' }, Math.max(0, all - multicast - broadcast)],
        [{ port: info.port, to: 'multicast' }, multicast],
        [{ port: info.port, to: 'broadcast' }, broadcast],
      ];
    }),
  );
  metrics.counter(
    'port_receive_bytes_total',
    'Bytes received from the port.',
    perPort(count('rx-bytes')),
  );
  metrics.counter(
    'port_transmit_frames_total',
    'Frames that the port took.',
    perPort(count('tx-frames')),
  );
  metrics.counter(
    'port_transmit_bytes_total',
    'Bytes that the port took.',
    perPort(count('tx-bytes')),
  );
  for (const { name, meaning } of COUNTERS.filter((counter) => !OWN_METRIC.has(counter.name))) {
    metrics.counter(
      `port_${name.replaceAll('-', '_').replace(/^rx_/, '')}_total`,
      meaning,
      perPort(count(name)),
    );
  }
  metrics.counter(
    'port_dropped_frames_total',
    'Frames, or copies of them, that went no further, by reason.',
    infos.flatMap((info) =>
      DROP_REASONS.map(({ name, side }): [Labels, number] => [
        { port: info.port, side, reason: name },
        info.counters.drops[name] ?? 0,
      ]),
    ),
  );
}
