/** The fate of a frame depends on the sequence and on the seed, and not on where the bursts begin and end. */

import { expect, test } from '@jest/globals';
import { HEADROOM_BYTES, RECEIVE_SLOT_BYTES } from '../../../src/frame/burst';
import { Bridge } from '../../../src/l2/bridge';
import { impairmentOf } from '../../support/impairments';

/** `npm run soak` sends a million. */
const FRAMES = Number(process.env['IMPAIRED_FRAMES'] ?? 100_000);
const FRAME_BYTES = 60;
/** Frames that come in a millisecond. */
const FRAMES_PER_MS = 64;
const NUMBER = 14;

/** Hash of what leaves by the second port, and when: each number and its time. */
function fates(burstSize: number, words: string): { hash: number; left: number } {
  const bridge = new Bridge({ burst: { receiveFrames: 64 } });
  const { burst } = bridge;
  const view = new DataView(burst.arena);
  let hash = 0;
  let left = 0;
  bridge.connect({
    transmit: () => {
      for (let entry = 0; entry < burst.txCount; entry++) {
        const at = burst.offset[burst.txFrame[entry] as number] as number;
        const micros = Math.round((burst.clock[0] as number) * 1_000);
        hash = Math.imul(hash ^ view.getUint32(at + NUMBER), 0x01000193);
        hash = Math.imul(hash ^ micros, 0x01000193);
        left++;
      }
      return 0;
    },
  });
  for (const [port, name] of ['a', 'b'].entries()) {
    bridge.addPort(port, { name, mtuBytes: 1_500, takesOffloads: false, isUp: true });
  }
  bridge.fdb.addStatic(0x0002, 0x0b000000, 0, 1, 0);
  bridge.addImpairment(impairmentOf(words, 1));
  const header = Buffer.from('02000000000b02000000000a88b5', 'hex');
  for (let slot = 0; slot < 64; slot++) {
    burst.u8.set(header, slot * RECEIVE_SLOT_BYTES + HEADROOM_BYTES);
  }

  let number = 0;
  for (let ms = 1; number < FRAMES; ms++) {
    while (bridge.heldDueMs < ms) {
      burst.clock[0] = bridge.heldDueMs;
      bridge.release();
    }
    burst.clock[0] = ms;
    let toCome = Math.min(FRAMES_PER_MS, FRAMES - number);
    while (toCome > 0) {
      const count = Math.min(burstSize, toCome);
      for (let frame = 0; frame < count; frame++) {
        const at = frame * RECEIVE_SLOT_BYTES + HEADROOM_BYTES;
        // The header is written each time, because held frames that are sent overwrite the first slots.
        burst.u8.set(header, at);
        view.setUint32(at + NUMBER, number++);
        burst.offset[frame] = at;
        burst.length[frame] = FRAME_BYTES;
        burst.ingress[frame] = 0;
      }
      bridge.handleBurst(count);
      toCome -= count;
    }
  }
  while (bridge.heldDueMs < Infinity) {
    burst.clock[0] = bridge.heldDueMs;
    bridge.release();
  }
  return { hash, left };
}

test('many frames have the same fate in bursts of 1, 7 and 64', () => {
  const words =
    'out delay 1ms 500us 25% distribution normal loss gemodel 1% 20% duplicate 1% corrupt 0.1% reorder 5% seed 7';
  const [one, seven, many] = [1, 7, 64].map((size) => fates(size, words));
  expect(seven).toEqual(one);
  expect(many).toEqual(one);
  // 1 of 21 is lost, and 1 of 100 of the others is doubled.
  expect((one as { left: number }).left / FRAMES).toBeCloseTo((20 / 21) * 1.01, 2);
  expect(fates(64, words.replace('seed 7', 'seed 8'))).not.toEqual(one);
});
