/** Every reason to drop a frame can come about, and is counted at the port where it was decided. */

import { describe, expect, test } from '@jest/globals';
import { DROP_REASONS, DropReason } from '../../../src/l2/drop-reason';
import { PortState } from '../../../src/l2/port-table';
import type { PortVlan } from '../../../src/l2/vlan-table';
import { parseMac, type MacWords } from '../../../src/wire/mac';
import { Errno } from '../../../src/frame/transmitter';
import {
  BROADCAST,
  MULTICAST,
  ethernet,
  ethernetOf,
  printed,
  station,
} from '../../support/ethernet';
import { data } from '../../support/group-frames';
import { impairmentOf } from '../../support/impairments';
import { MemorySwitch } from '../../support/memory-switch';
import { buildSuperFrame, vnetHeader } from '../../support/super-frame';

const SWITCH = '020000000099';
const A = station(0x0a);
const B = station(0x0b);

/** Drops that one frame from port 0 must be counted as. */
interface Case {
  readonly frame: Uint8Array;
  readonly vnetHeader?: Uint8Array;
  readonly prepare?: (sw: MemorySwitch) => void;
  /** The ports at which it is counted, once each. */
  readonly countedAt: readonly number[];
}

const hello = ethernet({ to: BROADCAST, from: A });
const toB = ethernet({ to: B, from: A });

/** Adds a static entry for B on port 1. */
function knowB(sw: MemorySwitch): void {
  sw.bridge.fdb.addStatic(0x0002, 0x0b000000, 0, 1, 0);
}

/** A super-frame to everybody, of so many segments of 8 bytes. */
function broadcastOf(segments: number): Pick<Case, 'frame' | 'vnetHeader'> {
  const built = buildSuperFrame({
    ipVersion: 4,
    transport: 'tcp',
    gsoSizeBytes: 8,
    payloadBytes: 8 * segments,
  });
  built.frame.set(hello.subarray(0, 12));
  return { frame: built.frame, vnetHeader: built.vnet };
}

function failWith(errno: number): (sw: MemorySwitch) => void {
  return (sw) => {
    knowB(sw);
    sw.intercept(() => {
      const { txStatus, txCount } = sw.bridge.burst;
      txStatus.fill(errno, 0, txCount);
      return txCount;
    });
  };
}

/** A frame whose tag has this TCI, hex. */
function inVlan(tci: string, to = BROADCAST): Uint8Array {
  return ethernet({ to, from: A, type: '8100', payload: `${tci}88b500112233` });
}

/** Filters by VLAN. @param vlans of port 0; the others have the default VLAN */
function filter(vlans?: readonly PortVlan[]): (sw: MemorySwitch) => void {
  return ({ bridge }) => {
    bridge.configure({ vlanFiltering: true });
    if (vlans !== undefined) bridge.setPortVlans(0, vlans);
  };
}

/** Impairs frames from port 0 or frames to port 1, and sends frames. */
function impair(words: string, ...frames: Uint8Array[]): (sw: MemorySwitch) => void {
  return (sw) => {
    knowB(sw);
    sw.bridge.addImpairment(impairmentOf(words, words.startsWith('in') ? 0 : 1));
    sw.port(0).send(...frames);
  };
}

const CASES: Readonly<Record<keyof typeof DropReason, Case>> = {
  TooShort: { frame: hello.subarray(0, 13), countedAt: [0] },
  SourceGroup: { frame: ethernet({ to: B, from: '030000000001' }), countedAt: [0] },
  SourceZero: { frame: ethernet({ to: B, from: '000000000000' }), countedAt: [0] },
  SourceIsDestination: { frame: ethernet({ to: A, from: A }), countedAt: [0] },
  SourceIsSwitch: { frame: ethernet({ to: B, from: SWITCH }), countedAt: [0] },
  IngressDown: { frame: hello, prepare: (sw) => sw.port(0).setUp(false), countedAt: [0] },
  Reserved: { frame: ethernet({ to: '0180c200000e', from: A }), countedAt: [0] },
  SamePort: {
    frame: toB,
    prepare: (sw) => sw.port(0).send(ethernet({ to: BROADCAST, from: B })),
    countedAt: [0],
  },
  NoOtherPort: {
    frame: hello,
    prepare: (sw) => [1, 2].forEach((id) => sw.port(id).setUp(false)),
    countedAt: [0],
  },
  ToSwitch: { frame: ethernet({ to: SWITCH, from: A }), countedAt: [0] },
  EgressDown: {
    frame: toB,
    prepare: (sw) => {
      knowB(sw);
      sw.port(1).setUp(false);
    },
    countedAt: [1],
  },
  TooLong: { frame: ethernetOf(1_519, BROADCAST, A), countedAt: [1, 2] },
  Congested: { frame: toB, prepare: failWith(Errno.EAGAIN), countedAt: [1] },
  DeviceGone: { frame: toB, prepare: failWith(Errno.EBADFD), countedAt: [1] },
  WriteFailed: { frame: toB, prepare: failWith(Errno.EINVAL), countedAt: [1] },
  MalformedOffload: {
    frame: hello,
    vnetHeader: vnetHeader({ flags: 1, csumStart: 1_000 }),
    countedAt: [0],
  },
  TooManySegments: { ...broadcastOf(171), countedAt: [1, 2] },
  IngressDiscarding: {
    frame: hello,
    prepare: ({ bridge }) => bridge.setPortState(0, PortState.Discarding),
    countedAt: [0],
  },
  EgressDiscarding: {
    frame: toB,
    prepare: (sw) => {
      knowB(sw);
      sw.bridge.setPortState(1, PortState.Learning);
    },
    countedAt: [1],
  },
  Locked: {
    frame: hello,
    prepare: ({ bridge }) => bridge.configurePort(0, { locked: true }),
    countedAt: [0],
  },
  Isolated: {
    frame: toB,
    prepare: (sw) => {
      knowB(sw);
      for (const port of [0, 1]) sw.bridge.configurePort(port, { isolated: true });
    },
    countedAt: [1],
  },
  StormUnknown: {
    frame: toB,
    prepare: ({ bridge }) => bridge.configurePort(0, { stormUnknown: 0 }),
    countedAt: [0],
  },
  StormMulticast: {
    frame: ethernet({ to: MULTICAST, from: A }),
    prepare: ({ bridge }) => bridge.configurePort(0, { stormMulticast: 0 }),
    countedAt: [0],
  },
  StormBroadcast: {
    frame: hello,
    prepare: ({ bridge }) => bridge.configurePort(0, { stormBroadcast: 0 }),
    countedAt: [0],
  },
  PortSecurity: {
    frame: hello,
    prepare: ({ bridge }) => bridge.configurePort(0, { macAllow: printed(B) }),
    countedAt: [0],
  },
  MalformedTag: { frame: inVlan('').subarray(0, 15), prepare: filter(), countedAt: [0] },
  NoPvid: { frame: hello, prepare: filter([{ vid: 10 }]), countedAt: [0] },
  VlanNotAllowed: { frame: inVlan('000a'), prepare: filter(), countedAt: [0] },
  EgressVlan: {
    frame: inVlan('000a', B),
    prepare: (sw) => {
      sw.bridge.fdb.addStatic(0x0002, 0x0b000000, 10, 1, 0);
      filter([{ vid: 10 }])(sw);
    },
    countedAt: [1],
  },
  NoMember: {
    frame: data('239.1.1.1', '192.0.2.9', { from: 0x0a }),
    prepare: ({ bridge, io }) => {
      bridge.configure({ mcastSnooping: true, mcastQuerier: true });
      io.advance(11_000);
    },
    countedAt: [0],
  },
  ImpairedIn: { frame: hello, prepare: impair('in loss'), countedAt: [0] },
  ImpairedOut: { frame: toB, prepare: impair('out loss'), countedAt: [1] },
  HeldFullIn: { frame: hello, prepare: impair('in delay 1s limit 1', hello), countedAt: [0] },
  HeldFullOut: { frame: toB, prepare: impair('out delay 1s limit 1', toB), countedAt: [1] },
};

const keyOf = (reason: number): keyof typeof DropReason =>
  Object.entries(DropReason).find(([, value]) => value === reason)?.[0] as keyof typeof DropReason;

describe('a drop reason', () => {
  test('has a case in this file, each', () => {
    expect(Object.keys(CASES)).toEqual(Object.keys(DropReason));
    expect(DROP_REASONS.map((_, reason) => keyOf(reason))).toEqual(Object.keys(DropReason));
  });

  test.each(DROP_REASONS.map(({ name, side }, reason) => ({ name, side, reason })))(
    '$name is counted once, at the $side port',
    ({ name, side, reason }) => {
      const { frame, vnetHeader: header, prepare, countedAt } = CASES[keyOf(reason)];
      const sw = new MemorySwitch(3, { mac: parseMac(printed(SWITCH)) as MacWords });
      prepare?.(sw);
      sw.take();
      if (header === undefined) sw.port(0).send(frame);
      else sw.port(0).sendOffloaded(header, frame);

      const expected = Object.fromEntries(countedAt.map((id) => [id, { [name]: 1 }]));
      expect(sw.allDrops()).toEqual(expected);
      expect(countedAt.includes(0)).toBe(side === 'ingress');
      expect(sw.take()).toEqual([[], [], []]);
    },
  );

  test.each([
    ['EIO', 'egress-down'],
    ['ENETDOWN', 'egress-down'],
    ['ENOTCONN', 'egress-down'],
    ['ECONNREFUSED', 'egress-down'],
    ['ENETUNREACH', 'egress-down'],
    ['EHOSTUNREACH', 'egress-down'],
    ['EMSGSIZE', 'too-long'],
    ['ENOBUFS', 'congested'],
  ] as const)('a frame that is refused with %s counts as %s', (code, name) => {
    const sw = new MemorySwitch(3);
    failWith(Errno[code])(sw);
    sw.port(0).send(toB);
    expect(sw.drops(1)).toEqual({ [name]: 1 });
  });
});
