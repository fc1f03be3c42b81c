// Opens and closes devices, reads from some of them, and prints as JSON the resources that are left.
//
// The young generation is kept small, or V8 decides by chance how much of it is resident.
//
// usage: node --expose-gc --max-semi-space-size=1 open_close.mjs PERSISTENT_TAP ATTACHED_COUNT TRANSIENT_COUNT
//
// The kernel takes 20 ms to remove a transient device; attaching to a persistent one is quick.

import { readdirSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { openTap, openTun } from '../../../dist/index.js';

const [name, attachedCount, transientCount] = process.argv.slice(2);
const WARM_UP_COUNT = 500;
const READ_EVERY = 7;
const MEASURE_TURNS = 10;
const SWEEP_MS = 20;

async function openAndClose(open, options, count) {
  for (let number = 0; number < count; number++) {
    const device = open(options);
    const read = number % READ_EVERY === 0 ? device.readBurst() : undefined;
    if (read) await setImmediate();
    device.close();
    await read;
  }
}

/**
 * Collects garbage several times: finalizers run between two turns of the event loop. The memory of
 * collected buffers is freed by a thread of V8, which takes its time: the least that is resident
 * counts.
 */
async function measure() {
  let resident = Infinity;
  for (let turn = 0; turn < MEASURE_TURNS; turn++) {
    globalThis.gc();
    await setImmediate();
    await setTimeout(SWEEP_MS);
    resident = Math.min(resident, process.memoryUsage.rss());
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const descriptors = readdirSync('/proc/self/fd').length;
  const threads = readdirSync('/proc/self/task').length;
  return { descriptors, threads, rss: resident, bytes: heapUsed + external + arrayBuffers };
}

await openAndClose(openTap, { name, onlyExisting: true }, WARM_UP_COUNT);
const before = await measure();
await openAndClose(openTap, { name, onlyExisting: true }, Number(attachedCount));
await openAndClose(openTap, {}, Number(transientCount) / 2);
await openAndClose(openTun, {}, Number(transientCount) / 2);
console.log(JSON.stringify({ before, after: await measure() }));
