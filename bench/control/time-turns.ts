/**
 * Preloaded into the switch (`node --require`): records for how long each turn of the data plane's loop
 * keeps the next burst waiting, from the return of one wait for frames to the call of the next.
 * Turns that copied a piece of the forwarding database are recorded separately. At the end of the
 * thread the figures are written to the file that TURNS_FILE names.
 *
 * It wraps methods of the built switch; the switch itself has no code for this.
 */

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Nanoseconds. */
export interface Spread {
  count: number;
  p50: number;
  p99: number;
  p999: number;
  max: number;
}

/** Times of the turns of one kind. */
export interface Took {
  /** Times by the wall clock. */
  elapsed: Spread;
  /** CPU times: shorter where another thread had the processor. */
  cpu: Spread;
}

export interface Turns {
  /** Turns that brought frames in and copied nothing. */
  plain: Took;
  /** Turns that copied a piece of the table. */
  copying: Took;
}

/** The two calls that wait for frames. */
interface NativeIo {
  receive: Wait;
  exchange: Wait;
}
type Wait = (this: NativeIo, waitMs: number) => number;
interface Loop {
  copyPiece: (this: Loop) => void;
  run: (this: Loop) => void;
}

const load = createRequire(__filename);
const { cpuNs } = load('../thread-clock.node') as { cpuNs: () => number };
const fromDist = (name: string): unknown => load(join(__dirname, '../../../dist', name));

function timeTurns(): void {
  const { NativeIo } = fromDist('dataplane/native-io.js') as { NativeIo: { prototype: NativeIo } };
  const { Loop } = fromDist('dataplane/loop.js') as { Loop: { prototype: Loop } };
  const { copyPiece, run } = Loop.prototype;
  const plain = new Times();
  const copying = new Times();
  let isCopying = false;
  let hasFrames = false;
  let returnedMs = 0;
  let returnedCpuNs = 0;

  const timed = (wait: Wait): Wait =>
    function (waitMs) {
      const elapsedNs = (performance.now() - returnedMs) * 1e6;
      const ownNs = cpuNs() - returnedCpuNs;
      if (isCopying) copying.note(elapsedNs, ownNs);
      else if (hasFrames) plain.note(elapsedNs, ownNs);
      isCopying = false;
      const result = wait.call(this, waitMs);
      hasFrames = result > 0;
      returnedCpuNs = cpuNs();
      returnedMs = performance.now();
      return result;
    };
  const { receive, exchange } = NativeIo.prototype;
  NativeIo.prototype.receive = timed(receive);
  NativeIo.prototype.exchange = timed(exchange);
  Loop.prototype.copyPiece = function () {
    isCopying = true;
    copyPiece.call(this);
  };
  Loop.prototype.run = function () {
    run.call(this);
    const turns: Turns = { plain: plain.summary(), copying: copying.summary() };
    writeFileSync(process.env['TURNS_FILE']!, JSON.stringify(turns));
  };
}

class Times {
  private readonly elapsed = createHistogram();
  private readonly cpu = createHistogram();

  note(elapsedNs: number, cpuNs: number): void {
    this.elapsed.record(Math.max(1, Math.round(elapsedNs)));
    this.cpu.record(Math.max(1, Math.round(cpuNs)));
  }

  summary(): Took {
    return { elapsed: spreadOf(this.elapsed), cpu: spreadOf(this.cpu) };
  }
}

function spreadOf(histogram: RecordableHistogram): Spread {
  const { count, max } = histogram;
  const [p50, p99, p999] = [50, 99, 99.9].map((share) => histogram.percentile(share)) as [
    number,
    number,
    number,
  ];
  return { count, p50, p99, p999, max };
}

if (!isMainThread) timeTurns();
