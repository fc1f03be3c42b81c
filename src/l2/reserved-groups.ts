/**
 * Reserved groups: frames to 01-80-C2-00-00-00 … 0F, which are for this bridge or its neighbours alone. Rooms
 * may want them. A frame that no room wants travels on if its address is in the mask of forwarded groups, or,
 * as on a Linux bridge without STP, if it is the address of STP.
 *
 * Source: IEEE 802.1Q-2022 8.6.3; `br_handle_frame` in net/bridge/br_input.c.
 */

import type { Burst } from '../frame/burst';
import { PASS } from '../frame/verdict';
import { DESTINATION, macLo32, reservedNibble } from '../wire/ethernet';
import { i32At } from '../wire/read';
import type { Admission } from './admission';
import { DropReason } from './drop-reason';
import type { Output } from './output';
import type { OwnSource } from './own-source';
import type { Rooms } from './rooms';

const STP_ADDRESS = 0;
const PAUSE_ADDRESS = 1;

export interface ReservedGroupParts {
  readonly burst: Burst;
  readonly output: Output;
  readonly rooms: Rooms;
  readonly admission: Admission;
  readonly ownSource: OwnSource;
}

export class ReservedGroups {
  /** Bit X: frames to 01-80-C2-00-00-0X that no room wants travel on. */
  forwardMask = 0;
  private readonly burst: Burst;
  private readonly output: Output;
  private readonly rooms: Rooms;
  private readonly admission: Admission;
  private readonly ownSource: OwnSource;

  /** @param forwardsStp whether frames to the address of STP travel on while no room wants them */
  constructor(
    { burst, output, rooms, admission, ownSource }: ReservedGroupParts,
    private readonly forwardsStp: boolean,
  ) {
    this.burst = burst;
    this.output = output;
    this.rooms = rooms;
    this.admission = admission;
    this.ownSource = ownSource;
  }

  /**
   * Deals with a frame to a reserved address. The rooms are asked whatever the state of the port, and also
   * where the source is the switch's own address: a BPDU of the switch that comes back tells of a loop. A
   * frame teaches as any other does.
   * @param hi16 and `lo32`: source of the frame
   * @param vlan VID of the frame; below 0 where its VLAN does not admit it, which no room needs
   * @returns whether its trip ends here
   */
  endsHere(frame: number, ingress: number, hi16: number, lo32: number, vlan: number): boolean {
    const { burst, output, rooms } = this;
    const address = reservedNibble(macLo32(burst.u16, i32At(burst.offset, frame) + DESTINATION));
    const isOwn = this.ownSource.isOwn(hi16, lo32);
    // PAUSE belongs to one link: a bridge does not even learn from it.
    // A BPDU comes from a port of a neighbour, which may have the MAC of a station that is elsewhere.
    const isOfLink = address === PAUSE_ADDRESS || (address === rooms.stp.group && rooms.stp.isOn);
    if (!isOwn && !isOfLink && vlan >= 0) {
      this.admission.learnReserved(ingress, hi16, lo32, vlan);
    }
    const verdict = rooms.askReserved(frame, address, output);
    if (verdict === PASS && this.forwards(address)) return false;
    if (verdict >= 0) output.sendTo(frame, verdict);
    else if (verdict === PASS && isOwn) this.ownSource.drop(ingress);
    else if (verdict === PASS) output.drop(ingress, DropReason.Reserved);
    return true;
  }

  /** @param address X of 01-80-C2-00-00-0X */
  private forwards(address: number): boolean {
    if (((this.forwardMask >> address) & 1) === 1) return true;
    return address === STP_ADDRESS && this.forwardsStp;
  }
}
