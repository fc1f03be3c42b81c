/** Hosts that receive a frame. Every port is captured, so that a frame that is not flooded shows, too. */

import { macOf, marker } from './frame';
import type { Host } from './host';

export interface Heard {
  /** Other hosts that the frame reached. */
  readonly by: readonly Host[];
  /** Frames of the same EtherType that came back to the sender. */
  readonly answers: readonly string[];
}

/** An unrelated station behind one of the ports. */
const BYSTANDER = macOf(0xfffffe);

let markerCount = 0;

/**
 * @param speaker host that sends `frame`; all hosts are quiet
 * @param hosts all hosts on the switch, at least two
 */
export async function whoHears(
  speaker: Host,
  hosts: readonly Host[],
  frame: string,
): Promise<Heard> {
  const others = hosts.filter((host) => host !== speaker);
  const [atSpeaker, ...atOthers] = await Promise.all(
    [speaker, ...others].map((host) => host.capture()),
  );
  const end = marker(speaker.mac, ++markerCount);
  await speaker.send(frame, end);
  const heard = await Promise.all(atOthers.map((capture) => capture.before(end)));
  // All replies to the speaker were sent before this frame.
  const [other] = others as [Host];
  const back = marker(BYSTANDER, ++markerCount);
  await other.send(back);
  const came = (await atSpeaker?.before(back)) ?? [];
  return {
    by: others.filter((_, index) => heard[index]?.includes(frame)),
    answers: came.filter((answer) => typeOf(answer) === typeOf(frame)),
  };
}

function typeOf(frame: string): string {
  return frame.slice(24, 28);
}
