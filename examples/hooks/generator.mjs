// A frame generator: it sends a numbered broadcast out of every port, ten times a second. The type is the one for local
// experiments (IEEE 802), so that no host takes the frame for anything.

import { Buffer } from 'node:buffer';

const INTERVAL_MS = 100;
const TYPE = 0x88b5;
const NUMBER_AT = 14;

const bytes = Buffer.alloc(60);
bytes.fill(0xff, 0, 6);
bytes.writeUInt16BE(TYPE, 12);
let number = 0;

export default {
  match: `ether proto ${TYPE}`,

  setup(bridge) {
    const sent = bridge.counter('sent');
    bytes.set(
      bridge.mac.split(':').map((byte) => Number.parseInt(byte, 16)),
      6,
    );
    bridge.every(INTERVAL_MS, () => {
      bytes.writeUInt32BE(number++, NUMBER_AT);
      bridge.send(bytes, { to: [...bridge.ports].filter(({ isUp }) => isUp) });
      sent.add();
    });
  },

  /** Frames of this type that hosts send go nowhere: they would look like those of the generator. */
  frame() {
    return 'drop';
  },
};
