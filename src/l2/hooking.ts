/**
 * Hooking: what the bridge does for hooks. The room in `src/hooks` asks them; this file makes room for the frames
 * that they make, sends these, and shuts the fast path while a hook is on.
 *
 * Nothing here is called for a frame while no hook is on.
 */

import type { Burst } from '../frame/burst';
import { classify } from '../frame/classify';
import { NO_PORT } from '../frame/port-id';
import { PASS } from '../frame/verdict';
import type { HookProgram } from '../hooks/loaded-hook';
import type { MacWords } from '../wire/mac';
import { NO_VLAN } from '../wire/vlan';
import { i32At } from '../wire/read';
import type { FastPorts } from './fast/fast-ports';
import type { Output } from './output';
import type { Rooms } from './rooms';
import type { VlanTable } from './vlan-table';

export interface HookingParts {
  readonly burst: Burst;
  readonly fastPorts: FastPorts;
  readonly mac: MacWords;
  readonly output: Output;
  readonly rooms: Rooms;
  readonly vlans: VlanTable;
}

export class Hooking {
  private readonly burst: Burst;
  private readonly fastPorts: FastPorts;
  private readonly mac: MacWords;
  private readonly output: Output;
  private readonly rooms: Rooms;
  private readonly vlans: VlanTable;

  /** @param forwardFrame takes a classified frame through the bridge */
  constructor(
    { burst, fastPorts, mac, output, rooms, vlans }: HookingParts,
    private readonly forwardFrame: (frame: number) => void,
  ) {
    this.burst = burst;
    this.fastPorts = fastPorts;
    this.mac = mac;
    this.output = output;
    this.rooms = rooms;
    this.vlans = vlans;
  }

  // Frames --------------------------------------------------------------------------------------

  /** Asks the hooks about a frame. @returns whether its trip goes on, as `Hooks.travelling` */
  passes(frame: number): boolean {
    this.reserve();
    return this.rooms.askHooks(frame, this.output) === PASS;
  }

  /** Makes room for a frame that the switch makes and that lasts until its trip has ended. */
  private reserve(): void {
    if (this.burst.hasRoomToMake) return;
    this.output.flush();
    this.burst.releaseMade();
  }

  /** Sends the frames that hooks have made. They pass no hook. */
  sendMade(): void {
    const { burst, output } = this;
    const { hooks } = this.rooms;
    const { isActive } = hooks;
    hooks.isActive = false;
    for (const { bytes, to, from, vlan } of hooks.takeSends()) {
      this.reserve();
      const frame = output.make(bytes.length);
      burst.u8.set(bytes, i32At(burst.offset, frame));
      classify(burst, this.mac, frame, frame + 1);
      if (from !== NO_PORT) {
        burst.ingress[frame] = from;
        this.forwardFrame(frame);
      }
      for (const port of to) this.sendTo(frame, port, vlan);
    }
    hooks.isActive = isActive;
  }

  private sendTo(frame: number, port: number, vlan: number): void {
    const { burst, output, vlans } = this;
    if (vlans.isFiltering) burst.vlan[frame] = vlan === NO_VLAN ? vlans.pvid(port) : vlan;
    output.toPort(frame, port);
  }

  // Orders --------------------------------------------------------------------------------------

  /** See `Hooks.load`. */
  load(program: HookProgram): number {
    const number = this.rooms.hooks.load(program);
    this.settle();
    return number;
  }

  /** See `Hooks.remove`. */
  remove(name: string): boolean {
    const wasThere = this.rooms.hooks.remove(name);
    this.settle();
    return wasThere;
  }

  /**
   * Switches off the hook whose call was ended from outside.
   * @returns the frame that it was asked about, which is dropped; -1 if there is none
   */
  end(why: string): number {
    const frame = this.rooms.endHook(why, this.output);
    this.settle();
    return frame;
  }

  /** Shuts the fast path while a hook is on. */
  settle(): void {
    this.fastPorts.setHooked(this.rooms.hooks.isActive);
  }
}
