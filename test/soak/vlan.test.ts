/** A gigabyte over a trunk, by tagged super-frames. */

import { afterEach, expect, jest, test } from '@jest/globals';
import { describeNetns } from '../netns/describe-netns';
import { Lab } from '../netns/support/lab';
import { tcpStream } from '../netns/support/tcp-stream';
import { TRUNK_OFFLOADS, connectByTrunk } from '../netns/support/vlan-trunk';

const GIGABYTE = 1_000_000_000;

describeNetns('a gigabyte by TCP between access ports over a trunk', () => {
  jest.setTimeout(300_000);
  const lab = new Lab();
  afterEach(() => lab.clear());

  test.each(TRUNK_OFFLOADS)('arrives as it was sent, $what', async (offloads) => {
    const [near, far] = await connectByTrunk(lab, offloads);
    const there = await tcpStream(near, far, far.ipv4, GIGABYTE);
    expect(there.received).toBe(there.sent);
    const back = await tcpStream(far, near, near.ipv6, GIGABYTE);
    expect(back.received).toBe(back.sent);
  });
});
