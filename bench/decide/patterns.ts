/**
 * The traffic of `decide`. A pattern writes the frames of one burst once. Where frames differ from burst
 * to burst, it rewrites their addresses, which is a nanosecond or two of the result.
 */

import { BURST_FRAMES, macOf, type BurstWriter } from './burst-writer';
import { MEMBERS, joinAll, layOutGroups, rewriteGroups } from './groups';
import type { Bridge, BridgeOptions, BridgeSettings, Hook, MemoryPort } from './library';

/** The switch and the burst of a pattern. */
export interface Stage {
  readonly writer: BurstWriter;
  readonly ports: readonly MemoryPort[];
  /** Makes the switch forward the burst, outside of the measurement. */
  readonly forward: () => void;
  /** Lets time go by, and the switch do what is due then. @param forMs milliseconds */
  readonly wait: (forMs: number) => void;
}

export interface Pattern {
  readonly title: string;
  readonly portCount: number;
  readonly options?: BridgeOptions;
  readonly settings?: BridgeSettings;
  /** Impairment of a port that the traffic does not use. */
  readonly impairment?: object;
  /** Hook that every frame meets. */
  readonly hook?: Hook;
  /** Whether the bridge of a commit has what the pattern measures; each has unless given. */
  isKnownTo?(bridge: Bridge): boolean;
  /** Copies of each frame that leave the switch. Any other number means a broken pattern. */
  readonly copiesPerFrame: number;
  /** Makes the switch learn the stations of the pattern, and writes the burst. */
  setUp(stage: Stage): void;
  /** Called before each turn, outside of the measurement. */
  beforeTurn?(stage: Stage): void;
  /** Called before each burst, measured with it. @param burst number that grows over all turns */
  beforeBurst?(stage: Stage, burst: number): void;
}

/** Bursts of one turn: 4096 frames take a fraction of a millisecond and are seldom interrupted. */
export const TURN_BURSTS = 64;

const IPV4 = [0x08, 0x00];
const ARP = [0x08, 0x06];
const VLAN_10 = [0x81, 0x00, 0x00, 0x0a];
const BROADCAST_MAC = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const FRAME_BYTES = 60;

/** IPv4 and UDP, 198.18.0.1 to 198.19.0.1 (RFC 2544 appendix C.2.2), port 9 (discard). */
const UDP = [
  ...[0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0],
  ...[198, 18, 0, 1, 198, 19, 0, 1],
  ...[0x0f, 0xa0, 0, 9, 0, 26, 0, 0],
];

const ASKER_IP = [192, 0, 2, 1];
const OWNER_IP = [192, 0, 2, 2];
const REQUEST = 1;

const MANY_STATIONS = 100_000;
/** Number of the first station that is learned. */
const FIRST_STATION = 0x1000;
const MANY_PORTS = 256;
/** Frames of one port in a burst where many ports are busy. */
const RUN_FRAMES = 4;
/** Step from station to station: coprime with MANY_STATIONS, larger than any prefetcher's stride. */
const STEP = 61_547;

function frame(...parts: readonly (readonly number[])[]): Uint8Array {
  const bytes = parts.flat();
  const padding = Array.from({ length: Math.max(0, FRAME_BYTES - bytes.length) }, () => 0);
  return Uint8Array.from([...bytes, ...padding]);
}

const udp = (from: number, to: number): Uint8Array => frame(macOf(to), macOf(from), IPV4, UDP);

/** Broadcast ARP request (RFC 826), Ethernet and IPv4. */
const arpRequest = (from: number, sender: number[], target: number[]): Uint8Array =>
  frame(
    ...[BROADCAST_MAC, macOf(from), ARP, [0, 1, ...IPV4, 6, 4, 0, REQUEST]],
    ...[macOf(from), sender, [0, 0, 0, 0, 0, 0], target],
  );

/** Station p + 1 is behind port p. */
const stationAt = (port: number): number => port + 1;

/** Makes the switch learn a station behind each port. */
function introduce({ writer, ports, forward }: Stage): void {
  for (const { id } of ports) {
    writer.putAll(id, frame(BROADCAST_MAC, macOf(stationAt(id)), IPV4, UDP));
    forward();
  }
}

/** Half of the burst from port 0 to port 1, the other half back. */
function layOutPair({ writer }: Stage, make: (from: number, to: number) => Uint8Array): void {
  for (let index = 0; index < BURST_FRAMES; index++) {
    const from = index < BURST_FRAMES / 2 ? 0 : 1;
    writer.put(index, from, make(stationAt(from), stationAt(1 - from)));
  }
}

/** Announcement of station B behind port 1. */
function announceOwner({ writer, forward }: Stage): void {
  writer.putAll(1, arpRequest(stationAt(1), OWNER_IP, OWNER_IP));
  forward();
}

/** A delay of all frames that leave by a port. */
const DELAY = {
  ...{ name: 'delay', words: 'delay 10ms', direction: 'out', atMs: 0, forMs: Infinity, seed: 0 },
  ...{ delay: { ms: 10, jitterMs: 0, correlation: 0, distribution: 'uniform' }, limit: 1_000 },
};

/** Hooks whose price is measured: one that does not match, one that counts, one that changes the frame. */
const HOOKS: readonly { readonly name: string; readonly title: string; readonly hook: Hook }[] = [
  {
    name: 'hook-idle',
    title: 'a hook that does not match',
    hook: { match: 'udp port 53', frame: () => undefined },
  },
  { name: 'hook-count', title: 'a hook that counts', hook: countingHook() },
  {
    name: 'hook-edit',
    title: 'a hook that changes the TTL',
    hook: {
      match: 'ip',
      frame({ ipv4 }) {
        if (ipv4 !== undefined) ipv4.ttl = ipv4.ttl === 64 ? 63 : 64;
      },
    },
  },
];

/** Patterns by name, as in the metrics. A new one needs an entry here and nothing else. */
export const PATTERNS: ReadonlyMap<string, Pattern> = new Map<string, Pattern>([
  [
    'unicast',
    {
      title: 'known unicast between 2 ports',
      portCount: 2,
      copiesPerFrame: 1,
      setUp(stage) {
        introduce(stage);
        layOutPair(stage, udp);
      },
    },
  ],
  [
    'macs',
    {
      title: 'known unicast among 100,000 MACs',
      portCount: 2,
      options: { fdbMax: 2 * MANY_STATIONS },
      copiesPerFrame: 1,
      setUp(stage) {
        const { writer, forward } = stage;
        introduce(stage);
        writer.putAll(1, udp(0, stationAt(0)));
        for (let learned = 0; learned < MANY_STATIONS; learned += BURST_FRAMES) {
          for (let index = 0; index < BURST_FRAMES; index++) {
            writer.setSource(index, FIRST_STATION + learned + index);
          }
          forward();
        }
        writer.putAll(0, udp(stationAt(0), 0));
      },
      beforeBurst({ writer }, burst) {
        for (let index = 0; index < BURST_FRAMES; index++) {
          const number = ((burst * BURST_FRAMES + index) * STEP) % MANY_STATIONS;
          writer.setDestination(index, FIRST_STATION + number);
        }
      },
    },
  ],
  [
    'ports',
    {
      title: 'known unicast among 256 ports',
      portCount: MANY_PORTS,
      copiesPerFrame: 1,
      setUp(stage) {
        introduce(stage);
        stage.writer.putAll(0, udp(0, 0));
      },
      beforeBurst({ writer }, burst) {
        for (let index = 0; index < BURST_FRAMES; index++) {
          const run = Math.floor((burst * BURST_FRAMES + index) / RUN_FRAMES);
          const from = run % MANY_PORTS;
          writer.setIngress(index, from);
          writer.setSource(index, stationAt(from));
          writer.setDestination(index, stationAt((from + 1) % MANY_PORTS));
        }
      },
    },
  ],
  [
    'tagged',
    {
      title: 'known unicast, 802.1Q tag',
      portCount: 2,
      copiesPerFrame: 1,
      setUp(stage) {
        introduce(stage);
        layOutPair(stage, (from, to) => frame(macOf(to), macOf(from), VLAN_10, IPV4, UDP));
      },
    },
  ],
  [
    'vlan',
    {
      title: 'known unicast between 2 access ports (--vlan-filtering)',
      portCount: 2,
      settings: { vlanFiltering: true },
      isKnownTo: (bridge) => 'filtersByVlan' in bridge,
      copiesPerFrame: 1,
      setUp(stage) {
        introduce(stage);
        layOutPair(stage, udp);
      },
    },
  ],
  ...HOOKS.map(({ name, title, hook }): [string, Pattern] => [
    name,
    {
      title: `known unicast, ${title}`,
      portCount: 2,
      hook,
      isKnownTo: (bridge) => bridge.loadHook !== undefined,
      copiesPerFrame: 1,
      setUp(stage) {
        introduce(stage);
        layOutPair(stage, udp);
      },
    },
  ]),
  [
    'impaired-other',
    {
      title: 'known unicast between 2 ports, with an impairment on a third',
      portCount: 3,
      impairment: { ...DELAY, port: 2 },
      isKnownTo: (bridge) => 'addImpairment' in bridge,
      copiesPerFrame: 1,
      setUp(stage) {
        introduce(stage);
        // The frames that the impairment holds leave before the first turn.
        stage.wait(1_000);
        layOutPair(stage, udp);
      },
    },
  ],
  [
    'flood',
    {
      title: 'broadcast, flooded to 3 ports',
      portCount: 4,
      copiesPerFrame: 3,
      setUp(stage) {
        introduce(stage);
        stage.writer.putAll(0, frame(BROADCAST_MAC, macOf(stationAt(0)), IPV4, UDP));
      },
    },
  ],
  [
    'groups',
    {
      title: '1,000 groups at 256 ports, each to 2 members (--mcast-snooping)',
      portCount: MANY_PORTS,
      settings: { mcastSnooping: true, mcastQuerier: true },
      isKnownTo: ({ rooms }) => rooms !== undefined && 'mcast' in rooms,
      copiesPerFrame: MEMBERS,
      setUp(stage) {
        joinAll(stage);
        layOutGroups(stage);
      },
      beforeBurst: rewriteGroups,
    },
  ],
  [
    'learn',
    {
      title: 'each frame from a new address, learned',
      portCount: 2,
      copiesPerFrame: 1,
      setUp(stage) {
        introduce(stage);
        stage.writer.putAll(0, udp(0, stationAt(1)));
      },
      /** Sets the ports down, so that the switch forgets the stations learned there. */
      beforeTurn({ ports }) {
        ports[0]!.setUp(false);
        ports[0]!.setUp(true);
      },
      beforeBurst({ writer }, burst) {
        for (let index = 0; index < BURST_FRAMES; index++) {
          const number = (burst % TURN_BURSTS) * BURST_FRAMES + index;
          writer.setSource(index, FIRST_STATION + number);
        }
      },
    },
  ],
  [
    'arp',
    {
      title: 'ARP request, answered for a host',
      portCount: 2,
      copiesPerFrame: 1,
      setUp: introduce,
      beforeTurn(stage) {
        announceOwner(stage);
        stage.writer.putAll(0, arpRequest(stationAt(0), ASKER_IP, OWNER_IP));
      },
    },
  ],
]);

function countingHook(): Hook {
  let counter: { add(): void } | undefined;
  return {
    match: 'ip',
    setup: (bridge) => {
      counter = bridge.counter('frames');
    },
    frame: () => counter?.add(),
  };
}
