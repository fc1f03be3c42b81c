/**
 * Frames at an exact rate, and the places where frames are lost.
 */

import type { Host } from '../lab';
import { sendAndCount, type Counted, type Stations } from './frames';

export interface Loss {
  /** Frames that did not arrive. */
  lost: number;
  /** Lost frames for which the sender's queue had no room: the switch did not read in time. */
  atSender: number;
}

/** One stream. */
export interface ExactStream {
  from: Host;
  to: Host;
  source: Stations;
  destination: Stations;
  rate: number;
  frames: number;
}

/** Share by which the generator may be slower than asked: a frame not offered cannot be lost. */
const SLACK = 0.01;

/** Sends 60-byte frames and counts those that are lost. */
export async function sendExactly({ to, frames, ...stream }: ExactStream): Promise<Loss> {
  const counted = await sendAndCount([to], [stream], { frames }, { isExact: true });
  return lossOf(counted, stream.rate);
}

/**
 * @param counted counts of one stream to one host
 * @throws Error if the generator could not keep the rate, so that the loss says nothing
 */
export function lossOf(counted: Counted, rate: number): Loss {
  const [sent, received] = [counted.sentFrames[0]!, counted.receivedFrames[0]!];
  const offered = sent / counted.elapsedS;
  if (offered < rate * (1 - SLACK)) {
    const [asked, kept] = [rate, offered].map((number) => Math.round(number).toLocaleString('en'));
    throw new Error(`the generator sent ${kept} instead of ${asked} frames/s: its CPU was busy`);
  }
  const lost = Math.max(0, sent - received);
  return { lost, atSender: Math.min(lost, counted.refusedFrames[0]!) };
}
