/**
 * More than a million mutated ARP, ND and DHCP frames, and some of ICMP. A frame that a deliberately plain
 * second check calls malformed must lead to no answer, and to no binding or change of one.
 * The rooms must not crash, read beyond the burst of the frame, or need more and more memory.
 */

import { describe, expect, test } from '@jest/globals';
import type { Arp } from '../../src/arp/arp';
import { Dhcp } from '../../src/dhcp/dhcp';
import { EchoResponder } from '../../src/icmp/echo';
import { EchoResponderIpv6 } from '../../src/icmp/echo-ipv6';
import { classify } from '../../src/frame/classify';
import { Burst } from '../../src/frame/burst';
import type { Outbox } from '../../src/frame/outbox';
import type { Nd } from '../../src/nd/nd';
import type { Leases } from '../../src/hosts/leases';
import { station } from '../support/ethernet';
import {
  advertisement,
  arpFrame,
  dhcpMessage,
  icmpv6Frame,
  ipHex,
  ipv6Probe,
  solicitation,
  udpFrame,
  udpV6Frame,
} from '../support/ip-frames';
import { randomFrom } from '../support/random';
import { CountingSink, fromHex, toHex } from '../support/room-harness';
import { SWITCH, inspect, keyOf, makeArp, makeNd, wordsOf } from '../support/rooms';
import {
  isAcceptableArp,
  isAcceptableDhcp,
  isAcceptableNd,
  mendChecksums,
} from '../support/second-opinion';
import { TestTopology } from '../support/topology';

const HOST = station(1);
const OTHER = station(2);
const SERVER = station(3);
const ZERO = '0.0.0.0';

const PORTS = 4;
const MAX_ENTRIES = 256;

const DHCP = { to: HOST, from: SERVER, source: '192.0.2.3', destination: '192.0.2.1' };
const FROM_ROUTER = {
  to: '333300000001',
  from: HOST,
  source: 'fe80::ff:fe00:1',
  destination: 'ff02::1',
};

const ARP_SEEDS = [
  { senderMac: HOST, senderIp: '192.0.2.1', targetIp: '192.0.2.254' },
  { senderMac: HOST, senderIp: '192.0.2.1', targetIp: '192.0.2.2' },
  { senderMac: OTHER, senderIp: '192.0.2.2', targetIp: '192.0.2.2' },
  { senderMac: OTHER, senderIp: ZERO, targetIp: '192.0.2.2' },
  {
    to: SWITCH,
    operation: '0002',
    senderMac: OTHER,
    senderIp: '192.0.2.2',
    targetMac: SWITCH,
    targetIp: '192.0.2.254',
  },
].map(arpFrame);

const ND_SEEDS = [
  solicitation({ mac: HOST, source: '2001:db8::1', target: '2001:db8::fe' }),
  solicitation({ mac: HOST, source: '2001:db8::1', target: '2001:db8::2' }),
  advertisement({ mac: OTHER, target: '2001:db8::2', flags: '20' }),
  ipv6Probe(OTHER, '2001:db8::2'),
  icmpv6Frame({
    ...FROM_ROUTER,
    typeAndCode: '8600',
    body: `40000708 00000000 00000000 0101${HOST}`,
  }),
  icmpv6Frame({ ...FROM_ROUTER, typeAndCode: '8500', body: `00000000 0101${HOST}` }),
  icmpv6Frame({
    ...FROM_ROUTER,
    typeAndCode: '8900',
    body: `00000000${ipHex('2001:db8::1')}${ipHex('2001:db8::2')}`,
  }),
];

const DHCP_SEEDS = [
  udpFrame({
    ...DHCP,
    sourcePort: 67,
    destinationPort: 68,
    payload: dhcpMessage({
      operation: 2,
      clientMac: HOST,
      yourIp: '192.0.2.1',
      options: '0104ffffff00 350105 33040000003c',
    }),
  }),
  udpFrame({
    ...DHCP,
    sourcePort: 68,
    destinationPort: 67,
    payload: dhcpMessage({ operation: 1, clientMac: HOST, options: '350101' }),
  }),
  udpV6Frame({
    ...DHCP,
    source: 'fe80::3',
    destination: 'fe80::1',
    sourcePort: 547,
    destinationPort: 546,
    payload: `07123456 00030028 00000001 00000000 00000000 00050018${ipHex('2001:db8::1')}0000003c0000003c`,
  }),
];

const ECHO_SEEDS = [
  `${SWITCH}${HOST}080045b8001f1234400040 01a2f2c0000201c00002fe08000aeeabcd0001414300`,
  icmpv6Frame({
    ...FROM_ROUTER,
    to: SWITCH,
    source: '2001:db8::1',
    destination: '2001:db8::fe',
    typeAndCode: '8000',
    body: 'abcd0001414300',
  }),
];

const INTERESTING = [0x00, 0x01, 0x06, 0x3a, 0x7f, 0x80, 0xff];

/** Changes a few bytes, and sometimes the length. About one frame in five stays as it is. */
function mutate(seed: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = seed.slice(0, random(4) === 0 ? random(seed.length + 1) : seed.length);
  for (let change = random(4); change > 0 && bytes.length > 0; change--) {
    const at = random(bytes.length);
    bytes[at] = random(2) === 0 ? random(256) : (INTERESTING[random(INTERESTING.length)] as number);
  }
  return bytes;
}

/** The rooms of a switch, and one frame that lies at the very end of the received bytes. */
class Rooms implements Outbox {
  readonly reporter = undefined;
  readonly burst = new Burst({ receiveFrames: 1, receiveBytes: 2048, madeFrames: 8 });
  readonly mac = wordsOf(SWITCH);
  readonly topology = new TestTopology();
  readonly leases: Leases;
  readonly arp: Arp;
  readonly nd: Nd;
  readonly dhcp: Dhcp;
  readonly echo: EchoResponder;
  readonly echoIpv6: EchoResponderIpv6;
  sentCount = 0;
  /** Number of frames that led to a call of a table. */
  learnedCount = 0;

  constructor(isInspecting: boolean) {
    const { mac } = this;
    const counters = { count: () => undefined };
    const neighbours = { maxEntries: MAX_ENTRIES, maxPorts: PORTS };
    const inspection = inspect(new CountingSink(), [0, 1], { ...neighbours, framesPerSecond: 1e9 });
    this.leases = inspection.leases as Leases;
    const options = {
      topology: this.topology,
      mode: 'answer' as const,
      neighbours,
      ...(isInspecting && { inspection }),
    };
    this.arp = makeArp(options);
    this.nd = makeNd(options);
    for (const table of [this.arp.neighbours, this.nd.neighbours]) {
      for (const method of ['observe', 'probed', 'setRouter'] as const) this.watch(table, method);
    }
    this.watch(this.leases, 'grant');
    this.dhcp = new Dhcp({ inspection, topology: this.topology });
    this.echo = new EchoResponder(mac, this.arp.addresses, counters);
    this.echoIpv6 = new EchoResponderIpv6(mac, this.nd.addresses, counters);
    this.topology.place(HOST, 2);
    this.topology.place(OTHER, 3);
    this.arp.addresses.add(keyOf('192.0.2.254'), 0);
    this.nd.addresses.add(keyOf('2001:db8::fe'), 0);
    for (const nowMs of [0, 100, 200, 300]) this.tick(nowMs);
  }

  /** Counts the calls of a table. */
  private watch<M extends string>(table: { [method in M]: (...args: never[]) => void }, method: M) {
    const told = table[method].bind(table);
    table[method] = (...args: never[]): void => {
      this.learnedCount++;
      told(...args);
    };
  }

  tick(nowMs: number): void {
    this.burst.begin(0);
    this.arp.tick(nowMs, this);
    this.nd.tick(nowMs, this);
    this.leases.tick(nowMs);
  }

  receive(bytes: Uint8Array, port: number, nowMs: number): number {
    const { burst } = this;
    burst.clock[0] = nowMs;
    burst.u8.fill(0xa5, 0, 2048);
    burst.u8.fill(0, 6, 16);
    burst.u8.set(bytes, 16);
    burst.offset[0] = 16;
    burst.length[0] = bytes.length;
    burst.ingress[0] = port;
    burst.begin(1);
    classify(burst, this.mac, 0, 1);
    this.sentCount = 0;
    this.learnedCount = 0;
    return 0;
  }

  make(lengthBytes: number): number {
    return this.burst.make(lengthBytes);
  }

  toPort(): void {
    this.sentCount++;
  }

  toLink(): void {
    this.sentCount++;
  }

  toAll(): void {
    this.sentCount++;
  }

  get boundCount(): number {
    return this.arp.neighbours.count + this.nd.neighbours.count;
  }
}

interface Kind {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly handle: (rooms: Rooms, frame: number) => number;
  /** Whether a frame may lead to an answer or a binding. */
  readonly isAcceptable: (bytes: Uint8Array) => boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: 'ARP',
    seeds: ARP_SEEDS,
    handle: (rooms, frame) => rooms.arp.receive(frame, rooms),
    isAcceptable: isAcceptableArp,
  },
  {
    name: 'ND',
    seeds: ND_SEEDS,
    handle: (rooms, frame) => rooms.nd.receive(frame, rooms),
    isAcceptable: isAcceptableNd,
  },
  {
    name: 'DHCP',
    seeds: DHCP_SEEDS,
    handle: (rooms, frame) => rooms.dhcp.receive(frame, rooms),
    isAcceptable: isAcceptableDhcp,
  },
  {
    name: 'echo',
    seeds: ECHO_SEEDS,
    handle: (rooms, frame) =>
      rooms.echo.receive(frame, rooms) + rooms.echoIpv6.receive(frame, rooms),
    isAcceptable: () => true,
  },
];

/** Frames of a run. Each kind has two runs, with and without inspection: 1.2 million mutated frames of the first three. */
const FRAMES_PER_RUN = 250_000;

describe.each(KINDS)('$name', ({ seeds, handle, isAcceptable }) => {
  test.each([false, true])('mutated, inspection %s', (isInspecting) => {
    const rooms = new Rooms(isInspecting);
    const frames = seeds.map(fromHex);
    const random = randomFrom(0x2545f491);
    const wrong: string[] = [];
    let heededCount = 0;
    for (let index = 0; index < FRAMES_PER_RUN; index++) {
      const nowMs = 1_000 + index;
      if (index % 100 === 0) rooms.tick(nowMs);
      const bytes = mutate(frames[random(frames.length)] as Uint8Array, random);
      if (random(2) === 0) mendChecksums(bytes);
      const frame = rooms.receive(bytes, random(PORTS), nowMs);
      handle(rooms, frame);
      const isHeeded = rooms.sentCount > 0 || rooms.learnedCount > 0;
      if (isHeeded) heededCount++;
      if (isHeeded && !isAcceptable(bytes)) wrong.push(toHex(bytes));
    }
    expect(wrong).toEqual([]);
    expect(heededCount).toBeGreaterThan(0);
    expect(rooms.boundCount).toBeLessThanOrEqual(2 * MAX_ENTRIES);
    expect(rooms.leases.count).toBeLessThanOrEqual(MAX_ENTRIES);
  });
});
