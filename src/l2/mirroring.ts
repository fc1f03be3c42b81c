/**
 * Mirroring: makes the copies that mirrors ask for. `Mirrors` knows which frames these are. Nothing here is
 * called while there is no mirror and no trace.
 */

import { type Burst, FrameFlag } from '../frame/burst';
import { canFinish } from '../frame/segment';
import { AS_IT_IS } from '../frame/tag-operation';
import { i32At } from '../wire/read';
import { type Mirror, type Mirrors, outerVid } from './mirrors';
import type { Output, OutputParts } from './output';
import type { PortTable } from './port-table';
import { tellMirroring } from './trace-steps';
import { SEGMENTS_TO_EACH } from './turn';
import type { VlanIngress } from './vlan-ingress';
import type { VlanTable } from './vlan-table';

const { Offloaded, Short } = FrameFlag;

export class Mirroring {
  /** Whether what leaves at this moment is a copy, or part of a frame that mirrors have copied. */
  isCopying = false;
  private readonly burst: Burst;
  private readonly ports: PortTable;
  private readonly vlans: VlanTable;
  private readonly vlanIngress: VlanIngress;
  private readonly mirrors: Mirrors;

  constructor(
    { burst, ports, vlans, vlanIngress, mirrors }: OutputParts,
    private readonly output: Output,
  ) {
    this.burst = burst;
    this.ports = ports;
    this.vlans = vlans;
    this.vlanIngress = vlanIngress;
    this.mirrors = mirrors;
  }

  get isEmpty(): boolean {
    return this.mirrors.isEmpty;
  }

  /** Notes that the next frame is one that the switch makes. */
  begin(): void {
    if (!this.isCopying) this.mirrors.begin();
  }

  /** Copies received frames as they came in. @param from the first frame that was not seen before */
  received(from: number): void {
    const { burst, mirrors, ports, vlans } = this;
    mirrors.begin();
    if (mirrors.isEmpty) return;
    for (let frame = from; frame < burst.receivedCount; frame++) {
      const kind = i32At(burst.kind, frame);
      const ingress = i32At(burst.ingress, frame);
      if ((kind & Short) !== 0 || !ports.isUp(ingress)) continue;
      if ((kind & Offloaded) !== 0 && !canFinish(burst, frame)) continue;
      const vid = vlans.isFiltering
        ? this.vlanIngress.vidOf(frame, ingress)
        : outerVid(burst, frame);
      for (const mirror of mirrors.all) {
        if (mirror.takesReceived(burst, frame, vid)) this.copy(mirror, frame, AS_IT_IS);
      }
    }
    // The copies leave with the tags that VLAN filtering takes off the frames.
    if (vlans.isFiltering) this.output.flush();
  }

  /** Copies a frame as it leaves from a port. */
  sent(frame: number, port: number, tag: number): void {
    if (this.isCopying) return;
    const { burst, mirrors } = this;
    if (mirrors.isEmpty) return;
    const vid = this.vlans.isFiltering ? i32At(burst.vlan, frame) : outerVid(burst, frame);
    for (const mirror of mirrors.all) {
      if (mirror.takesSent(burst, frame, port, vid)) this.copy(mirror, frame, tag);
    }
  }

  private copy(mirror: Mirror, frame: number, tag: number): void {
    const { output } = this;
    const { name, target } = mirror.settings;
    if (!this.ports.isUp(target)) {
      mirror.lost++;
      return;
    }
    mirror.copies++;
    if (output.reporter !== undefined) tellMirroring(output.reporter, name);
    this.isCopying = true;
    output.deliver(frame, target, tag, SEGMENTS_TO_EACH);
    this.isCopying = false;
  }
}
