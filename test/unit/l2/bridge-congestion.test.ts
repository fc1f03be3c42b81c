/** A port that cannot take a frame loses that frame, which is counted, and delays no other port. */

import { describe, expect, test } from '@jest/globals';
import { Errno } from '../../../src/frame/transmitter';
import { BROADCAST, ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';

const numbered = (index: number): Uint8Array =>
  ethernet({ to: BROADCAST, from: station(1), payload: index.toString(16).padStart(4, '0') });

const FRAMES = Array.from({ length: 200 }, (_, index) => numbered(index));

describe('a port that is full', () => {
  /** A switch whose port 1 holds ten frames until the test takes them. */
  function slow(): MemorySwitch {
    const sw = new MemorySwitch(1);
    sw.addPort({ queueFrames: 10 });
    sw.addPort();
    return sw;
  }

  test('loses the frames that do not fit, and counts them', () => {
    const sw = slow();
    const [, full, other] = sw.send(0, ...FRAMES);
    expect(full).toEqual(FRAMES.slice(0, 10).map(toHex));
    expect(other).toEqual(FRAMES.map(toHex));
    expect(sw.allDrops()).toEqual({ 1: { congested: 190 } });
    expect(sw.counts(1)).toEqual({ 'tx-frames': 10, 'tx-bytes': 160 });
    expect(sw.counts(2)).toEqual({ 'tx-frames': 200, 'tx-bytes': 3_200 });
  });

  test('takes frames again as soon as there is room', () => {
    const sw = slow();
    sw.send(0, ...FRAMES);
    const [, received] = sw.send(0, numbered(1_000));
    expect(received).toEqual([toHex(numbered(1_000))]);
  });

  test('does not stop learning, or frames to other ports', () => {
    const sw = slow();
    sw.port(0).send(...FRAMES);
    const answer = ethernet({ to: station(1), from: station(2) });
    sw.port(1).send(answer);
    expect(sw.take()[0]).toEqual([toHex(answer)]);
  });
});

describe('the errno of a write', () => {
  test.each([
    ['EAGAIN', Errno.EAGAIN, 'congested'],
    ['ENOBUFS', Errno.ENOBUFS, 'congested'],
    ['ENOMEM', Errno.ENOMEM, 'congested'],
    ['EIO', Errno.EIO, 'egress-down'],
    ['ENXIO', Errno.ENXIO, 'egress-down'],
    ['ENETDOWN', Errno.ENETDOWN, 'egress-down'],
    ['ENOTCONN', Errno.ENOTCONN, 'egress-down'],
    ['ECONNREFUSED', Errno.ECONNREFUSED, 'egress-down'],
    ['EMSGSIZE', Errno.EMSGSIZE, 'too-long'],
    ['EBADFD', Errno.EBADFD, 'device-gone'],
    ['EINVAL', Errno.EINVAL, 'write-failed'],
    ['EPERM', 1, 'write-failed'],
  ])('%s is counted as a drop at that port: %d, %s', (_, errno, reason) => {
    const sw = new MemorySwitch(4);
    sw.intercept((pass) => {
      const { txStatus, txPort, txCount } = sw.bridge.burst;
      const failed = pass();
      let refused = 0;
      for (let entry = 0; entry < txCount; entry++) {
        if (txPort[entry] !== 2) continue;
        txStatus[entry] = errno;
        refused++;
      }
      return failed + refused;
    });
    sw.send(0, numbered(0), numbered(1));
    expect(sw.allDrops()).toEqual({ 2: { [reason]: 2 } });
    expect([1, 2, 3].map((id) => sw.counts(id)['tx-frames'])).toEqual([2, undefined, 2]);
    // The bridge sends to the port again: only the control plane sets a port down or removes it.
    sw.bridge.connect(sw.io);
    sw.take();
    expect(sw.send(0, numbered(2))[2]).toEqual([toHex(numbered(2))]);
  });
});
