/**
 * Who is told of each decision about a frame. The code that decides calls it, as Open vSwitch's
 * calls `xlate_report` (ofproto/ofproto-dpif-xlate.c). The bridge holds one while somebody traces,
 * and a room reaches it through the outbox.
 *
 * Nobody traces nearly always. So a caller asks first whether there is a reporter, and makes no
 * sentence and no object before that.
 */

export interface TraceReporter {
  /** Says in one sentence what was decided, and why. */
  step(sentence: string): void;
  /** Notes that a received frame leaves from the port. The sentence is a step of its own. */
  egress(port: number): void;
  /** Notes that the frame, or one copy of it, goes no further. The sentence is a step of its own. */
  drop(port: number, reason: string): void;
  /** The name of the port, for a sentence. */
  label(port: number): string;
}
