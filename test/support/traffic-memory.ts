/**
 * A program that sends a million frames or more of one kind through a bridge with no host behind its ports,
 * again and again until the compiler has finished with the code. It prints the change of the heap by
 * the last round of them. test/unit/l2/bridge-memory.test.ts runs it.
 */

import { PerformanceObserver, performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { Bridge, type BridgeOptions } from '../../src/l2/bridge';
import { hookProgram } from '../../src/dataplane/hook-loader';
import type { FrameView } from '../../src/hooks/frame-view';
import type { Hook, HookCounter } from '../../src/hooks/hook';
import { putMac } from '../../src/wire/ethernet';
import { BROADCAST, station } from './ethernet';
import { NOBODY, arpFrame, solicitation, udpFrame } from './ip-frames';
import { impairmentOf } from './impairments';
import { fromHex } from './room-harness';

/** Ten million in `npm run soak`. */
const FRAMES = Number(process.env['TRAFFIC_FRAMES'] ?? 1_000_000);
/** Bytes that the measurement itself allocates. Sixteen bytes a frame would be a hundred times as much. */
const NOISE_BYTES = 100_000;
const MAX_ROUNDS = 12;
const BURST_FRAMES = 64;
const PORTS = 4;
const SLOT_BYTES = 128;
const HEADROOM_BYTES = 16;
const LENGTH_BYTES = 60;
const HI16 = 0x0002;

/** Change of the heap by a round of frames. */
export interface HeapReport {
  readonly hasGrown: boolean;
  /** Garbage collections while the frames went through. */
  readonly collections: number;
}

export type TrafficName =
  | 'unicast'
  | 'broadcast'
  | 'hub'
  | 'mac-flood'
  | 'moving'
  | 'inspected'
  | 'arp'
  | 'solicitations'
  | 'hooked'
  | 'delayed'
  | 'delayed-in'
  | 'lossy'
  | 'shaped';

interface Traffic {
  readonly options: BridgeOptions;
  /** Impairments of every port. */
  readonly impairment?: string;
  /** Hooks that every frame meets. */
  readonly hooks?: readonly Hook[];
  /** Bytes of every frame, except for those that `address` writes; zeros unless given. */
  readonly frame?: Uint8Array;
  /** Writes the addresses of frame `index` of all. */
  readonly address: (index: number, u16: Uint16Array, at: number) => void;
}

/** A hundred hosts behind each of four ports. */
function amongHosts(index: number, u16: Uint16Array, at: number): void {
  const host = index % 400;
  putMac(u16, at, HI16, ((host * 7 + 1) % 400) + 1);
  putMac(u16, at + 6, HI16, host + 1);
}

const TRAFFIC: Readonly<Record<TrafficName, Traffic>> = {
  unicast: { options: {}, address: amongHosts },
  /** Frames that one hook does not match, one counts and one changes. */
  hooked: {
    options: {},
    hooks: [{ match: 'arp', frame: () => 'drop' }, countingHook(), { frame: changeTtl }],
    frame: fromHex(
      udpFrame({
        ...{ to: BROADCAST, from: BROADCAST, source: '192.0.2.1', destination: '192.0.2.2' },
        ...{ sourcePort: 9, destinationPort: 9, payload: '00'.repeat(18) },
      }),
    ),
    address: amongHosts,
  },
  /** Frames that impairments hold, by each of their effects. */
  delayed: {
    options: {},
    impairment: 'out delay 3ms 2ms 25% distribution normal limit 10000',
    address: amongHosts,
  },
  'delayed-in': { options: {}, impairment: 'in delay 3ms 2ms limit 10000', address: amongHosts },
  lossy: {
    options: {},
    impairment: 'out loss gemodel 1% 10% duplicate 1% corrupt 1% limit 10000',
    address: amongHosts,
  },
  shaped: {
    options: {},
    impairment: 'out delay 3ms reorder 25% 50% gap 5 rate 10mbit limit 10000',
    address: amongHosts,
  },
  hub: { options: { ageingMs: 0 }, address: amongHosts },
  broadcast: {
    options: {},
    address: (index, u16, at) => {
      putMac(u16, at, 0xffff, -1);
      putMac(u16, at + 6, HI16, (index % 400) + 1);
    },
  },
  /** Frames from new addresses only. */
  'mac-flood': {
    options: { fdbMax: 10_000 },
    address: (index, u16, at) => {
      putMac(u16, at, HI16, 1);
      putMac(u16, at + 6, HI16, index + 1_000);
    },
  },
  /** Frames from hosts that have just moved from another port. */
  moving: {
    options: {},
    address: (index, u16, at) => {
      putMac(u16, at, HI16, 2);
      putMac(u16, at + 6, HI16, 0x1000 + ((index >> 2) & 15));
    },
  },
  /** UDP while inspection looks for DHCP in it. */
  inspected: {
    options: { inspect: true },
    frame: fromHex(
      udpFrame({
        ...{ to: BROADCAST, from: BROADCAST, source: '192.0.2.1', destination: '192.0.2.2' },
        ...{ sourcePort: 9, destinationPort: 9, payload: '00'.repeat(18) },
      }),
    ),
    address: amongHosts,
  },
  /** Requests of a hundred hosts behind each port for one bound host. */
  arp: {
    options: {},
    frame: fromHex(arpFrame({ senderMac: NOBODY, senderIp: '198.18.0.0', targetIp: '198.18.0.1' })),
    address: (index, u16, at) => {
      const host = (index % 400) + 1;
      putMac(u16, at + 6, HI16, host);
      putMac(u16, at + 22, HI16, host);
      u16[(at + 30) >> 1] = host;
    },
  },
  /** Solicitations for unbound hosts: a checksum fits one address only. */
  solicitations: {
    options: {},
    frame: fromHex(solicitation({ mac: station(1), source: '2001:db8::1', target: '2001:db8::2' })),
    address: () => undefined,
  },
};

function countingHook(): Hook {
  let counter: HookCounter | undefined;
  return {
    match: 'udp',
    setup: (bridge) => {
      counter = bridge.counter('bytes');
    },
    frame: ({ length, ipv4, vlan }) => {
      if (ipv4?.sourceNumber !== 0 && vlan === undefined) counter?.add(length);
    },
  };
}

function changeTtl({ ipv4 }: FrameView): void {
  if (ipv4 !== undefined) ipv4.ttl = ipv4.ttl === 64 ? 63 : 64;
}

function makeBridge({ options, hooks = [], impairment }: Traffic): Bridge {
  const bridge = new Bridge({ ...options, burst: { receiveFrames: BURST_FRAMES } });
  bridge.connect({ transmit: () => 0 });
  for (let port = 0; port < PORTS; port++) {
    bridge.addPort(port, { name: `tap${port}`, mtuBytes: 1500, takesOffloads: true, isUp: true });
  }
  if (impairment !== undefined) {
    for (let port = 0; port < PORTS; port++) bridge.addImpairment(impairmentOf(impairment, port));
  }
  for (const [index, hook] of hooks.entries()) bridge.loadHook(hookProgram(`hook${index}`, hook));
  return bridge;
}

/** Hands the bridge frames as a driver would: burst after burst, a millisecond apart, never at a whole one. */
function push(
  bridge: Bridge,
  { frame: content, address }: Traffic,
  from: number,
  frames: number,
): void {
  const { burst } = bridge;
  for (let index = from; index < from + frames; index += BURST_FRAMES) {
    for (let frame = 0; frame < BURST_FRAMES; frame++) {
      const at = HEADROOM_BYTES + frame * SLOT_BYTES;
      burst.offset[frame] = at;
      burst.length[frame] = content?.length ?? LENGTH_BYTES;
      if (content !== undefined) burst.u8.set(content, at);
      burst.ingress[frame] = (index + frame) % PORTS;
      address(index + frame, burst.u16, at);
    }
    burst.clock[0] = index / BURST_FRAMES + 0.25;
    bridge.handleBurst(BURST_FRAMES);
    if (index % 16_384 === 0) bridge.tick();
  }
}

async function measure(work: () => void): Promise<HeapReport> {
  const collectedAtMs: number[] = [];
  const observer = new PerformanceObserver((list) => {
    collectedAtMs.push(...list.getEntries().map(({ startTime }) => startTime));
  });
  observer.observe({ entryTypes: ['gc'] });
  const startMs = performance.now();
  const before = getHeapStatistics().used_heap_size;
  work();
  const grownBytes = getHeapStatistics().used_heap_size - before;
  const endMs = performance.now();
  // Collections are told of later, out of the event loop.
  await setTimeout(10);
  observer.disconnect();
  const collections = collectedAtMs.filter((atMs) => atMs >= startMs && atMs <= endMs).length;
  return { hasGrown: grownBytes > NOISE_BYTES, collections };
}

async function main(name: TrafficName): Promise<void> {
  const traffic = TRAFFIC[name];
  const bridge = makeBridge(traffic);
  let report: HeapReport = { hasGrown: true, collections: 0 };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    report = await measure(() => push(bridge, traffic, round * FRAMES, FRAMES));
    if (!report.hasGrown && report.collections === 0) break;
  }
  process.stdout.write(JSON.stringify(report));
}

void main(process.argv[2] as TrafficName);
