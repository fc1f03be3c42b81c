/** A switch in memory with snooping on, and the readings that tests of groups need. */

import type { MdbRow } from './group-rows';
import { MemorySwitch } from './memory-switch';
import { parseMac, type MacWords } from '../../src/wire/mac';
import { ipKeyOf } from '../../src/wire/ip-key';
import { Family } from '../../src/mcast/contexts';
import type { McastNews } from '../../src/mcast/news';
import type { McastSettings } from '../../src/mcast/settings';
import { hasMessage } from './group-rows';

/** The switch of the table: 192.0.2.254, 02:00:00:00:00:fe. */
const MAC = '02:00:00:00:00:fe';
const CLAIMED_MS = 10_000;

export class GroupLab extends MemorySwitch {
  /** What the operator was told of groups. */
  readonly news: McastNews[];
  /** Time of the switch when the lab began, ms. */
  private beganMs: number;

  constructor(portCount: number, settings: Partial<McastSettings> = {}, mac = MAC) {
    const news: McastNews[] = [];
    super(portCount, {
      mac: parseMac(mac) as MacWords,
      // A sweep of a small table takes little of the hours that go by.
      fdbMax: 64,
      news: (one) => {
        if (one.event.startsWith('mcast')) news.push(one as McastNews);
      },
    });
    this.news = news;
    this.bridge.rooms.arp.addresses.add(ipKeyOf([192, 0, 2, 254]), 0);
    this.io.advance(CLAIMED_MS);
    this.beganMs = this.nowMs;
    this.bridge.configure({ mcastSnooping: true, ...settings });
    this.take();
  }

  /** Lets time pass until a number of seconds after the lab began. */
  until(seconds: number): this {
    this.io.advance(this.beganMs + seconds * 1_000 - this.nowMs);
    return this;
  }

  /** Begins to count seconds anew, with the last frames and news forgotten. */
  begin(): this {
    this.beganMs = this.nowMs;
    this.take();
    this.news.splice(0);
    return this;
  }

  /** Ids of the ports that get a frame which comes from one port, ascending. */
  takers(id: number, frame: Uint8Array): number[] {
    return this.send(id, frame).flatMap((frames, port) => (frames.length > 0 ? [port] : []));
  }

  /** The (*,G) entries of the table. */
  rows(): MdbRow[] {
    const { staticGroups } = this.bridge.rooms.mcast;
    return staticGroups
      .list(this.nowMs, 0, staticGroups.ceiling)
      .filter(({ source }) => source === undefined)
      .map(({ group, port, mode, sources }) => ({
        group,
        port,
        mode,
        sources: sources
          .filter(({ leftMs }) => leftMs > 0)
          .map(({ address }) => address)
          .sort(),
        blocked: sources
          .filter(({ leftMs }) => leftMs === 0)
          .map(({ address }) => address)
          .sort(),
      }))
      .sort((a, b) => a.group.localeCompare(b.group) || a.port - b.port);
  }

  isQuerier(family: number): boolean {
    const { contexts } = this.bridge.rooms.mcast;
    return contexts.find(0, family === 6 ? Family.Ipv6 : Family.Ipv4)?.querier.isOwn === true;
  }

  /** Numbers of queries that the switch sent out of a port since the last `take`. */
  queries(id: number): { general: number; group: number } {
    const frames = this.take()[id] ?? [];
    return {
      general: frames.filter((hex) => hasMessage(hex, 'general')).length,
      group: frames.filter((hex) => hasMessage(hex, 'group')).length,
    };
  }
}
