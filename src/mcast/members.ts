/**
 * Pool of memberships: one for each port of each group, in a chain by ascending port. Columns of typed arrays
 * that grow by doubling, so that 256 ports × 1,000 groups take 7 MB and an empty table takes nothing.
 */

import { i32At, u8At } from '../wire/read';
import { grownF64, grownI32, grownU8 } from './grown';

/** Bits of a membership's flags. */
export const MemberFlag = {
  /** The port gets every source but those that are blocked; without it, only the sources of its list. */
  Exclude: 1,
  /** An operator made it for good: no report and no timer changes it. */
  Permanent: 2,
  /** It is a membership of the group, and not only the holder of sources that were made by hand. */
  Star: 4,
  /** An operator made it. */
  ByHand: 8,
} as const;

export const NO_MEMBER = -1;

/** 256 ports × 1,000 groups fit. */
export const MAX_MEMBERS = 262_144;

const FIRST_CAPACITY = 64;

export class Members {
  count = 0;
  /** One more than the highest membership that was ever in use. */
  ceiling = 0;
  group = new Int32Array(FIRST_CAPACITY).fill(NO_MEMBER);
  port = new Int32Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);
  /** Time at which `Exclude` ends, ms; `Infinity` for never. */
  dueMs = new Float64Array(FIRST_CAPACITY);
  /** The next membership of the same group. */
  next = new Int32Array(FIRST_CAPACITY);
  /** The first source of its list. */
  firstSource = new Int32Array(FIRST_CAPACITY);
  private free = NO_MEMBER;

  constructor(readonly max = MAX_MEMBERS) {}

  get isFull(): boolean {
    return this.count >= this.max;
  }

  isUsed(member: number): boolean {
    return this.group[member] !== NO_MEMBER;
  }

  /** Takes a membership without sources. The caller has checked `isFull`, and links it. */
  take(group: number, port: number): number {
    let member = this.free;
    if (member === NO_MEMBER) {
      member = this.ceiling++;
      if (member === this.group.length) this.grow();
    } else {
      this.free = i32At(this.next, member);
    }
    this.count++;
    this.group[member] = group;
    this.port[member] = port;
    this.flags[member] = 0;
    this.dueMs[member] = Infinity;
    this.next[member] = NO_MEMBER;
    this.firstSource[member] = NO_MEMBER;
    return member;
  }

  release(member: number): void {
    this.group[member] = NO_MEMBER;
    this.next[member] = this.free;
    this.free = member;
    this.count--;
  }

  has(member: number, flag: number): boolean {
    return (u8At(this.flags, member) & flag) !== 0;
  }

  set(member: number, flag: number, isSet: boolean): void {
    const flags = u8At(this.flags, member);
    this.flags[member] = isSet ? flags | flag : flags & ~flag;
  }

  private grow(): void {
    const capacity = 2 * this.group.length;
    this.group = grownI32(this.group, capacity);
    this.port = grownI32(this.port, capacity);
    this.flags = grownU8(this.flags, capacity);
    this.dueMs = grownF64(this.dueMs, capacity);
    this.next = grownI32(this.next, capacity);
    this.firstSource = grownI32(this.firstSource, capacity);
  }
}
