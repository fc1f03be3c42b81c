/**
 * The room of the hooks: programs of the operator on the frame path.
 *
 * The bridge asks it about each frame behind learning and in front of the other rooms, as long as a hook is
 * on. Hooks are asked in the order in which they were loaded. The first one that drops the frame or gives it to
 * ports decides; a frame that a hook changes goes on to the next one.
 *
 * The bridge does not trust a hook. What it throws or returns is counted and changes nothing else. Time is
 * watched by `Budget`, and calls without end by whoever drives the bridge (`HookWatch`).
 *
 * Nothing here allocates for a frame, except where a hook returns a frame of its own.
 */

import { type Burst, FrameFlag } from '../frame/burst';
import { classify } from '../frame/classify';
import type { Outbox } from '../frame/outbox';
import type { Room, Wants } from '../frame/room';
import type { TraceReporter } from '../frame/trace-reporter';
import { CONSUMED, PASS, type Verdict, dropBecause } from '../frame/verdict';
import type { MacWords } from '../wire/mac';
import { i32At } from '../wire/read';
import { HookDrop } from './counters';
import { FrameView } from './frame-view';
import type { HookTarget } from './hook';
import { HookPort, HookPorts } from './hook-ports';
import { readTargets } from './hook-targets';
import { type HookWatch, UNWATCHED } from './hook-watch';
import {
  type HookHouse,
  type HookProgram,
  type HookState,
  LoadedHook,
  textOf,
} from './loaded-hook';
import type { HookNews } from './news';
import { type QueuedFrame, SendQueue, checkFrameBytes } from './send-queue';

export interface HooksOptions {
  readonly burst: Burst;
  readonly mac: MacWords;
  /** Name of a port. */
  readonly portName: (port: number) => string;
  readonly news: (news: HookNews) => void;
  readonly watch?: HookWatch | undefined;
}

type Accepts = NonNullable<HookProgram['accepts']>;

const { Hooked, Unhooked } = FrameFlag;
/** The room itself is asked by the bridge, and not for an EtherType. */
const NOTHING: Wants = {};
/** Most hooks of a switch. */
export const MAX_HOOKS = 16;
const AS_NEW = 'and runs as if it were new';
const NOT_RUN = 'from here on, this is the path of a frame that it lets pass';
const OVER_BUDGET = 'it took longer than its budget';

export class Hooks implements Room {
  readonly wants = NOTHING;
  readonly ports = new HookPorts();
  /** Whether the bridge asks about frames: a hook is on. */
  isActive = false;
  /** The frame that travels on after `receive`, and whether it is another than before. */
  travelling = 0;
  hasChanged = false;
  /** Whether a timer was set since this was last reset. */
  hasNewTimer = false;
  /** All hooks, in the order in which they are asked, and those that are on. */
  private hooks: readonly LoadedHook[] = [];
  private active: readonly LoadedHook[] = [];
  /** Filters of the hooks that are on; absent where one of them takes every frame. */
  private filters: readonly Accepts[] | undefined = undefined;
  private lastNumber = 0;
  /** The hook that is at work, and the received frame that it was asked about, if any. */
  private running: LoadedHook | undefined = undefined;
  private asked = -1;
  private readonly targets: number[] = [];
  private readonly queue = new SendQueue(this.ports);
  private readonly watch: HookWatch;
  private readonly view: FrameView;
  private readonly house: HookHouse;

  constructor(private readonly options: HooksOptions) {
    const { ports, queue } = this;
    const { burst, mac, news, watch } = options;
    this.watch = watch ?? UNWATCHED;
    this.view = new FrameView(burst, ports);
    const timerSet = (): void => {
      this.hasNewTimer = true;
    };
    this.house = { mac, burst, ports, queue, news, timerSet };
  }

  // Hooks -----------------------------------------------------------------------------------------

  /**
   * Loads a hook, in place of the one of the same name. Its counters start at zero.
   * @returns its number, as `HookWatch` has it
   * @throws Error that says why its `setup` failed, and for too many hooks; the one of the same name stays then
   */
  load(program: HookProgram): number {
    const at = this.hooks.findIndex(({ name }) => name === program.name);
    if (at < 0 && this.hooks.length >= MAX_HOOKS) throw new Error(`${MAX_HOOKS} hooks at most`);
    const loaded = new LoadedHook(++this.lastNumber, program, this.house);
    const { length } = this.queue;
    try {
      this.run(loaded, () => program.hook.setup?.(loaded), false);
      this.watch.check();
    } catch (error) {
      this.queue.cut(length);
      throw new Error(`setup failed: ${textOf(error)}`, { cause: error });
    }
    const hooks = [...this.hooks];
    if (at < 0) hooks.push(loaded);
    else hooks[at] = loaded;
    this.hooks = hooks;
    this.settle();
    return loaded.number;
  }

  /** @returns whether there was such a hook */
  remove(name: string): boolean {
    const others = this.hooks.filter((hook) => hook.name !== name);
    const wasThere = others.length < this.hooks.length;
    this.hooks = others;
    this.settle();
    return wasThere;
  }

  list(): HookState[] {
    return this.hooks.map(({ state }) => state);
  }

  /**
   * Switches off the hook whose call was ended from outside.
   * @returns the frame that it was asked about, or -1 if it was about something else
   */
  interrupted(why: string): number {
    const { running, asked } = this;
    this.running = undefined;
    this.asked = -1;
    if (running === undefined) return -1;
    this.switchOff(running, why);
    return asked;
  }

  switchAllOff(why: string): void {
    for (const hook of this.active) hook.switchOff(why);
    this.settle();
  }

  private switchOff(hook: LoadedHook, why: string): void {
    hook.switchOff(why);
    this.settle();
  }

  private settle(): void {
    this.active = this.hooks.filter(({ off }) => off === undefined);
    this.isActive = this.active.length > 0;
    const filters = this.active.flatMap(({ program: { accepts } }) => accepts ?? []);
    this.filters = filters.length === this.active.length ? filters : undefined;
  }

  // Frames ----------------------------------------------------------------------------------------

  /**
   * Notes which of the received frames the hooks take, as flags of their kind, in one loop: the bridge need not ask about
   * the others one by one.
   * @param count number of received frames, which were classified
   */
  note(burst: Burst, count: number): void {
    const { filters } = this;
    const { kind } = burst;
    if (filters === undefined) return;
    const ofTaken = filters.length === 1 ? Hooked : 0;
    for (let frame = 0; frame < count; frame++) {
      kind[frame] = i32At(kind, frame) | (isTaken(filters, burst, frame) ? ofTaken : Unhooked);
    }
  }

  /**
   * Asks the hooks about a frame. After `PASS`, `travelling` is the frame that travels on, and `hasChanged`
   * says whether its kind or its addresses may be others.
   */
  receive(frame: number, outbox: Outbox): Verdict {
    this.travelling = frame;
    this.hasChanged = false;
    const { active } = this;
    for (let index = 0; index < active.length; index++) {
      const hook = active[index] as LoadedHook;
      if (!this.takes(hook, outbox.burst)) continue;
      if (outbox.reporter !== undefined && !this.isRunTraced(hook, outbox.reporter)) continue;
      const verdict = this.ask(hook, frame, outbox);
      if (verdict !== PASS) return verdict;
    }
    return PASS;
  }

  /** Whether a hook takes the frame that travels. */
  private takes({ program }: LoadedHook, burst: Burst): boolean {
    const { accepts } = program;
    if (accepts === undefined || (i32At(burst.kind, this.travelling) & Hooked) !== 0) return true;
    return accepts(burst, this.travelling);
  }

  /** Tells that a hook takes the frame of a trace. @returns whether it runs */
  private isRunTraced({ name, program }: LoadedHook, reporter: TraceReporter): boolean {
    const { notRun } = program;
    const how = notRun === undefined ? AS_NEW : `but does not run: ${notRun}; ${NOT_RUN}`;
    reporter.step(`hook ${name} takes it, ${how}`);
    return notRun === undefined;
  }

  /** Tells of the frames that a hook has sent in a trace, and throws them away. */
  private leaveOutSent({ name }: LoadedHook, reporter: TraceReporter): void {
    const { length } = this.queue;
    this.queue.cut(0);
    if (length > 0) {
      reporter.step(
        `hook ${name} sends frames of its own (${length}), which this trace leaves out`,
      );
    }
  }

  private ask(hook: LoadedHook, received: number, outbox: Outbox): Verdict {
    const { view, watch } = this;
    hook.frames++;
    view.begin(this.travelling);
    const isTimed = hook.budget.begin();
    const startMs = isTimed ? watch.nowMs() : 0;
    let returned: unknown;
    let failure: string | undefined;
    this.running = hook;
    this.asked = received;
    // What a hook returns or throws may have code of its own, too: getters, iterators, `toString`. So all of it
    // is read here, and `leave` is called once: a second call would wait for an end that never comes.
    watch.enter(hook.number);
    try {
      returned = hook.program.hook.frame(view, this.ports);
      this.readVerdict(returned, view);
    } catch (error) {
      failure = textOf(error);
    }
    watch.leave(hook.number);
    const verdict =
      failure === undefined
        ? this.settleVerdict(hook, returned, view, outbox)
        : this.settleFailure(hook, failure, view, outbox);
    this.running = undefined;
    this.asked = -1;
    if (isTimed) this.spend(hook, startMs);
    if (outbox.reporter !== undefined) this.leaveOutSent(hook, outbox.reporter);
    return verdict;
  }

  /**
   * Checks a verdict, and notes its ports in `targets`.
   * @throws TypeError, RangeError for what is no verdict
   */
  private readVerdict(returned: unknown, view: FrameView): void {
    if (returned === undefined || returned === 'pass' || returned === 'drop') return;
    if (returned === view) return;
    if (returned instanceof Uint8Array) checkFrameBytes(returned);
    else readTargets(this.ports, targetOf(returned), this.targets);
  }

  /** @param returned a verdict that was checked */
  private settleVerdict(
    hook: LoadedHook,
    returned: unknown,
    view: FrameView,
    outbox: Outbox,
  ): Verdict {
    const { reporter } = outbox;
    if (returned === undefined || returned === 'pass' || returned === view) {
      const { isEdited } = view;
      if (isEdited) this.takeEdited(hook, outbox);
      reporter?.step(`hook ${hook.name} ${isEdited ? 'changes it' : 'lets it pass'}`);
      return PASS;
    }
    if (returned === 'drop') {
      reporter?.step(`hook ${hook.name} drops it`);
      hook.dropped++;
      return dropBecause(HookDrop.Dropped);
    }
    if (returned instanceof Uint8Array) {
      this.replace(hook, returned, outbox);
      reporter?.step(`hook ${hook.name} puts another frame in its place`);
      return PASS;
    }
    if (view.isEdited) this.takeEdited(hook, outbox);
    hook.redirected++;
    reporter?.step(`hook ${hook.name} gives it to ports`);
    if (this.targets.length === 0) return dropBecause(HookDrop.Dropped);
    for (const port of this.targets) outbox.toPort(this.travelling, port);
    return CONSUMED;
  }

  private settleFailure(hook: LoadedHook, why: string, view: FrameView, outbox: Outbox): Verdict {
    hook.fail(why);
    outbox.reporter?.step(`hook ${hook.name} fails: ${why}`);
    if (hook.program.hook.onError === 'drop') return dropBecause(HookDrop.Failed);
    if (view.isEdited) this.takeEdited(hook, outbox);
    return PASS;
  }

  private takeEdited(hook: LoadedHook, { burst }: Outbox): void {
    const { travelling } = this;
    hook.edited++;
    this.hasChanged = true;
    classify(burst, this.options.mac, travelling, travelling + 1);
  }

  private replace(hook: LoadedHook, bytes: Uint8Array, outbox: Outbox): void {
    const { burst } = outbox;
    const old = this.travelling;
    const made = outbox.make(bytes.length);
    burst.u8.set(bytes, i32At(burst.offset, made));
    burst.ingress[made] = i32At(burst.ingress, old);
    burst.vlan[made] = i32At(burst.vlan, old);
    burst.priority[made] = i32At(burst.priority, old);
    this.travelling = made;
    this.takeEdited(hook, outbox);
  }

  // Frames of the hooks ---------------------------------------------------------------------------

  get hasSends(): boolean {
    return !this.queue.isEmpty;
  }

  /** Takes the frames that hooks have sent. */
  takeSends(): QueuedFrame[] {
    return this.queue.take();
  }

  // Time and ports --------------------------------------------------------------------------------

  get dueMs(): number {
    let dueMs = Infinity;
    for (const { timers } of this.active) dueMs = Math.min(dueMs, timers.dueMs);
    return dueMs;
  }

  tick(nowMs: number): void {
    for (const hook of this.active) {
      if (hook.timers.dueMs > nowMs) continue;
      hook.timers.tick(nowMs, (call) => this.callTimer(hook, call));
    }
  }

  private callTimer(hook: LoadedHook, call: () => void): void {
    if (hook.off !== undefined) return;
    try {
      this.run(hook, call, true);
    } catch (error) {
      hook.fail(error);
    }
  }

  /** Runs a part of a hook that is about no frame. @param isBudgeted whether its time counts */
  private run(hook: LoadedHook, call: () => unknown, isBudgeted: boolean): void {
    const { watch } = this;
    const startMs = watch.nowMs();
    this.running = hook;
    watch.enter(hook.number);
    try {
      refusePromise(call());
    } catch (error) {
      throw new Error(textOf(error), { cause: error });
    } finally {
      watch.leave(hook.number);
      this.running = undefined;
      if (isBudgeted) hook.budget.begin();
      if (isBudgeted) this.spend(hook, startMs);
    }
  }

  /** Notes the time of a call that has just ended. */
  private spend(hook: LoadedHook, startMs: number): void {
    const nowMs = this.watch.nowMs();
    if (hook.budget.spend(nowMs - startMs, nowMs)) this.switchOff(hook, OVER_BUDGET);
  }

  portChanged(port: number, isUp: boolean): void {
    this.ports.note(port, this.options.portName(port), isUp);
  }

  portRemoved(port: number): void {
    this.ports.forget(port);
  }
}

/** The port or ports of a verdict. @throws TypeError for what is no verdict */
function targetOf(returned: unknown): HookTarget {
  if (returned instanceof HookPort) return returned;
  if (typeof returned === 'object' && returned !== null) {
    const { to } = returned as { readonly to?: HookTarget };
    if (to !== undefined) return to;
    refusePromise(returned);
  }
  throw new TypeError(
    "it returned no verdict; expected nothing, 'pass', 'drop', a port, { to }, the frame or bytes",
  );
}

/** @throws TypeError for a promise: nobody would ever wait for it */
function refusePromise(returned: unknown): void {
  if (typeof returned !== 'object' || returned === null) return;
  const { then } = returned as { readonly then?: unknown };
  if (typeof then === 'function') {
    // A rejection that nobody hears would end the process.
    then.call(returned, nothing, nothing);
    throw new TypeError('it returned a promise; a hook is synchronous');
  }
}

function nothing(): void {
  // There is nothing to do.
}

function isTaken(filters: readonly Accepts[], burst: Burst, frame: number): boolean {
  for (let index = 0; index < filters.length; index++) {
    if ((filters[index] as Accepts)(burst, frame)) return true;
  }
  return false;
}
