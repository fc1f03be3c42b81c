/**
 * `node program.js LIBRARY`: a program that sends frames through a switch from one script port to another, both of its
 * own. It prints the readings as JSON.
 */

import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** The part of the package's public interface (`src/index.ts`) that this program uses. */
interface Library {
  readonly startSwitch: (options: object) => Promise<{
    readonly ports: { stream(label: string): Promise<Duplex> };
    stop(): Promise<void>;
  }>;
}

const FRAMES = 1_000_000;
const WARM_UP_FRAMES = 200_000;
/** Frames on their way at most: half of what a ring holds, so that none is dropped. */
const WINDOW_FRAMES = 8_192;
const FRAME_BYTES = 60;
const ETHER_TYPE = 0x88b5;

/** A frame between stations: the last byte of an address is the number of the station. */
function frameBetween(from: number, to: number): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.writeUInt8(0x02, 0);
  frame.writeUInt8(to, 5);
  frame.writeUInt8(0x02, 6);
  frame.writeUInt8(from, 11);
  frame.writeUInt16BE(ETHER_TYPE, 12);
  return frame;
}

async function measure({ startSwitch }: Library): Promise<Record<string, number>> {
  const running = await startSwitch({ ports: ['script:a', 'script:b'], 'loop-guard': false });
  const [a, b] = await Promise.all([
    running.ports.stream('script:a'),
    running.ports.stream('script:b'),
  ]);
  const frame = frameBetween(1, 2);
  let received = 0;
  a.resume();
  b.on('data', () => received++);
  b.write(frameBetween(2, 1));
  const send = async (count: number): Promise<number> => {
    received = 0;
    const began = performance.now();
    for (let sent = 0; sent < count; sent++) {
      if (!a.write(frame)) await once(a, 'drain');
      while (sent - received > WINDOW_FRAMES) await new Promise(setImmediate);
    }
    while (received < count) await new Promise(setImmediate);
    return (count * 1_000) / (performance.now() - began);
  };
  await send(WARM_UP_FRAMES);
  const framesPerSecond = await send(FRAMES);
  await running.stop();
  return { script: framesPerSecond };
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- the library of the tree under test
const library = require(process.argv[2] as string) as Library;
void measure(library).then((readings) => console.log(JSON.stringify(readings)));
