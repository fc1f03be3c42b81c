/**
 * A switch from a textbook that filters by VLAN: sets of VIDs, a Map of stations, and lists of tags. It gets
 * the same events as the bridge, and says which ports must get a frame, each with which tags.
 */

import type { PortVlan } from '../../src/l2/vlan-table';

/** TPID and TCI, outermost tag first. */
export type Tags = readonly (readonly [tpid: number, tci: number])[];

export interface NaiveVlanFrame {
  readonly to: string;
  readonly from: string;
  readonly tags: Tags;
}

interface NaiveVlanPort {
  members: Set<number>;
  untagged: Set<number>;
  pvid: number;
}

const isGroup = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;

export class NaiveVlanBridge {
  isFiltering = true;
  tpid = 0x8100;
  private readonly ports: NaiveVlanPort[] = [];
  /** `VID MAC` → port. */
  private readonly stations = new Map<string, number>();

  setVlans(port: number, vlans: readonly PortVlan[]): void {
    const members = new Set<number>();
    const untagged = new Set<number>();
    let pvid = 0;
    for (const { vid, vidEnd = vid, ...flags } of vlans) {
      for (let one = vid; one <= vidEnd; one++) {
        members.add(one);
        if (flags.untagged === true) untagged.add(one);
      }
      if (flags.pvid === true) pvid = vid;
    }
    this.ports[port] = { members, untagged, pvid };
    for (const [key, at] of this.stations) {
      const vid = Number(key.split(' ')[0]);
      if (at === port && vid !== 0 && !members.has(vid)) this.stations.delete(key);
    }
  }

  /** @returns port → tags of the frame that it gets */
  forward(ingress: number, { to, from, tags }: NaiveVlanFrame): Map<number, Tags> {
    const [vid, priority, inner] = this.decide(ingress, tags);
    if (vid < 0) return new Map();
    this.stations.set(`${vid} ${from}`, ingress);
    const known = isGroup(to) ? undefined : this.stations.get(`${vid} ${to}`);
    const out = new Map<number, Tags>();
    for (const [id, port] of this.ports.entries()) {
      if (id === ingress || (known !== undefined && known !== id)) continue;
      if (!this.isFiltering) out.set(id, tags);
      else if (port.untagged.has(vid)) out.set(id, inner);
      else if (port.members.has(vid)) out.set(id, [[this.tpid, priority | vid], ...inner]);
    }
    return out;
  }

  /** Stations as text, in order: `VID MAC port`. */
  known(): string[] {
    return [...this.stations].map(([key, port]) => `${key} ${port}`).sort();
  }

  /** @returns VID, priority bits and the other tags; a VID below 0 where the frame is dropped */
  private decide(ingress: number, tags: Tags): [number, number, Tags] {
    const [outer, ...others] = tags;
    if (!this.isFiltering) return [0, 0, tags];
    const port = this.ports[ingress] as NaiveVlanPort;
    const isCounted = outer?.[0] === this.tpid;
    const tci = isCounted ? outer[1] : 0;
    const vid = (tci & 0xfff) === 0 ? port.pvid : tci & 0xfff;
    if (vid === 0 || !port.members.has(vid)) return [-1, 0, []];
    return [vid, tci & 0xf000, isCounted ? others : tags];
  }
}
