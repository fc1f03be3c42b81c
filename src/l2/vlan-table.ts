/**
 * VLAN table: which port is a member of which VLAN, whether frames of the VLAN leave from it without a
 * tag, and its PVID, the VLAN of the untagged frames that it receives.
 *
 * Memory: two bit sets for each port, with a bit for each VID: 1 KiB. They are there also while the bridge
 * does not filter, so that filtering can be switched on and off and keeps what was configured.
 *
 * Source: IEEE 802.1Q-2022 8.8.10 (member set, untagged set), 6.9 (PVID); net/bridge/br_vlan.c.
 */

import { u16At, u32At } from '../wire/read';
import { MAX_VID, MIN_VID, NO_VLAN, VIDS } from '../wire/vlan';

/** VLANs that a port is a member of in the same way: an entry of `bridge vlan show`. */
export interface PortVlan {
  readonly vid: number;
  /** Last VID of a range; absent for one VLAN. */
  readonly vidEnd?: number;
  /** Whether untagged frames that the port receives belong to it. The last entry that says so counts. */
  readonly pvid?: boolean;
  /** Whether its frames leave from the port without a tag. */
  readonly untagged?: boolean;
}

const WORD_SHIFT = 5;
const BIT_MASK = 31;
/** Words of the set of a port. */
const SET_SHIFT = 7;
const SET_WORDS = VIDS >>> WORD_SHIFT;
const FIRST_PORTS = 8;

export class VlanTable {
  /** Whether the bridge filters by VLAN. */
  isFiltering = false;
  /** Rises with each change. Who keeps something made from the table makes it anew. */
  generation = 0;
  /** Bit of a VID in the set of a port: word port · `SET_WORDS` + VID / 32. They grow with the ports. */
  private members = new Uint32Array(FIRST_PORTS * SET_WORDS);
  private untagged = new Uint32Array(FIRST_PORTS * SET_WORDS);
  /** Port → PVID, or `NO_VLAN`. */
  private readonly pvids: Uint16Array;
  /** Port → VLANs that were set; absent: those of the default PVID. */
  private readonly given: (readonly PortVlan[] | undefined)[] = [];
  private readonly ports = new Set<number>();
  private defaultVid: number;

  /** @param defaultPvid VLAN of a port for which none is set; `NO_VLAN`: such a port is in no VLAN */
  constructor(maxPorts: number, defaultPvid: number) {
    this.pvids = new Uint16Array(maxPorts);
    this.defaultVid = defaultPvid;
  }

  isMember(port: number, vid: number): boolean {
    return this.has(this.members, port, vid);
  }

  /** Whether frames of the VLAN leave from the port without a tag. */
  isUntagged(port: number, vid: number): boolean {
    return this.has(this.untagged, port, vid);
  }

  /** VLAN of untagged frames that the port receives, or `NO_VLAN`. */
  pvid(port: number): number {
    return u16At(this.pvids, port);
  }

  get defaultPvid(): number {
    return this.defaultVid;
  }

  /** VIDs that the port is a member of, ascending. */
  vidsOf(port: number): number[] {
    const vids: number[] = [];
    for (let vid = MIN_VID; vid <= MAX_VID; vid++) if (this.isMember(port, vid)) vids.push(vid);
    return vids;
  }

  /**
   * Sets the VLANs of a port, in place of those that it had.
   * @param vlans `undefined`: the VLAN of the default PVID, untagged
   * @returns VIDs that the port is no member of any more
   */
  setPort(port: number, vlans: readonly PortVlan[] | undefined): number[] {
    const before = this.vidsOf(port);
    this.makeRoom(port);
    this.clear(port);
    this.ports.add(port);
    this.given[port] = vlans;
    for (const entry of vlans ?? this.defaultVlans()) this.enter(port, entry);
    this.generation++;
    return before.filter((vid) => !this.isMember(port, vid));
  }

  /** The port is gone. */
  remove(port: number): void {
    this.clear(port);
    this.ports.delete(port);
    this.given[port] = undefined;
    this.generation++;
  }

  /**
   * Changes the default PVID, and with it the VLAN of every port for which none was set. Linux refuses
   * this while the bridge filters; here it is a change of those ports as any other.
   * @param left is told of each VLAN that a port has left
   */
  setDefaultPvid(vid: number, left: (port: number, vids: readonly number[]) => void): void {
    if (vid === this.defaultVid) return;
    this.defaultVid = vid;
    for (const port of this.ports) {
      if (this.given[port] === undefined) left(port, this.setPort(port, undefined));
    }
  }

  private defaultVlans(): PortVlan[] {
    if (this.defaultVid === NO_VLAN) return [];
    return [{ vid: this.defaultVid, pvid: true, untagged: true }];
  }

  private enter(port: number, { vid, vidEnd = vid, pvid, untagged }: PortVlan): void {
    for (let member = vid; member <= vidEnd; member++) {
      this.set(this.members, port, member);
      if (untagged === true) this.set(this.untagged, port, member);
    }
    if (pvid === true) this.pvids[port] = vidEnd;
  }

  private clear(port: number): void {
    const at = port << SET_SHIFT;
    this.members.fill(0, at, at + SET_WORDS);
    this.untagged.fill(0, at, at + SET_WORDS);
    this.pvids[port] = NO_VLAN;
  }

  private makeRoom(port: number): void {
    const ports = this.members.length >>> SET_SHIFT;
    if (port < ports) return;
    this.members = grown(this.members, Math.max(port + 1, 2 * ports));
    this.untagged = grown(this.untagged, Math.max(port + 1, 2 * ports));
  }

  private set(sets: Uint32Array, port: number, vid: number): void {
    const at = (port << SET_SHIFT) + (vid >>> WORD_SHIFT);
    sets[at] = u32At(sets, at) | (1 << (vid & BIT_MASK));
  }

  private has(sets: Uint32Array, port: number, vid: number): boolean {
    const word = u32At(sets, (port << SET_SHIFT) + (vid >>> WORD_SHIFT));
    return ((word >>> (vid & BIT_MASK)) & 1) !== 0;
  }
}

function grown(sets: Uint32Array, ports: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(ports * SET_WORDS);
  larger.set(sets);
  return larger;
}
