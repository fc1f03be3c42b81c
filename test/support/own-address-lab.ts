/** A room of ARP or ND that claims an address of the switch, and the frames and news that come of it. */

import type { Arp } from '../../src/arp/arp';
import type { HostNews } from '../../src/hosts/news';
import type { Nd } from '../../src/nd/nd';
import { ALL_PORTS, CountingSink, RoomHarness } from './room-harness';
import { type RoomOptions, keyOf } from './rooms';

/** Times at which a claim has something to do: three probes, then two announcements. */
const CLAIM_TIMES_MS = [0, 100, 200, 300, 2_300];

export class OwnAddressLab<R extends Arp | Nd> {
  readonly harness = new RoomHarness();
  readonly counters = new CountingSink();
  readonly news: HostNews[] = [];
  readonly room: R;

  /** @param make the room, which gets the lab's counters and news */
  constructor(make: (options: RoomOptions) => R, address: string) {
    const { counters, news } = this;
    this.room = make({ counters, news });
    this.room.addresses.add(keyOf(address), 0);
  }

  /** @returns what the room sends to every port; what it sends to one port says so */
  tick(nowMs: number): string[] {
    this.room.tick(nowMs, this.harness);
    return this.harness
      .takeSent()
      .map(({ port, hex }) => (port === ALL_PORTS ? hex : `${hex} to port ${port}`));
  }

  /** Lets the claim succeed, and forgets the news of it. */
  claim(): void {
    for (const nowMs of CLAIM_TIMES_MS) this.tick(nowMs);
    this.news.length = 0;
  }
}
