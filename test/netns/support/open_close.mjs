// Opens and closes devices, reads from some of them, and prints as JSON what is left of that.
//
// usage: node --expose-gc open_close.mjs PERSISTENT_TAP ATTACHED_COUNT TRANSIENT_COUNT
//
// A transient device takes the kernel 20 ms to unmake; attaching to one that stays is quick.

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

/** Finalizers run between two turns of the event loop, and free what the next collection sees. */
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
