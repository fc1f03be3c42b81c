// Opens and closes devices, reads from some of them, and prints as JSON the resources that are left.
//
// usage: node --expose-gc open_close.mjs PERSISTENT_TAP ATTACHED_COUNT TRANSIENT_COUNT
//
// The kernel takes 20 ms to remove a transient device; attaching to a persistent one is quick.

import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { openTap, openTun } from '../../../dist/index.js';

const [name, attachedCount, transientCount] = process.argv.slice(2);
const WARM_UP_COUNT = 500;
const READ_EVERY = 7;

async function openAndClose(open, options, count) {
  for (let number = 0; number < count; number++) {
    const device = open(options);
    const read = number % READ_EVERY === 0 ? device.readBurst() : undefined;
    if (read) await setImmediate();
    device.close();
    await read;
  }
}

/** Collects garbage several times: finalizers run between two turns of the event loop. */
async function measure() {
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc();
    await setImmediate();
  }
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const descriptors = readdirSync('/proc/self/fd').length;
  const threads = readdirSync('/proc/self/task').length;
  return { descriptors, threads, rss, bytes: heapUsed + external + arrayBuffers };
}

await openAndClose(openTap, { name, onlyExisting: true }, WARM_UP_COUNT);
const before = await measure();
await openAndClose(openTap, { name, onlyExisting: true }, Number(attachedCount));
await openAndClose(openTap, {}, Number(transientCount) / 2);
await openAndClose(openTun, {}, Number(transientCount) / 2);
console.log(JSON.stringify({ before, after: await measure() }));
