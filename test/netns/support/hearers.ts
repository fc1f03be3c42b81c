/** Who hears what a host says: seen on every port, so that what is not flooded is shown not to be. */

import { macOf, marker } from './frame';
import type { Host } from './host';

export interface Heard {
  /** Those of the other hosts that the frame reached. */
  readonly by: readonly Host[];
  /** What came back to the host that spoke, of the same EtherType. */
  readonly answers: readonly string[];
}

/** A station of no interest behind one of the ports. */
const BYSTANDER = macOf(0xfffffe);

let markerCount = 0;

/**
 * @param speaker one of the hosts, all of which are quiet; it sends `frame`
 * @param hosts all that are on the switch, two at least
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
  // Whatever was said to the speaker was said before this.
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
