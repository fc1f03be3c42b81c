/**
 * Results of sending: what was sent is counted, and what failed is dropped for the reason that the kernel
 * gave. A port whose kernel refuses an offload gets plain frames for a while, beginning with those that it
 * refused.
 */

import { type Burst, isPlain } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import { isOrdinaryOffload } from '../frame/segment';
import { Errno } from '../frame/transmitter';
import { i32At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';
import { Counter, type Counters } from './counters';
import { DropReason } from './drop-reason';
import { EventKind, type EventLog } from './event-log';
import { OffloadPauses } from './offload-pauses';
import type { Output, OutputParts } from './output';
import type { PortTable } from './port-table';
import { SEGMENTS_TO_EACH } from './turn';

export class SendResults {
  private readonly burst: Burst;
  private readonly ports: PortTable;
  private readonly counters: Counters;
  private readonly events: EventLog;
  private readonly pauses = new OffloadPauses();
  /** Pairs of this burst that the kernel refused for an offload: frame, port and tag operation. */
  private readonly refused: [frame: number, port: number, tag: number][] = [];

  constructor(
    { burst, ports, counters, events }: OutputParts,
    private readonly output: Output,
  ) {
    this.burst = burst;
    this.ports = ports;
    this.counters = counters;
    this.events = events;
  }

  /**
   * Counts the pairs of the answer, and clears it.
   * @param failed number of pairs that failed, as `Burst.txStatus` says
   */
  settle(failed: number): void {
    const { burst } = this;
    const count = burst.txCount;
    if (failed > 0) this.countFailures(count);
    const { txPort, txLength } = burst;
    this.counters.addRuns(0, count, txPort, txLength, Counter.TxFrames, Counter.TxBytes);
    burst.clearAnswer();
  }

  /**
   * Sends the refused frames as plain ones. They are received frames, and lie in the burst until the next one
   * begins.
   */
  sendRefused(): void {
    if (this.refused.length === 0) return;
    const { burst, output, ports } = this;
    for (const [frame, port, tag] of this.refused.splice(0)) {
      const isSent = output.segment(frame, port, tag, SEGMENTS_TO_EACH);
      if (!isSent || !ports.takesOffloads(port)) continue;
      ports.setOffloads(port, false);
      this.pauses.begin(port, burst.nowMs);
      this.events.add(EventKind.OffloadRefused, port, NO_PORT, 0, 0, NO_VLAN, burst.nowMs);
    }
    output.flush();
  }

  /** Time of the next work of `tick`, milliseconds; `Infinity` for never. */
  get dueMs(): number {
    return this.pauses.dueMs;
  }

  /** Gives offloads back to the ports whose pause is over. */
  tick(): void {
    this.pauses.tick(this.burst.nowMs, this.resume);
  }

  /** Forgets the pause of a port that was removed, or whose offloads somebody has set. */
  forget(port: number): void {
    this.pauses.forget(port);
  }

  private readonly resume = (port: number): void => {
    this.ports.setOffloads(port, true);
  };

  /** Takes the pairs that failed out of the answer. */
  private countFailures(count: number): void {
    const { txFrame, txPort, txStatus, txTag } = this.burst;
    for (let entry = 0; entry < count; entry++) {
      const errno = i32At(txStatus, entry);
      if (errno === 0) continue;
      const frame = i32At(txFrame, entry);
      const port = i32At(txPort, entry);
      txPort[entry] = NO_PORT;
      if (errno === Errno.EINVAL && this.showsRefusal(frame)) {
        this.refused.push([frame, port, i32At(txTag, entry)]);
      } else {
        this.output.drop(port, dropReasonFor(errno));
      }
    }
  }

  /**
   * Whether EINVAL for this frame means that the kernel refuses an offload. For any but ordinary frames the
   * sender is at fault, and no guest may cost other ports their offloads.
   */
  private showsRefusal(frame: number): boolean {
    return !isPlain(this.burst, frame) && isOrdinaryOffload(this.burst, frame);
  }
}

function dropReasonFor(errno: number): DropReason {
  switch (errno) {
    case Errno.EIO:
    case Errno.ENXIO:
    case Errno.ENETDOWN:
    case Errno.ENOTCONN:
    case Errno.ECONNREFUSED:
    case Errno.ENETUNREACH:
    case Errno.EHOSTUNREACH:
      return DropReason.EgressDown;
    case Errno.EMSGSIZE:
      return DropReason.TooLong;
    case Errno.EBADFD:
      return DropReason.DeviceGone;
    case Errno.EAGAIN:
    case Errno.ENOBUFS:
    case Errno.ENOMEM:
      return DropReason.Congested;
    default:
      return DropReason.WriteFailed;
  }
}
