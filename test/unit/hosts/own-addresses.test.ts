/** How many frames the claims of own addresses make. */

import { describe, expect, test } from '@jest/globals';
import { OwnAddresses } from '../../../src/hosts/own-addresses';
import type { Outbox } from '../../../src/frame/outbox';

const OUTBOX = {} as Outbox;

function start() {
  const said: string[] = [];
  const say = ({ text }: { readonly text: string }): void => void said.push(text);
  const own = new OwnAddresses(
    { probe: say, announce: say },
    { claimed: () => undefined, conflict: () => undefined },
  );
  return { own, said };
}

describe('own addresses', () => {
  test('as many as there may be are all claimed at once', () => {
    const { own, said } = start();
    for (let index = 0; index < 64; index++) own.add({ text: `${index}` }, 0);
    for (let nowMs = 0; nowMs <= 300; nowMs += 50) own.tick(nowMs, OUTBOX);
    expect(own.list().every(({ state }) => state === 'claimed')).toBe(true);
    for (let nowMs = 350; nowMs <= 3_000; nowMs += 50) own.tick(nowMs, OUTBOX);
    expect(said).toHaveLength(64 * 5);
    expect(own.dueMs).toBe(Infinity);
  });

  test('that come and go without end send 32 frames a second, and the next is claimed late', () => {
    const { own, said } = start();
    let nowMs = 0;
    for (; nowMs < 10_000; nowMs++) {
      own.add({ text: 'short' }, nowMs);
      own.tick(nowMs, OUTBOX);
      own.remove('short');
    }
    expect(said.length).toBeGreaterThan(10 * 32);
    expect(said.length).toBeLessThanOrEqual(65 * 5 + 10 * 32);
    own.add({ text: 'last' }, nowMs);
    own.tick(nowMs, OUTBOX);
    while (own.dueMs < Infinity) {
      // Never due in the past: who waits for it does not spin.
      expect(own.dueMs).toBeGreaterThanOrEqual(nowMs);
      nowMs = Math.ceil(own.dueMs);
      own.tick(nowMs, OUTBOX);
    }
    expect(own.list()).toEqual([{ address: 'last', state: 'claimed' }]);
  });
});
