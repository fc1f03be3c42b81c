/**
 * The measured process of `group-memory`, which loads one build of the package.
 *
 *     node --expose-gc group-memory.js MODULE
 *
 * It prints one line of JSON: bytes, and the number of memberships that take them.
 */

import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { BURST_FRAMES, BurstWriter } from './burst-writer';
import { ANSWERS_MS, GROUPS, dataTo, join } from './groups';
import { type Bridge, type Library, requireLibrary } from './library';

export interface GroupMemory {
  readonly bytes: number;
  readonly memberships: number;
}

const PORTS = 256;
const START_MS = 1_000;

/** Collections until all garbage is gone: the memory of arrays is given back between tasks, after they were collected. */
const COLLECTIONS = 5;

/** Bytes of the heap and of what it refers to outside, without garbage. */
async function bytesInUse(): Promise<number> {
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    globalThis.gc!();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measure({ Bridge, MemoryIo }: Library): Promise<GroupMemory> {
  const bridge = new Bridge({});
  bridge.configure({ mcastSnooping: true, mcastQuerier: true });
  const io = new MemoryIo(bridge);
  for (let port = 0; port < PORTS; port++) io.port(`tap${port}`);
  let copies = 0;
  const transmit = (): number => {
    copies += bridge.burst.txCount;
    return 0;
  };
  bridge.connect({ transmit });
  wait(bridge, START_MS);
  wait(bridge, ANSWERS_MS);
  const writer = new BurstWriter(bridge.burst);
  const send = (port: number, frameOf: (group: number) => Uint8Array): void => {
    for (let first = 0; first < GROUPS; first += BURST_FRAMES) {
      const count = Math.min(BURST_FRAMES, GROUPS - first);
      for (let frame = 0; frame < count; frame++) writer.put(frame, port, frameOf(first + frame));
      bridge.handleBurst(count);
    }
  };
  const before = await bytesInUse();
  // A port finds its place in the chain of a group at once if it is before the others.
  for (let port = PORTS - 1; port >= 0; port--) send(port, (group) => join(port, group));
  copies = 0;
  send(0, dataTo);
  const bytes = (await bytesInUse()) - before;
  if (copies !== GROUPS * (PORTS - 1)) {
    throw new Error(
      `${copies} copies of ${GROUPS} frames to ${PORTS} members each left the switch`,
    );
  }
  return { bytes, memberships: PORTS * GROUPS };
}

function wait(bridge: Bridge, forMs: number): void {
  const { clock } = bridge.burst;
  clock[0] = clock[0]! + forMs;
  bridge.tick();
}

async function main(): Promise<void> {
  const exported: unknown = createRequire(__filename)(resolve(process.argv[2]!));
  const library = requireLibrary(exported);
  // The first round compiles the code.
  await measure(library);
  process.stdout.write(`${JSON.stringify(await measure(library))}\n`);
}

void main();
