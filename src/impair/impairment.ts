/**
 * One impairment: which frames it takes, and their fates. It decides by the sequence of its frames, their
 * times and its seed alone, wherever the bursts begin and end.
 *
 * A super-frame counts as its segments: each may be lost or corrupted, and `rate` and `limit` count them. The
 * other effects concern the frame as a whole.
 *
 * Frames stay in order, whatever the jitter: a frame is due no earlier than the one before it. Only `reorder`
 * sends a frame ahead. Unlike this, netem lets a frame with a short delay overtake others.
 *
 * Source: `netem_enqueue` in net/sched/sch_netem.c.
 */

import type { Burst } from '../frame/burst';
import { i32At, u8At } from '../wire/read';
import { Delays } from './delays';
import { Dice } from './dice';
import type { HeldShare } from './held-frames';
import { type Loss, lossBy } from './loss';
import { Random } from './random';
import type { ImpairmentSettings } from './settings';

/** Most segments of a frame whose fates differ: a frame with more is lost as a whole or not at all. */
export const MAX_FATES = 512;

export const Fate = { Passes: 0, Lost: 1, Corrupted: 2 } as const;
export type Fate = (typeof Fate)[keyof typeof Fate];

const BITS_PER_BYTE = 8;
const MS_PER_SECOND = 1_000;

export type ImpairmentState = 'waiting' | 'active' | 'ended';

/** What an impairment has done, in frames; the segments of a super-frame count. */
export interface ImpairmentCounts {
  readonly name: string;
  readonly state: ImpairmentState;
  readonly seed: number;
  /** Frames that match. */
  readonly frames: number;
  /** Frames that are held now. */
  readonly held: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly corrupted: number;
  readonly reordered: number;
  /** Frames that were dropped because too many were held. */
  readonly full: number;
}

export class Impairment {
  /** Frames of it that are held. */
  share: HeldShare = { frames: 0, segments: 0 };
  lost = 0;
  duplicated = 0;
  corrupted = 0;
  reordered = 0;
  full = 0;
  /** Whether it has ended, which was reported. */
  isEnded = false;
  /** Whether it was reported that too many frames are held, since none was held. */
  isFullTold = false;
  /** Fates of the segments of the frame that `decide` was asked about last. */
  readonly fates = new Uint8Array(MAX_FATES);
  /** Numbers of its lost and of its corrupted segments. */
  lostSegments = 0;
  corruptedSegments = 0;
  /** [0]: time when the last frame is due, milliseconds. [1]: time until which the line is busy. */
  private readonly times = new Float64Array(2).fill(-Infinity);
  /** `times` before the last call of `schedule`, and milliseconds that the line takes for its frame. */
  private readonly timesBefore = new Float64Array(2);
  private readonly sendingMs = new Float64Array(1);
  private matched = 0;
  private sinceReorder = 0;
  private readonly beginMs: number;
  readonly endMs: number;
  private readonly random: Random;
  private readonly loss: Loss | undefined;
  private readonly corrupts: Dice | undefined;
  private readonly duplicates: Dice | undefined;
  private readonly reorders: Dice | undefined;
  private readonly delays: Delays | undefined;

  constructor(
    readonly settings: ImpairmentSettings,
    nowMs: number,
  ) {
    const { atMs, corrupt, delay, duplicate, forMs, loss, reorder, seed } = settings;
    this.beginMs = nowMs + atMs;
    this.endMs = this.beginMs + forMs;
    // One generator after the other, so that an effect that is added leaves the fates by the others alone.
    const random = (effect: number): Random => new Random(seed ^ Math.imul(effect, 0x01000193));
    this.random = random(0);
    if (loss !== undefined) this.loss = lossBy(loss, random(1));
    if (corrupt !== undefined) this.corrupts = new Dice(random(2), corrupt);
    if (duplicate !== undefined) this.duplicates = new Dice(random(3), duplicate);
    if (reorder !== undefined) this.reorders = new Dice(random(4), reorder);
    if (delay !== undefined) this.delays = new Delays(delay, random(5));
  }

  /** Takes the place of another impairment: what that one holds stays in order with what comes. */
  replace(other: Impairment): void {
    this.share = other.share;
    this.times.set(other.times);
  }

  /** @param clock [0]: time, milliseconds. A number would be an object on the heap where the call is not inlined. */
  isActive(clock: Float64Array): boolean {
    const nowMs = clock[0] as number;
    return nowMs >= this.beginMs && nowMs < this.endMs;
  }

  /**
   * Decides which segments of a frame are impaired, and which of those are lost or corrupted.
   * @param segments frames that it is on a wire
   * @returns whether any segment is impaired
   */
  takes(burst: Burst, frame: number, segments: number): boolean {
    const { accepts } = this.settings;
    if (accepts !== undefined && !accepts(burst, frame)) return false;
    const before = this.matched;
    this.matched = before + segments;
    if (!this.selectsAny(before, segments)) return false;
    this.decideFates(before, segments);
    return true;
  }

  /** Whether one of the next frames is among those that `nth` or `every` names. */
  private selectsAny(before: number, count: number): boolean {
    const { every, nth } = this.settings;
    if (nth !== undefined) return before < nth && nth <= before + count;
    if (every !== undefined) {
      return Math.floor((before + count) / every) > Math.floor(before / every);
    }
    return true;
  }

  private selects(number: number): boolean {
    const { every, nth } = this.settings;
    if (nth !== undefined) return number === nth;
    return every === undefined || number % every === 0;
  }

  private decideFates(before: number, segments: number): void {
    const { corrupts, fates, loss } = this;
    this.lostSegments = 0;
    this.corruptedSegments = 0;
    if (loss === undefined && corrupts === undefined) return;
    for (let segment = 0; segment < segments; segment++) {
      const fate = this.selects(before + segment + 1) ? this.nextFate() : Fate.Passes;
      if (fate === Fate.Lost) this.lostSegments++;
      if (fate === Fate.Corrupted) this.corruptedSegments++;
      if (segment < MAX_FATES) fates[segment] = fate;
    }
  }

  private nextFate(): Fate {
    if (this.loss?.isLost() === true) return Fate.Lost;
    return this.corrupts?.throw() === true ? Fate.Corrupted : Fate.Passes;
  }

  fateOf(segment: number): Fate {
    return u8At(this.fates, segment) as Fate;
  }

  /** Whether the next frame is sent twice. */
  isDuplicated(): boolean {
    return this.duplicates?.throw() === true;
  }

  /** Whether the next frame goes ahead of what is held. */
  goesAhead(): boolean {
    const { reorders } = this;
    if (reorders === undefined) return false;
    const gap = this.settings.reorder?.gap ?? 1;
    if (++this.sinceReorder < gap || !reorders.throw()) return false;
    this.sinceReorder = 0;
    return true;
  }

  /**
   * Decides when the next frame is due.
   * @param clock [0]: time, milliseconds
   * @param wireBytes bytes of the frame on a wire, the headers of each segment included
   * @param due [0]: gets the time when the frame is due, milliseconds
   */
  schedule(clock: Float64Array, wireBytes: number, due: Float64Array): void {
    const { delays, times } = this;
    const { rate } = this.settings;
    this.timesBefore.set(times);
    delays?.next();
    let dueMs = (clock[0] as number) + (delays === undefined ? 0 : (delays.last[0] as number));
    if (rate !== undefined) {
      const sentMs = (wireBytes * BITS_PER_BYTE * MS_PER_SECOND) / rate;
      dueMs = Math.max(dueMs, times[1] as number) + sentMs;
      times[1] = dueMs;
      this.sendingMs[0] = sentMs;
    }
    times[0] = Math.max(dueMs, times[0] as number);
    due[0] = times[0];
  }

  /** Notes that the next frame goes ahead: it is no part of the schedule, so that nothing is to be taken back. */
  scheduleAhead(clock: Float64Array, due: Float64Array): void {
    this.timesBefore.set(this.times);
    this.sendingMs[0] = 0;
    due[0] = clock[0] as number;
  }

  /**
   * Takes back what `schedule` has done for a frame, or for a part of its segments: they were dropped, because too many are
   * held. The line is not busy with them, and no later frame waits for them.
   * @param part from 0 to 1
   */
  unschedule(part: number): void {
    const { times } = this;
    if (part === 1) times.set(this.timesBefore);
    else times[1] = (times[1] as number) - (this.sendingMs[0] as number) * part;
  }

  /** A bit of a frame, any one. */
  randomBit(burst: Burst, frame: number): number {
    return this.random.below(i32At(burst.length, frame) * BITS_PER_BYTE);
  }

  counts(nowMs: number): ImpairmentCounts {
    const { corrupted, duplicated, full, lost, matched: frames, reordered } = this;
    const { name, seed } = this.settings;
    const held = this.share.segments;
    const state = this.stateAt(nowMs);
    return { name, state, seed, frames, held, lost, duplicated, corrupted, reordered, full };
  }

  stateAt(nowMs: number): ImpairmentState {
    if (nowMs < this.beginMs) return 'waiting';
    return nowMs < this.endMs ? 'active' : 'ended';
  }
}
