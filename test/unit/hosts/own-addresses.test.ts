/** Number of frames that the claims of own addresses make. */

import { describe, expect, test } from '@jest/globals';
import { OwnAddresses } from '../../../src/hosts/own-addresses';
import { type IpKey, formatIpKey, ipKeyOf } from '../../../src/wire/ip-key';
import type { Outbox } from '../../../src/frame/outbox';

const OUTBOX = {} as Outbox;
const SHORT = ipKeyOf([192, 0, 2, 1]);
const LAST = ipKeyOf([192, 0, 2, 2]);

function start() {
  const said: string[] = [];
  const say = (key: IpKey): void => void said.push(formatIpKey(key));
  const own = new OwnAddresses({ news: () => undefined });
  const tick = (nowMs: number): void => own.tick(nowMs, OUTBOX, { probe: say, announce: say });
  return { own, said, tick };
}

describe('own addresses', () => {
  test('up to the maximum are all claimed at once', () => {
    const { own, said, tick } = start();
    for (let index = 0; index < 64; index++) own.add(ipKeyOf([192, 0, 2, index]), 0);
    for (let nowMs = 0; nowMs <= 300; nowMs += 50) tick(nowMs);
    expect(own.list().every(({ state }) => state === 'claimed')).toBe(true);
    for (let nowMs = 350; nowMs <= 3_000; nowMs += 50) tick(nowMs);
    expect(said).toHaveLength(64 * 5);
    expect(own.dueMs).toBe(Infinity);
  });

  test('that are added and removed without end send 32 frames a second, and delay the next claim', () => {
    const { own, said, tick } = start();
    let nowMs = 0;
    for (; nowMs < 10_000; nowMs++) {
      own.add(SHORT, nowMs);
      tick(nowMs);
      own.remove(SHORT);
    }
    expect(said.length).toBeGreaterThan(10 * 32);
    expect(said.length).toBeLessThanOrEqual(65 * 5 + 10 * 32);
    own.add(LAST, nowMs);
    tick(nowMs);
    while (own.dueMs < Infinity) {
      // The time is never in the past, so that the loop, which waits for it, does not spin.
      expect(own.dueMs).toBeGreaterThanOrEqual(nowMs);
      nowMs = Math.ceil(own.dueMs);
      tick(nowMs);
    }
    expect(own.list()).toEqual([{ address: '192.0.2.2', state: 'claimed' }]);
  });
});
