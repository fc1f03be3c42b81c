/** Super-frames and open checksums: they are sent as they are to ports with offloads, and as plain frames to all others. */

import { describe, expect, test } from '@jest/globals';
import { VNET_HEADER_BYTES } from '../../../src/wire/virtio';
import { Errno } from '../../../src/frame/transmitter';
import { BROADCAST, ethernet, ethernetOf, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { fromHex, toHex } from '../../support/room-harness';
import { keyOf } from '../../support/rooms';
import {
  type SuperFrame,
  type VnetFields,
  buildSuperFrame,
  expectedSegments,
  vnetHeader,
} from '../../support/super-frame';

const PLAIN = '00'.repeat(VNET_HEADER_BYTES);

const SPEC: SuperFrame = {
  ipVersion: 4,
  transport: 'tcp',
  payloadBytes: 5_000,
  gsoSizeBytes: 1_448,
};
const SUPER = buildSuperFrame(SPEC);
const SEGMENTS = expectedSegments(SPEC).map(toHex);

/** UDP from 192.0.2.1 to 198.51.100.2 whose checksum covers the pseudo header only. */
const OPEN = {
  vnet: vnetHeader({ flags: 1, csumStart: 34, csumOffset: 6 }),
  ethernet: 'ffffffffffff 02000000000a 0800',
  ipv4: '4500 001e 1234 4000 4011 3c64 c0000201 c6336402',
  udp: '9c40 1451 000a',
  partialChecksum: 'ec52',
  fullChecksum: '01af',
  payload: '6162',
};
const OPEN_FRAME = OPEN.ethernet + OPEN.ipv4 + OPEN.udp + OPEN.partialChecksum + OPEN.payload;
const COMPLETE_FRAME = OPEN.ethernet + OPEN.ipv4 + OPEN.udp + OPEN.fullChecksum + OPEN.payload;

/** Port 0 sends; ports 1 and 3 take offloads, port 2 does not. */
function mixed(): MemorySwitch {
  const sw = new MemorySwitch(2, {}, { takesOffloads: true });
  sw.addPort();
  sw.addPort({ takesOffloads: true });
  return sw;
}

function headers(sw: MemorySwitch, id: number): string[] {
  return sw.port(id).receivedHeaders.map(toHex);
}

describe('a super-frame', () => {
  test('goes whole to ports with offloads, and in segments to the others', () => {
    const sw = mixed();
    sw.port(0).sendOffloaded(SUPER.vnet, SUPER.frame);
    expect([1, 3].map((id) => headers(sw, id))).toEqual([[toHex(SUPER.vnet)], [toHex(SUPER.vnet)]]);
    const whole = [toHex(SUPER.frame)];
    expect(sw.take()).toEqual([[], whole, SEGMENTS, whole]);
    expect(sw.counts(2)).toEqual({
      'tx-frames': SEGMENTS.length,
      'tx-bytes': SEGMENTS.join('').length / 2,
    });
    expect(sw.counts(3)).toEqual({ 'tx-frames': 1, 'tx-bytes': SUPER.frame.length });
  });

  test.each<SuperFrame>([
    { ...SPEC, ipVersion: 6, gsoSizeBytes: 1_428 },
    { ...SPEC, transport: 'udp', gsoSizeBytes: 1_400 },
    { ...SPEC, tags: [[0x8100, 5]] },
    { ...SPEC, payloadBytes: 60_000, gsoSizeBytes: 536 },
  ])('%j becomes its segments', (spec) => {
    const sw = mixed();
    const { vnet, frame } = buildSuperFrame(spec);
    sw.port(0).sendOffloaded(vnet, frame);
    expect(sw.take()[2]).toEqual(expectedSegments(spec).map(toHex));
  });

  test('keeps its place in the order of frames', () => {
    const sw = mixed();
    const { to, from } = { to: BROADCAST, from: station(1) };
    const [before, behind] = ['b0b0', 'b1b1'].map((payload) => ethernet({ to, from, payload }));
    const plain = new Uint8Array(VNET_HEADER_BYTES);
    sw.io.enqueue(sw.port(0), { bytes: before as Uint8Array, vnetHeader: plain });
    sw.io.enqueue(sw.port(0), { bytes: SUPER.frame, vnetHeader: SUPER.vnet });
    sw.io.enqueue(sw.port(0), { bytes: behind as Uint8Array, vnetHeader: plain });
    sw.io.run();
    const [, whole, segmented] = sw.take();
    const around = [before, behind].map((frame) => toHex(frame as Uint8Array));
    expect(whole).toEqual([around[0], toHex(SUPER.frame), around[1]]);
    expect(segmented).toEqual([around[0], ...SEGMENTS, around[1]]);
  });

  const FITS = { flags: 1, gsoType: 1, gsoSizeBytes: 1_448, csumStart: 34, csumOffset: 16 };
  test.each([
    ['IPv6 said of IPv4', { ...FITS, gsoType: 4 }],
    ['UDP said of TCP', { ...FITS, gsoType: 5 }],
    ['a kind that nobody knows', { ...FITS, gsoType: 2 }],
    ['segments of no length', { ...FITS, gsoSizeBytes: 0 }],
    ['a checksum that begins at an inner header', { ...FITS, csumStart: 84 }],
    ['a checksum that lies elsewhere', { ...FITS, csumOffset: 6 }],
  ])(
    'with a vnet header that does not fit it is dropped, and its source is not learned: %s',
    (_, fields) => {
      const sw = mixed();
      sw.port(0).sendOffloaded(vnetHeader(fields), SUPER.frame);
      expect(sw.take()).toEqual([[], [], [], []]);
      expect(sw.allDrops()).toEqual({ 0: { 'malformed-offload': 1 } });
      expect(sw.stations()).toEqual({});
    },
  );
});

describe('an open checksum', () => {
  test('stays open for ports with offloads, and is completed for the others', () => {
    const sw = mixed();
    sw.port(0).sendOffloaded(OPEN.vnet, fromHex(OPEN_FRAME));
    expect(headers(sw, 1)).toEqual([toHex(OPEN.vnet)]);
    const [open, complete] = [OPEN_FRAME, COMPLETE_FRAME].map((frame) => [toHex(fromHex(frame))]);
    expect(sw.take()).toEqual([[], open, complete, open]);
  });
});

describe('an odd checksum', () => {
  test.each([
    ['before the payload', { flags: 1, csumStart: 12, csumOffset: 0 }],
    ['behind the end', { flags: 1, csumStart: 34, csumOffset: 9 }],
    ['far behind the end', { flags: 1, csumStart: 0xffff, csumOffset: 0xffff }],
    ['of the addresses in the IP header', { flags: 1, csumStart: 26, csumOffset: 0 }],
    ['in place of the protocol', { flags: 1, csumStart: 22, csumOffset: 0 }],
    ['in place of the port', { flags: 1, csumStart: 34, csumOffset: 2 }],
  ])('is dropped: %s', (_, fields) => {
    const sw = mixed();
    sw.port(0).sendOffloaded(vnetHeader(fields), fromHex(OPEN_FRAME));
    expect(sw.take()).toEqual([[], [], [], []]);
    expect(sw.allDrops()).toEqual({ 0: { 'malformed-offload': 1 } });
  });

  /** An ARP request, whose sender address inspection has read before. */
  test.each([
    ['ARP', '0806'],
    ['ARP behind a tag', '8100 0000 0806'],
    ['SNAP', '0040'],
    ['another tag', '9100 0000 88b5'],
    ['IPv4 in a wrong version', '0800 65'],
  ])('is dropped: in %s', (_, type) => {
    const sw = mixed();
    const frame = fromHex(`ffffffffffff 02000000000a ${type} ${'00'.repeat(50)}`);
    sw.port(0).sendOffloaded(vnetHeader({ flags: 1, csumStart: 20, csumOffset: 10 }), frame);
    expect(sw.take()).toEqual([[], [], [], []]);
    expect(sw.allDrops()).toEqual({ 0: { 'malformed-offload': 1 } });
  });

  test('of another protocol must not be in the EtherType behind a tag', () => {
    const sw = mixed();
    const frame = fromHex(`ffffffffffff 02000000000a 8100 0000 88b5 ${'00'.repeat(50)}`);
    sw.port(0).sendOffloaded(vnetHeader({ flags: 1, csumStart: 16, csumOffset: 0 }), frame);
    expect(sw.allDrops()).toEqual({ 0: { 'malformed-offload': 1 } });
  });

  test('of another protocol than TCP and UDP is completed too', () => {
    const sw = mixed();
    const vnet = vnetHeader({ flags: 1, csumStart: 14, csumOffset: 4 });
    const frame = fromHex('ffffffffffff 02000000000a 88b5' + '0001 0002 0000');
    sw.port(0).sendOffloaded(vnet, frame);
    const whole = [toHex(frame)];
    const complete = [toHex(fromHex('ffffffffffff 02000000000a 88b5' + '0001 0002 fffc'))];
    expect(sw.take()).toEqual([[], whole, complete, whole]);
  });
});

describe('a plain frame', () => {
  test('has a zero header, on its way from and to ports of either kind', () => {
    const sw = mixed();
    const frame = ethernetOf(60, BROADCAST, station(1));
    for (const id of [0, 2]) sw.port(id).send(frame);
    expect([0, 1, 3].map((id) => headers(sw, id))).toEqual([
      [PLAIN],
      [PLAIN, PLAIN],
      [PLAIN, PLAIN],
    ]);
  });

  test('keeps the flag that its checksum was verified', () => {
    const sw = mixed();
    const dataValid = vnetHeader({ flags: 2 });
    const frame = ethernetOf(60, BROADCAST, station(1));
    sw.port(0).sendOffloaded(dataValid, frame);
    expect(headers(sw, 1)).toEqual([toHex(dataValid)]);
    expect(sw.take()[2]).toEqual([toHex(frame)]);
  });
});

describe('a kernel that refuses an offload', () => {
  /** As write(2) on such a TAP: EINVAL for a frame whose vnet header asks for work. */
  function refusing(sw: MemorySwitch, ...ids: readonly number[]): void {
    sw.intercept((pass) => {
      const { burst } = sw.bridge;
      const { txCount, txPort, txFrame, txStatus } = burst;
      const isRefused = Array.from({ length: txCount }, (_, entry) => {
        const at = burst.offset[txFrame[entry] as number] as number;
        return ids.includes(txPort[entry] as number) && burst.u8[at - VNET_HEADER_BYTES] !== 0;
      });
      const refusedCount = isRefused.filter(Boolean).length;
      // A port in memory takes every frame: the test takes the refused frames out again.
      const before = ids.map((id) => sw.port(id).received.length);
      const failed = pass();
      for (const [at, id] of ids.entries()) {
        const port = sw.port(id);
        const toPort = isRefused.filter((_, entry) => txPort[entry] === id);
        const first = before[at] as number;
        port.received = port.received.filter((_, index) => index < first || !toPort[index - first]);
      }
      isRefused.forEach((refused, entry) => {
        if (refused) txStatus[entry] = Errno.EINVAL;
      });
      return failed + refusedCount;
    });
  }

  test('gets plain frames from then on, beginning with the one that it refused', () => {
    const sw = mixed();
    refusing(sw, 1);
    sw.port(0).sendOffloaded(SUPER.vnet, SUPER.frame);
    const whole = [toHex(SUPER.frame)];
    expect(sw.take()).toEqual([[], SEGMENTS, SEGMENTS, whole]);
    sw.port(0).sendOffloaded(SUPER.vnet, SUPER.frame);
    expect(sw.take()).toEqual([[], SEGMENTS, SEGMENTS, whole]);
    expect(sw.allDrops()).toEqual({});
    expect(sw.counts(1)).toEqual({
      'tx-frames': 2 * SEGMENTS.length,
      'tx-bytes': SEGMENTS.join('').length,
    });
  });

  test('gets offloads again after a minute, then after two, and an hour at most', () => {
    const sw = mixed();
    refusing(sw, 1);
    const pausesMs: number[] = [];
    for (let turn = 0; turn < 9; turn++) {
      sw.port(0).sendOffloaded(SUPER.vnet, SUPER.frame);
      expect(sw.take()[1]).toEqual(SEGMENTS);
      const began = sw.nowMs;
      while (!sw.bridge.ports.takesOffloads(1)) sw.io.advance(1_000);
      pausesMs.push(sw.nowMs - began);
    }
    const minutes = pausesMs.map((pauseMs) => Math.round(pauseMs / 60_000));
    expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(sw.events('offload-refused')).toHaveLength(9);
    // The port has kept its offloads for as long as its last pause was.
    sw.io.advance(3_600_000);
    sw.port(0).sendOffloaded(SUPER.vnet, SUPER.frame);
    sw.io.advance(61_000);
    expect(sw.bridge.ports.takesOffloads(1)).toBe(true);
  });

  test('of a port whose offloads are switched off gets no offloads again', () => {
    const sw = mixed();
    refusing(sw, 1);
    sw.port(0).sendOffloaded(SUPER.vnet, SUPER.frame);
    sw.bridge.setPortOffloads(1, false);
    sw.io.advance(120_000);
    expect(sw.bridge.ports.takesOffloads(1)).toBe(false);
  });

  const LONG_HEADERS: SuperFrame = {
    ...SPEC,
    ipVersion: 6,
    ipv6Extensions: [{ type: 0, body: Array<number>(254).fill(0) }],
  };
  const odd = (fields: VnetFields, frame: Uint8Array) => ({ vnet: vnetHeader(fields), frame });
  const GIANT = new Uint8Array(65_538).fill(0x5a);
  GIANT.set(fromHex('ffffffffffff 02000000000a 88b5 45'));
  test.each([
    ['a checksum just below 64 KiB', odd({ flags: 1, csumStart: 65_500, csumOffset: 6 }, GIANT)],
    [
      'headers longer than the frame',
      odd({ flags: 1, csumStart: 34, csumOffset: 6, headerBytes: 60_000 }, fromHex(OPEN_FRAME)),
    ],
    ['headers longer than any', buildSuperFrame(LONG_HEADERS)],
    [
      'segments longer than the frame',
      odd(
        { flags: 1, gsoType: 1, gsoSizeBytes: 0xffff, csumStart: 34, csumOffset: 16 },
        SUPER.frame,
      ),
    ],
  ])('is not taken at its word for an odd frame, which alone is lost: %s', (_, { vnet, frame }) => {
    const sw = new MemorySwitch(4, {}, { takesOffloads: true, mtuBytes: 65_521 });
    refusing(sw, 1, 2, 3);
    sw.port(0).sendOffloaded(vnet, frame);
    expect(sw.take()).toEqual([[], [], [], []]);
    const lost = { 'write-failed': 1 };
    expect(sw.allDrops()).toEqual({ 1: lost, 2: lost, 3: lost });
    expect([1, 2, 3].map((id) => sw.bridge.ports.takesOffloads(id))).toEqual([true, true, true]);
    expect(sw.events('offload-refused')).toEqual([]);
  });

  test('is reported once', () => {
    const sw = mixed();
    refusing(sw, 1);
    const burst = Array.from({ length: 5 }, () => ({ bytes: SUPER.frame, vnetHeader: SUPER.vnet }));
    for (const sent of burst) sw.io.enqueue(sw.port(0), sent);
    sw.io.run();
    expect(sw.events('offload-refused')).toMatchObject([{ port: 1, fromPort: -1 }]);
    expect(sw.take()[1]).toEqual(burst.flatMap(() => SEGMENTS));
  });

  test('loses no frame and damages no other frame, however small the burst', () => {
    const sw = new MemorySwitch(
      6,
      { burst: { madeFrames: 2, txEntries: 3, receiveFrames: 8 } },
      { takesOffloads: true },
    );
    refusing(sw, 1);
    const plain = ethernet({ to: BROADCAST, from: station(1), payload: 'b0b0' });
    sw.io.enqueue(sw.port(0), { bytes: SUPER.frame, vnetHeader: SUPER.vnet });
    sw.io.enqueue(sw.port(0), { bytes: plain, vnetHeader: new Uint8Array(VNET_HEADER_BYTES) });
    sw.io.run();
    const [, refuser, ...others] = sw.take();
    expect([...(refuser ?? [])].sort()).toEqual([...SEGMENTS, toHex(plain)].sort());
    for (const received of others) expect(received).toEqual([toHex(SUPER.frame), toHex(plain)]);
  });

  test('cannot damage a frame of the switch that is being sent to all', () => {
    const sw = new MemorySwitch(
      8,
      { burst: { madeFrames: 3, txEntries: 4 }, mac: { hi16: 0x0002, lo32: 0x99000000 | 0 } },
      { takesOffloads: true },
    );
    sw.bridge.rooms.arp.addresses.add(keyOf('192.0.2.254'), sw.nowMs);
    sw.io.advance(5_000);
    sw.take();
    refusing(sw, 1);
    // A defence of the address, which goes to all, follows a super-frame into the same burst.
    const intruder = ethernet({
      to: BROADCAST,
      from: station(5),
      type: '0806',
      payload: '0001 0800 06 04 0001' + station(5) + 'c00002fe' + '000000000000' + 'c00002fe',
    });
    sw.bridge.fdb.addStatic(0x0002, 0x0b000000, 0, 1, 0);
    sw.io.enqueue(sw.port(0), { bytes: SUPER.frame, vnetHeader: SUPER.vnet });
    sw.io.enqueue(sw.port(0), { bytes: intruder, vnetHeader: new Uint8Array(VNET_HEADER_BYTES) });
    sw.io.run();
    const announcement = toHex(
      ethernet({
        to: BROADCAST,
        from: '020000000099',
        type: '0806',
        payload: '0001 0800 06 04 0001 020000000099 c00002fe 000000000000 c00002fe',
      }),
    );
    const out = sw.take();
    const received = out.map((frames) => frames.filter((frame) => frame === announcement).length);
    expect(received).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    const expected = [announcement, toHex(intruder), toHex(SUPER.frame), ...SEGMENTS];
    expect(out.flat().filter((frame) => !expected.includes(frame))).toEqual([]);
    expect(printed(station(5)) in sw.stations()).toBe(true);
  });

  test('for another reason than an offload counts the frame, and keeps the offloads', () => {
    const sw = mixed();
    const failOnce = [Errno.EINVAL];
    sw.intercept((pass) => {
      const failed = pass();
      sw.bridge.burst.txStatus[0] = failOnce.pop() ?? 0;
      return failed + (sw.bridge.burst.txStatus[0] === 0 ? 0 : 1);
    });
    sw.port(0).send(ethernetOf(60, BROADCAST, station(1)));
    expect(sw.allDrops()).toEqual({ 1: { 'write-failed': 1 } });
    expect(sw.events('offload-refused')).toEqual([]);
    sw.take();
    sw.port(0).sendOffloaded(SUPER.vnet, SUPER.frame);
    expect(sw.take()[1]).toEqual([toHex(SUPER.frame)]);
  });
});
