/**
 * The cost of the data that a second lane would share with the first (docs/adr/0026): a look-up in an
 * FDB that another thread writes, and a punt ring, by which one thread hands frames to another.
 *
 *     node scripts/build.mjs bench
 *     node build/bench/lanes.js
 *
 * A look-up reads three words of one entry, as `src/l2/fdb/table.ts` does, in a table of 65,536
 * stations. The looked-up ones are spread evenly. The punt ring carries the bytes of the frames, because
 * each lane has its own arena.
 */

import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { table } from './control/table';

const SLOTS = 2 ** 17;
const ENTRY_WORDS = 4;
const STATIONS = 65_536;
const LOOKUPS = 200_000;
/** Number of trials. The result is the shortest one, which nothing has interrupted. */
const TRIALS = 60;
/** Words of the shared head: version, positions of the punt ring's producer and consumer, stop. */
const HEAD = { VERSION: 0, PRODUCED: 16, CONSUMED: 32, STOP: 48, WORDS: 64 } as const;

const RING_SLOTS = 1_024;
/** Words of a slot of the punt ring: one for the length, then the frame. */
const RING_SLOT_WORDS = 512;
const RING_FRAMES = 400_000;
/** Frames after which the producer publishes: a burst. */
const BATCH = 64;

interface Shared {
  readonly head: Int32Array;
  readonly fdb: Int32Array;
  readonly ring: Int32Array;
}

function hash(key: number): number {
  return Math.imul(key ^ (key >>> 15), 0x2c1b3c6d) >>> 0;
}

/** Slot of a station. Each station has its own, so that a look-up is one probe. */
function slotOf(station: number): number {
  return ((hash(station) & (STATIONS - 1)) << 1) * ENTRY_WORDS;
}

// Look-ups ----------------------------------------------------------------------------------------

type LookUp = (fdb: Int32Array, head: Int32Array, station: number) => number;

const LOOK_UPS: Readonly<Record<string, LookUp>> = {
  'plain reads': (fdb, _head, station) => {
    const at = slotOf(station);
    if (fdb[at]! !== at || fdb[at + 1]! === 0) return -1;
    return fdb[at + 2]!;
  },
  'atomic reads': (fdb, _head, station) => {
    const at = slotOf(station);
    if (Atomics.load(fdb, at) !== at || Atomics.load(fdb, at + 1) === 0) return -1;
    return Atomics.load(fdb, at + 2);
  },
  'plain reads between two reads of a version': (fdb, head, station) => {
    const at = slotOf(station);
    for (;;) {
      const version = Atomics.load(head, HEAD.VERSION);
      const isThere = fdb[at]! === at && fdb[at + 1]! !== 0;
      const port = isThere ? fdb[at + 2]! : -1;
      if ((version & 1) === 0 && Atomics.load(head, HEAD.VERSION) === version) return port;
    }
  },
};

/** @returns nanoseconds per look-up */
function timeLookUps(lookUp: LookUp, { fdb, head }: Shared): number {
  let shortest = Infinity;
  let sum = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const startNs = process.hrtime.bigint();
    for (let index = 0; index < LOOKUPS; index++) sum += lookUp(fdb, head, index * 7);
    shortest = Math.min(shortest, Number(process.hrtime.bigint() - startNs) / LOOKUPS);
  }
  if (sum < 0) throw new Error('stations are missing from the table');
  return shortest;
}

function fill(fdb: Int32Array): void {
  for (let station = 0; station < 2 * STATIONS; station++) {
    const at = slotOf(station);
    fdb[at] = at;
    fdb[at + 1] = 1;
    fdb[at + 2] = 3;
  }
}

/** Refreshes entries as `learn` does, each between two changes of the version, until the stop word is set. */
function write({ head, fdb }: Shared): void {
  for (let station = 0; Atomics.load(head, HEAD.STOP) === 0; station++) {
    const at = slotOf(station);
    Atomics.add(head, HEAD.VERSION, 1);
    Atomics.store(fdb, at + 3, station);
    Atomics.add(head, HEAD.VERSION, 1);
  }
}

// The punt ring -----------------------------------------------------------------------------------

/** Takes frames out until all have come. */
function consume({ head, ring }: Shared): void {
  const arena = new Int32Array(RING_SLOT_WORDS);
  let consumed = 0;
  while (Atomics.load(head, HEAD.STOP) === 0) {
    const produced = Atomics.load(head, HEAD.PRODUCED);
    for (; consumed !== produced; consumed = (consumed + 1) | 0) {
      const at = (consumed & (RING_SLOTS - 1)) * RING_SLOT_WORDS;
      const words = ring[at]!;
      for (let word = 0; word < words; word++) arena[word] = ring[at + 1 + word]!;
    }
    Atomics.store(head, HEAD.CONSUMED, consumed);
  }
}

/** @returns nanoseconds per frame, until the last one has been taken out */
function timeRing({ head, ring }: Shared, frame: Int32Array): number {
  let shortest = Infinity;
  let produced = Atomics.load(head, HEAD.PRODUCED);
  for (let trial = 0; trial < TRIALS / 10; trial++) {
    const startNs = process.hrtime.bigint();
    for (let index = 1; index <= RING_FRAMES; index++) {
      while (((produced - Atomics.load(head, HEAD.CONSUMED)) | 0) >= RING_SLOTS);
      const at = (produced & (RING_SLOTS - 1)) * RING_SLOT_WORDS;
      ring[at] = frame.length;
      for (let word = 0; word < frame.length; word++) ring[at + 1 + word] = frame[word]!;
      produced = (produced + 1) | 0;
      if (index % BATCH === 0) Atomics.store(head, HEAD.PRODUCED, produced);
    }
    Atomics.store(head, HEAD.PRODUCED, produced);
    while (Atomics.load(head, HEAD.CONSUMED) !== produced);
    shortest = Math.min(shortest, Number(process.hrtime.bigint() - startNs) / RING_FRAMES);
  }
  return shortest;
}

// The program -------------------------------------------------------------------------------------

interface Row {
  readonly title: string;
  /** Task of another thread in the meantime. */
  readonly beside?: 'write' | 'consume';
  readonly isShared: boolean;
  readonly lookUp?: keyof typeof LOOK_UPS;
  readonly frameBytes?: number;
}

const ROWS: readonly Row[] = [
  ...Object.keys(LOOK_UPS).flatMap((lookUp): Row[] => [
    { title: `look-up, ${lookUp}, memory of its own`, lookUp, isShared: false },
    { title: `look-up, ${lookUp}, shared memory`, lookUp, isShared: true },
    { title: `look-up, ${lookUp}, while another writes`, lookUp, isShared: true, beside: 'write' },
  ]),
  ...[60, 1_514].map((frameBytes): Row => {
    return { title: `ring, ${frameBytes} bytes`, frameBytes, isShared: true, beside: 'consume' };
  }),
];

interface Task {
  readonly role: 'measure' | 'write' | 'consume';
  readonly row: Row;
  readonly shared: Shared;
}

function share(isShared: boolean): Shared {
  const memory = (bytes: number): ArrayBufferLike =>
    isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return {
    head: new Int32Array(new SharedArrayBuffer(HEAD.WORDS * 4)),
    fdb: new Int32Array(memory(SLOTS * ENTRY_WORDS * 4)),
    ring: new Int32Array(memory(RING_SLOTS * RING_SLOT_WORDS * 4)),
  };
}

function measure({ lookUp, frameBytes }: Row, shared: Shared): number {
  if (frameBytes !== undefined) {
    return timeRing(shared, new Int32Array(Math.ceil(frameBytes / 4)));
  }
  fill(shared.fdb);
  return timeLookUps(LOOK_UPS[lookUp!]!, shared);
}

/** Measures a row in its own threads, so that V8 compiles for this row alone. */
async function run(row: Row): Promise<number> {
  const shared = share(row.isShared);
  const start = (role: Task['role']): Worker =>
    new Worker(__filename, { workerData: { role, row, shared } satisfies Task });
  const companion = row.beside && start(row.beside);
  const measuring = start('measure');
  const [ns] = (await once(measuring, 'message')) as [number];
  Atomics.store(shared.head, HEAD.STOP, 1);
  if (companion) await once(companion, 'exit');
  return ns;
}

async function main(): Promise<void> {
  const rows: string[][] = [];
  for (const row of ROWS) rows.push([row.title, (await run(row)).toFixed(1)]);
  process.stdout.write(`${table(['what', 'ns'], rows).join('\n')}\n`);
}

function work({ role, row, shared }: Task): void {
  if (role === 'write') write(shared);
  else if (role === 'consume') consume(shared);
  else parentPort!.postMessage(measure(row, shared));
}

if (isMainThread) void main();
else work(workerData as Task);
