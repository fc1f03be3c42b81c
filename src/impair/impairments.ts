/**
 * The impairments of all ports, and the frames that they hold. The first impairment of a port and direction
 * that takes a frame decides its fate; the others do not see it.
 *
 *     frame ─▶ takes? ─▶ lost?  ─▶ ahead? ─▶ when due?  ─▶ at once, or held until it is due
 *              match,    corrupt?             delay, rate
 *              nth       twice?
 *
 * A frame leaves at once if it is due now and none of its impairment is held. What a super-frame loses in
 * part, or what is corrupted of it, is cut into segments first, which are held each for itself.
 *
 * The caller sends on what is due: `due` and `takeInto`. No object is made for a frame.
 */

import { type Burst, isPlain } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import { type SegmentOutbox, segmentCount, segmentTo, wireBytes } from '../frame/segment';
import { AS_IT_IS } from '../frame/tag-operation';
import { i32At } from '../wire/read';
import { Cutter } from './cutter';
import { type HeldFrame, HeldFrames } from './held-frames';
import { Fate, Impairment, type ImpairmentCounts, MAX_FATES } from './impairment';
import type { ImpairmentNews } from './news';
import type { ImpairmentSettings } from './settings';

/** Most impairments of one port and direction: each may be asked about every frame. */
export const MAX_IMPAIRMENTS = 16;

/** What the bridge counts and reports. Numbers are frames, or segments of a super-frame. */
export interface ImpairmentSink {
  /** An impairment lost frames. */
  lost(port: number, isIn: boolean, frames: number): void;
  /** Frames were dropped, because too many are held. */
  full(port: number, isIn: boolean, frames: number): void;
  /** A frame is held. */
  held(port: number): void;
  /** A held frame goes on. */
  released(port: number): void;
  news(news: ImpairmentNews): void;
}

const NO_ENTRY = -1;

type Change<T> = { -readonly [K in keyof T]: T[K] };

export class Impairments {
  private readonly all: Impairment[] = [];
  /** Port and direction → its impairments: 2 × port, and 1 more for what leaves. */
  private readonly lists: (readonly Impairment[])[] = [];
  private held: HeldFrames | undefined = undefined;
  private readonly where: Change<HeldFrame> = {
    ...{ port: 0, isIn: false, segments: 1, tag: AS_IT_IS, ingress: NO_PORT },
  };
  private readonly cutter: Cutter;
  private nextEndMs = Infinity;
  /** [0]: time when the frame that is decided about is due, milliseconds. In an array, no number is an object. */
  private readonly due = new Float64Array(1);
  /** The frames that `takeDue` has taken last: their direction, and the port and tag operation of each. */
  isBatchIn = false;
  readonly batchPort: Int32Array;
  readonly batchTag: Int32Array;

  /** @param make reserves a frame that the switch makes */
  constructor(
    private readonly burst: Burst,
    private readonly sink: ImpairmentSink,
    make: SegmentOutbox['make'],
  ) {
    this.batchPort = new Int32Array(burst.receiveFrames);
    this.batchTag = new Int32Array(burst.receiveFrames);
    this.cutter = new Cutter(burst, make, this.holdSegment);
  }

  // Frames --------------------------------------------------------------------------------------

  /**
   * Decides the fate of a frame that came from a port.
   * @returns whether it goes on at once; otherwise it is lost or held
   */
  passesIn(frame: number, port: number): boolean {
    const { where } = this;
    where.isIn = true;
    where.tag = AS_IT_IS;
    return this.passes(frame, port);
  }

  /** Decides the fate of a frame that is about to leave by a port. @param tag its tag operation */
  passesOut(frame: number, port: number, tag: number): boolean {
    const { where } = this;
    where.isIn = false;
    where.tag = tag;
    return this.passes(frame, port);
  }

  private passes(frame: number, port: number): boolean {
    const { burst, where } = this;
    const list = this.lists[listOf(port, where.isIn)];
    if (list === undefined) return true;
    const segments = isPlain(burst, frame) ? 1 : segmentCount(burst, frame);
    const { clock } = burst;
    this.held?.settle(clock);
    where.port = port;
    where.segments = segments;
    where.ingress = i32At(burst.ingress, frame);
    for (let index = 0; index < list.length; index++) {
      const impairment = list[index] as Impairment;
      if (!impairment.isActive(clock) || !impairment.takes(burst, frame, segments)) continue;
      return this.impair(impairment, frame, segments);
    }
    return true;
  }

  private impair(impairment: Impairment, frame: number, segments: number): boolean {
    const { burst, due, where } = this;
    const { clock } = burst;
    const { corruptedSegments, lostSegments } = impairment;
    if (lostSegments > 0) {
      impairment.lost += lostSegments;
      this.sink.lost(where.port, where.isIn, lostSegments);
      if (lostSegments === segments) return false;
    }
    impairment.corrupted += corruptedSegments;
    const isCut = lostSegments > 0 || (corruptedSegments > 0 && !isPlain(burst, frame));
    if (isCut && segments > MAX_FATES) return this.refuse(impairment, segments - lostSegments);
    const isTwice = impairment.isDuplicated();
    if (isTwice) impairment.duplicated += segments - lostSegments;
    const isAhead = impairment.goesAhead();
    if (isAhead) impairment.reordered += segments - lostSegments;
    const bytes = (wireBytes(burst, frame) * (segments - lostSegments)) / segments;
    if (isAhead) impairment.scheduleAhead(clock, due);
    else impairment.schedule(clock, bytes, due);
    const isDue = (due[0] as number) <= (clock[0] as number);
    const isFree = (isAhead || impairment.share.frames === 0) && this.held?.hasDue !== true;
    if (isFree && isDue && !isTwice && !isCut && corruptedSegments === 0) return true;
    this.cutter.isCutting = isCut;
    this.holdAll(impairment, frame);
    if (isTwice) {
      impairment.schedule(clock, bytes, due);
      this.holdAll(impairment, frame);
    }
    return false;
  }

  /** Holds a frame that was scheduled, or what is left of its segments. What finds no room is no part of the schedule. */
  private holdAll(impairment: Impairment, frame: number): void {
    const { share } = impairment;
    const before = share.segments;
    this.holdParts(impairment, frame);
    const wanted = this.where.segments - impairment.lostSegments;
    const refused = wanted - (share.segments - before);
    if (refused > 0) impairment.unschedule(refused / wanted);
  }

  private holdParts(impairment: Impairment, frame: number): void {
    const { cutter, where } = this;
    if (!cutter.isCutting) {
      const entry = this.hold(impairment, frame);
      if (impairment.corruptedSegments > 0) this.corrupt(impairment, frame, entry);
      return;
    }
    const { segments } = where;
    where.segments = 1;
    cutter.begin(impairment);
    segmentTo(frame, where.port, cutter);
    where.segments = segments;
  }

  private readonly holdSegment = (made: number, segment: number, impairment: Impairment): void => {
    const fate = impairment.fateOf(segment);
    if (fate === Fate.Lost) return;
    const entry = this.hold(impairment, made);
    if (fate === Fate.Corrupted) this.corrupt(impairment, made, entry);
  };

  /** @returns the entry of the held frame; -1 if it was dropped, because too many are held */
  private hold(impairment: Impairment, frame: number): number {
    const { held, where } = this;
    const { settings, share } = impairment;
    if (share.frames === 0) impairment.isFullTold = false;
    const hasRoom = share.segments + where.segments <= settings.limit;
    const entry =
      hasRoom && held !== undefined ? held.hold(frame, this.due, share, where) : NO_ENTRY;
    if (entry === NO_ENTRY) this.refuse(impairment, where.segments);
    else this.sink.held(where.port);
    return entry;
  }

  private corrupt(impairment: Impairment, frame: number, entry: number): void {
    const bit = impairment.randomBit(this.burst, frame);
    if (entry !== NO_ENTRY) this.held?.flip(entry, bit);
  }

  /** Drops frames, because too many are held. @returns false */
  private refuse(impairment: Impairment, frames: number): boolean {
    const { port, isIn } = this.where;
    impairment.full += frames;
    this.sink.full(port, isIn, frames);
    if (impairment.isFullTold) return false;
    impairment.isFullTold = true;
    const { words } = impairment.settings;
    this.sink.news({ event: 'impairment-full', port, direction: isIn ? 'in' : 'out', words });
    return false;
  }

  /** Impairments that may take a frame, in the order in which they are asked. Nothing changes. */
  candidates(frame: number, port: number, isIn: boolean): readonly ImpairmentSettings[] {
    const { burst } = this;
    const { clock } = burst;
    const accepting = (this.lists[listOf(port, isIn)] ?? [])
      .filter((impairment) => impairment.isActive(clock))
      .map(({ settings }) => settings)
      .filter(({ accepts }) => accepts === undefined || accepts(burst, frame));
    // The first one that takes every frame is the last one that is asked.
    const last = accepting.findIndex(({ every, nth }) => every === undefined && nth === undefined);
    return last < 0 ? accepting : accepting.slice(0, last + 1);
  }

  // Held frames ---------------------------------------------------------------------------------

  /** When the next held frame is due, milliseconds; `-Infinity` if one waits already, `Infinity` if there is none. */
  get heldDueMs(): number {
    return this.held === undefined ? Infinity : this.held.dueMs;
  }

  /** Whether a held frame is due. */
  get isDue(): boolean {
    const { held } = this;
    return held !== undefined && held.dueMs <= (this.burst.clock[0] as number);
  }

  /**
   * Moves frames that are due into the first slots of the burst, in their order, while they have one
   * direction. The caller has no frame there.
   * @returns their number; `isBatchIn` is their direction, `batchPort` and `batchTag` say how one leaves
   */
  takeDue(): number {
    const { batchPort, batchTag, burst, held } = this;
    if (held === undefined) return 0;
    held.settle(burst.clock);
    if (!held.hasDue) return 0;
    this.isBatchIn = held.isNextIn;
    const most = burst.receiveFrames;
    let count = 0;
    while (count < most && held.hasDue && held.isNextIn === this.isBatchIn) {
      batchPort[count] = held.nextPort;
      batchTag[count] = held.nextTag;
      this.sink.released(held.nextPort);
      held.takeInto(count);
      count++;
    }
    return count;
  }

  // Orders --------------------------------------------------------------------------------------

  /**
   * Adds an impairment, or replaces the one of the same name.
   * @returns false, and changes nothing, where its port and direction have `MAX_IMPAIRMENTS` others
   */
  add(settings: ImpairmentSettings): boolean {
    const nowMs = this.burst.clock[0] as number;
    const place = this.all.findIndex((other) => other.settings.name === settings.name);
    const isIn = settings.direction === 'in';
    const list = this.lists[listOf(settings.port, isIn)] ?? [];
    if (place < 0 && list.length >= MAX_IMPAIRMENTS) return false;
    this.held ??= new HeldFrames(this.burst);
    const impairment = new Impairment(settings, nowMs);
    if (place < 0) {
      this.all.push(impairment);
    } else {
      impairment.replace(this.all[place] as Impairment);
      this.all[place] = impairment;
    }
    this.settle();
    return true;
  }

  /** Removes an impairment; what it holds is due now. @returns whether there was one */
  remove(name: string): boolean {
    const place = this.all.findIndex(({ settings }) => settings.name === name);
    const [removed] = place < 0 ? [] : this.all.splice(place, 1);
    if (removed === undefined) return false;
    this.held?.expedite(removed.share, this.burst.clock[0] as number);
    this.settle();
    return true;
  }

  /** Forgets the impairments of a port that is removed, and what they hold. */
  forgetPort(port: number): void {
    const others = this.all.filter(({ settings }) => settings.port !== port);
    if (others.length === this.all.length) return;
    this.all.splice(0, this.all.length, ...others);
    this.held?.forgetPort(port);
    this.settle();
  }

  /** Ends impairments whose time is over; what they hold is due now. @returns whether any ended */
  tick(): boolean {
    const nowMs = this.burst.clock[0] as number;
    let hasEnded = false;
    for (const impairment of this.all) {
      if (impairment.isEnded || impairment.stateAt(nowMs) !== 'ended') continue;
      impairment.isEnded = true;
      hasEnded = true;
      this.held?.expedite(impairment.share, nowMs);
      const { direction, port, words } = impairment.settings;
      this.sink.news({ event: 'impairment-ended', port, direction, words });
    }
    if (hasEnded) this.settle();
    return hasEnded;
  }

  /** When an impairment ends next, milliseconds; `Infinity` for never. */
  get endsMs(): number {
    return this.nextEndMs;
  }

  /** Whether a port has an impairment of a direction that has not ended. */
  has(port: number, isIn: boolean): boolean {
    return this.lists[listOf(port, isIn)] !== undefined;
  }

  counts(): ImpairmentCounts[] {
    const nowMs = this.burst.clock[0] as number;
    return this.all.map((impairment) => impairment.counts(nowMs));
  }

  /** Makes the lists of the ports. */
  private settle(): void {
    const going = this.all.filter(({ isEnded }) => !isEnded);
    this.nextEndMs = Math.min(Infinity, ...going.map(({ endMs }) => endMs));
    this.lists.length = 0;
    for (const impairment of going) {
      const { direction, port } = impairment.settings;
      const at = listOf(port, direction === 'in');
      this.lists[at] = [...(this.lists[at] ?? []), impairment];
    }
  }
}

function listOf(port: number, isIn: boolean): number {
  return 2 * port + (isIn ? 0 : 1);
}
