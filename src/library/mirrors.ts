/** Mirrors, for programs. */

import { addMirror, mirrorRemoval, newMirror, removeMirror } from '../control/resources/mirrors';
import type { MirrorBody } from '../control/shapes';
import type { Requests } from './requests';

export interface MirrorEntry {
  readonly name: string;
  /** Ports whose frames are copied. */
  readonly from: readonly string[];
  /** `in`: what the ports give the switch; `out`: what it gives them; `both` by default. */
  readonly direction?: 'in' | 'out' | 'both' | undefined;
  readonly vlan?: number | undefined;
  /** Words of tcpdump; every frame without it. */
  readonly filter?: string | undefined;
  /** Port that gets the copies. */
  readonly to: string;
  /** Whether that port stays an ordinary port. */
  readonly shared?: boolean | undefined;
  /** Whether it may replace the mirror of the same name. */
  readonly replace?: boolean | undefined;
}

/** Copies of the frames of ports for another port. Errors: see `Switch`. */
export class Mirrors {
  /** @internal */
  constructor(private readonly requests: Requests) {}

  list(): Promise<MirrorBody[]> {
    return this.requests.ask(async (tapSwitch) =>
      (await tapSwitch.mirrors()).map((mirror) => ({ ...mirror, from: [...mirror.from] })),
    );
  }

  /** Adds a mirror. */
  add(mirror: MirrorEntry): Promise<void> {
    return this.requests.run(newMirror, mirror, addMirror);
  }

  remove(name: string): Promise<void> {
    return this.requests.run(mirrorRemoval.value, { name }, (tapSwitch, wanted) =>
      removeMirror(tapSwitch, wanted.name),
    );
  }
}
