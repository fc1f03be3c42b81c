/**
 * Output: how a frame leaves. `Egress` says whether it may leave from a port; this file gives it its tag,
 * checks its length, cuts it into segments where the port takes no super-frames, and puts it into the answer
 * of the burst. It also sends the answer, ends the trip of a frame that is dropped, and tells mirrors and
 * the reporter of both.
 *
 * Rooms send the frames of the switch itself through it: it is their outbox.
 */

import { type Burst, FrameFlag, tagsOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { NO_PORT } from '../frame/port-id';
import { segmentBytes, segmentCount, segmentTo } from '../frame/segment';
import { AS_IT_IS, STRIP, shiftOf } from '../frame/tag-operation';
import type { TraceReporter } from '../frame/trace-reporter';
import type { Transmitter } from '../frame/transmitter';
import { DESTINATION, VLAN_TAG_BYTES, isReserved, macHi16, macLo32 } from '../wire/ethernet';
import type { Counters } from './counters';
import { DropReason } from './drop-reason';
import type { Egress } from './egress';
import type { EventLog } from './event-log';
import { Impairing } from './impairing';
import { Mirroring } from './mirroring';
import type { Mirrors } from './mirrors';
import type { PortTable } from './port-table';
import type { RoomNews } from './room-list';
import { SendResults } from './send-results';
import { tellDrop, tellLeaving, tellOwnWords, tellSegmenting } from './trace-steps';
import { WORK_PER_TURN } from './turn';
import { NO_VLAN } from '../wire/vlan';
import type { VlanEgress } from './vlan-egress';
import type { VlanIngress } from './vlan-ingress';
import type { VlanTable } from './vlan-table';

/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Offloaded, Tagged } = FrameFlag;
/** Segments of a super-frame that goes to one port. */
const SEGMENTS_TO_ONE = WORK_PER_TURN;

/** Parts of the bridge that the output uses. */
export interface OutputParts {
  readonly burst: Burst;
  readonly ports: PortTable;
  readonly vlans: VlanTable;
  readonly counters: Counters;
  readonly events: EventLog;
  readonly egress: Egress;
  readonly vlanIngress: VlanIngress;
  readonly vlanEgress: VlanEgress;
  readonly mirrors: Mirrors;
  readonly news: (news: RoomNews) => void;
}

export class Output implements Outbox {
  readonly burst: Burst;
  /** Reporter of decisions. Absent unless a trace runs. */
  reporter: TraceReporter | undefined = undefined;
  /** Whether a reporter or a mirror wants to know of the frames of this burst. */
  isObserved = false;
  readonly mirroring: Mirroring;
  readonly results: SendResults;
  readonly impairing: Impairing;
  private readonly ports: PortTable;
  private readonly vlans: VlanTable;
  private readonly counters: Counters;
  private readonly egress: Egress;
  private readonly vlanEgress: VlanEgress;
  private transmitter: Transmitter | undefined;

  constructor(parts: OutputParts) {
    this.burst = parts.burst;
    this.ports = parts.ports;
    this.vlans = parts.vlans;
    this.counters = parts.counters;
    this.egress = parts.egress;
    this.vlanEgress = parts.vlanEgress;
    this.mirroring = new Mirroring(parts, this);
    this.results = new SendResults(parts, this);
    this.impairing = new Impairing(parts, this);
  }

  connect(transmitter: Transmitter): void {
    this.transmitter = transmitter;
  }

  /** Finds out whether a reporter or a mirror wants to know of frames. */
  settleObservers(): void {
    this.isObserved = this.reporter !== undefined || !this.mirroring.isEmpty;
  }

  // To a port ----------------------------------------------------------------------------------

  /**
   * Sends a frame out of a port, or drops it if it may not leave there.
   * @param tag operation on the outer tag of the frame: see `tag-operation.ts`
   */
  sendTo(frame: number, port: number, tag = AS_IT_IS): void {
    if (!this.egress.mayLeave(port, frame)) return this.sendOtherwise(frame, port, tag);
    const operation = tag === AS_IT_IS ? this.tagFor(frame, port) : tag;
    this.deliver(frame, port, operation, SEGMENTS_TO_ONE);
  }

  /** Sends a frame that may not leave by a port out of the backup of the port, or drops it. A backup has no backup. */
  private sendOtherwise(frame: number, port: number, tag: number): void {
    const { egress, ports, reporter } = this;
    const backup = ports.isUp(port) ? NO_PORT : ports.backupOf(port);
    if (backup === NO_PORT) return this.refuse(frame, port);
    reporter?.step(`${ports.name(port)} is down; its backup is ${ports.name(backup)}`);
    if (!egress.mayLeave(backup, frame)) return this.refuse(frame, backup);
    const operation = tag === AS_IT_IS ? this.tagFor(frame, backup) : tag;
    this.deliver(frame, backup, operation, SEGMENTS_TO_ONE);
  }

  /**
   * Sends a frame that an impairment has held, if it may still leave: its port may have changed meanwhile.
   * @param tag operation with which it was about to leave
   */
  sendHeld(frame: number, port: number, tag: number): void {
    const mayLeave = this.egress.mayLeave(port, frame) || this.isOnLink(frame, port);
    if (mayLeave) this.deliver(frame, port, tag, SEGMENTS_TO_ONE);
    else this.refuse(frame, port);
  }

  /** Whether a frame is one that `toLink` sends to the reserved addresses of a port that is up. */
  private isOnLink(frame: number, port: number): boolean {
    const { ingress, offset, u16 } = this.burst;
    if (ingress[frame] !== NO_PORT || !this.ports.isUp(port)) return false;
    const at = (offset[frame] as number) + DESTINATION;
    return isReserved(macHi16(u16, at), macLo32(u16, at));
  }

  /** Tag operation for a frame that may leave from a port. */
  tagFor(frame: number, port: number): number {
    return this.vlans.isFiltering ? this.vlanEgress.tagFor(frame, port) : AS_IT_IS;
  }

  /**
   * Puts a frame that may leave from a port into the answer, in a shape that the port takes, or drops it.
   * @param tag operation on the outer tag of the frame: see `tag-operation.ts`
   * @param segmentsMax frames that a super-frame may become
   */
  deliver(frame: number, port: number, tag: number, segmentsMax: number): void {
    const { burst, ports } = this;
    const shiftBytes = tag === AS_IT_IS ? 0 : shiftOf(tag);
    if ((burst.length[frame] as number) + shiftBytes > ports.unaskedBytes(port)) {
      if (!this.mayLeaveNow(frame, port, tag)) return;
    }
    if (((burst.kind[frame] as number) & Offloaded) !== 0 && !ports.takesOffloads(port)) {
      if (this.isObserved) this.mirroring.sent(frame, port, tag);
      this.segment(frame, port, tag, segmentsMax);
      return;
    }
    if (this.isObserved) this.observeLeaving(frame, port, tag);
    if (!burst.hasTxRoom(1)) this.flush();
    burst.send(frame, port, tag);
  }

  /** Ends the trip of a frame. @param port the port at which it is counted */
  drop(port: number, reason: DropReason): void {
    if (this.reporter !== undefined) tellDrop(this.reporter, port, reason);
    this.counters.drop(port, reason);
  }

  private refuse(frame: number, port: number): void {
    this.drop(port, this.egress.reasonAgainst(port, frame));
  }

  private observeLeaving(frame: number, port: number, tag: number): void {
    if (this.reporter !== undefined) tellLeaving(this.reporter, this.burst, frame, port);
    this.mirroring.sent(frame, port, tag);
  }

  /** Whether a frame fits the port, and no impairment of the port takes it. */
  private mayLeaveNow(frame: number, port: number, tag: number): boolean {
    const { burst, ports } = this;
    const leavingBytes = (burst.length[frame] as number) + shiftOf(tag);
    if (leavingBytes > ports.longestFrame(port) && !this.fitsOtherwise(frame, port, tag)) {
      return false;
    }
    return !ports.isImpairedOut(port) || !this.impairing.takesOut(frame, port, tag);
  }

  /**
   * Whether a frame that is too long as it is fits all the same: as segments, or without its outer
   * tag, which Linux holds apart from the frame and does not count (`is_skb_forwardable`).
   */
  private fitsOtherwise(frame: number, port: number, tag: number): boolean {
    const leavingBytes = segmentBytes(this.burst, frame) + shiftOf(tag);
    const countedBytes = leavingBytes - this.outerTagBytes(frame, tag);
    const fits = countedBytes <= this.ports.longestFrame(port);
    if (!fits) this.drop(port, DropReason.TooLong);
    return fits;
  }

  /** Bytes of the outer tag of a frame as it leaves. */
  private outerTagBytes(frame: number, tag: number): number {
    const { burst } = this;
    const isTagged = ((burst.kind[frame] as number) & Tagged) !== 0;
    const staysTagged = tag === STRIP ? tagsOf(burst, frame) > 1 : isTagged || tag !== AS_IT_IS;
    return staysTagged ? VLAN_TAG_BYTES : 0;
  }

  // As segments --------------------------------------------------------------------------------

  /** Sends a super-frame as its segments. @returns false if it was dropped */
  segment(frame: number, port: number, tag: number, segmentsMax: number): boolean {
    if (segmentCount(this.burst, frame) > segmentsMax) {
      this.drop(port, DropReason.TooManySegments);
      return false;
    }
    const { mirroring } = this;
    // Mirrors have copied the frame as a whole.
    const wasCopying = mirroring.isCopying;
    mirroring.isCopying = true;
    const isSent =
      this.reporter === undefined
        ? segmentTo(frame, port, this, tag)
        : this.segmentReported(this.reporter, frame, port, tag);
    mirroring.isCopying = wasCopying;
    // A frame that was admitted can always be segmented.
    if (!isSent) this.drop(port, DropReason.WriteFailed);
    return isSent;
  }

  /** Tells of the segments as of the one frame that was received. */
  private segmentReported(
    reporter: TraceReporter,
    frame: number,
    port: number,
    tag: number,
  ): boolean {
    tellSegmenting(reporter, segmentCount(this.burst, frame), port);
    this.reporter = undefined;
    const isSent = segmentTo(frame, port, this, tag);
    this.reporter = reporter;
    if (isSent) tellLeaving(reporter, this.burst, frame, port);
    return isSent;
  }

  // Frames of the switch itself (Outbox) -------------------------------------------------------

  make(lengthBytes: number): number {
    if (this.isObserved) this.mirroring.begin();
    const frame = this.burst.make(lengthBytes);
    if (frame >= 0) return frame;
    // Waiting frames hold the room. Once they are sent, there is room for any frame.
    this.flush();
    this.burst.releaseMade();
    return this.burst.make(lengthBytes);
  }

  toPort(frame: number, port: number, tag = AS_IT_IS): void {
    if (this.reporter !== undefined) tellOwnWords(this.reporter, this.burst, frame, port);
    // A segment of a frame that may leave; the target of a mirror forwards nothing else.
    if (this.mirroring.isCopying) this.deliver(frame, port, tag, SEGMENTS_TO_ONE);
    else this.sendTo(frame, port, tag);
  }

  toLink(frame: number, port: number, vlan = NO_VLAN): void {
    if (this.reporter !== undefined) tellOwnWords(this.reporter, this.burst, frame, port);
    let tag = AS_IT_IS;
    if (vlan !== NO_VLAN) {
      this.burst.vlan[frame] = vlan;
      tag = this.tagFor(frame, port);
    }
    if (this.ports.isUp(port)) this.deliver(frame, port, tag, SEGMENTS_TO_ONE);
    else this.drop(port, DropReason.EgressDown);
  }

  toAll(frame: number, except = NO_PORT): void {
    const { vlans } = this;
    const vid = this.burst.vlan[frame] as number;
    for (const port of this.ports.forwarding) {
      if (port === except || (vlans.isFiltering && !vlans.isMember(port, vid))) continue;
      this.toPort(frame, port);
    }
  }

  // Sending ------------------------------------------------------------------------------------

  /** Sends what is left of the answer to a burst. */
  finish(): void {
    this.flush();
    this.results.sendRefused();
  }

  /**
   * Replaces `finish` for a caller that has sent the answer itself.
   * @param failed how many pairs failed, as `Burst.txStatus` says
   */
  sent(failed: number): void {
    this.results.settle(failed);
    this.results.sendRefused();
  }

  /** Sends what has been decided so far, and counts what came of it. */
  flush(): void {
    if (this.burst.txCount === 0) return;
    if (this.transmitter === undefined) throw new Error('the bridge is connected to no ports');
    this.results.settle(this.transmitter.transmit());
  }
}
