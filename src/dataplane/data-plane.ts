/**
 * The data plane as the main thread sees it: commands with promises, events, and counters in shared memory.
 * No frame passes through here.
 */

import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import type { InterfaceCounts } from '../capture/capture-writer';
import { Counters } from '../l2/counters';
import { type FdbEntry, decodeEntries, isAlive } from '../l2/fdb/entry';
import { FdbTotals } from '../l2/fdb/totals';
import { native, type NativeDoorbell } from '../native/native';
import { RequestError } from '../system/request-error';
import { StuckError } from '../system/stuck-error';
import { HookMark } from './hook-mark';
import { HookWatchdog, PATIENCE_SECONDS } from './hook-watchdog';
import { BurstSizes } from './burst-sizes';
import type { PortTrouble } from './native-io';
import type { News, PackedNews } from './news';
import { Shared } from './shared';
import { startThread } from './thread';
import type {
  AnswerTo,
  BridgeSetup,
  Command,
  CommandOf,
  LaneSettings,
  Order,
  Report,
  WorkerSetup,
} from './messages';

interface DataPlaneEvents {
  /** News for the journal. Those of stations come in bulk. */
  news: [news: News | PackedNews];
  /** A port had trouble. A port that has ended is down now. */
  trouble: [trouble: PortTrouble];
  /** There are blocks in the capture ring. */
  capture: [id: number];
  /** No more blocks will come into the capture ring. */
  captureComplete: [id: number, counts: readonly InterfaceCounts[]];
  /** The thread has ended without a command to stop. */
  failed: [error: Error];
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Key of the latest lane of this process. */
let lastKey = 0;

export class DataPlane extends EventEmitter<DataPlaneEvents> {
  readonly counters: Counters;
  readonly burstSizes = new BurstSizes();
  readonly fdbTotals = new FdbTotals();
  /** Kernel id of the thread; undefined before it runs, and where there is no /proc. */
  threadId: number | undefined;
  private readonly key = ++lastKey;
  private readonly hookMark = new HookMark();
  private readonly hookWatchdog = new HookWatchdog(
    this.hookMark,
    () => native().interrupt(this.key),
    (hook) => this.giveUp(hook),
  );
  /** Number of a hook → its name. */
  private readonly hookNames = new Map<number, string>();
  /** The hook that was ordered last. One that is being loaded has no number yet. */
  private hookOnItsWay = '';
  private readonly doorbell: NativeDoorbell;
  private readonly channel: MessagePort;
  private readonly pending = new Map<number, Pending>();
  private readonly pieces = new Map<number, Int32Array[]>();
  private readonly fdbCopy = new Shared(() => this.takeFdbCopy());
  private readonly worker: Worker;
  private readonly ended: Promise<void>;
  private markEnded: () => void = () => undefined;
  private lastId = 0;
  private isStopping = false;

  /**
   * @param wantsIoUring whether to use io_uring if the kernel has it
   * @param thread thread that was started ahead; it belongs to this data plane from now on
   * @throws NativeError, Error when the addon is missing.
   */
  constructor(bridge: BridgeSetup, settings: LaneSettings, wantsIoUring: boolean, thread?: Worker) {
    super();
    this.counters = new Counters(bridge.maxPorts);
    this.doorbell = new (native().Doorbell)();
    const { port1, port2 } = new MessageChannel();
    this.channel = port1;
    this.channel.on('message', (report: Report) => this.take(report));
    const setup: WorkerSetup = {
      commands: port2,
      doorbellFd: this.doorbell.fd,
      counterMemory: this.counters.memory,
      burstSizeMemory: this.burstSizes.memory,
      fdbTotalsMemory: this.fdbTotals.memory,
      hookMarkMemory: this.hookMark.memory,
      key: this.key,
      bridge,
      settings,
      wantsIoUring,
    };
    const worker = thread ?? startThread();
    this.worker = worker;
    worker.ref();
    worker.on('error', (error) => this.fail(error));
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
    worker.on('exit', () => {
      this.hookWatchdog.stop();
      this.fail(
        this.isStopping
          ? new RequestError('stopped', 'the switch has stopped')
          : new Error('the data plane has ended'),
      );
      this.markEnded();
    });
    worker.postMessage(setup, [port2]);
  }

  /** Carries out a command. Rejects if the command is refused, and if the thread has ended. */
  async order<C extends Command>(command: C): Promise<AnswerTo<C>> {
    if (this.isStopping) throw new RequestError('stopped', 'the switch has stopped');
    if (command.kind !== 'add-hook') return this.post(command);
    this.hookWatchdog.start();
    this.hookOnItsWay = command.name;
    const answer = await this.post(command);
    this.hookNames.set(answer as AnswerTo<CommandOf<'add-hook'>>, command.name);
    return answer;
  }

  private post<C extends Command>(command: C): Promise<AnswerTo<C>> {
    const id = ++this.lastId;
    const result = new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
    });
    const order: Order = { id, command };
    this.channel.postMessage(order);
    this.doorbell.ring();
    return result as Promise<AnswerTo<C>>;
  }

  /**
   * Copies the whole forwarding database, in pieces, while frames flow. All calls during one copy share the
   * next one, so that many readers cost as much as two.
   */
  copyFdb(): Promise<FdbEntry[]> {
    return this.fdbCopy.get();
  }

  private async takeFdbCopy(): Promise<FdbEntry[]> {
    const id = this.lastId + 1;
    const pieces: Int32Array[] = [];
    this.pieces.set(id, pieces);
    try {
      const { nowTicks, ageingMs } = await this.order({ kind: 'copy-fdb' });
      // An entry that moved past the end of the table during the copy is there twice.
      const entries = pieces
        .flatMap((words) => decodeEntries(words, nowTicks))
        .filter((entry) => isAlive(entry, ageingMs));
      return [...new Map(entries.map((entry) => [`${entry.vlan} ${entry.mac}`, entry])).values()];
    } finally {
      this.pieces.delete(id);
    }
  }

  /** Stops the thread. It resolves when the thread has ended. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.post({ kind: 'stop' }).catch(() => undefined);
    await this.ended;
    this.channel.close();
  }

  private take(report: Report): void {
    switch (report.kind) {
      case 'done':
        return this.settle(report.id, report.failure, report.result);
      case 'news':
        return void this.emit('news', report.news);
      case 'port-trouble':
        return void this.emit('trouble', report.trouble);
      case 'capture-ready':
        return void this.emit('capture', report.capture);
      case 'capture-complete':
        return void this.emit('captureComplete', report.capture, report.counts);
      case 'thread':
        this.threadId = report.id;
        return;
      case 'fdb-piece':
        this.pieces.get(report.id)?.push(report.words);
    }
  }

  private settle(id: number, failure: string | undefined, result: unknown): void {
    const waiting = this.pending.get(id);
    this.pending.delete(id);
    if (failure === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(failure));
  }

  /** The lane does not come back. Nothing waits for it from now on, and least of all the end of the process. */
  private giveUp(hook: number): void {
    this.hookWatchdog.stop();
    this.worker.unref();
    void this.worker.terminate();
    process.once('exit', (status) => native().endProcess(status));
    const name = this.hookNames.get(hook) ?? this.hookOnItsWay;
    this.fail(
      new StuckError(
        `hook ${name} cannot be ended, and all ports have waited for it for ${PATIENCE_SECONDS} seconds: ` +
          'it waits in a system call, or computes outside JavaScript; take it out, or mend it',
      ),
    );
    this.markEnded();
  }

  private fail(error: Error): void {
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
    if (!this.isStopping) this.emit('failed', error);
    this.isStopping = true;
  }
}
