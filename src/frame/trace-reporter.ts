/**
 * Receiver of every decision about a frame. The deciding code calls it, as Open vSwitch calls
 * `xlate_report` (ofproto/ofproto-dpif-xlate.c). The bridge has one while somebody traces, and a room
 * reaches it through the outbox.
 *
 * Tracing is rare. So a caller first checks that there is a reporter, and makes no sentence and no object
 * before that.
 */

export interface TraceReporter {
  /** Reports a decision and its reason, in one sentence. */
  step(sentence: string): void;
  /** Notes that a received frame leaves by the port. `step` has the sentence for it. */
  egress(port: number): void;
  /** Notes that the frame, or one copy of it, goes no further. `step` has the sentence for it. */
  drop(port: number, reason: string): void;
  /** The name of the port, for a sentence. */
  label(port: number): string;
}
