/**
 * BPDUs that are damaged at random: the switch never fails, its machines come to rest, ports stay closed unless the tree
 * opens them, and memory is bounded. BPDU_FUZZ_COUNT sets the number of BPDUs, 5,000 by default.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MemorySwitch } from '../support/memory-switch';

const DEFAULT_COUNT = 5_000;
const count = Number(process.env['BPDU_FUZZ_COUNT'] ?? DEFAULT_COUNT);
const path = join(__dirname, '../conformance/bpdus.json');
const { rows } = JSON.parse(readFileSync(path, 'utf8')) as { rows: { readonly hex: string }[] };
const BPDUS = rows.map(({ hex }) => Buffer.from(hex, 'hex'));

/** A generator of numbers, the same in every run. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % limit;
  };
}

/** A BPDU with up to eight other bytes, and perhaps another length. */
function damaged(random: (limit: number) => number): Uint8Array {
  const source = BPDUS[random(BPDUS.length)] ?? new Uint8Array(60);
  const bytes = Uint8Array.from(source);
  for (let index = random(8); index > 0; index--) {
    // The destination address is not changed, so that most of them reach the tree.
    bytes[6 + random(bytes.length - 6)] = random(256);
  }
  const isCut = random(8) === 0;
  return isCut ? bytes.slice(0, 14 + random(bytes.length - 13)) : bytes;
}

test.each(['stp', 'rstp'] as const)('damaged BPDUs do no harm with %s', (stp) => {
  const sw = new MemorySwitch(4);
  sw.bridge.configure({ stp });
  const random = randomFrom(stp.length);
  for (let sent = 0; sent < count; sent++) {
    sw.port(random(3)).send(damaged(random));
    // The host on the last port receives only the BPDUs of the switch.
    if (random(10) === 0) sw.io.advance(250);
    for (const hex of sw.take().flat()) if (!hex.startsWith('0180c2')) throw new Error(hex);
  }
  const state = sw.bridge.rooms.stp.state;
  expect(state?.ports).toHaveLength(4);
  expect(sw.bridge.rooms.stp.endlessCount).toBe(0);
  // After three minutes without BPDUs, the switch is the root again, and all ports forward.
  sw.io.advance(180_000);
  expect(sw.bridge.rooms.stp.state?.rootPort).toBeUndefined();
  expect([...sw.bridge.portStates().values()]).toEqual(Array(4).fill('forwarding'));
});
