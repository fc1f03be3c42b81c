/**
 * Mirrors: copies of the frames of some ports, for another port. A mirror takes what its ports give the
 * switch, as it was received, and what the switch gives its ports, as it leaves. A frame that is both comes
 * once. It copies frames that the switch drops later, too, but for those that cannot be sent: shorter than a
 * header, or with a vnet header that does not fit.
 *
 * A copy is never mirrored again. The target takes part in nothing else: the port neither learns nor
 * forwards, unless the mirror shares it. The bridge makes the copies; this file knows which.
 *
 * Nothing is asked for a frame while there is no mirror.
 */

import { type Burst, FrameFlag, tagsOf } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import { PAYLOAD, getU16 } from '../wire/ethernet';
import { i32At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';

/** Most mirrors of a switch: each is asked about every frame while there are any. */
export const MAX_MIRRORS = 16;
const NO_FRAME = -1;
const VID_MASK = 0xfff;

export interface MirrorSettings {
  readonly name: string;
  /** Ids of ports whose received frames are copied. */
  readonly in: readonly number[];
  /** Ids of ports whose sent frames are copied. */
  readonly out: readonly number[];
  /** Id of the port that gets the copies. */
  readonly target: number;
  /** Whether the target stays an ordinary port. */
  readonly isShared: boolean;
  /** VLAN of the frames that are copied; without it, every VLAN. */
  readonly vlan?: number;
  /** Whether a frame of the burst is one that the mirror copies; without it, each is. */
  readonly accepts?: (burst: Burst, frame: number) => boolean;
}

/** What a mirror has done. */
export interface MirrorCounts {
  readonly name: string;
  /** Frames that were copied. */
  readonly copies: number;
  /** Frames that were not, because the target was down. */
  readonly lost: number;
}

export class Mirror {
  copies = 0;
  lost = 0;
  /** Frame of the burst that was copied last because a port was given it. */
  private lastOut = NO_FRAME;
  private readonly in: Set<number>;
  private readonly out: Set<number>;

  constructor(readonly settings: MirrorSettings) {
    this.in = new Set(settings.in);
    this.out = new Set(settings.out);
  }

  /** Whether a frame that has just come in is to be copied. @param vid VLAN of the frame */
  takesReceived(burst: Burst, frame: number, vid: number): boolean {
    return this.in.has(i32At(burst.ingress, frame)) && this.accepts(burst, frame, vid);
  }

  /** Whether a frame that leaves from `port` is to be copied: not if it was copied before. */
  takesSent(burst: Burst, frame: number, port: number, vid: number): boolean {
    if (!this.out.has(port) || frame === this.lastOut) return false;
    const ingress = i32At(burst.ingress, frame);
    if (ingress !== NO_PORT && this.in.has(ingress)) return false;
    if (!this.accepts(burst, frame, vid)) return false;
    this.lastOut = frame;
    return true;
  }

  /** Notes that the frames of the burst are others now. */
  begin(): void {
    this.lastOut = NO_FRAME;
  }

  /** Whether every frame of the port must come to the bridge. */
  watches(port: number): boolean {
    return this.in.has(port) || this.out.has(port);
  }

  forgetPort(port: number): void {
    this.in.delete(port);
    this.out.delete(port);
  }

  private accepts(burst: Burst, frame: number, vid: number): boolean {
    const { vlan, accepts } = this.settings;
    if (vlan !== undefined && vid !== vlan) return false;
    return accepts === undefined || accepts(burst, frame);
  }
}

/** VID of the outer tag of a classified frame; `NO_VLAN` where it has none. */
export function outerVid(burst: Burst, frame: number): number {
  if ((i32At(burst.kind, frame) & FrameFlag.Tagged) === 0 || tagsOf(burst, frame) === 0) {
    return NO_VLAN;
  }
  return getU16(burst.u8, i32At(burst.offset, frame) + PAYLOAD) & VID_MASK;
}

export class Mirrors {
  private mirrors: readonly Mirror[] = [];

  get all(): readonly Mirror[] {
    return this.mirrors;
  }

  get isEmpty(): boolean {
    return this.mirrors.length === 0;
  }

  /**
   * Adds a mirror, or replaces the one of the same name.
   * @returns false, and changes nothing, where there are `MAX_MIRRORS` others
   */
  add(settings: MirrorSettings): boolean {
    const others = this.without(settings.name);
    if (others.length >= MAX_MIRRORS) return false;
    this.mirrors = [...others, new Mirror(settings)];
    return true;
  }

  /** @returns whether there was such a mirror */
  remove(name: string): boolean {
    const others = this.without(name);
    const wasThere = others.length < this.mirrors.length;
    this.mirrors = others;
    return wasThere;
  }

  /** Forgets a port whose id will be given away again. Mirrors to it end. */
  forgetPort(port: number): void {
    this.mirrors = this.mirrors.filter(({ settings }) => settings.target !== port);
    for (const mirror of this.mirrors) mirror.forgetPort(port);
  }

  /** Notes that the frames of the burst are others now. */
  begin(): void {
    for (const mirror of this.mirrors) mirror.begin();
  }

  /** Whether some mirror copies frames of the port. */
  watches(port: number): boolean {
    return this.mirrors.some((mirror) => mirror.watches(port));
  }

  /** Whether the port is the target of a mirror that does not share it. */
  takesOver(port: number): boolean {
    return this.mirrors.some(({ settings }) => settings.target === port && !settings.isShared);
  }

  /** Whether the port gets the copies of some mirror. */
  isTarget(port: number): boolean {
    return this.mirrors.some(({ settings }) => settings.target === port);
  }

  counts(): MirrorCounts[] {
    return this.mirrors.map(({ settings: { name }, copies, lost }) => ({ name, copies, lost }));
  }

  private without(name: string): Mirror[] {
    return this.mirrors.filter(({ settings }) => settings.name !== name);
  }
}
