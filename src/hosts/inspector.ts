/** What the inspectors of ARP and ND have in common: when they judge, and who vouches. */

import { newIpKey } from '../wire/ip-key';
import type { Burst } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { SOURCE, macHi16, macLo32 } from '../wire/ethernet';
import { NO_VLAN } from '../wire/vlan';
import type { Inspection, Judgement } from './inspection';
import type { Neighbours } from './neighbours';

export abstract class Inspector {
  /** The address that a frame speaks for: set it, then ask `isVouchedFor`. */
  protected readonly key = newIpKey();
  /** Whether `key` is the address that the frame speaks for. */
  protected isClaimRead = false;

  constructor(
    protected readonly inspection: Inspection,
    private readonly neighbours: Neighbours,
  ) {}

  /** @returns whether the frame may travel; one that may not has been counted */
  admits(outbox: Outbox, frame: number): boolean {
    const { burst } = outbox;
    if (this.inspection.trusts(burst.ingress[frame] as number)) return true;
    this.isClaimRead = false;
    const judgement = this.judge(burst, frame);
    const claimed = this.isClaimRead ? this.key : undefined;
    return this.inspection.enforce(judgement, outbox, frame, claimed);
  }

  /** Judges a frame from an untrusted port. */
  protected abstract judge(burst: Burst, frame: number): Judgement;

  /** Whether somebody vouches for the Ethernet source, behind that port, using `key`. */
  protected isVouchedFor(burst: Burst, frame: number): boolean {
    const { u16 } = burst;
    const source = (burst.offset[frame] as number) + SOURCE;
    return this.inspection.vouchesFor(
      this.key,
      NO_VLAN,
      macHi16(u16, source),
      macLo32(u16, source),
      burst.ingress[frame] as number,
      this.neighbours,
      burst.nowMs,
    );
  }
}
