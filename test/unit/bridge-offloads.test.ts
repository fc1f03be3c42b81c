/** What becomes of super-frames and open checksums: whole to whom asked, plain to all others. */

import { describe, expect, test } from '@jest/globals';
import { VNET_HEADER_BYTES } from '../../src/l2/burst';
import { Errno } from '../../src/l2/transmitter';
import { BROADCAST, ethernet, ethernetOf, printed, station } from '../support/ethernet';
import { MemorySwitch } from '../support/memory-switch';
import { fromHex, toHex } from '../support/room-harness';
import {
  type SuperFrame,
  buildSuperFrame,
  expectedSegments,
  vnetHeader,
} from '../support/super-frame';

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
  test('travels whole to ports that asked for it, and in segments to the others', () => {
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

  test('keeps its place between the frames before and behind it', () => {
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

  test('whose vnet header does not fit it reaches those who take it as it is', () => {
    const sw = mixed();
    const vnet = vnetHeader({
      flags: 1,
      gsoType: 4,
      gsoSizeBytes: 1_448,
      csumStart: 34,
      csumOffset: 16,
    });
    sw.port(0).sendOffloaded(vnet, SUPER.frame.subarray(0, 1_000));
    const whole = [toHex(SUPER.frame.subarray(0, 1_000))];
    expect(sw.take()).toEqual([[], whole, [], whole]);
    expect(sw.allDrops()).toEqual({ 2: { 'malformed-offload': 1 } });
  });
});

describe('an open checksum', () => {
  test('stays open for ports that asked for it, and is completed for the others', () => {
    const sw = mixed();
    sw.port(0).sendOffloaded(OPEN.vnet, fromHex(OPEN_FRAME));
    expect(headers(sw, 1)).toEqual([toHex(OPEN.vnet)]);
    const [open, complete] = [OPEN_FRAME, COMPLETE_FRAME].map((frame) => [toHex(fromHex(frame))]);
    expect(sw.take()).toEqual([[], open, complete, open]);
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

  test('keeps the word that its checksum was found right', () => {
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
  function refusing(sw: MemorySwitch, id: number): void {
    sw.intercept((pass) => {
      const { burst } = sw.bridge;
      const { txCount, txPort, txFrame, txStatus } = burst;
      const isRefused = Array.from({ length: txCount }, (_, entry) => {
        const at = burst.offset[txFrame[entry] as number] as number;
        return txPort[entry] === id && burst.u8[at - VNET_HEADER_BYTES] !== 0;
      });
      const refusedCount = isRefused.filter(Boolean).length;
      // The port in memory takes everything: what is refused is taken out again.
      const port = sw.port(id);
      const before = port.received.length;
      const failed = pass();
      const toPort = isRefused.filter((_, entry) => txPort[entry] === id);
      port.received = port.received.filter((_, index) => index < before || !toPort[index - before]);
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

  test('is reported once', () => {
    const sw = mixed();
    refusing(sw, 1);
    const burst = Array.from({ length: 5 }, () => ({ bytes: SUPER.frame, vnetHeader: SUPER.vnet }));
    for (const sent of burst) sw.io.enqueue(sw.port(0), sent);
    sw.io.run();
    expect(sw.events('offload-refused')).toMatchObject([{ port: 1, fromPort: -1 }]);
    expect(sw.take()[1]).toEqual(burst.flatMap(() => SEGMENTS));
  });

  test('loses nothing, and spoils nothing of the others, however small the room', () => {
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

  test('cannot spoil a frame of the switch itself that is on its way to all', () => {
    const sw = new MemorySwitch(
      8,
      { burst: { madeFrames: 3, txEntries: 4 }, mac: { hi16: 0x0002, lo32: 0x99000000 | 0 } },
      { takesOffloads: true },
    );
    sw.bridge.rooms.arp.own.add(0xc00002fe | 0, sw.nowMs);
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

  test('for another cause than an offload is counted, and asked no less for offloads', () => {
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
