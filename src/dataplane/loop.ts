/**
 * The data plane's loop. While it runs, it never returns to the thread's event loop. It blocks in the
 * addon's `exchange`, which sends frames and then waits for frames. The wait ends when a timer of the bridge is
 * due, or when the main thread rings the doorbell for a command. A quarter of a second after frames or commands there
 * is a tick, which asks the bridge anew for the timer that is due first.
 *
 * Work that takes long, such as a copy of the FDB or the warm-up, is done in pieces, one after each burst.
 */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { descriptorsExhausted } from '../system/descriptors';
import { inlineMore } from '../system/v8-flags';
import { ipKeyOf } from '../wire/ip-key';
import type { Arp } from '../arp/arp';
import { Bridge } from '../l2/bridge';
import { Counter } from '../l2/counters';
import { FastPath } from '../l2/fast/fast-path';
import { Part } from '../l2/fast/layout';
import type { BridgePortSettings } from '../l2/port-table';
import { native } from '../native/native';
import type { KnownHost } from '../hosts/known-hosts';
import type { Nd } from '../nd/nd';
import { toTicks } from '../frame/time';
import { BurstSizes } from './burst-sizes';
import { Captures } from '../capture/captures';
import { impairmentSettings, mirrorSettings } from './filtered-settings';
import type {
  Command,
  CommandOf,
  FdbCopied,
  LaneSettings,
  Order,
  Piece,
  Report,
  WorkerSetup,
} from './messages';
import { HookMark } from './hook-mark';
import { loadHookFile } from './hook-loader';
import { prepareForHooks } from './hook-surroundings';
import { addGroups, removeGroup } from './group-orders';
import { restoreIntrinsics } from './intrinsics';
import { lastingMemory } from './lasting-memory';
import { NativeIo } from './native-io';
import type { News, PackedNews } from './news';
import { kernelThreadId } from './thread-id';
import { WarmUp } from './warm-up';
import { f64At } from '../wire/read';

/** Milliseconds from frames, commands or troubles to the next tick, which does what follows from them. */
const SETTLE_MS = 250;
/** Most milliseconds from one tick to the next. */
const IDLE_TICK_MS = 10_000;
/** Most milliseconds between two collections of what the fast path has counted. */
const COLLECT_MS = 1_000;
/** Reasons why the call of a hook was ended. */
const ENDLESS = 'it did not return within half a second';
const HEAP_FULL = 'it took all memory of the data plane';
const BUFFERS_FULL = 'the hooks keep more than 512 MiB of buffers, which are not on the heap';
/** Bytes of buffers that the thread may have more than when a hook was loaded last. */
const BUFFER_BYTES = 512 * 1024 * 1024;
/** Milliseconds from one look at the buffers to the next. */
const BUFFERS_LOOK_MS = 250;
/** Most slots that one turn of the loop examines for a copy of the FDB, and most entries that it copies. */
const COPY_SLOTS = 8_192;
const COPY_ENTRIES = 512;
/** Rows of a table that one turn of the loop lists. */
const LIST_ROWS = 128;

export class Loop {
  private readonly randomNumber = new Int32Array(1);
  private readonly bridge: Bridge;
  private readonly io: NativeIo;
  private readonly captures: Captures;
  private readonly burstSizes: BurstSizes;
  private readonly commands: MessagePort;
  private readonly hookMark: HookMark;
  private readonly key: number;
  private isInterrupted = false;
  private limitsHeap = false;
  /** Bytes of buffers with which the hooks are switched off, and the time of the next look. */
  private bufferBytesMax = Infinity;
  private nextBuffersLookMs = 0;
  /** Id of the order that is being carried out. */
  private presentOrder: number | undefined = undefined;
  private isRunning = true;
  /** The warm-up that is under way. */
  private warmUp: WarmUp | undefined = undefined;
  private hasReportedNoIoUring = false;
  private nextTickMs = 0;
  /** Ids of the orders that wait for a copy of the FDB. The first one is being served. */
  private readonly copyOrders: number[] = [];

  constructor(setup: WorkerSetup) {
    this.commands = setup.commands;
    this.hookMark = new HookMark(setup.hookMarkMemory);
    this.key = setup.key;
    this.burstSizes = new BurstSizes(setup.burstSizeMemory);
    this.bridge = new Bridge({
      ...setup.bridge,
      burst: { makeArena: lastingMemory },
      counterMemory: setup.counterMemory,
      fdbTotalsMemory: setup.fdbTotalsMemory,
      hookWatch: this.hookMark,
      news: (news) => this.reportNews(news),
      random: () => crypto.getRandomValues(this.randomNumber)[0] ?? 0,
    });
    this.io = new NativeIo(this.bridge.burst, setup.doorbellFd, setup.wantsIoUring);
    this.configure(setup.settings);
    this.bridge.connect(this.io);
    const { burst, ports, counters } = this.bridge;
    this.io.coalesce(ports.offloads, counters.values, counters.perPort, Counter.TxCoalesced);
    this.captures = new Captures(burst, this.io, (port) => ports.name(port), {
      ready: (capture) => this.report({ kind: 'capture-ready', capture }),
      complete: (capture, counts) => this.report({ kind: 'capture-complete', capture, counts }),
    });
  }

  /** Runs until the command `stop`. A hook that does not return is unwound, and the loop begins again. */
  run(): void {
    const threadId = kernelThreadId();
    if (threadId !== undefined) this.report({ kind: 'thread', id: threadId });
    while (!native().runInterruptible(this.key, () => this.serve())) this.isInterrupted = true;
  }

  private serve(): void {
    if (this.isInterrupted) this.recover();
    while (this.isRunning) {
      const count = this.exchange();
      if (count > 0) this.forward(count);
      if (this.hasOtherWork()) this.doOtherWork();
    }
  }

  /** Goes on after the call of a hook was unwound, wherever it was made: in a burst, a tick or an order. */
  private recover(): void {
    const { bridge, hookMark, presentOrder } = this;
    const why = hookMark.isHeapFull ? HEAP_FULL : ENDLESS;
    this.isInterrupted = false;
    this.presentOrder = undefined;
    restoreIntrinsics();
    hookMark.clear();
    if (presentOrder !== undefined) this.report({ kind: 'done', id: presentOrder, failure: why });
    bridge.resumeWithoutHook(why);
    // Orders behind the present one ring no second time.
    this.takeCommands();
  }

  /** @param count number of frames in the burst, carried-over ones included */
  private forward(count: number): void {
    const { bridge, captures } = this;
    const { burst } = bridge;
    if (!captures.isEmpty) captures.received(burst.carriedCount, count);
    if (count > burst.carriedCount) this.burstSizes.note(count - burst.carriedCount);
    burst.begin(count);
    bridge.forward();
    this.tickSoon();
    if (bridge.rooms.hooks.hasNewTimer) this.noteTimer();
  }

  /** A hook has set a timer, which may be due before the next tick. */
  private noteTimer(): void {
    const { hooks } = this.bridge.rooms;
    hooks.hasNewTimer = false;
    this.nextTickMs = Math.min(this.nextTickMs, Math.max(hooks.dueMs, this.nowMs + 1));
  }

  /**
   * Sends the answer to the last burst and receives the next one.
   * @returns the number of frames, if above 0; a negative number says how many pairs were not sent
   */
  private exchange(): number {
    const { bridge, io, captures } = this;
    // Deferred frames lie where the next burst would be received.
    if (bridge.burst.deferredCount > 0) {
      bridge.finish();
      bridge.burst.carryOver();
      bridge.burst.freeSlots();
    }
    const waitMs = this.waitMs();
    const result = captures.isEmpty ? io.exchange(waitMs) : captures.exchange(waitMs);
    bridge.sent(result < 0 ? -result : 0);
    return result;
  }

  private hasOtherWork(): boolean {
    const { io } = this;
    const isDue = this.nowMs >= this.nextTickMs || this.hasPieces;
    return isDue || io.hasTroubles || io.isRung || this.bridge.isReleaseDue;
  }

  /** Does everything but forwarding. All frames of the burst have been forwarded before. */
  private doOtherWork(): void {
    const { bridge, io } = this;
    bridge.finish();
    if (this.nowMs >= this.nextTickMs) this.tick();
    if (io.hasTroubles) this.takeTroubles();
    if (io.isRung) this.takeCommands();
    if (this.copyOrders.length > 0) this.copyPiece();
    if (this.warmUp !== undefined) this.warm(this.warmUp);
    if (bridge.isReleaseDue) this.release();
  }

  /** Whether there is work that is done in pieces, one of them between two bursts. */
  private get hasPieces(): boolean {
    return this.copyOrders.length > 0 || this.warmUp !== undefined;
  }

  private get nowMs(): number {
    return f64At(this.bridge.burst.clock, 0);
  }

  private waitMs(): number {
    if (this.hasPieces) return 0;
    const { heldDueMs } = this.bridge;
    // Held frames are due to the nanosecond; a tick may come a millisecond late.
    const heldMs = heldDueMs - this.nowMs;
    return Math.max(0, Math.min(Math.ceil(this.nextTickMs - this.nowMs), heldMs));
  }

  private tick(): void {
    const { bridge, nowMs } = this;
    bridge.tick();
    bridge.flush();
    bridge.collectCounters();
    if (this.hookMark.isHeapFull) this.endAllHooks(HEAP_FULL);
    if (bridge.rooms.hooks.isActive) this.lookAtBuffers();
    const most = bridge.hasFastPath ? COLLECT_MS : IDLE_TICK_MS;
    this.nextTickMs = Math.min(nowMs + most, Math.max(bridge.dueMs, nowMs + 1));
    if (bridge.events.size > 0) this.reportNews(bridge.events.takeFields());
  }

  /** Sends on frames that an impairment has held, as if they were received now. */
  private release(): void {
    this.bridge.release();
    this.tickSoon();
  }

  /** Has the next tick come before long. */
  private tickSoon(): void {
    const latestMs = this.nowMs + SETTLE_MS;
    if (this.nextTickMs > latestMs) this.nextTickMs = latestMs;
  }

  /** A datagram port whose peer is away has not ended, and stays up. */
  private takeTroubles(): void {
    this.tickSoon();
    for (const trouble of this.io.troubles()) {
      if (trouble.hasEnded) this.bridge.setPortUp(trouble.port, false);
      this.report({ kind: 'port-trouble', trouble });
    }
  }

  private takeCommands(): void {
    this.tickSoon();
    for (;;) {
      const received = receiveMessageOnPort(this.commands) as { message: Order } | undefined;
      if (received === undefined) return;
      const { id, command } = received.message;
      this.presentOrder = id;
      try {
        const result = this.execute(id, command);
        if (command.kind !== 'copy-fdb') this.report({ kind: 'done', id, result });
      } catch (error) {
        const failure = descriptorsExhausted(error) ?? (error as Error).message;
        this.report({ kind: 'done', id, failure });
      }
      this.presentOrder = undefined;
    }
  }

  /** Reports once why io_uring is not used. This is known only after the first port was added. */
  private reportNoIoUring(): void {
    const why = this.io.whyNoIoUring;
    if (why === '' || this.hasReportedNoIoUring) return;
    this.hasReportedNoIoUring = true;
    this.reportNews({ event: 'io-uring-refused', why });
  }

  private execute(id: number, command: Command): unknown {
    const { bridge, io } = this;
    switch (command.kind) {
      case 'add-port':
        this.openFastPath(command.settings);
        bridge.addPort(command.port, command.settings);
        this.settleWatched(command.port);
        try {
          if (command.transport !== undefined) io.addPort(command.port, command.transport);
        } catch (error) {
          bridge.removePort(command.port);
          throw error;
        }
        this.reportNoIoUring();
        return undefined;
      case 'remove-port':
        io.removePort(command.port);
        this.captures.forgetPort(command.port);
        return bridge.removePort(command.port);
      case 'detach-port':
        io.removePort(command.port);
        return bridge.setPortUp(command.port, false);
      case 'attach-port':
        io.addPort(command.port, command.transport);
        return bridge.configurePort(command.port, command.settings);
      case 'set-port':
        this.openFastPath(command.settings);
        return bridge.configurePort(command.port, command.settings);
      case 'add-address':
        this.nextTickMs = this.nowMs;
        return this.addAddress(command);
      case 'remove-address':
        return this.removeAddress(command);
      case 'list-addresses':
        return [...bridge.rooms.arp.addresses.list(), ...bridge.rooms.nd.addresses.list()];
      case 'list-neighbours':
        return this.listNeighbours(command);
      case 'list-leases': {
        const { leases } = bridge.rooms.inspection;
        return leases === undefined ? { rows: [] } : this.listPiece(leases, command.from);
      }
      case 'add-neighbour': {
        const { hi16, lo32 } = command.mac;
        const key = ipKeyOf(command.bytes);
        return this.roomOf(command.bytes).neighbours.addStatic(
          key,
          command.vlan,
          hi16,
          lo32,
          command.port,
        );
      }
      case 'remove-neighbour':
        return this.roomOf(command.bytes).neighbours.remove(ipKeyOf(command.bytes), command.vlan);
      case 'flush-neighbours':
        return bridge.rooms.flushNeighbours(command.port, command.vlan);
      case 'add-groups':
        return addGroups(bridge, command.groups);
      case 'remove-group':
        return removeGroup(bridge, command.group);
      case 'flush-groups':
        return bridge.rooms.mcast.staticGroups.flush(command.filter);
      case 'list-groups':
        return this.listPiece(bridge.rooms.mcast.staticGroups, command.from);
      case 'count-groups':
        return bridge.rooms.mcast.table.counts;
      case 'count-groups-in-vlans':
        return bridge.rooms.mcast.table.limits.countsIn(command.port);
      case 'list-routers':
        return bridge.rooms.mcast.contexts.list(this.nowMs);
      case 'tree-state':
        return bridge.rooms.stp.state;
      case 'port-states':
        return bridge.portStates();
      case 'configure':
        // What follows from it is sent at once.
        this.nextTickMs = this.nowMs;
        return this.configure(command.settings);
      case 'add-station':
        return this.addStation(command);
      case 'remove-station': {
        const { hi16, lo32, vlan } = command.station;
        return bridge.removeStation(hi16, lo32, vlan);
      }
      case 'flush-stations':
        return bridge.flushStations(command.port, command.vlan);
      case 'add-mirror':
        return bridge.addMirror(mirrorSettings(command.mirror));
      case 'remove-mirror':
        return bridge.removeMirror(command.name);
      case 'list-mirrors':
        return bridge.mirrorCounts();
      case 'add-impairment':
        // Its end is a timer.
        this.nextTickMs = this.nowMs;
        return bridge.addImpairment(impairmentSettings(command.impairment));
      case 'remove-impairment':
        return bridge.removeImpairment(command.name);
      case 'list-impairments':
        return bridge.impairmentCounts();
      case 'add-hook':
        return this.addHook(command);
      case 'remove-hook':
        return bridge.removeHook(command.name);
      case 'list-hooks':
        return bridge.rooms.hooks.list();
      case 'settle':
        // `doOtherWork` has finished the burst already.
        return bridge.collectCounters();
      case 'start-capture':
        this.captures.add(command.capture, command.setup);
        for (const port of bridge.ports.ids()) this.settleWatched(port);
        return bridge.connect(this.captures);
      case 'stop-capture':
        this.captures.remove(command.capture);
        for (const port of bridge.ports.ids()) this.settleWatched(port);
        return bridge.connect(this.captures.isEmpty ? io : this.captures);
      case 'copy-fdb':
        this.copyOrders.push(id);
        if (this.copyOrders.length === 1) bridge.fdb.beginCopy();
        return undefined;
      case 'warm-up':
        inlineMore();
        this.warmUp = new WarmUp();
        return undefined;
      case 'stop':
        this.isRunning = false;
        return undefined;
    }
  }

  /** The first port that has a leg for the fast path brings the memory of all. */
  private openFastPath({ fastLeg }: Partial<BridgePortSettings>): void {
    const { bridge, io } = this;
    if (bridge.hasFastPath || fastLeg === undefined || fastLeg === null) return;
    const { fd, bytes, processors, seed } = fastLeg.memory;
    const memory = native().mapProgramMemory(fd, bytes);
    const { clock } = bridge.burst;
    bridge.useFastPath(new FastPath({ memory, processors, seed, clock }));
    io.markDrained(memory, Part.MARK);
  }

  /** A frame that is to be captured must come by. */
  private settleWatched(port: number): void {
    this.bridge.setPortWatched(port, this.captures.wants(port));
  }

  /** Applies settings that can change while the lane runs. No other place does. */
  private configure(settings: Partial<LaneSettings>): void {
    this.bridge.configure(settings);
    if (settings.busyPollMicros !== undefined) this.io.setBusyPoll(settings.busyPollMicros);
  }

  private addAddress({ bytes, prefixBits, vlan }: CommandOf<'add-address'>): boolean {
    return this.roomOf(bytes).addresses.add(ipKeyOf(bytes), this.nowMs, prefixBits, vlan);
  }

  private removeAddress({ bytes, vlan }: CommandOf<'remove-address'>): boolean {
    return this.roomOf(bytes).addresses.remove(ipKeyOf(bytes), vlan);
  }

  /** Room of the family of an address with 4 or 16 bytes. */
  private roomOf(bytes: Uint8Array): Arp | Nd {
    const { arp, nd } = this.bridge.rooms;
    return bytes.length === 4 ? arp : nd;
  }

  private listNeighbours({ family, from }: CommandOf<'list-neighbours'>): Piece<KnownHost> {
    const { arp, nd } = this.bridge.rooms;
    return this.listPiece((family === 4 ? arp : nd).hosts, from);
  }

  /** Lists a piece of a table. */
  private listPiece<Row>(
    table: {
      readonly ceiling: number;
      list(nowMs: number, from: number, to: number): Row[];
    },
    from: number,
  ): Piece<Row> {
    const next = from + LIST_ROWS;
    const rows = table.list(this.nowMs, from, next);
    return next < table.ceiling ? { rows, next } : { rows };
  }

  /** The memory is full while no hook is at work: nobody knows which of them holds it. */
  private endAllHooks(why: string): void {
    this.hookMark.clear();
    this.bridge.rooms.hooks.switchAllOff(why);
  }

  /** Buffers fill no heap, but the memory of the machine. */
  private lookAtBuffers(): void {
    if (this.nowMs < this.nextBuffersLookMs) return;
    this.nextBuffersLookMs = this.nowMs + BUFFERS_LOOK_MS;
    if (process.memoryUsage().arrayBuffers > this.bufferBytesMax) this.endAllHooks(BUFFERS_FULL);
  }

  private addHook({ name, file, source }: CommandOf<'add-hook'>): number {
    if (!this.limitsHeap) native().limitHeap(this.hookMark.view);
    this.limitsHeap = true;
    // Each load begins anew: what the hook that it replaces has kept is freed only later.
    this.bufferBytesMax = process.memoryUsage().arrayBuffers + BUFFER_BYTES;
    prepareForHooks();
    const program = this.hookMark.load(() => loadHookFile(name, file, source));
    this.nextTickMs = this.nowMs;
    return this.bridge.loadHook(program);
  }

  private addStation({ station, port, isStatic }: CommandOf<'add-station'>): boolean {
    const { hi16, lo32, vlan } = station;
    return this.bridge.addStation(hi16, lo32, vlan, port, isStatic);
  }

  private warm(warmUp: WarmUp): void {
    warmUp.step();
    if (warmUp.isComplete) this.warmUp = undefined;
  }

  private copyPiece(): void {
    const [id] = this.copyOrders as [number];
    const { fdb } = this.bridge;
    const words = fdb.copySlots(COPY_SLOTS, COPY_ENTRIES);
    if (words !== undefined) fdb.renewTimes(words, toTicks(this.nowMs));
    if (words !== undefined && words.length > 0) this.report({ kind: 'fdb-piece', id, words });
    if (fdb.isBeingCopied) return;
    const result: FdbCopied = { nowTicks: toTicks(this.nowMs), ageingMs: fdb.ageingMs };
    this.report({ kind: 'done', id, result });
    this.copyOrders.shift();
    if (this.copyOrders.length > 0) fdb.beginCopy();
  }

  private reportNews(news: News | PackedNews): void {
    this.report({ kind: 'news', news });
  }

  /**
   * Sends a report. Arrays are copied, not transferred: the first transfer of a buffer makes V8 discard all
   * compiled code of the thread that uses typed arrays, which is the whole frame path.
   */
  private report(report: Report): void {
    this.commands.postMessage(report);
  }
}
